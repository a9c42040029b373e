import type { AlertView, DeviceView, FeedEvent, HeartbeatMessage, ServerMessage, SystemAlertView } from '../../../server/feed-protocol.js'
import { applyDeviceEvent, type DevicesByPatient } from './device-events.js'
import { scoreOf, vitalOf } from './read-event.js'
import { systemNotice } from './system-notice.js'
import type { WardPatient } from './ward-types.js'

/** An alert that began while this page was not connected. */
export interface MissedAlert {
  readonly alert: AlertView
  readonly patient: string
}

export interface Ward {
  readonly patients: ReadonlyMap<string, WardPatient>
  readonly system: readonly SystemAlertView[]
  readonly selfCheck: HeartbeatMessage['selfCheck'] | null
  /** Where to go on after a lost connection; null before the first snapshot. */
  readonly cursor: string | null
  readonly wavesDropped: number
  /** In the order in which they came, since the last connection was made; emptied by `forgetMissed`. */
  readonly missed: readonly MissedAlert[]
}

export const emptyWard: Ward = { patients: new Map(), system: [], selfCheck: null, cursor: null, wavesDropped: 0, missed: [] }

const priorityRank = { high: 0, medium: 1, low: 2 } as const
const keepNotices = 200

/**
 * The ward after a message of the feed. `lostAt`: engine's wall time (microseconds) of the last contact before the
 * connection that this message came over was made; what began between then and `backAt` counts as missed. Pure.
 */
export function applyMessage(ward: Ward, message: ServerMessage, outage: { lostAt: number; backAt: number } | null = null): Ward {
  switch (message.type) {
    case 'snapshot':
      return {
        ...ward,
        patients: new Map(message.patients.map(patient => [patient.id, patient])),
        system: message.system.alerts,
        cursor: message.cursor,
        missed: [
          ...ward.missed,
          ...missedOf(
            message.patients.flatMap(patient => patient.alerts),
            ward.missed,
            outage,
          ),
        ],
      }
    case 'events':
      return applyEvents({ ...ward, cursor: message.cursor }, message.events, outage)
    case 'heartbeat':
      return { ...ward, cursor: message.cursor, selfCheck: message.selfCheck }
    case 'waves-dropped':
      return { ...ward, wavesDropped: message.total }
    case 'fast-beats':
    case 'hello':
    case 'error':
      return ward
  }
}

export function forgetMissed(ward: Ward): Ward {
  return { ...ward, missed: [] }
}

function applyEvents(ward: Ward, events: readonly FeedEvent[], outage: { lostAt: number; backAt: number } | null): Ward {
  const patients = new Map(ward.patients)
  let system = ward.system
  const changed: AlertView[] = []
  for (const event of events) {
    const notice = systemNotice(event)
    if (notice) system = [...system.filter(own => own.id !== notice.id), notice].slice(-keepNotices)
    if (event.log === 'system') applyDeviceEvent(event, devicesOf(patients))
    if (event.patient === '') continue
    const before = patients.get(event.patient) ?? { id: event.patient, devices: [], vitals: [], news2: null, alerts: [] }
    const after = applyPatientEvent(before, event)
    if (after !== before || !patients.has(event.patient)) patients.set(event.patient, after)
    if (event.alert) changed.push(event.alert)
  }
  return { ...ward, patients, system, missed: [...ward.missed, ...missedOf(changed, ward.missed, outage)] }
}

function applyPatientEvent(patient: WardPatient, event: FeedEvent): WardPatient {
  if (event.alert) return { ...patient, alerts: placeAlert(patient.alerts, event.alert) }
  if (event.log !== 'patient') return event.type === 'session' ? endSession(patient, event) : patient
  if (event.type === 'measurement') {
    const vital = vitalOf(event)
    const others = patient.vitals.filter(own => own.name !== vital.name || own.stream !== vital.stream)
    return { ...patient, vitals: [...others, vital] }
  }
  if (event.type === 'score' && event.body.score === 'news2') return { ...patient, news2: scoreOf(event) }
  if (event.type === 'quality') return { ...patient, devices: patient.devices.map(device => withQuality(device, event)) }
  return patient
}

/** What nobody watches any more is no open alert. */
function endSession(patient: WardPatient, event: FeedEvent): WardPatient {
  if (event.body.state === 'opened' || event.body.state === 'disordered') return patient
  const alerts = patient.alerts.filter(alert => alert.session !== event.body.session)
  return alerts.length === patient.alerts.length ? patient : { ...patient, alerts }
}

/** Replaces the alert of this id unless what is there is newer; one that has ended goes. */
function placeAlert(alerts: readonly AlertView[], alert: AlertView): readonly AlertView[] {
  const before = alerts.find(own => own.id === alert.id)
  if (before && before.revision > alert.revision) return alerts
  const others = alerts.filter(own => own.id !== alert.id)
  if (alert.state === 'absent') return before ? others : alerts
  return [...others, alert].sort(
    (a, b) => priorityRank[a.priority] - priorityRank[b.priority] || a.onset - b.onset || (a.id < b.id ? -1 : 1),
  )
}

function missedOf(
  alerts: readonly AlertView[],
  known: readonly MissedAlert[],
  outage: { lostAt: number; backAt: number } | null,
): MissedAlert[] {
  if (outage === null) return []
  const seen = new Set(known.map(missed => missed.alert.id))
  const missed: MissedAlert[] = []
  for (const alert of alerts) {
    if (alert.state === 'pending' || alert.onsetAt <= outage.lostAt || alert.onsetAt > outage.backAt || seen.has(alert.id)) continue
    seen.add(alert.id)
    missed.push({ alert, patient: alert.patient })
  }
  return missed
}

function withQuality(device: DeviceView, event: FeedEvent): DeviceView {
  if (device.id !== event.device) return device
  const { channel, quality, reason } = event.body
  const entry = { quality: typeof quality === 'number' ? quality : 0, reason: String(reason), at: event.at }
  const streams = device.streams.map(stream =>
    stream.id === event.stream ? { ...stream, quality: { ...stream.quality, [String(channel)]: entry } } : stream,
  )
  return { ...device, streams }
}

function devicesOf(patients: Map<string, WardPatient>): DevicesByPatient {
  return {
    find: id => {
      for (const patient of patients.values()) {
        const device = patient.devices.find(own => own.id === id)
        if (device) return { patient: patient.id, device }
      }
      return null
    },
    remove: id => {
      for (const patient of patients.values())
        if (patient.devices.some(own => own.id === id))
          patients.set(patient.id, { ...patient, devices: patient.devices.filter(own => own.id !== id) })
    },
    put: (patientId, device) => {
      const patient = patients.get(patientId) ?? { id: patientId, devices: [], vitals: [], news2: null, alerts: [] }
      const known = patient.devices.some(own => own.id === device.id)
      const devices = known ? patient.devices.map(own => (own.id === device.id ? device : own)) : [...patient.devices, device]
      patients.set(patientId, { ...patient, devices })
    },
  }
}
