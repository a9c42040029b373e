import { beforeAll, describe, expect, test } from 'vitest'
import { createResampler } from '../../src/dsp/resampler.js'
import { EcgLead, type LeadEvent } from '../../src/ecg/ecg-lead.js'
import { referenceKernel as kernel } from '../../src/kernel/reference-kernel.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import { datasetPath } from '../recording/paths.js'

const mitdb = datasetPath('mitdb')
const nstdb = datasetPath('nstdb')
const seconds = 60
/** The fault stands in seconds [from, to). */
const from = 30
const to = 42

type Second = Extract<LeadEvent, { kind: 'second' }>

/** The first channel of a record of 360 Hz in millivolts, from a second on. */
async function read(file: string, fs: number, fromSecond = 0): Promise<Float64Array> {
  const recording = await openRecording(file)
  const [recorded] = await recording.readPhysical([0], 360 * fromSecond, 360 * (seconds + 1))
  await recording.close()
  const samples = new Float64Array(fs * seconds)
  const resampler = createResampler({ from: { num: 360, den: 1 }, to: { num: fs, den: 1 } })
  resampler.push({ start: 0, gapBefore: 0, flags: 0, samples: recorded as Float64Array }, block => {
    if (block.start < samples.length) samples.set(block.samples.subarray(0, samples.length - block.start), block.start)
  })
  return samples
}

/** Seconds as a lead tells them; `flags` hold while the fault stands. */
function secondsOf(samples: Float64Array, fs: number, flags = 0): Second[] {
  const lead = new EcgLead(0, { num: fs, den: 1 }, 1, kernel)
  const events: LeadEvent[] = []
  for (const [start, end, flag] of [
    [0, from, 0],
    [from, to, flags],
    [to, seconds, 0],
  ] as const) {
    lead.push(start * fs, flag, samples.subarray(start * fs, end * fs), events)
  }
  lead.flush(events)
  return events.filter(event => event.kind === 'second')
}

describe.skipIf(mitdb === null || nstdb === null).each([128, 500])('a fault in real ECG at %i Hz (sets mitdb, nstdb)', fs => {
  const records = ['103', '119', '122']
  const clean = new Map<string, Float64Array>()
  const noise = new Map<string, Float64Array>()
  beforeAll(async () => {
    for (const record of records) clean.set(record, await read(`${mitdb}/${record}`, fs))
    for (const kind of ['em', 'ma']) noise.set(kind, await read(`${nstdb}/${kind}`, fs, 1200))
  })

  /** Seconds of a record while the fault stands. Before it all is good, and two seconds after it again, but for one second at most. */
  function during(record: string, flags: number, change: (x: number, i: number) => number): Second[] {
    const samples = (clean.get(record) as Float64Array).slice()
    for (let i = from * fs; i < to * fs; i++) samples[i] = change(samples[i] as number, i)
    const told = secondsOf(samples, fs, flags)
    expect(told.slice(5, from).every(({ quality }) => quality >= 0.5)).toBe(true)
    expect(told.slice(to + 2).filter(({ quality }) => quality < 0.5).length, `${record}, afterwards`).toBeLessThanOrEqual(1)
    return told.slice(from, to)
  }

  const failures: readonly [name: string, reason: string, flags: number, change: (x: number, i: number) => number][] = [
    ['a dead channel', 'flat', 0, () => 0.4],
    ['an amplifier at its rail', 'saturated', 0, (x, i) => (i % fs < 0.4 * fs ? 5 : x - 1)],
    ['an amplifier that says so', 'saturated', sampleFlags.saturated, x => x],
    ['an electrode that came off, as the device says', 'lead-off', sampleFlags.leadOff, x => x],
    ['missing samples', 'missing', 0, () => Number.NaN],
    ['complexes too small to see', 'low-amplitude', 0, x => 0.02 * x],
    ['more than any heart makes', 'noise', 0, (x, i) => x + 20 * Math.sin((2 * Math.PI * 3 * i) / fs)],
  ]

  test.each(failures)('%s is told as %s at the end of its second, and of each one that follows', (_, reason, flags, change) => {
    for (const record of records) {
      const told = during(record, flags, change)
      expect(told.map(second => second.reason).slice(1)).toEqual(Array(to - from - 1).fill(reason))
      for (const { quality } of told.slice(1)) {
        if (reason === 'low-amplitude') expect(quality).toBe(0.6)
        else expect(quality).toBeLessThanOrEqual(0.2)
      }
    }
  })

  test.each([
    ['em', 'motion', 3],
    ['ma', 'muscle', 12],
  ] as const)('recorded %s is told as %s, refused within five seconds', (kind, reason, gain) => {
    for (const record of records) {
      const added = noise.get(kind) as Float64Array
      const told = during(record, 0, (x, i) => x + gain * (added[i] as number))
      expect(told.slice(0, 5).some(({ quality }) => quality < 0.5)).toBe(true)
      const named = told.filter(second => second.reason !== 'good')
      expect(named.length).toBeGreaterThanOrEqual(6)
      const right = named.filter(second => second.reason === reason)
      expect(right.length / named.length, `${record}: ${named.map(second => second.reason)}`).toBeGreaterThanOrEqual(0.75)
    }
  })

  test.each([50, 60])('hum of 4 mV of %i Hz that harms is told as mains', hz => {
    const named = records
      .flatMap(record => during(record, 0, (x, i) => x + 4 * Math.sin((2 * Math.PI * hz * i) / fs)))
      .filter(second => second.reason !== 'good')
    // Complexes of more than 4 mV besides are more than any heart makes.
    expect(named.filter(second => second.reason === 'mains').length).toBeGreaterThanOrEqual(10)
    for (const { reason } of named) expect(['mains', 'noise']).toContain(reason)
  })

  test('a baseline that wanders slowly is no reason to refuse a beat', () => {
    for (const record of records) {
      const told = during(record, 0, (x, i) => x + 2 * Math.sin((2 * Math.PI * 0.3 * i) / fs))
      for (const { quality, reason } of told) {
        expect(quality).toBeGreaterThan(0.5)
        expect(['good', 'baseline', 'motion']).toContain(reason)
      }
    }
  })
})
