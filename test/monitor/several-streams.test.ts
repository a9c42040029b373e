import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { SessionHash } from '../../src/engine/session-hash.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { type BootRef, PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { canonicalJson } from '../../src/signal/canonical-json.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { hertz, samplesToMicros } from '../../src/signal/rate.js'
import type { StreamBlock } from '../../src/signal/sample-block.js'
import { cutBlocks } from '../laws/blocks.js'
import { seededRandom } from '../laws/random.js'
import { drawStream, type SyntheticStream, streamShapes } from '../support/synthetic-streams.js'

const seconds = 90
const bed: BootRef = { device: 'bed', boot: 1 }
const wrist: BootRef = { device: 'wrist', boot: 3 }
/** What each device carries, its rates, and how much later than the first it began, in microseconds. */
const carried: readonly (readonly [ref: BootRef, id: string, fs: number, offset: number])[] = [
  [bed, 'ecg', 250, 0],
  [bed, 'oximeter', 100, 12_345],
  [bed, 'pressure', 125, 7_000],
  [bed, 'respiration', 62.5, 0],
  [bed, 'eeg', 160, 1_000_000],
  [wrist, 'ppg', 64, 333_333],
  [wrist, 'acceleration', 50, 340_000],
  [wrist, 'temperature', 4, 0],
  [wrist, 'other', 4, 0],
]

interface Carried {
  readonly ref: BootRef
  readonly stream: SyntheticStream
  readonly offset: number
}

const streams: readonly Carried[] = carried.map(([ref, id, fs, offset]) => {
  const shape = streamShapes.find(one => one.id === id)!
  const stream = drawStream(shape, fs, seconds)
  // Every stream loses something of its own.
  const at = Math.round((30 + 3 * id.length) * fs)
  stream.channels[0]!.fill(Number.NaN, at, at + Math.round(2.2 * fs))
  return { ref, stream, offset }
})

/** The next thing that one source says; a source keeps its own order. */
type Step = (monitor: PatientMonitor) => void

interface Source {
  readonly id: string
  /** Each with the patient time that it comes up to. */
  readonly steps: readonly { readonly until: number; readonly step: Step }[]
}

function blocksOf({ stream }: Carried, nextSeconds: () => number): StreamBlock[] {
  const { channels, spec } = stream
  const fs = hertz(spec.fs)
  const length = channels[0]!.length
  const lostFrom = Math.round(63 * fs)
  const pieces = [
    { start: 0, length: lostFrom, flags: 0, channels: channels.map(samples => samples.slice(0, lostFrom)) },
    { start: lostFrom + 7, length: length - lostFrom - 7, flags: 0, channels: channels.map(samples => samples.slice(lostFrom + 7)) },
  ]
  return cutBlocks(pieces, () => nextSeconds() * fs)
}

function sourcesOf(nextSeconds: () => number, leaveOut: (id: string, until: number) => boolean = () => false): Source[] {
  const waves = streams.map((one): Source => {
    const { spec } = one.stream
    const steps = blocksOf(one, nextSeconds).map(block => ({
      until: one.offset + samplesToMicros(block.start + block.length, spec.fs),
      step: (monitor: PatientMonitor) => monitor.samples(one.ref, spec.id, block),
    }))
    return { id: spec.id, steps }
  })
  const numbers = Array.from({ length: seconds / 5 }, (_, k) => {
    const t = k * 5e6
    const samples: NumericSample[] = [
      { name: 'temperature', value: 36.5 + k / 100, t, status: 'valid' },
      { name: 'nibp-systolic', value: 118 + (k % 5), t: t + 1e6, status: 'valid' },
      { name: 'spo2', value: 96 - (k % 3), t: t + 2e6, status: 'valid' },
    ]
    return { until: t + 5e6, step: (monitor: PatientMonitor) => monitor.numerics(bed, samples, t + 5e6) }
  })
  return [...waves, { id: 'n', steps: numbers }].map(source => ({
    ...source,
    steps: source.steps.filter(({ until }) => !leaveOut(source.id, until)),
  }))
}

/** Says everything, the source that is furthest behind first, but `lag` seconds more or less. */
function order(sources: readonly Source[], lag: () => number): Step[] {
  const said = sources.flatMap(({ steps }) => {
    let previous = 0
    return steps.map(({ until, step }) => {
      previous = Math.max(previous, until + lag() * 1e6)
      return { at: previous, step }
    })
  })
  return said.sort((a, b) => a.at - b.at).map(({ step }) => step)
}

interface Told {
  /** As they were said. */
  readonly events: readonly PatientEvent[]
  /** Of the whole session; null: out of order. */
  readonly hash: string | null
}

function create(emit: (event: PatientEvent) => void): PatientMonitor {
  return new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, emit)
}

function tell(
  steps: readonly Step[],
  more: { restart?: () => boolean; close?: readonly Carried[]; atEnd?: (count: number, monitor: PatientMonitor) => void } = {},
): Told {
  const events: PatientEvent[] = []
  const hash = new SessionHash(0)
  const emit = (event: PatientEvent): void => {
    events.push(event)
    hash.add(event)
  }
  let monitor = create(emit)
  for (const ref of [bed, wrist]) {
    const here = streams.filter(one => one.ref === ref).map(({ stream, offset }) => ({ spec: stream.spec, index: 0, patientTime: offset }))
    monitor.open(ref, here, ref === bed ? { deviceTime: 0, patientTime: 0 } : null)
  }
  for (const step of steps) {
    if (more.restart?.()) {
      const state = structuredClone(monitor.save())
      monitor = create(emit)
      monitor.load(state)
    }
    step(monitor)
  }
  more.atEnd?.(events.length, monitor)
  for (const { ref, stream } of more.close ?? streams) monitor.close(ref, stream.spec.id)
  monitor.close(bed, 'n')
  expect(monitor.idle).toBe(true)
  return { events, hash: hash.close().eventHash }
}

const lines = (events: readonly PatientEvent[]): string[] =>
  events.map(({ t, type, stream, body }) => canonicalJson({ ...body, t, type, stream })).sort()

const reference = tell(
  order(
    sourcesOf(() => 1),
    () => 0,
  ),
)

describe(`a patient with ${streams.length} streams of two devices, and numbers`, () => {
  it('has vital signs of all that measure them, so that the laws are about something', () => {
    const names = new Set(
      reference.events.flatMap(({ type, body }) => (type === 'measurement' && body.value !== null ? [`${body.name}`] : [])),
    )
    for (const name of ['heart-rate', 'pulse-rate', 'spo2', 'respiratory-rate', 'perfusion-index', 'temperature', 'nibp-systolic'])
      expect([...names]).toContain(name)
    expect(reference.events.some(({ type }) => type === 'score')).toBe(true)
    expect(reference.hash).not.toBeNull()
  })

  it.each([1, 2, 3])('is told the same however streams are cut, whoever is ahead and closes first (seed %i)', seed => {
    const random = seededRandom(seed)
    const sources = sourcesOf(() => (random() < 0.2 ? 0.02 : 0.2 + 2 * random()))
    // One source lags by up to twenty seconds, others by a little.
    const late = Math.floor(random() * sources.length)
    const shuffled = sources.map((source, k) => ({ source, lag: () => random() * (k === late ? 20 : 2) }))
    const steps = shuffled
      .flatMap(({ source, lag }) => {
        let at = 0
        return source.steps.map(({ until, step }) => ({ at: (at = Math.max(at, until + lag() * 1e6)), step }))
      })
      .sort((a, b) => a.at - b.at)
      .map(({ step }) => step)
    const close = [...streams].sort(() => random() - 0.5)
    const told = tell(steps, { close })
    expect(lines(told.events)).toEqual(lines(reference.events))
    expect(told.hash).toBe(reference.hash)
  })

  it.each([4, 5])('goes on in the same order of events from saved states (seed %i)', seed => {
    const random = seededRandom(seed)
    const told = tell(
      order(
        sourcesOf(() => 1),
        () => 0,
      ),
      { restart: () => random() < 0.08 },
    )
    expect(told.events).toEqual(reference.events)
  })

  it.each(streams.map(({ stream }) => stream.spec.id).concat('n'))('goes on with the others when %s falls silent', id => {
    const from = 40e6
    const sources = sourcesOf(
      () => 1,
      (source, until) => source === id && until > from + 1e6,
    )
    const silent = streams.find(({ stream }) => stream.spec.id === id)
    const steps: Step[] = []
    let count = 0
    for (const step of order(sources, () => 0)) {
      steps.push(step)
      if (++count === 40 * sources.length) steps.push(monitor => monitor.silence(silent?.ref ?? bed, id))
    }
    let [before, spread] = [0, 0]
    const atEnd = (said: number, monitor: PatientMonitor): void => {
      before = said
      spread = monitor.spreadSeconds()
    }
    const told = tell(steps, { atEnd })
    // What a stream says by itself does not change with another's silence.
    const own = (events: readonly PatientEvent[]) =>
      lines(events.filter(({ type, stream }) => ['beat', 'pulse', 'breath', 'rhythm', 'gap', 'quality'].includes(type) && stream !== id))
    expect(own(told.events)).toEqual(own(reference.events))
    // And nobody waits for it: vital signs are judged up to the end.
    expect(spread).toBeLessThan(6)
    const newest = Math.max(...told.events.slice(0, before).flatMap(({ t, type }) => (type === 'score' ? [t] : [])))
    if (id !== 'n') expect(newest).toBeGreaterThan(75e6)
    const ownAfter = told.events.filter(({ type, stream, t }) => stream === id && t > from + 12e6 && !['condition', 'gap'].includes(type))
    expect(ownAfter).toEqual([])
  })

  it('keeps little more after two minutes than after one and a half', () => {
    const sizes: number[] = []
    const steps = order(
      sourcesOf(() => 1),
      () => 0,
    )
    const measure: Step = monitor =>
      sizes.push(JSON.stringify(monitor.save(), (_, value) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value)).length)
    tell([...steps.slice(0, Math.floor(steps.length * 0.7)), measure, ...steps.slice(Math.floor(steps.length * 0.7)), measure])
    expect(sizes[1]!).toBeLessThan(sizes[0]! * 1.5)
  })
})
