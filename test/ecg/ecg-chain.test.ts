import { describe, expect, test } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import type { BeatObservation, MeasurementObservation, Observation, RhythmObservation } from '../../src/signal/observation.js'
import { type StreamBlock, sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { cutBlocks } from '../laws/blocks.js'
import { checkStageLaws, run } from '../laws/stage-laws.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250

function spec(options: { channels?: string[]; fs?: { num: number; den: number }; unit?: string } = {}): StreamSpec {
  return { id: 'ecg', kind: 'ecg', channels: options.channels ?? ['II'], unit: options.unit ?? 'mV', fs: options.fs ?? { num: fs, den: 1 } }
}

function block(start: number, ...channels: Float64Array[]): StreamBlock {
  return { start, length: (channels[0] as Float64Array).length, flags: 0, channels }
}

function observe(input: readonly StreamBlock[], of: StreamSpec = spec()): Observation[] {
  return run(createEcgChain(of), input).map(({ output }) => output)
}

const beatsOf = (out: readonly Observation[]) => out.filter((o): o is BeatObservation => o.kind === 'beat')
const measured = (out: readonly Observation[], name: MeasurementObservation['name']) =>
  out.filter((o): o is MeasurementObservation => o.kind === 'measurement' && o.name === name)
const ratesOf = (out: readonly Observation[]) => measured(out, 'heart-rate')
const asystolesOf = (out: readonly Observation[]) =>
  out.filter((o): o is RhythmObservation => o.kind === 'rhythm' && o.rhythm === 'asystole')

/** Expected R peaks found within 2 samples, but for those in the first 0.3 s and the last 0.4 s. */
function expectBeats(found: readonly number[], beats: readonly number[], rate = fs): void {
  const expected = beats.map(seconds => Math.round(seconds * rate))
  expect(found.length).toBe(expected.length)
  found.forEach((index, i) => {
    expect(Math.abs(index - (expected[i] as number)), `beat ${i} at ${index}`).toBeLessThanOrEqual(Math.max(2, 0.008 * rate))
  })
}

describe('ECG chain', () => {
  const first = syntheticEcg({ fs, seconds: 14, seed: 3 })
  const second = syntheticEcg({ fs, seconds: 14, amplitude: -0.7, seed: 4 })
  // A short gap to bridge, one long in both, a noisy and a dead stretch, a pause, a lost stretch between blocks.
  first.fill(Number.NaN, 1000, 1012)
  first.fill(Number.NaN, 1500, 1900)
  second.fill(Number.NaN, 1700, 2100)
  second.fill(0.3, 2500, 3100)
  const pauseBeats = [...regularBeats(0.3, 0.7, 4), ...regularBeats(9.5, 1.1, 16)]
  const third = syntheticEcg({ fs, seconds: 16, beats: pauseBeats, seed: 5 })
  const fourth = syntheticEcg({ fs, seconds: 16, beats: pauseBeats, amplitude: -0.7, seed: 6 })
  for (let i = 200; i < 600; i++) third[i] = (third[i] as number) + 3 * Math.sin(i * 0.3) * Math.sin(i * 0.031)

  checkStageLaws({
    create: () => createEcgChain(spec({ channels: ['II', 'V'] })),
    input: [block(0, first, second), block(3900, third, fourth)],
    fs,
    rounds: 6,
  })

  test('finds every beat of a clean lead at its R peak, from the first on', () => {
    for (const amplitude of [1, -0.8, 0.3]) {
      const out = observe([block(0, syntheticEcg({ fs, seconds: 30, amplitude }))])
      expectBeats(
        beatsOf(out).map(({ index }) => index),
        regularBeats(0.5, 0.8, 30),
      )
    }
  })

  test('reports the first beats within three seconds', () => {
    const early = beatsOf(observe([block(0, syntheticEcg({ fs, seconds: 3 }))])).filter(({ decided }) => decided <= 2.6 * fs)
    expect(early.length).toBeGreaterThanOrEqual(2)
  })

  test.each([
    ['100 Hz', { num: 100, den: 1 }],
    ['128 Hz', { num: 128, den: 1 }],
    ['249.89 Hz', { num: 24989, den: 100 }],
    ['360 Hz', { num: 360, den: 1 }],
    ['1000 Hz', { num: 1000, den: 1 }],
  ])('works at %s', (_, rate) => {
    const hz = rate.num / rate.den
    const beats = regularBeats(0.5, 0.75, 40)
    const out = observe([block(0, syntheticEcg({ fs: hz, seconds: 40, beats }))], spec({ fs: rate }))
    expectBeats(
      beatsOf(out).map(({ index }) => index),
      beats,
      hz,
    )
    expect(ratesOf(out).at(-1)?.value).toBeCloseTo(80, 0)
  })

  test('gives the same beats in millivolts, microvolts and with an offset of 300 mV', () => {
    const samples = syntheticEcg({ fs, seconds: 20 })
    const indexes = (out: Observation[]) => beatsOf(out).map(({ index }) => index)
    const plain = indexes(observe([block(0, samples)]))
    const micro = samples.map(value => value * 1000)
    expect(indexes(observe([block(0, micro)], spec({ unit: 'uV' })))).toEqual(plain)
    const moved = samples.map(value => value + 300)
    expect(indexes(observe([block(0, moved)]))).toEqual(plain)
  })

  test('keeps finding beats under mains hum of 50 and 60 Hz', () => {
    for (const hz of [50, 60]) {
      const samples = syntheticEcg({ fs: 500, seconds: 30 })
      for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) + 0.5 * Math.sin((2 * Math.PI * hz * i) / 500)
      const out = observe([block(0, samples)], spec({ fs: { num: 500, den: 1 } }))
      expect(beatsOf(out).length, `${hz} Hz`).toBe(regularBeats(0.5, 0.8, 30).length)
    }
  })

  test('does not count tall T waves', () => {
    const out = observe([block(0, syntheticEcg({ fs, seconds: 30, tWave: 1.2 }))])
    expect(beatsOf(out).length).toBe(regularBeats(0.5, 0.8, 30).length)
  })

  test('measures no interval across a gap, and goes on right after it', () => {
    const beats = regularBeats(0.5, 0.8, 20)
    const samples = syntheticEcg({ fs, seconds: 20, beats })
    const out = beatsOf(observe([block(0, samples.slice(0, 2000)), block(2600, samples.slice(2600))]))
    const after = out.filter(({ index }) => index >= 2600)
    expect(after[0]?.rrSeconds).toBeNull()
    expect(after[1]?.rrSeconds).toBeCloseTo(0.8, 1)
    expect((after[0] as BeatObservation).index).toBeLessThan(2600 + 1.2 * fs)
    expect(out.filter(({ rrSeconds }) => rrSeconds === null)).toHaveLength(2)
  })

  test('says asystole four seconds after the last beat, to the sample, and ends it at the next', () => {
    const beats = [...regularBeats(0.5, 0.8, 10), 17, 17.8, 18.6]
    const out = observe([block(0, syntheticEcg({ fs, seconds: 20, beats }))])
    const lastBeat = beatsOf(out).findLast(({ index }) => index < 11 * fs) as BeatObservation
    const [on, off, ...more] = asystolesOf(out)
    expect(on).toMatchObject({ on: true, index: lastBeat.index, decided: lastBeat.index + 4 * fs })
    expect(off?.on).toBe(false)
    expect(Math.abs((off as RhythmObservation).index - 17 * fs)).toBeLessThanOrEqual(2)
    expect(more).toEqual([])
  })

  /** A lead comes off at 20 s, rests at the rail, and is put back on at 40 s. */
  function putBackOn(flags: number, level: number, beats = regularBeats(0.5, 0.8, 60)): StreamBlock[] {
    const samples = syntheticEcg({ fs, seconds: 60, beats })
    samples.fill(level, 20 * fs, 40 * fs)
    const piece = (from: number, to: number) => block(from * fs, samples.slice(from * fs, to * fs))
    return [piece(0, 20), { ...piece(20, 40), flags }, piece(40, 60)]
  }

  test.each([
    ['flagged lead off', sampleFlags.leadOff, -5],
    ['flagged sensor off', sampleFlags.sensorOff, -5],
    ['not flagged, 5 mV away', 0, -5],
    ['not flagged, 50 mV away', 0, 50],
  ])('says no asystole of beating leads that are put back on (%s)', (_, flags, level) => {
    const out = observe(putBackOn(flags, level))
    expect(asystolesOf(out)).toEqual([])
    // Beats within 4 s of the return, those of the learning included.
    const again = beatsOf(out).filter(({ index, decided }) => index > 40.5 * fs && decided < 44 * fs)
    expect((again[0] as BeatObservation).index).toBeLessThan(41.5 * fs)
    if (flags !== 0) expect(beatsOf(out).filter(({ index }) => index > 20.2 * fs && index < 40.2 * fs)).toEqual([])
  })

  test.each([
    ['flagged', sampleFlags.leadOff],
    ['not flagged', 0],
  ])('says asystole within 7 s of a return to a heart that stands still (lead off %s)', (_, flags) => {
    const out = observe(putBackOn(flags, -5, regularBeats(0.5, 0.8, 20)))
    const at = asystolesOf(out).find(({ on, decided }) => on && decided > 40 * fs)
    expect(at?.decided).toBeGreaterThanOrEqual(44 * fs)
    expect(at?.decided).toBeLessThanOrEqual(47 * fs)
  })

  test('says asystole within 6 s of the first sample when there never was a beat', () => {
    const rhythms = asystolesOf(observe([block(0, syntheticEcg({ fs, seconds: 20, beats: [] }))]))
    expect(rhythms).toMatchObject([{ on: true }, { on: false }])
    expect(rhythms[0]?.decided).toBeLessThanOrEqual(6 * fs)
  })

  test.each([4, 3, 2.5])('says asystole though half a second of signal is lost every %d s', period => {
    const samples = syntheticEcg({ fs, seconds: 60, beats: regularBeats(0.5, 0.8, 30) })
    for (let at = 10; at < 60; at += period) samples.fill(Number.NaN, Math.round(at * fs), Math.round((at + 0.5) * fs))
    const rhythms = asystolesOf(observe([block(0, samples)]))
    expect(rhythms).toMatchObject([{ on: true }, { on: false }])
    expect(rhythms[0]!.decided).toBeGreaterThanOrEqual(34 * fs)
    expect(rhythms[0]!.decided).toBeLessThanOrEqual(45 * fs)
  })

  test('says no asystole of a beating heart whose signal is lost for half of each second', () => {
    const samples = syntheticEcg({ fs, seconds: 60, beats: regularBeats(0.25, 1, 60) })
    for (let at = 10; at < 60; at += 1) samples.fill(Number.NaN, at * fs, Math.round((at + 0.5) * fs))
    expect(asystolesOf(observe([block(0, samples)]))).toEqual([])
  })

  test('an artefact of 50 mV among beats does not deafen the detector', () => {
    const samples = syntheticEcg({ fs, seconds: 30 })
    for (let i = 0; i < 10; i++) samples[15 * fs + i] = 50
    const out = observe([block(0, samples)])
    expect(asystolesOf(out)).toEqual([])
    expect(beatsOf(out).filter(({ index }) => index > 18 * fs).length).toBe(regularBeats(0.5, 0.8, 30).filter(t => t > 18).length)
  })

  test('gives no heart rate during a long pause', () => {
    const beats = regularBeats(0.5, 0.8, 10)
    const late = ratesOf(observe([block(0, syntheticEcg({ fs, seconds: 20, beats }))])).filter(({ to }) => to > 14 * fs)
    expect(late.map(({ value }) => value)).toEqual(late.map(() => null))
    expect(late.at(-1)?.reason).toBe('no-beat')
  })

  test.each([
    ['missing', Number.NaN, 0],
    ['exactly constant', 0.2, 0],
    ['flagged lead off', 0, sampleFlags.leadOff],
  ])('says no asystole while the signal is %s', (_, level, flags) => {
    const beats = regularBeats(0.5, 0.8, 10)
    const samples = syntheticEcg({ fs, seconds: 20, beats })
    if (flags === 0) samples.fill(level, 10 * fs)
    const head = block(0, samples.slice(0, 10 * fs))
    const tail = { ...block(10 * fs, samples.slice(10 * fs)), flags }
    expect(asystolesOf(observe([head, tail]))).toEqual([])
  })

  test('says asystole of a flat line with noise of 5 uV: the electrodes are on', () => {
    const beats = regularBeats(0.5, 0.8, 10)
    expect(asystolesOf(observe([block(0, syntheticEcg({ fs, seconds: 20, beats, noise: 0.005 }))]))).toMatchObject([
      { on: true },
      { on: false },
    ])
  })

  test('a beat in any usable lead speaks against asystole', () => {
    const flat = syntheticEcg({ fs, seconds: 30, beats: regularBeats(0.5, 0.8, 10), seed: 8 })
    const beating = syntheticEcg({ fs, seconds: 30, seed: 9 })
    for (const leads of [
      [flat, beating],
      [beating, flat],
    ] as const) {
      const out = observe([block(0, ...leads)], spec({ channels: ['II', 'V'] }))
      expect(asystolesOf(out)).toEqual([])
    }
  })

  test('changes leads without a beat lost or told twice', () => {
    const beats = regularBeats(0.5, 0.8, 40)
    const one = syntheticEcg({ fs, seconds: 40, beats, seed: 10 })
    const two = syntheticEcg({ fs, seconds: 40, beats, seed: 11, amplitude: -0.6 })
    one.fill(0.1, 10 * fs, 20 * fs)
    two.fill(Number.NaN, 25 * fs, 32 * fs)
    const out = observe([block(0, one, two)], spec({ channels: ['II', 'V'] }))
    expectBeats(
      beatsOf(out).map(({ index }) => index),
      beats,
    )
    expect(new Set(beatsOf(out).map(({ channel }) => channel))).toEqual(new Set([0, 1]))
  })

  test('measures the heart rate once a second of the stream', () => {
    const rates = ratesOf(observe([block(0, syntheticEcg({ fs, seconds: 20 }))]))
    expect(rates).toHaveLength(20)
    expect(rates.map(({ to }) => to)).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) * fs))
    expect(rates.at(-1)?.value).toBeCloseTo(75, 0)
  })

  test('follows a step from 80 to 120 /min within 10 s', () => {
    const beats = [...regularBeats(0.5, 0.75, 20), ...regularBeats(20, 0.5, 40)]
    const rates = ratesOf(observe([block(0, syntheticEcg({ fs, seconds: 40, beats }))]))
    expect(rates.find(({ to }) => to === 30 * fs)?.value).toBeGreaterThan(115)
  })

  test.each([
    ['lead-off', { flags: sampleFlags.leadOff }],
    ['saturated', { flags: sampleFlags.saturated }],
  ])('gives quality 0 with the reason %s when a block says so', (reason, more) => {
    const out = observe([{ ...block(0, syntheticEcg({ fs, seconds: 4 })), ...more }])
    const qualities = out.filter(o => o.kind === 'quality')
    expect(qualities).toHaveLength(4)
    for (const observation of qualities) expect(observation).toMatchObject({ quality: 0, reason })
  })

  test('gives the reasons flat, missing, low-amplitude and good', () => {
    const samples = syntheticEcg({ fs, seconds: 20, beats: [...regularBeats(0.5, 0.8, 8)], noise: 0.004 })
    samples.fill(0.5, 10 * fs, 13 * fs)
    samples.fill(Number.NaN, 14 * fs, 16 * fs)
    const reasons = observe([block(0, samples)]).flatMap(o => (o.kind === 'quality' ? [o.reason] : []))
    expect(reasons[5]).toBe('good')
    expect(reasons[11]).toBe('flat')
    expect(reasons[15]).toBe('missing')
    expect(reasons[18]).toBe('low-amplitude')
  })

  test('refuses rates outside 100 to 1000 Hz and streams without channels', () => {
    expect(() => createEcgChain(spec({ fs: { num: 50, den: 1 } }))).toThrow(/100 to 1000 Hz/)
    expect(() => createEcgChain(spec({ channels: [] }))).toThrow(/at least one channel/)
  })

  test('fed in pieces of 100 ms it says what it says of the whole', () => {
    const input = [block(0, syntheticEcg({ fs, seconds: 60, noise: 0.1 }))]
    expect(observe(cutBlocks(input, () => 25))).toEqual(observe(input))
  })
})
