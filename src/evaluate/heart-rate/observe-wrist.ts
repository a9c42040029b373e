import { motionRateAlgorithm } from '../../monitor/motion-rate-reader.js'
import { PatientMonitor } from '../../monitor/patient-monitor.js'
import { planStream } from '../../monitor/plan.js'
import { MotionRateTracker } from '../../ppg/motion-rate/motion-rate-tracker.js'
import type { FrameObservation } from '../../signal/observation.js'
import { unknownPatient } from '../../signal/patient.js'
import type { StreamSpec } from '../../signal/stream.js'
import { type SignalCupRecording, signalCupHz } from '../databases/signal-cup-folder.js'

/** What was told of a second. */
export interface ToldRate {
  readonly value: number | null
  readonly low?: number
  readonly high?: number
  readonly held: boolean
}

const fs = { num: signalCupHz, den: 1 }
const lightOf = (channels: number): StreamSpec => ({
  id: 'ppg',
  kind: 'ppg',
  channels: Array.from({ length: channels }, (_, c) => `PPG${c + 1}`),
  unit: '{nu}',
  fs,
})
const accelerationSpec: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['X', 'Y', 'Z'], unit: 'g', fs }

/** Rates by the second that they end with, and the median seconds from that end until they were told. */
export interface ObservedRates {
  readonly bySecond: ReadonlyMap<number, ToldRate>
  readonly delaySeconds: number | null
}

/** Light and acceleration of one device through the monitor, as they would come over the bus. */
export function observeWrist(recording: SignalCupRecording, packetSeconds: number): ObservedRates {
  const bySecond = new Map<number, ToldRate>()
  const delays: number[] = []
  const monitor = new PatientMonitor({ attributes: unknownPatient, limits: {} }, ({ type, t, body }) => {
    if (type !== 'measurement' || body.method !== motionRateAlgorithm) return
    const { value, low, high, held, to } = body as unknown as ToldRate & { to: { index: number } }
    const end = to.index / signalCupHz
    bySecond.set(Math.round(end), { value, held: held === true, ...(low === undefined || high === undefined ? {} : { low, high }) })
    delays.push(t / 1e6 - end)
  })
  const ref = { device: 'wrist', boot: 1 }
  const streams = [
    { spec: lightOf(recording.ppg.length), samples: recording.ppg },
    { spec: accelerationSpec, samples: recording.acceleration },
  ]
  monitor.open(
    ref,
    streams.map(({ spec }) => ({ spec, index: 0, patientTime: 0 })),
    null,
  )
  for (const { start, length } of packets(recording, packetSeconds)) {
    for (const { spec, samples } of streams) {
      const channels = samples.map(channel => channel.subarray(start, start + length))
      monitor.samples(ref, spec.id, { start, length, flags: 0, channels })
    }
  }
  for (const { spec } of streams) monitor.close(ref, spec.id)
  delays.sort((a, b) => a - b)
  return { bySecond, delaySeconds: delays[delays.length >> 1] ?? null }
}

/** The same seconds, told `lagSeconds` later by the tracker that may wait. */
export function observeLate(recording: SignalCupRecording, lagSeconds: number): ReadonlyMap<number, ToldRate> {
  const ppg = framesOf(lightOf(recording.ppg.length), recording.ppg)
  const acceleration = framesOf(accelerationSpec, recording.acceleration)
  const tracker = new MotionRateTracker({ channels: recording.ppg.length, lagSeconds })
  const bySecond = new Map<number, ToldRate>()
  ppg.forEach(({ samples, to }, k) => {
    const { value, low, high, held } = tracker.step(samples, acceleration[k]!.samples)
    const end = Math.round(to / signalCupHz) - lagSeconds
    bySecond.set(end, { value, held, ...(low === null || high === null ? {} : { low, high }) })
  })
  return bySecond
}

/** Parameters of all that the figures rest on. */
export function wristParameters(channels: number): unknown[] {
  const chains = [lightOf(channels), accelerationSpec].map(spec => planStream(spec, true).chain.parameters)
  return [...chains, new MotionRateTracker({ channels }).parameters]
}

function framesOf(spec: StreamSpec, channels: readonly Float64Array[]): FrameObservation[] {
  const frames: FrameObservation[] = []
  const { chain } = planStream(spec, true)
  const keep = (observation: { readonly kind: string }): void => {
    if (observation.kind === 'frame') frames.push(observation as FrameObservation)
  }
  chain.push({ start: 0, length: channels[0]!.length, flags: 0, channels }, keep)
  chain.flush(keep)
  return frames
}

function packets(recording: SignalCupRecording, packetSeconds: number): { start: number; length: number }[] {
  const total = recording.ppg[0]?.length ?? 0
  const each = Math.max(1, Math.round(packetSeconds * signalCupHz))
  return Array.from({ length: Math.ceil(total / each) }, (_, k) => ({ start: k * each, length: Math.min(each, total - k * each) }))
}
