import { describe, expect, test } from 'vitest'
import { EcgLead, type LeadEvent } from '../../src/ecg/ecg-lead.js'
import { type ChosenBeat, LeadChoice } from '../../src/ecg/lead-choice.js'
import { referenceKernel as kernel } from '../../src/kernel/reference-kernel.js'
import { seededNormal } from '../laws/random.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250
const beats = regularBeats(0.5, 0.8, 60)

/** The series that two leads make, and the lead chosen in each second. */
function choose(leads: readonly Float64Array[]): { series: ChosenBeat[]; chosen: number[] } {
  const events: LeadEvent[] = []
  leads.forEach((samples, channel) => {
    const lead = new EcgLead(channel, { num: fs, den: 1 }, 1, kernel)
    lead.push(0, 0, samples, events)
    lead.flush(events)
  })
  events.sort((a, b) => a.decided - b.decided)
  const choice = new LeadChoice(leads.length, fs)
  const series: ChosenBeat[] = []
  const chosen: number[] = []
  for (const event of events) {
    if (event.kind === 'beat') choice.beat(event, beat => series.push(beat))
    else if (event.kind === 'gap') choice.gap(event.channel)
    else if (event.kind === 'sure' || event.kind === 'unsure') choice.trust(event.channel, event.kind === 'sure')
    else if (event.kind === 'second') {
      choice.second(event, beat => series.push(beat))
      if (event.channel === leads.length - 1) chosen.push(choice.chosen)
    }
  }
  return { series, chosen }
}

/** Each beat once, at its place, in order. */
function expectSeries(series: readonly ChosenBeat[], expected: readonly number[]): void {
  expect(series.map(({ index }) => Math.round((index / fs) * 10) / 10)).toEqual(expected.map(seconds => Math.round(seconds * 10) / 10))
  for (let i = 1; i < series.length; i++) expect(series[i]!.index).toBeGreaterThan(series[i - 1]!.index)
}

/** Noise of the electrodes: slow and middle frequencies, larger than the complexes. */
function disturb(samples: Float64Array, from: number, to: number, seed: number): void {
  const white = seededNormal(seed)
  let slow = 0
  let middle = 0
  for (let i = from * fs; i < to * fs; i++) {
    slow += 0.03 * (6 * white() - slow)
    middle += 0.25 * (3 * white() - middle)
    samples[i] = (samples[i] as number) + 2 * slow + middle
  }
}

describe('lead choice', () => {
  test('follows the clean lead within two seconds of noise in the other, and loses no beat and tells none twice', () => {
    const one = syntheticEcg({ fs, seconds: 60, beats, seed: 51 })
    const two = syntheticEcg({ fs, seconds: 60, beats, seed: 52, amplitude: -0.7 })
    disturb(one, 10, 22, 53)
    disturb(two, 30, 42, 54)
    const { series, chosen } = choose([one, two])
    expect(chosen.slice(12, 22)).toEqual(Array(10).fill(1))
    expect(chosen.slice(32, 42)).toEqual(Array(10).fill(0))
    const quiet = (seconds: number): boolean => !(seconds > 9.5 && seconds < 12) && !(seconds > 29.5 && seconds < 32)
    expectSeries(
      series.filter(({ index }) => quiet(index / fs)),
      beats.filter(quiet),
    )
  })

  test('goes on while either lead is taken off and put back on', () => {
    const one = syntheticEcg({ fs, seconds: 60, beats, seed: 55 })
    const two = syntheticEcg({ fs, seconds: 60, beats, seed: 56, amplitude: 0.6 })
    one.fill(Number.NaN, 10 * fs, 20 * fs)
    two.fill(Number.NaN, 25 * fs, 35 * fs)
    one.fill(0.1, 40 * fs, 50 * fs)
    expectSeries(choose([one, two]).series, beats)
  })

  test('prefers the lead whose beats are alike, though both are of good quality', () => {
    const one = syntheticEcg({ fs, seconds: 60, beats, seed: 57, amplitude: 0.25, noise: 0.04 })
    const two = syntheticEcg({ fs, seconds: 60, beats, seed: 58, amplitude: 1, noise: 0.01 })
    expect(choose([one, two]).chosen.slice(30)).toEqual(Array(30).fill(1))
    expect(choose([two, one]).chosen.slice(30)).toEqual(Array(30).fill(0))
  })

  test('does not take an artefact that only the chosen lead shows, and takes a wide beat that both show', () => {
    const one = syntheticEcg({ fs, seconds: 60, beats, seed: 59 })
    const two = syntheticEcg({ fs, seconds: 60, beats, seed: 60 })
    const wide = (samples: Float64Array, seconds: number): void => {
      for (let i = -60; i <= 60; i++) {
        const at = Math.round(seconds * fs) + i
        samples[at] = (samples[at] as number) - 1.5 * Math.sin((Math.PI * i) / 22) * Math.exp(-(i * i) / 400)
      }
    }
    const between = beats[25]! + 0.4
    wide(one, between)
    const alone = choose([one, two])
    const near = (series: readonly ChosenBeat[]) => series.filter(({ index }) => Math.abs(index / fs - between) < 0.15)
    expect(near(choose([one]).series)).toHaveLength(1)
    expect(alone.chosen[25]).toBe(0)
    expect(near(alone.series)).toHaveLength(0)
    wide(two, between)
    expect(near(choose([one, two]).series)).toHaveLength(1)
  })
})

describe('beats that another lead does not see at once', () => {
  const beat = (channel: number, index: number, decided: number, likeness: number): ChosenBeat => {
    return { channel, index, decided, likeness, fraction: 0, height: 1, searchedBack: false }
  }
  const secondOf = (channel: number, from: number) => ({ channel, from, decided: from + fs, quality: 0.95, reason: 'good' as const })

  test('are all told when it sees them later, in their order, also two in a row and one that is sure behind them', () => {
    const choice = new LeadChoice(2, fs)
    const series: number[] = []
    const emit = ({ index }: ChosenBeat) => void series.push(index)
    for (let second = 0; second < 10; second++) {
      for (const channel of [0, 1]) choice.beat(beat(channel, second * fs + 50, second * fs + 100, 1), emit)
      for (const channel of [0, 1]) choice.second(secondOf(channel, second * fs), emit)
    }
    expect(series).toHaveLength(10)
    choice.beat(beat(0, 2550, 2600, 0.5), emit)
    choice.beat(beat(0, 2600, 2645, 0.5), emit)
    choice.beat(beat(0, 2650, 2660, 1), emit)
    expect(series).toHaveLength(10)
    choice.beat(beat(1, 2552, 2661, 1), emit)
    expect(series.slice(10)).toEqual([2550])
    choice.beat(beat(1, 2602, 2662, 1), emit)
    expect(series.slice(10)).toEqual([2550, 2600, 2650])
  })

  test('are told when both detectors took half a second over them', () => {
    const choice = new LeadChoice(2, fs)
    const series: number[] = []
    const emit = ({ index }: ChosenBeat) => void series.push(index)
    for (let second = 0; second < 10; second++) {
      for (const channel of [0, 1]) choice.beat(beat(channel, second * fs + 50, second * fs + 100, 1), emit)
      for (const channel of [0, 1]) choice.second(secondOf(channel, second * fs), emit)
    }
    choice.beat(beat(0, 2550, 2676, 0.7), emit)
    choice.beat(beat(1, 2553, 2680, 0.7), emit)
    expect(series.slice(10)).toEqual([2550])
  })
})

describe('a lead that cannot be used', () => {
  test('gives way within two seconds to a usable one whose beats are less alike', () => {
    const choice = new LeadChoice(2, fs)
    const emit = () => {}
    const tell = (second: number, channel: number, quality: number, likeness: number) => {
      const index = second * fs + 50
      choice.beat({ channel, index, decided: index + 50, likeness, fraction: 0, height: 1, searchedBack: false }, emit)
      choice.second({ channel, from: second * fs, decided: (second + 1) * fs, quality, reason: 'good' }, emit)
    }
    for (let second = 0; second < 40; second++) {
      tell(second, 0, 0.97, 0.99)
      tell(second, 1, 0.75, 0.82)
    }
    expect(choice.chosen).toBe(0)
    for (let second = 40; second < 42; second++) {
      tell(second, 0, 0.3, 0.95)
      tell(second, 1, 0.75, 0.82)
    }
    expect(choice.chosen).toBe(1)
  })
})
