import { describe, expect, it } from 'vitest'
import { MarkedPulses } from '../../src/ecg/conditioning/marked-pulses.js'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { pacerMarkCases, pacerOvershootCases } from '../../src/evaluate/patterns/pacer-cases.js'
import type { PatternCase } from '../../src/evaluate/patterns/pattern-case.js'
import type { Observation } from '../../src/signal/observation.js'
import type { StreamBlock } from '../../src/signal/sample-block.js'
import { frontEnds } from '../../src/simulate/patterns/front-end.js'
import { PatternRecorder, type PatternRecording } from '../../src/simulate/patterns/record-pattern.js'
import { checkStageLaws, run } from '../laws/stage-laws.js'

function record(cases: readonly PatternCase[], name: string, fsHz: number, leads = 1): PatternRecording {
  const found = cases.find(one => one.pattern.name === name)
  if (found === undefined) throw new Error(`no pattern ${name}`)
  return new PatternRecorder(found.pattern, frontEnds[found.frontEnd], 1).record(fsHz, leads)
}

function chainOf(fsHz: number, leads = 1) {
  return createEcgChain(
    { id: 'e', kind: 'ecg', channels: ['II', 'V5'].slice(0, leads), unit: 'mV', fs: { num: fsHz, den: 1 } },
    { analysers: () => [] },
  )
}

function blockOf({ leads, marks }: PatternRecording, marked: boolean): StreamBlock {
  const plain = { start: 0, length: leads[0]!.length, flags: 0, channels: leads }
  return marked ? { ...plain, paceMarks: marks } : plain
}

function observe(recording: PatternRecording, marked: boolean): Observation[] {
  return run(chainOf(recording.fsHz, recording.leads.length), [blockOf(recording, marked)]).map(({ output }) => output)
}

const classesOf = (said: readonly Observation[]) => said.flatMap(one => (one.kind === 'beat' ? [one.beatClass] : [])).join('')
const isAsystole = (one: Observation) => one.kind === 'rhythm' && one.rhythm === 'asystole' && one.on

describe('an ECG chain with marks of pacing pulses', () => {
  const cases = pacerMarkCases()
  const part = record(cases, '-700 mV 2 ms, captured', 250, 2)
  const leads = part.leads.map(samples => samples.slice(0, 3000))
  leads[0]!.fill(Number.NaN, 1000, 1300)
  const input = blockOf({ ...part, leads }, true)
  checkStageLaws({ create: () => chainOf(250, 2), input: [input], fs: 250, rounds: 6 })

  it.each([128, 250, 500])('finds each complex behind pulses of 700 mV without a slew limit, as paced, at %i Hz', fsHz => {
    const recording = record(cases, '-700 mV 2 ms, captured', fsHz)
    expect(classesOf(observe(recording, true))).toMatch(/^Q{58,60}$/)
    expect(classesOf(observe(recording, false))).not.toMatch(/^Q{58,60}$/)
  })

  it('tells an asystole when such pulses no longer capture, which it cannot without the marks', () => {
    const recording = record(cases, '-700 mV 2 ms, capture lost', 250)
    const told = observe(recording, true).find(isAsystole)
    // The last complex peaks 80 ms after the pulse at 20 s.
    expect(told?.decided).toBeGreaterThan(24 * 250)
    expect(told?.decided).toBeLessThan(25.1 * 250)
    expect(observe(recording, false).some(isAsystole)).toBe(false)
  })

  it('leaves beats of their own rhythm their class, however many pulses run beside them', () => {
    const said = classesOf(observe(record(cases, '+700 mV 0.1 ms, own rhythm 30 /min', 250), true))
    expect(said.replaceAll('Q', '').length).toBeGreaterThan(0.7 * said.length)
  })

  it.each(['A 4 ms', 'A 25 ms'])('tells an asystole behind marked pulses with overshoot %s', overshoot => {
    for (const fsHz of [128, 250, 500]) {
      const recording = record(pacerOvershootCases(), `+20 mV 0.5 ms, overshoot ${overshoot}, capture lost`, fsHz)
      const said = observe(recording, true)
      const told = said.find(isAsystole)!
      expect(told.decided, `${fsHz} Hz`).toBeLessThan(25.1 * fsHz)
      expect(said.filter(one => one.kind === 'beat' && one.index > 21 * fsHz)).toEqual([])
    }
  })
})

describe('marked pulses in a lead', () => {
  const fsHz = 250
  const slow = (i: number) => 0.3 * Math.sin(i / 90)

  function takeOut(samples: Float64Array, marks: readonly number[]): Float64Array {
    return new MarkedPulses(fsHz, 1).take(0, samples, marks).slice()
  }

  it('without a mark nothing changes, and the samples themselves are handed on', () => {
    const samples = Float64Array.from({ length: 500 }, (_, i) => (i === 250 ? 300 : slow(i)))
    expect(new MarkedPulses(fsHz, 1).take(0, samples, [])).toBe(samples)
  })

  it('a pulse and its recharge leave less than 0.05 mV', () => {
    const samples = Float64Array.from({ length: 500 }, (_, i) => slow(i) + (i < 250 ? 0 : i < 252 ? 90 : 1.5 * Math.exp(-(i - 252) / 15)))
    const out = takeOut(samples, [250])
    for (let i = 0; i < 500; i++) expect(Math.abs(out[i]! - slow(i)), `sample ${i}`).toBeLessThan(0.05)
  })

  it('a mark where there is no pulse costs 10 ms of a signal that hardly moves', () => {
    const samples = Float64Array.from({ length: 500 }, (_, i) => slow(i))
    const out = takeOut(samples, [250])
    for (let i = 0; i < 500; i++) expect(Math.abs(out[i]! - slow(i))).toBeLessThan(0.02)
  })

  it('a lost stretch ends a pulse', () => {
    const stage = new MarkedPulses(fsHz, 1)
    stage.take(0, Float64Array.of(0, 0, 50), [2])
    expect([...stage.take(100, Float64Array.of(3, 4), [])]).toEqual([3, 4])
  })
})
