import type { LoggedEvent } from '../journal/logged-event.js'
import { catalogue, isVitalName } from '../signal/catalogue.js'
import { AlertBook } from '../store/alert-book.js'
import type { AlertRow } from '../store/alert-fold.js'
import type { Store } from '../store/store.js'
import { DeviceOverlay } from './device-overlay.js'
import type { EngineDevice } from './engine-port.js'
import type { AlertView, PatientView, ScoreView, VitalView } from './feed-protocol.js'
import { SystemNotices } from './system-notices.js'

interface PatientState {
  readonly vitals: Map<string, Omit<VitalView, 'ageSeconds' | 'stale'>>
  news2: Omit<ScoreView, 'ageSeconds'> | null
  t: number | null
  at: number | null
  /** When a device or an open alert was last seen to be the patient's, wall time in microseconds. */
  neededAt: number
}

/** A patient without a device and without an open alert is forgotten after this much wall time; the store has the history. */
const forgetMicros = 24 * 3600e6

const priorities = { high: 0, medium: 1, low: 2 } as const

/**
 * What is so now, by patient: a projection of the event log, one event after the other, without a clock. Ages are made
 * when a view is taken. Bounded by patients and devices: newest values, open alerts, and the last ended ones; `forget`,
 * called now and then, lets patients go that nothing belongs to any more.
 */
export class LiveState {
  readonly alerts = new AlertBook(10_000)
  readonly notices = new SystemNotices()
  private readonly given = new Map<string, { attributes: unknown; at: number }>()
  private changedLimits: unknown = null
  private readonly patients = new Map<string, PatientState>()
  private readonly overlays = new Map<string, DeviceOverlay>()

  apply(event: LoggedEvent): void {
    if (event.device !== '') this.overlay(event.device).apply(event)
    if (event.log === 'system') {
      this.notices.apply(event)
      if (event.type === 'attributes') this.given.set(event.patient, { attributes: event.body.attributes, at: event.at })
      else if (event.type === 'limits') this.changedLimits = event.body.rules
      this.alerts.apply(event)
      return
    }
    const patient = this.patient(event.patient)
    patient.t = patient.t === null ? event.t : Math.max(patient.t, event.t)
    patient.at = patient.at === null ? event.at : Math.max(patient.at, event.at)
    if (event.type === 'measurement') patient.vitals.set(vitalKey(event), vitalOf(event))
    else if (event.type === 'score' && event.body.score === 'news2') patient.news2 = scoreOf(event.body, event.t, event.at)
    else if (event.type === 'condition') this.alerts.apply(event)
  }

  /** Begins with what a store kept; the events after the store's position come through `apply`. */
  async restore(store: Store, devices: readonly EngineDevice[]): Promise<void> {
    for (const row of await store.alerts({ openOnly: true })) this.alerts.put(row)
    const names = new Set(devices.map(device => device.patient).filter(patient => patient !== null))
    for (const row of this.alerts.all()) names.add(row.patient)
    for (const id of names) {
      const patient = this.patient(id)
      for (const series of await store.vitals({ patient: id, limit: 1 })) {
        const newest = series.points?.at(-1)
        if (newest)
          patient.vitals.set(`${series.name}\n${newest.stream}`, { ...newest, name: series.name, unit: series.unit, at: newest.t })
      }
      const score = (await store.scores({ patient: id, score: 'news2', limit: 1 })).at(-1)
      if (score) patient.news2 = scoreOf(score.body, score.t, score.at)
    }
  }

  /** `now`: wall time in microseconds. Patients without a device that is theirs stay as long as something is known of them. */
  view(devices: readonly EngineDevice[], now: number, wanted: (patient: string) => boolean = () => true): PatientView[] {
    const own = new Map<string, EngineDevice[]>()
    for (const device of devices) if (device.patient !== null) own.set(device.patient, [...(own.get(device.patient) ?? []), device])
    const alerts = new Map<string, AlertView[]>()
    for (const row of this.alerts.all()) {
      if (row.state === 'absent') continue
      alerts.set(row.patient, [...(alerts.get(row.patient) ?? []), alertView(row)])
    }
    const ids = [...new Set([...this.patients.keys(), ...own.keys()])].filter(wanted).sort()
    return ids.map(id => {
      const state = this.patients.get(id)
      const open = alerts.get(id) ?? []
      open.sort((a, b) => priorities[a.priority] - priorities[b.priority] || a.onset - b.onset || (a.id < b.id ? -1 : 1))
      return {
        id,
        devices: (own.get(id) ?? []).map(device => this.overlay(device.device).view(device)),
        vitals: [...(state?.vitals.values() ?? [])]
          .map(vital => aged(vital, now))
          .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
        news2: state?.news2 ? { ...state.news2, ageSeconds: seconds(now - state.news2.at) } : null,
        alerts: open,
        t: state?.t ?? null,
        at: state?.at ?? null,
      }
    })
  }

  /** As last set since the position that the state began with; null: not since then. */
  attributes(patient: string): unknown {
    return this.given.get(patient)?.attributes ?? null
  }

  /** `now`: wall time in microseconds. */
  forget(devices: readonly EngineDevice[], now: number): void {
    const needed = new Set(devices.map(device => device.patient))
    for (const row of this.alerts.all()) if (row.state !== 'absent') needed.add(row.patient)
    for (const [id, patient] of this.patients) {
      if (needed.has(id)) patient.neededAt = now
      else if (now - Math.max(patient.neededAt, patient.at ?? 0) > forgetMicros) this.patients.delete(id)
    }
    for (const [id, { at }] of this.given) {
      if (!needed.has(id) && !this.patients.has(id) && now - at > forgetMicros) this.given.delete(id)
    }
    const known = new Set(devices.map(({ device }) => device))
    for (const device of this.overlays.keys()) if (!known.has(device)) this.overlays.delete(device)
  }

  get limits(): unknown {
    return this.changedLimits
  }

  has(patient: string): boolean {
    return this.patients.has(patient)
  }

  private patient(id: string): PatientState {
    let state = this.patients.get(id)
    if (!state) this.patients.set(id, (state = { vitals: new Map(), news2: null, t: null, at: null, neededAt: 0 }))
    return state
  }

  private overlay(device: string): DeviceOverlay {
    let overlay = this.overlays.get(device)
    if (!overlay) this.overlays.set(device, (overlay = new DeviceOverlay()))
    return overlay
  }
}

export function alertView(row: AlertRow): AlertView {
  const { event: _, changed: __, ...view } = row
  return view
}

/** A vital sign of two streams stays two values; which one to show is the viewer's choice. */
function vitalKey(event: LoggedEvent): string {
  return `${String(event.body.name)}\n${event.stream}`
}

function vitalOf(event: LoggedEvent): Omit<VitalView, 'ageSeconds' | 'stale'> {
  const { name, value, unit, quality, status, reason } = event.body
  return {
    name: String(name),
    value: typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null,
    unit: String(unit ?? ''),
    quality: typeof quality === 'number' ? quality : null,
    status: String(status ?? ''),
    reason: typeof reason === 'string' ? reason : null,
    stream: event.stream,
    t: event.t,
    at: event.at,
  }
}

function scoreOf(body: Readonly<Record<string, unknown>>, t: number, at: number): Omit<ScoreView, 'ageSeconds'> {
  return {
    score: String(body.score),
    total: typeof body.total === 'number' ? body.total : null,
    complete: body.complete === true,
    band: typeof body.band === 'string' ? body.band : null,
    items: Array.isArray(body.items) ? body.items : [],
    missing: Array.isArray(body.missing) ? body.missing : [],
    stale: Array.isArray(body.stale) ? body.stale : [],
    refused: typeof body.refused === 'string' ? body.refused : null,
    t,
    at,
  }
}

function aged(vital: Omit<VitalView, 'ageSeconds' | 'stale'>, now: number): VitalView {
  const ageSeconds = seconds(now - vital.at)
  return { ...vital, ageSeconds, stale: !isVitalName(vital.name) || ageSeconds > catalogue[vital.name].validitySeconds }
}

function seconds(micros: number): number {
  return Math.max(0, Math.round(micros / 1000) / 1000)
}
