import type { RuleOverrides } from '../../alert/limits-profile.js'
import { type BootRef, PatientMonitor } from '../../monitor/patient-monitor.js'
import { unknownPatient } from '../../signal/patient.js'
import type { StreamSpec } from '../../signal/stream.js'
import type { PatternRecording } from '../../simulate/patterns/record-pattern.js'

/** What the monitor said of a pattern; all times in seconds from its start. */
export interface PatternOutput {
  /** R peaks of confirmed beats. */
  readonly beats: readonly number[]
  /** Heart rates by the time at which they were there; null: not measurable from then on. */
  readonly rates: readonly { readonly time: number; readonly value: number | null }[]
  /** Alerts as they became active, by the time at which they were there. */
  readonly alerts: readonly { readonly time: number; readonly condition: string }[]
}

export interface PatternRunOptions {
  /** Changes of the default alert rules. */
  readonly limits: RuleOverrides
  /** The device marks the pulses of the pacemaker with their samples, as chunks of the wire protocol can. */
  readonly byMarks: boolean
}

/** Length of the packets, seconds: what is said is there when the packet that led to it is. */
const packetSeconds = 0.04
const ref: BootRef = { device: 'patterns', boot: 1 }
const leadNames = ['II', 'V5']

/** A recorded pattern through the monitor with default parameters, packet by packet, as a device would send it. */
export function runPattern(recording: PatternRecording, options: PatternRunOptions): PatternOutput {
  const { fsHz, leads } = recording
  const marks = options.byMarks ? { paceMarks: recording.marks } : {}
  const beats: number[] = []
  const rates: { time: number; value: number | null }[] = []
  const alerts: { time: number; condition: string }[] = []
  let arrival = 0
  const monitor = new PatientMonitor({ attributes: unknownPatient, limits: options.limits }, event => {
    const { body } = event
    if (event.type === 'beat') beats.push((body.sample as { index: number }).index / fsHz)
    else if (event.type === 'measurement' && body.name === 'heart-rate') rates.push({ time: arrival, value: body.value as number | null })
    else if (event.type === 'condition' && body.cause === 'phase' && body.to === 'active') {
      alerts.push({ time: arrival, condition: body.condition as string })
    }
  })
  const spec: StreamSpec = {
    id: 'ecg',
    kind: 'ecg',
    channels: leadNames.slice(0, leads.length),
    unit: 'mV',
    fs: { num: fsHz, den: 1 },
  }
  monitor.open(ref, [{ spec, index: 0, patientTime: 0 }], null)
  const total = leads[0]?.length ?? 0
  const packet = packetSeconds * fsHz
  for (let n = 0, from = 0; from < total; n++) {
    const to = Math.min(total, Math.round((n + 1) * packet))
    arrival = to / fsHz
    const channels = leads.map(samples => samples.subarray(from, to))
    monitor.samples(ref, spec.id, { start: from, length: to - from, flags: 0, channels, ...marks })
    from = to
  }
  // What closing the stream says is no longer in time for anybody.
  return { beats, rates, alerts }
}
