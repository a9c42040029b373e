import { describe, expect, it } from 'vitest'
import { judge } from '../../src/evaluate/patterns/judge.js'
import type { PatternCase } from '../../src/evaluate/patterns/pattern-case.js'
import { countGroups, largestTolerated, patternTables } from '../../src/evaluate/patterns/pattern-tables.js'
import type { PatternOutput } from '../../src/evaluate/patterns/run-pattern.js'
import { allPatternCases, scoreCase } from '../../src/evaluate/patterns/score-patterns.js'

const cases = allPatternCases()

function find(group: PatternCase['group'], name: string): PatternCase {
  const found = cases.find(({ group: own, pattern }) => own === group && pattern.name === name)
  if (found === undefined) throw new Error(`no waveform ${name} in ${group}`)
  return found
}

/** What a monitor without a fault says of a case. */
function faultless({ pattern }: PatternCase, value: number): PatternOutput {
  const rates = Array.from({ length: Math.floor(pattern.durationSeconds) }, (_, k) => ({ time: k + 1, value }))
  return { beats: pattern.beats.map(({ time }) => time + 0.01), rates, alerts: [] }
}

describe('what is asked of a waveform', () => {
  const tall = find('tall-t', 'T wave 1.2 mV')
  const perfect = faultless(tall, 80)

  it('a faultless rate passes', () => {
    expect(judge(tall, perfect)).toEqual({ measured: 80, passed: true, missed: 0, extra: 0 })
  })

  it('a T wave counted once fails, though the rate holds', () => {
    const t = tall.pattern.beats[40]!.time + 0.25
    const beats = [...perfect.beats, t].sort((a, b) => a - b)
    expect(judge(tall, { ...perfect, beats })).toMatchObject({ passed: false, extra: 1, missed: 0 })
  })

  it('a beat that was missed fails', () => {
    expect(judge(tall, { ...perfect, beats: perfect.beats.filter((_, k) => k !== 40) })).toMatchObject({ passed: false, missed: 1 })
  })

  it('one reading beyond the tolerance fails and is what is measured', () => {
    const rates = perfect.rates.map(rate => (rate.time === 30 ? { ...rate, value: 70 } : rate))
    expect(judge(tall, { ...perfect, rates })).toMatchObject({ measured: 70, passed: false })
  })

  it('a rate that is not measurable, or falls silent, fails', () => {
    const unknown = perfect.rates.map(rate => (rate.time === 30 ? { ...rate, value: null } : rate))
    expect(judge(tall, { ...perfect, rates: unknown }).passed).toBe(false)
    expect(judge(tall, { ...perfect, rates: perfect.rates.filter(({ time }) => time < 30) }).passed).toBe(false)
  })

  it('an alert counts from its event; one that came before it is false', () => {
    const asystole = cases.find(({ check }) => check.kind === 'alert' && check.conditions[0] === 'asystole')!
    const last = asystole.pattern.beats.at(-1)!.time
    const output = (time: number): PatternOutput => ({ ...faultless(asystole, 80), alerts: [{ time, condition: 'asystole' }] })
    expect(judge(asystole, output(last + 4))).toMatchObject({ measured: 4, passed: true })
    expect(judge(asystole, output(last + 5.1))).toMatchObject({ passed: false })
    expect(judge(asystole, output(last - 1))).toMatchObject({ measured: null, passed: false })
    const counted = { ...output(last + 4), beats: [...faultless(asystole, 80).beats, last + 8] }
    expect(judge(asystole, counted)).toMatchObject({ passed: false, extra: 1 })
  })

  it('a response is the first reading within 1 /min of the new rate', () => {
    const step = cases.find(({ check }) => check.kind === 'response')!
    const from = step.check.kind === 'response' ? step.check.from : 0
    const rates = [79, 90, 118, 119.5, 120].map((value, k) => ({ time: from + k, value }))
    expect(judge(step, { beats: [], rates, alerts: [] })).toMatchObject({ measured: 3, passed: true })
  })

  it('no waveform is there twice', () => {
    const names = cases.map(({ group, pattern }) => `${group}: ${pattern.name}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

/** What holds with room to spare; the report of all and the known shortfalls are in docs/algorithms/ecg-patterns.md. */
describe('the monitor on test waveforms', () => {
  const held: [group: PatternCase['group'], name: string, rates: number[], leads: number[]][] = [
    ['qrs-range', 'triangle 0.5 mV 70 ms 30 /min', [128, 500], [1]],
    ['qrs-range', 'triangle 0.5 mV 120 ms 200 /min', [128, 360], [2]],
    ['qrs-range', 'triangle 5 mV 100 ms 80 /min', [200, 500], [1]],
    ['qrs-range', 'Q-R-S 1 mV 100 ms 200 /min', [250], [1, 2]],
    ['tall-t', 'T wave 1.2 mV', [128, 250, 500], [1]],
    ['response', '80 to 120 /min, phase 0.2 s', [250], [1]],
    ['response', '80 to 40 /min, phase 0.2 s', [250], [1]],
    ['irregular', '3a ventricular bigeminy 80 /min', [128, 360], [1]],
    ['irregular', '3b slow alternating bigeminy 60 /min', [250], [1]],
    ['irregular', '3c rapid alternating bigeminy 120 /min', [250], [2]],
    ['irregular', '3d bidirectional systoles 90 /min', [500], [1]],
    ['tachycardia-alarm', '4a ventricular tachycardia 1 mV 206 /min', [250], [1]],
    ['tachycardia-alarm', '4b ventricular tachycardia 2 mV 195 /min', [250], [1]],
    ['rate-alarm', 'asystole after 80 /min, phase 0.4 s', [128, 360], [1, 2]],
    ['rate-alarm', '80 to 30 /min: extreme-bradycardia', [250], [1]],
    ['rate-alarm', '80 to 160 /min: extreme-tachycardia', [250], [1]],
    ['pacer-pulse', '+2 mV 0.5 ms, captured', [200], [1]],
    ['pacer-pulse', '-700 mV 2 ms, capture lost', [128, 500], [1]],
    ['pacer-pulse', '+700 mV 2 ms, AV 150 ms, own rhythm 30 /min', [250], [1]],
    ['pacer-marks', '-700 mV 2 ms, capture lost', [128, 500], [1, 2]],
    ['pacer-marks', '+700 mV 0.1 ms, captured', [250], [1]],
    ['mains', '50 Hz 0.1 mV', [128, 250], [1]],
    ['mains', '60 Hz 0.1 mV', [360], [2]],
    ['drift', 'drift 4 mV 0.1 Hz', [128, 500], [1]],
  ]

  it.each(held)('%s: %s', (group, name, rates, leads) => {
    const { verdicts } = scoreCase(find(group, name), rates, leads)
    expect(verdicts.length).toBe(rates.length * leads.length)
    expect(verdicts.filter(({ passed }) => !passed)).toEqual([])
  })

  it('says how tall a T wave may be, and puts all in tables', () => {
    const series = cases.filter(({ group, step }) => group === 'tall-t' && step !== null && step <= 0.6)
    const scored = series.map(patternCase => scoreCase(patternCase, [250], [1]))
    expect(largestTolerated(scored, 'T wave').find(({ fsHz, leads }) => fsHz === 250 && leads === 1)).toEqual({
      fsHz: 250,
      leads: 1,
      step: 0.6,
    })
    expect(countGroups(scored).find(({ group }) => group === 'tall-t')).toMatchObject({ required: 3, passed: 3 })
    const table = patternTables(scored).find(({ title }) => title.startsWith('Tall T waves'))!
    expect(table.rows).toHaveLength(3)
    for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
  })
})
