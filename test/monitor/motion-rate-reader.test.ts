import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { canonicalJson } from '../../src/signal/canonical-json.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { pulseTrain, steadyPeaks } from '../ppg/synthetic-pulses.js'

const ref = { device: 'wrist', boot: 1 }
const light: StreamSpec = { id: 'light', kind: 'ppg', channels: ['green'], unit: '1', fs: { num: 64, den: 1 } }
const motion: StreamSpec = { id: 'motion', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: 'g', fs: { num: 32, den: 1 } }
const seconds = 120
const moveFrom = 40
const pulse = 84
const steps = 150

/** A wrist at rest, then in a walk whose steps shake the light twice as much as the pulse does. */
const wrist = (() => {
  const normal = seededNormal(3)
  const swing = (t: number) => (t < moveFrom ? 0 : Math.sin((2 * Math.PI * steps * t) / 60))
  const samples = pulseTrain({ fs: 64, seconds, peaks: steadyPeaks(pulse, seconds), height: 10, level: 1000, noise: 0.3 })
  for (let i = 0; i < samples.length; i += 1) samples[i] = samples[i]! + 14 * swing(i / 64)
  const axes = [0, 0, 1].map((still, axis) =>
    Float64Array.from({ length: 32 * seconds }, (_, i) => still + [0.5, 0.3, 0.6][axis]! * swing(i / 32) + 0.003 * normal()),
  )
  return { light: [samples], motion: axes }
})()

interface Run {
  readonly withMotion?: boolean
  /** Seconds of light that are pushed at once, and by how many the acceleration is ahead. */
  readonly step?: number
  readonly ahead?: number
  readonly motionUntil?: number
  readonly restart?: boolean
}

function monitor({ withMotion = true, step = 1, ahead = 0, motionUntil = seconds, restart = false }: Run): PatientEvent[] {
  const said: PatientEvent[] = []
  const limits = { 'pulse-rate-high': { enabled: true, limit: 120, clearLimit: 110, onsetDelaySeconds: 5 } }
  const create = () => new PatientMonitor({ attributes: defaultOptions.attributes.all, limits }, event => said.push(event))
  let patient = create()
  const specs = withMotion ? [light, motion] : [light]
  patient.open(
    ref,
    specs.map(spec => ({ spec, index: 0, patientTime: 0 })),
    null,
  )
  const push = (spec: StreamSpec, channels: readonly Float64Array[], from: number, to: number) => {
    const fs = spec.fs.num
    const pieces = channels.map(samples => samples.slice(from * fs, to * fs))
    if (to > from) patient.samples(ref, spec.id, { start: from * fs, length: pieces[0]!.length, flags: 0, channels: pieces })
  }
  let pushed = 0
  for (let second = 0; second < seconds; second += step) {
    const to = Math.min(seconds, second + step)
    if (withMotion) {
      const until = Math.max(pushed, Math.min(motionUntil, seconds, to + ahead))
      push(motion, wrist.motion, pushed, until)
      if (until === motionUntil && pushed < until && until < seconds) patient.silence(ref, 'motion')
      pushed = until
    }
    push(light, wrist.light, second, to)
    if (restart) {
      const state = JSON.parse(JSON.stringify(patient.save(), encode), decode) as ReturnType<PatientMonitor['save']>
      patient = create()
      patient.load(state)
    }
  }
  if (withMotion && motionUntil === seconds) push(motion, wrist.motion, pushed, seconds)
  patient.close(ref, 'light')
  if (withMotion) patient.close(ref, 'motion')
  return said
}

/** Snapshots are plain data and typed arrays. */
function encode(_: string, value: unknown): unknown {
  if (value instanceof Float64Array) return { floats: Array.from(value, number => (Number.isFinite(number) ? number : String(number))) }
  if (value instanceof Uint8Array) return { bytes: [...value] }
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value
}

function decode(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('floats' in value) return Float64Array.from(value.floats as (number | string)[], Number)
  if ('bytes' in value) return Uint8Array.from(value.bytes as number[])
  return 'number' in value ? Number(value.number) : value
}

const rates = (said: readonly PatientEvent[], method: string, from: number) =>
  said.flatMap(({ t, type, body }) =>
    type === 'measurement' && body.method === method && body.name === 'pulse-rate' && t > from * 1e6 ? [body.value as number | null] : [],
  )
const alerts = (said: readonly PatientEvent[]) => said.filter(({ type, body }) => type === 'condition' && body.to === 'active')
const lines = (said: readonly PatientEvent[]) => said.map(({ note: _, ...event }) => canonicalJson(event)).sort()

describe('pulse rate of light and acceleration', () => {
  it('follows the pulse while steps look like pulses, and does not raise the alert that light alone raises', () => {
    const joined = monitor({})
    for (const rate of rates(joined, 'ppg-motion-rate', moveFrom + 20)) expect(Math.abs(rate! - pulse)).toBeLessThan(5)
    expect(rates(joined, 'ppg-motion-rate', moveFrom + 20).length).toBeGreaterThan(50)
    expect(alerts(joined)).toEqual([])
    expect(alerts(monitor({ withMotion: false })).map(({ body }) => body.condition)).toContain('pulse-rate-high')
  })

  it('says the same whichever stream is ahead, however they are cut, and across restarts', () => {
    const reference = lines(monitor({}))
    expect(lines(monitor({ ahead: 7 }))).toEqual(reference)
    expect(lines(monitor({ step: 5 }))).toEqual(reference)
    expect(lines(monitor({ step: 3, ahead: -6 }))).toEqual(reference)
    expect(lines(monitor({ restart: true }))).toEqual(reference)
  })

  it('leaves a stream of light alone that cannot be framed', () => {
    const slow: StreamSpec = { ...light, fs: { num: 99_991, den: 1000 } }
    const said: PatientEvent[] = []
    const patient = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
    patient.open(
      ref,
      [slow, motion].map(spec => ({ spec, index: 0, patientTime: 0 })),
      null,
    )
    const samples = pulseTrain({ fs: 99.991, seconds: 20, peaks: steadyPeaks(pulse, 20), height: 10, level: 1000 })
    patient.samples(ref, 'light', { start: 0, length: samples.length, flags: 0, channels: [samples] })
    patient.close(ref, 'light')
    expect(rates(said, 'ppg-pulse-rate', 10).at(-1)).toBeCloseTo(pulse, 0)
    expect(rates(said, 'ppg-motion-rate', 0)).toEqual([])
  })

  it('keeps nothing of boots that end before they have sent a second', () => {
    const patient = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, () => undefined)
    for (let boot = 1; boot <= 20; boot++) {
      const short = { device: 'wrist', boot }
      patient.open(
        short,
        [light, motion].map(spec => ({ spec, index: 0, patientTime: boot * 1e6 })),
        null,
      )
      for (const { id } of [light, motion]) patient.close(short, id)
    }
    expect(patient.save().joined).toEqual([])
    expect(patient.idle).toBe(true)
  })

  it('goes on with the light alone when the acceleration falls silent', () => {
    const said = monitor({ motionUntil: 30 })
    expect(rates(said, 'ppg-motion-rate', 20).length).toBeGreaterThan(seconds - 20 - 8)
    // What it takes steps for is marked, and not used.
    const blind = said.filter(({ t, body }) => body.method === 'ppg-motion-rate' && t > (moveFrom + 10) * 1e6)
    for (const { body } of blind) if (body.value !== null) expect(body.reason).toBe('no-acceleration')
    expect(blind.some(({ body }) => body.value !== null)).toBe(true)
    for (const { body } of blind) expect(body.quality).toBeLessThan(0.5)
  })
})
