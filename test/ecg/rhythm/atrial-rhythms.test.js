import { describe, expect, test } from 'vitest'
import { AtrialRhythms } from '../../../src/ecg/rhythm/atrial-rhythms.js'
import { measureIrregularity } from '../../../src/ecg/rhythm/irregularity.js'
import { PqActivity } from '../../../src/ecg/rhythm/pq-activity.js'
import { changes, fs, series, tell } from './beat-series.js'

/** Uniform numbers from -0.5 to 0.5, the same in each run. */
function noise(seed) {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648 - 0.5
  }
}
/** Beats with what the intervals are, seconds. */
function beats(intervals, from = 0) {
  return series('N'.repeat(intervals.length), intervals, from).map((item, i) =>
    item.kind === 'beat' && (i > 0 || from > 0) ? { ...item, linked: true } : item,
  )
}
const random = noise(7)
const scattered = count => Array.from({ length: count }, () => 0.7 + 0.5 * random())
const regular = count => Array.from({ length: count }, (_, i) => 0.8 + 0.02 * Math.sin(i / 3))
/** A lead with a hump 150 ms before each beat (a P wave), or, without beats, with nothing but noise. */
function viewOf(told, pWave) {
  const seconds = (told.at(-1)?.at ?? 0) + 2
  const samples = new Float64Array(Math.ceil(seconds * fs))
  const little = noise(11)
  for (let i = 0; i < samples.length; i++) samples[i] = 0.02 * little()
  for (const { at } of told) {
    if (!pWave) continue
    for (let k = -10; k <= 10; k++) {
      const i = Math.round((at - 0.15) * fs) + k
      if (i >= 0) samples[i] = samples[i] + 0.1 * Math.exp(-(k * k) / 30)
    }
  }
  return {
    fsHz: fs,
    leadCount: 1,
    millivolts: true,
    end: samples.length,
    reachSeconds: 10,
    read: (_lead, from, into) => {
      for (let i = 0; i < into.length; i++) into[i] = samples[from + i] ?? Number.NaN
      return into.filter(value => !Number.isNaN(value)).length
    },
  }
}
const run = (told, pWave) => tell([new AtrialRhythms(fs)], told, { view: viewOf(told, pWave), end: false })
describe('atrial fibrillation', () => {
  const first = beats(regular(60))
  const middle = beats(scattered(120), first.at(-1)?.at)
  const last = beats(regular(80), middle.at(-1)?.at)
  const told = [...first, ...middle, ...last]
  const whole = run(told, false)
  test('is said once for its onset and once for its end, near where the intervals begin and cease to scatter', () => {
    const said = changes(whole, 'atrial-fibrillation').map(text => text.split(' '))
    expect(said.map(([what]) => what)).toEqual(['on', 'off'])
    expect(Math.abs(Number(said[0]?.[1]) - first.at(-1)?.at)).toBeLessThan(10)
    expect(Math.abs(Number(said[1]?.[1]) - middle.at(-1)?.at)).toBeLessThan(10)
  })
  test('is not said before 30 s speak for it', () => {
    const on = whole.find(o => o.rhythm === 'atrial-fibrillation' && o.on)
    expect((on?.decided ?? 0) - (on?.index ?? 0)).toBeGreaterThan(30 * fs)
    const short = [...first, ...beats(scattered(30), first.at(-1)?.at), ...beats(regular(60), (first.at(-1)?.at ?? 0) + 22)]
    expect(changes(run(short, false), 'atrial-fibrillation')).toEqual([])
  })
  test('is not said of a regular rhythm, with or without P waves, nor of bigeminy and single early beats', () => {
    expect(run(beats(regular(300)), true)).toEqual([])
    expect(run(beats(regular(300)), false)).toEqual([])
    const grouped = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 0.5 : 1.1))
    expect(changes(run(beats(grouped), true), 'atrial-fibrillation')).toEqual([])
    const early = Array.from({ length: 300 }, (_, i) => (i % 12 === 0 ? 0.5 : i % 12 === 1 ? 1.1 : 0.8))
    expect(changes(run(beats(early), true), 'atrial-fibrillation')).toEqual([])
  })
  test('stays on through a gap and a stretch without intervals, and comes back from a saved state', () => {
    const lost = [...first, ...middle, { kind: 'gap', at: (middle.at(-1)?.at ?? 0) + 20 }]
    expect(changes(run(lost, false), 'atrial-fibrillation')).toHaveLength(1)
    for (const cut of [70, 100, 150, 200]) {
      const analysers = [new AtrialRhythms(fs)]
      const said = tell(analysers, told, {
        view: viewOf(told, false),
        end: false,
        before: i => {
          if (i !== cut) return
          const saved = structuredClone(analysers[0]?.save())
          analysers[0] = new AtrialRhythms(fs)
          analysers[0].load(saved)
        },
      })
      expect(said).toEqual(whole)
    }
  })
  test('early beats of irregular number between P waves are irregular, not fibrillation', () => {
    const many = Array.from({ length: 300 }, (_, i) => (i % 5 === 0 ? 0.55 : i % 5 === 1 ? 1.05 : 0.8))
    const said = run(beats(many), true)
    expect(changes(said, 'irregular')).toHaveLength(1)
    expect(changes(said, 'atrial-fibrillation')).toEqual([])
  })
})
test('a wave that repeats before each beat is coherent, noise is not', () => {
  const told = beats(regular(40))
  const coherence = pWave => {
    const view = viewOf(told, pWave)
    const pq = new PqActivity(fs, 32)
    for (const { at } of told) pq.add(0, Math.round(at * fs), 0, view)
    return pq.read(10)?.coherence ?? Number.NaN
  }
  expect(coherence(true)).toBeGreaterThan(2)
  expect(coherence(false)).toBeLessThan(0.2)
})
test('measures of irregularity: 0 for a metronome, NaN for too few intervals', () => {
  const metronome = measureIrregularity(new Array(32).fill(0.8))
  expect(metronome.scatter).toBe(0)
  expect(metronome.changes).toBe(0)
  expect(metronome.filteredChange).toBe(0)
  // Every interval matches every other: -ln(1) + ln(2 x 0.03) - ln(0.8).
  expect(metronome.entropy).toBeCloseTo(Math.log(0.06 / 0.8), 10)
  expect(measureIrregularity([0.8, 0.8]).scatter).toBeNaN()
})
