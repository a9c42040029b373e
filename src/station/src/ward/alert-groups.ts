import type { AlertView } from '../../../server/feed-protocol.js'
import type { WardPatient } from '../feed/ward-types.js'

export type AlertGroup = 'high' | 'medium' | 'low' | 'technical'
export const alertGroups: readonly AlertGroup[] = ['high', 'medium', 'low', 'technical']

/** Alerts that someone is to be told of: not the pending ones. Technical ones stand apart, whatever their priority. */
export function groupAlerts(patients: Iterable<WardPatient>): Record<AlertGroup, AlertView[]> {
  const groups: Record<AlertGroup, AlertView[]> = { high: [], medium: [], low: [], technical: [] }
  for (const patient of patients) for (const alert of patient.alerts) if (isTold(alert)) groups[groupOf(alert)].push(alert)
  for (const group of alertGroups)
    groups[group].sort(
      (a, b) => Number(a.acknowledged !== null) - Number(b.acknowledged !== null) || b.onsetAt - a.onsetAt || (a.id < b.id ? -1 : 1),
    )
  return groups
}

export function groupOf(alert: AlertView): AlertGroup {
  return alert.kind === 'technical' ? 'technical' : alert.priority
}

export function isTold(alert: AlertView): boolean {
  return alert.state === 'active' || alert.state === 'clearing' || alert.state === 'latched'
}

/** Most urgent first: high, medium, low, technical unacknowledged, then the rest; then by id, so that tiles keep their place. */
export function sortPatients(patients: Iterable<WardPatient>): WardPatient[] {
  return [...patients].sort((a, b) => urgency(a) - urgency(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

/** The alert that a tile names: the most urgent. */
export function foremostAlert(patient: WardPatient): AlertView | null {
  const told = patient.alerts.filter(isTold)
  told.sort((a, b) => alertRank(a) - alertRank(b) || a.onset - b.onset)
  return told[0] ?? null
}

function urgency(patient: WardPatient): number {
  const alert = foremostAlert(patient)
  return alert === null ? 100 : alertRank(alert)
}

function alertRank(alert: AlertView): number {
  return alertGroups.indexOf(groupOf(alert)) + (alert.acknowledged === null ? 0 : 10)
}

/** State of an alert in words. */
export function stateWords(alert: AlertView): string {
  const state = alert.state === 'latched' ? 'over, not acknowledged' : alert.state === 'clearing' ? 'clearing' : 'active'
  return alert.measurable ? state : `${state}, not measurable now`
}
