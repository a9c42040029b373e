import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createEegChain } from '../../src/eeg/eeg-chain.js'
import { openEdfRecording } from '../../src/recording/edf/edf-recording.js'
import type { Observation } from '../../src/signal/observation.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { datasetPath } from '../recording/paths.js'

// Made by scripts/eeg-golden.py with the SciPy of the version that stands in the file.
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as {
  scipy: string
  pyedflib: string
  cases: ({ fs: number; seed: number } & Spectral)[]
  /** By electrode pair of short_psg.edf: each ten seconds of the first minute. */
  recorded: Record<string, Spectral[]>
}

interface Spectral {
  powers: Record<string, number>
  edge: number
}

const within = (value: number, expected: number): number => Math.abs(value / expected - 1)

const spec = (fs: number, channels = ['Fpz-Cz'], unit = 'uV'): StreamSpec => ({
  id: 'eeg',
  kind: 'eeg',
  channels,
  unit,
  fs: { num: fs * 10, den: 10 },
})

type Measurement = Extract<Observation, { kind: 'measurement' }>

function listen(fs: number, channels: readonly Float64Array[], flags: (start: number) => number = () => 0, unit = 'uV'): Observation[] {
  const chain = createEegChain(
    spec(
      fs,
      channels.map((_, k) => `c${k}`),
      unit,
    ),
  )
  const said: Observation[] = []
  for (let start = 0; start < channels[0]!.length; start += 50) {
    const pieces = channels.map(samples => samples.slice(start, start + 50))
    chain.push({ start, length: pieces[0]!.length, flags: flags(start), channels: pieces }, one => said.push(one))
  }
  chain.flush(one => said.push(one))
  return said
}

const numbers = (said: readonly Observation[], name: string, channel = 0): Measurement[] =>
  said.filter((one): one is Measurement => one.kind === 'measurement' && one.name === name && one.channel === channel)

const sine = (fs: number, seconds: number, parts: readonly (readonly [hz: number, amplitude: number])[], noise = 0.5): Float64Array => {
  const normal = seededNormal(3)
  return Float64Array.from({ length: Math.round(fs * seconds) }, (_, i) =>
    parts.reduce((sum, [hz, amplitude]) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / fs), noise * normal()),
  )
}

describe(`band powers and spectral edge equal those of SciPy ${golden.scipy}'s Welch within 1e-6`, () => {
  it.each(golden.cases)('at $fs Hz', ({ fs, seed, powers, edge }) => {
    let state = seed
    const samples = Float64Array.from({ length: Math.round(10 * fs) }, (_, i) => {
      state = (state * 48271) % 2147483647
      const t = i / fs
      const waves = 15 * Math.sin(2 * Math.PI * 2.3 * t) + 25 * Math.sin(2 * Math.PI * 10.4 * t) + 6 * Math.sin(2 * Math.PI * 21 * t)
      return 20 * (state / 2147483647 - 0.5) + waves + 40
    })
    const said = listen(fs, [samples])
    for (const [band, power] of Object.entries(powers)) {
      const [number] = numbers(said, `eeg-${band}`)
      expect(within(number!.value!, power), band).toBeLessThan(1e-6)
    }
    expect(within(numbers(said, 'eeg-spectral-edge')[0]!.value!, edge)).toBeLessThan(1e-6)
  })

  it.skipIf(datasetPath('edf') === null)('in a recording that pyedflib read (needs the dataset edf)', async () => {
    const recording = await openEdfRecording(datasetPath('edf', 'short_psg.edf')!)
    for (const [label, epochs] of Object.entries(golden.recorded)) {
      const signal = recording.signals.find(one => one.name === label)!
      expect([signal.kind, signal.unit, signal.fs]).toEqual(['eeg', 'uV', { num: 100, den: 1 }])
      const said = listen(100, [(await recording.readPhysical([signal.index], 0, 6000))[0]!])
      for (const [k, { powers, edge }] of epochs.entries()) {
        for (const [band, power] of Object.entries(powers)) {
          expect(within(numbers(said, `eeg-${band}`)[k]!.value!, power), `${label} ${band} ${k}`).toBeLessThan(1e-6)
        }
        expect(within(numbers(said, 'eeg-spectral-edge')[k]!.value!, edge), `${label} edge ${k}`).toBeLessThan(1e-6)
      }
    }
    await recording.close()
  })
})

describe('EEG of known content', () => {
  it('has the power of a sine in its band, half its amplitude squared', () => {
    const said = listen(250, [sine(250, 20, [[10, 30]], 0)])
    expect(numbers(said, 'eeg-alpha')).toHaveLength(2)
    for (const { value } of numbers(said, 'eeg-alpha')) expect(value).toBeCloseTo(450, 6)
    for (const { value } of numbers(said, 'eeg-theta')) expect(value).toBeLessThan(1e-6)
  })

  it('has its spectral edge at the sine above which a twentieth of the power lies', () => {
    // 6 % of the power at 20 Hz: the edge is there; 4 %: it is at 10 Hz.
    const edge = (share: number) =>
      numbers(
        listen(250, [
          sine(
            250,
            10,
            [
              [10, 30 * Math.sqrt(1 - share)],
              [20, 30 * Math.sqrt(share)],
            ],
            0,
          ),
        ]),
        'eeg-spectral-edge',
      )[0]!.value!
    expect(edge(0.06)).toBeGreaterThan(19)
    expect(edge(0.04)).toBeLessThan(11)
  })

  it.each([
    ['mV', 0.001],
    ['V', 1e-6],
    ['nV', 1000],
  ])('is the same in %s', (unit, factor) => {
    const samples = sine(250, 10, [[10, 30]])
    const alpha = (values: Float64Array, of: string) => numbers(listen(250, [values], undefined, of), 'eeg-alpha')[0]!.value!
    expect(
      alpha(
        samples.map(value => value * factor),
        unit,
      ) / alpha(samples, 'uV'),
    ).toBeCloseTo(1, 9)
  })

  it('has a suppression ratio of the share of a minute that lies within 5 uV for half a second and more', () => {
    // Bursts of 4 s of 40 uV at 6 Hz, then 6 s of almost nothing.
    const fs = 200
    const samples = sine(fs, 120, [[6, 40]]).map((value, i) => ((i / fs) % 10 < 4 ? value : value / 100))
    const ratios = numbers(listen(fs, [samples]), 'eeg-suppression-ratio')
    expect(ratios.slice(0, 4).every(({ value, reason }) => value === null && reason === 'too-little-signal')).toBe(true)
    for (const { value } of ratios.slice(5)) expect(Math.abs(value! - 60)).toBeLessThan(2)
  })

  it.each([50, 60])('has the same suppression ratio under mains of %i Hz and drift', hz => {
    const fs = 250
    const bursts = sine(fs, 120, [[6, 40]]).map((value, i) => ((i / fs) % 10 < 4 ? value : value / 100))
    const mixed = bursts.map(
      (value, i) => value + 15 * Math.sin((2 * Math.PI * hz * i) / fs) + 100 * Math.sin((2 * Math.PI * 0.02 * i) / fs),
    )
    for (const { value } of numbers(listen(fs, [mixed]), 'eeg-suppression-ratio').slice(5)) expect(Math.abs(value! - 60)).toBeLessThan(2)
  })

  it('has no suppression in short silences', () => {
    const fs = 200
    const samples = sine(fs, 70, [[6, 40]]).map((value, i) => ((i / fs) % 1 < 0.6 ? value : value / 100))
    expect(numbers(listen(fs, [samples]), 'eeg-suppression-ratio').at(-1)!.value).toBeLessThan(1)
  })
})

describe('electrodes', () => {
  const fs = 250
  const good = sine(fs, 30, [[10, 30]])
  const normal = seededNormal(5)
  const noise = good.map(() => normal())
  it.each([
    ['flat', good.map(() => 3), 'flat'],
    ['on its rail', sine(fs, 30, [[1, 5000]]).map(value => Math.max(-800, Math.min(800, value))), 'saturated'],
    ['moving', good.map((value, i) => value + 900 * Math.sin((2 * Math.PI * 0.9 * i) / fs)), 'motion'],
    ['of an amplifier alone', good.map((_, i) => 0.1 * Math.sin(i)), 'flat'],
    ['with a poor contact', good.map((value, i) => value + 35 * noise[i]!), 'noise'],
    ['full of mains', good.map((value, i) => value / 10 + 60 * Math.sin((2 * Math.PI * 50 * i) / fs)), 'mains'],
    ['missing', good.map(() => Number.NaN), 'missing'],
  ])('%s say so and give no number, while others go on', (_, samples, reason) => {
    const said = listen(fs, [samples, good])
    const qualities = said.filter(one => one.kind === 'quality' && one.channel === 0)
    expect(qualities.filter(one => one.kind === 'quality' && one.reason === reason && one.quality < 0.5).length).toBeGreaterThan(27)
    for (const { value, reason: why } of numbers(said, 'eeg-alpha', 0)) expect([value, why]).toEqual([null, reason])
    for (const { value } of numbers(said, 'eeg-alpha', 1)) expect(value).toBeGreaterThan(400)
  })

  it('that are off by their device say so', () => {
    const said = listen(fs, [good], start => (start >= 10 * fs && start < 14 * fs ? sampleFlags.leadOff : 0))
    expect(said.filter(one => one.kind === 'quality' && one.reason === 'lead-off')).toHaveLength(4)
    expect(numbers(said, 'eeg-alpha').map(({ value }) => value === null)).toEqual([false, true, false])
  })

  it('that lose two seconds of ten give a number over the others', () => {
    const holes = good.map((value, i) => (i >= 12 * fs && i < 14 * fs ? Number.NaN : value))
    const [, second] = numbers(listen(fs, [holes]), 'eeg-alpha')
    expect(second!.value).toBeCloseTo(450, -1)
    expect(second!.quality).toBeCloseTo(0.8, 9)
  })
})

describe.skipIf(datasetPath('edf') === null)('recorded electrodes (needs the dataset edf)', () => {
  async function shares(file: string): Promise<Record<string, number>> {
    const recording = await openEdfRecording(datasetPath('edf', file)!)
    const eeg = recording.signals.filter(({ kind, unit, fs: { num, den } }) => kind === 'eeg' && unit === 'uV' && num / den >= 100)
    const counts: Record<string, number> = {}
    let seconds = 0
    for (const { index, fs: rate, length } of eeg) {
      const [samples] = await recording.readPhysical([index], 0, length)
      for (const one of listen(rate.num / rate.den, [samples!])) {
        if (one.kind !== 'quality') continue
        counts[one.reason] = (counts[one.reason] ?? 0) + 1
        seconds += 1
      }
    }
    await recording.close()
    return Object.fromEntries(Object.entries(counts).map(([reason, count]) => [reason, count / seconds]))
  }

  it.each(['mne_test.edf', 'short_psg.edf', 'test_subsecond.edf'])('of %s are mostly good', async file => {
    expect((await shares(file)).good).toBeGreaterThan(0.9)
  })

  it.each(['S001R01.edf', 'S001R03.edf'])('of %s, whose samples a transfer as text has mixed up, are mostly refused', async file => {
    expect((await shares(file)).good).toBeLessThan(0.1)
  })
})

it.each([
  [99, 'uV', /99 Hz is no rate for the eeg chain; accepted: 100 to 5000 Hz/],
  [250, 'mm[Hg]', /unit mm\[Hg\] is none for EEG; accepted: uV, mV, V, nV/],
])('a stream of %i Hz in %s is refused with what is accepted', (fs, unit, message) => {
  expect(() => createEegChain(spec(fs, ['a'], unit))).toThrow(message)
})

describe('the chain', () => {
  const fs = 128
  const first = sine(fs, 75, [[10, 30]])
  const second = sine(fs, 75, [[3, 60]]).map((value, i) => (i > 20 * fs && i < 24 * fs ? Number.NaN : value))
  const block = (from: number, to: number) => ({
    start: from * fs,
    length: (to - from) * fs,
    flags: 0,
    channels: [first.slice(from * fs, to * fs), second.slice(from * fs, to * fs)],
  })
  checkStageLaws({ create: () => createEegChain(spec(fs, ['a', 'b'])), input: [block(0, 33), block(41, 75)], fs, rounds: 2 })
})
