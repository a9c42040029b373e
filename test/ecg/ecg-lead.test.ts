import { describe, expect, test } from 'vitest'
import { EcgLead, type LeadEvent } from '../../src/ecg/ecg-lead.js'
import { referenceKernel as kernel } from '../../src/kernel/reference-kernel.js'
import { type SampleBlock, sampleFlags } from '../../src/signal/sample-block.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws, type LawSubject } from '../laws/stage-laws.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250

/** A lead as the laws want it. */
function subject(rate = fs): LawSubject<SampleBlock, LeadEvent> {
  const lead = new EcgLead(0, { num: rate, den: 1 }, 1, kernel)
  const pass = (act: (events: LeadEvent[]) => void, emit: (event: LeadEvent) => void): void => {
    const events: LeadEvent[] = []
    act(events)
    for (const event of events) emit(event)
  }
  return {
    latency: lead.latency,
    push: (block, emit) => pass(events => lead.push(block.start, block.flags, block.samples, events), emit),
    flush: emit => pass(events => lead.flush(events), emit),
    save: () => lead.save(),
    load: state => lead.load(state),
  }
}

function eventsOf(samples: Float64Array, rate = fs, flags = 0): LeadEvent[] {
  const out: LeadEvent[] = []
  const lead = subject(rate)
  lead.push({ start: 0, gapBefore: 0, flags, samples }, event => out.push(event))
  lead.flush(event => out.push(event))
  return out
}

const beatsOf = (events: readonly LeadEvent[]) => events.filter(event => event.kind === 'beat')
const secondsOf = (events: readonly LeadEvent[]) => events.filter(event => event.kind === 'second')

/** A front end's answer to a strong pacing pulse: up in a sample, an exponential tail of some milliseconds. */
function addSpike(samples: Float64Array, rate: number, seconds: number, millivolts: number): void {
  const from = Math.round(seconds * rate)
  for (let i = from; i < from + 0.02 * rate; i++) samples[i] = (samples[i] as number) + millivolts * Math.exp(-(i - from) / (0.0015 * rate))
}

describe('ECG lead', () => {
  const samples = syntheticEcg({ fs, seconds: 24, seed: 41 })
  const normal = seededNormal(42)
  for (let i = 8 * fs; i < 12 * fs; i++) samples[i] = (samples[i] as number) + 0.6 * normal()
  for (const beat of regularBeats(0.5, 0.8, 8)) addSpike(samples, fs, beat - 0.1, 8)
  samples.fill(Number.NaN, 3500, 3512)
  samples.fill(Number.NaN, 4000, 4300)
  samples.fill(0.2, 4600, 4900)
  checkStageLaws({
    create: subject,
    input: [
      { start: 0, gapBefore: 0, flags: 0, samples },
      { start: 6300, gapBefore: 0, flags: 0, samples: syntheticEcg({ fs, seconds: 6, seed: 43 }) },
    ],
    rounds: 6,
  })

  test.each([128, 250, 500, 1000])('at %d Hz counts no pacing spike that fails to capture, and says where spikes are', rate => {
    const beats = regularBeats(0.5, 0.85, 20)
    const paced = syntheticEcg({ fs: rate, seconds: 40, beats, noise: 0.01 })
    const spikes = regularBeats(0.4, 0.85, 39)
    for (const spike of spikes) addSpike(paced, rate, spike, 20)
    const events = eventsOf(paced, rate)
    const late = beatsOf(events).filter(({ index }) => index > 20.5 * rate)
    expect(late).toEqual([])
    expect(beatsOf(events)).toHaveLength(beats.length)
    const told = events.filter(event => event.kind === 'pace')
    expect(told.length).toBeGreaterThanOrEqual(spikes.length - 1)
    expect(told.length).toBeLessThanOrEqual(spikes.length)
  })

  test('calls a clean signal good from the first second on, at any heart rate, with wide or tall complexes', () => {
    for (const interval of [0.35, 0.6, 1, 1.7]) {
      for (const amplitude of [0.4, 1, -2, 4]) {
        const events = secondsOf(
          eventsOf(syntheticEcg({ fs, seconds: 30, beats: regularBeats(0.4, interval, 30), amplitude, noise: 0.01 })),
        )
        for (const { quality, from } of events) expect(quality, `${interval} s, ${amplitude} mV, from ${from}`).toBeGreaterThan(0.5)
      }
    }
  })

  test('rejects muscle noise and electrode motion, each with its reason, and the clean second after it no more', () => {
    const noisy = syntheticEcg({ fs, seconds: 60, noise: 0.01 })
    const white = seededNormal(44)
    for (let i = 20 * fs; i < 30 * fs; i++) noisy[i] = (noisy[i] as number) + 0.8 * white()
    let slow = 0
    let middle = 0
    for (let i = 40 * fs; i < 50 * fs; i++) {
      slow += 0.03 * (6 * white() - slow)
      middle += 0.25 * (3 * white() - middle)
      noisy[i] = (noisy[i] as number) + 2 * slow + middle
    }
    const seconds = secondsOf(eventsOf(noisy))
    const within = (from: number, to: number) => seconds.slice(from, to)
    expect(within(21, 30).every(({ quality, reason }) => quality < 0.5 && reason === 'muscle')).toBe(true)
    expect(within(41, 50).filter(({ quality }) => quality < 0.5).length).toBeGreaterThanOrEqual(8)
    for (const second of [...within(0, 20), ...within(31, 40), ...within(52, 60)]) expect(second.quality).toBeGreaterThan(0.5)
  })

  test('takes hum of half a millivolt for what it is, and goes on', () => {
    const clean = syntheticEcg({ fs: 500, seconds: 20 })
    const seconds = secondsOf(
      eventsOf(
        clean.map((x, i) => x + 0.5 * Math.sin((2 * Math.PI * 50 * i) / 500)),
        500,
      ),
    )
    for (const { quality } of seconds) expect(quality).toBeGreaterThan(0.5)
    const drowned = secondsOf(
      eventsOf(
        clean.map((x, i) => (i < 5000 ? x : x + 4 * Math.sin((2 * Math.PI * 50.1 * i) / 500))),
        500,
      ),
    )
    expect(drowned.filter(({ quality }) => quality < 0.7).length).toBeGreaterThanOrEqual(3)
    for (const { quality, reason } of drowned) expect(reason).toBe(quality < 0.7 ? 'mains' : 'good')
  })

  test('a heart that stands still is low amplitude, and its return is good at once', () => {
    const beats = [...regularBeats(0.5, 0.8, 20), ...regularBeats(40, 0.8, 60)]
    const seconds = secondsOf(eventsOf(syntheticEcg({ fs, seconds: 60, beats, noise: 0.005 })))
    expect(seconds.slice(22, 39).every(({ quality, reason }) => quality >= 0.5 && reason === 'low-amplitude')).toBe(true)
    expect(seconds.slice(40).every(({ quality }) => quality >= 0.5)).toBe(true)
  })

  test('says lead-off and saturated of blocks that say so', () => {
    for (const [flag, reason] of [
      [sampleFlags.leadOff, 'lead-off'],
      [sampleFlags.saturated, 'saturated'],
    ] as const) {
      const seconds = secondsOf(eventsOf(syntheticEcg({ fs, seconds: 4 }), fs, flag))
      expect(seconds.every(second => second.quality === 0 && second.reason === reason)).toBe(true)
    }
  })
})
