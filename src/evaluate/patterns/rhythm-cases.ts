import { qrsComplex, sinusBeat } from '../../simulate/patterns/beat-shape.js'
import {
  type IrregularName,
  irregularBeats,
  irregularRhythms,
  steadyTimes,
  stepTimes,
  tachycardiaBeats,
} from '../../simulate/patterns/rhythms.js'
import { emptyPattern, type TestPattern } from '../../simulate/patterns/test-pattern.js'
import { caseDefaults, type PatternCase } from './pattern-case.js'

/** About here the rhythm changes; readings of the old rate are settled by then. */
const change = 20
/** The change falls differently between the readings of every second: the worst phase counts. */
const phases = [0, 0.2, 0.4, 0.6, 0.8]

function beatsAt(name: string, times: readonly number[], durationSeconds: number): TestPattern {
  return { ...emptyPattern, name, durationSeconds, beats: times.map(time => ({ time, shape: sinusBeat() })) }
}

/** 80 to 120 and 80 to 40 /min, from the first R peak that ends a new interval to the first reading within 1 /min. */
export function responseCases(): PatternCase[] {
  return [
    { target: 120, atMost: 5.3 },
    { target: 40, atMost: 4.8 },
  ].flatMap(({ target, atMost }) =>
    phases.map(phase => {
      const at = change + phase
      return {
        ...caseDefaults,
        group: 'response' as const,
        pattern: beatsAt(`80 to ${target} /min, phase ${phase} s`, stepTimes(80, target, at, 45), 45),
        check: { kind: 'response', from: at + 60 / target, target, atMost } as const,
        source: 'project' as const,
      }
    }),
  )
}

/** Heart rates that monitors disclose: the whole range of the manuals. */
const disclosedRates: Readonly<Record<IrregularName, readonly [number, number]>> = {
  'ventricular-bigeminy': [78, 82],
  'slow-alternating-bigeminy': [57, 65],
  'rapid-alternating-bigeminy': [118, 123],
  'bidirectional-systoles': [88, 93],
}
const patternLetters = ['3a', '3b', '3c', '3d']

export function irregularCases(): PatternCase[] {
  return (Object.keys(irregularRhythms) as IrregularName[]).map((name, k) => {
    const { rate } = irregularRhythms[name]
    const [low, high] = disclosedRates[name]
    return {
      ...caseDefaults,
      group: 'irregular',
      pattern: {
        ...emptyPattern,
        name: `${patternLetters[k]} ${name.replaceAll('-', ' ')} ${rate} /min`,
        durationSeconds: 60,
        beats: irregularBeats(name, 0.5, 60),
      },
      check: { kind: 'rate', expected: (low + high) / 2, tolerance: (high - low) / 2, settled: 25, exact: false },
      source: 'manuals',
    }
  })
}

/** 4a and 4b, each with half and double height. Quickest monitors of the manuals: 5.7 to 7.2 s. */
export function tachycardiaAlarmCases(): PatternCase[] {
  return [
    { letter: '4a', height: 1, rate: 206 },
    { letter: '4b', height: 2, rate: 195 },
  ].flatMap(({ letter, height, rate }) =>
    [0.5, 1, 2].map(scale => ({
      ...caseDefaults,
      group: 'tachycardia-alarm' as const,
      pattern: {
        ...emptyPattern,
        name: `${letter} ventricular tachycardia ${height * scale} mV ${rate} /min`,
        durationSeconds: 40,
        beats: tachycardiaBeats(height * scale, rate, change, 40),
      },
      check: {
        kind: 'alert',
        from: change,
        conditions: ['ventricular-tachycardia', 'extreme-tachycardia', 'heart-rate-high', 'ventricular-fibrillation'],
        atMost: 10,
        silent: false,
      } as const,
      source: 'quoted' as const,
    })),
  )
}

/** Asystole after the last beat; rates beyond the default limits, as set and with the delay of the low and high rate taken off. */
export function rateAlarmCases(): PatternCase[] {
  return [...phases.map(phase => asystole(phase)), ...rateAlarms()]
}

function asystole(phase: number): PatternCase {
  const last = change + phase
  return {
    ...caseDefaults,
    group: 'rate-alarm',
    pattern: {
      ...beatsAt(`asystole after 80 /min, phase ${phase} s`, stepTimes(80, 1, last, last + 1), 40),
      drift: { hertz: 0.1, millivolts: 0.1 },
    },
    check: { kind: 'alert', from: last, conditions: ['asystole'], atMost: 5, silent: true },
    source: 'project',
  }
}

function rateAlarms(): PatternCase[] {
  const undelayed = { 'heart-rate-low': { onsetDelaySeconds: 0 }, 'heart-rate-high': { onsetDelaySeconds: 0 } }
  const alarm = (rate: number, condition: string, limits: PatternCase['limits'], level: PatternCase['level']): PatternCase => {
    const delay = Object.keys(limits).length === 0 ? '' : ', limit without onset delay'
    return {
      ...caseDefaults,
      group: 'rate-alarm',
      pattern: beatsAt(`80 to ${rate} /min: ${condition}${delay}`, stepTimes(80, rate, change, 60), 60),
      check: { kind: 'alert', from: change, conditions: [condition], atMost: 10, silent: false },
      source: 'quoted',
      level,
      limits,
    }
  }
  return [
    alarm(30, 'extreme-bradycardia', {}, 'required'),
    alarm(160, 'extreme-tachycardia', {}, 'required'),
    alarm(40, 'heart-rate-low', undelayed, 'required'),
    alarm(130, 'heart-rate-high', undelayed, 'required'),
    // The rules as they are wait for 10 s before they tell; the delay is part of what a ward agrees on.
    alarm(40, 'heart-rate-low', {}, 'disclosed'),
    alarm(130, 'heart-rate-high', {}, 'disclosed'),
  ]
}

const disturbed = (name: string, height: number): TestPattern => ({
  ...emptyPattern,
  name,
  durationSeconds: 40,
  beats: steadyTimes(80, 0.5, 40).map(time => ({ time, shape: qrsComplex(height, 0.1) })),
})

const steadyAt80 = { kind: 'rate', expected: 80, tolerance: 5, settled: 20, exact: true } as const

/** Mains on a QRS complex of 0.5 mV and 100 ms. */
export function mainsCases(): PatternCase[] {
  return [50, 60].flatMap(hertz =>
    [0.1, 0.2, 0.5, 1, 2].map(millivolts => ({
      ...caseDefaults,
      group: 'mains' as const,
      pattern: { ...disturbed(`${hertz} Hz ${millivolts} mV`, 0.5), mains: { hertz, millivolts } },
      check: { ...steadyAt80, tolerance: 8 },
      source: millivolts <= 0.1 ? ('quoted' as const) : ('project' as const),
      level: millivolts <= 0.1 ? ('required' as const) : ('disclosed' as const),
      step: millivolts,
    })),
  )
}

/** A triangle of 0.1 Hz under a QRS complex of 0.5 mV and 100 ms. */
export function driftCases(): PatternCase[] {
  return [0.5, 1, 2, 4].map(millivolts => ({
    ...caseDefaults,
    group: 'drift' as const,
    pattern: { ...disturbed(`drift ${millivolts} mV 0.1 Hz`, 0.5), drift: { hertz: 0.1, millivolts } },
    check: { ...steadyAt80, tolerance: 8 },
    source: 'quoted' as const,
    step: millivolts,
  }))
}
