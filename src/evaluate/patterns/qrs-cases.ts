import { qrsComplex, triangularQrs, tWave } from '../../simulate/patterns/beat-shape.js'
import { steadyTimes } from '../../simulate/patterns/rhythms.js'
import { emptyPattern, type TestPattern } from '../../simulate/patterns/test-pattern.js'
import { caseDefaults, type PatternCase, rateTolerance } from './pattern-case.js'

const heights = [0.5, 1, 2, 5]
const widths = [0.07, 0.1, 0.12]
const rates = [30, 60, 80, 120, 200]
/** Readings count from here on; the average of the slowest rate is of the rate alone then. */
const settled = 20
const durationSeconds = 40
const milliseconds = (seconds: number): string => `${Math.round(1000 * seconds)} ms`

function steady(name: string, perMinute: number, shape: TestPattern['beats'][number]['shape']): TestPattern {
  const beats = steadyTimes(perMinute, 0.5, durationSeconds).map(time => ({ time, shape }))
  return { ...emptyPattern, name, durationSeconds, beats }
}

/** Triangles of all heights and widths at all rates; the three-part complex, wider and faster beats besides. */
export function qrsRangeCases(): PatternCase[] {
  const cases = heights.flatMap(height =>
    widths.flatMap(width =>
      rates.map(rate =>
        counted(
          steady(`triangle ${height} mV ${milliseconds(width)} ${rate} /min`, rate, triangularQrs(height, width)),
          rate,
          'quoted',
          'required',
        ),
      ),
    ),
  )
  for (const height of [0.5, 1, 5]) {
    for (const rate of [30, 80, 200]) {
      const pattern = steady(`Q-R-S ${height} mV 100 ms ${rate} /min`, rate, qrsComplex(height, 0.1))
      cases.push(counted(pattern, rate, 'quoted', 'required'))
    }
  }
  for (const rate of [240, 300]) {
    cases.push(counted(steady(`triangle 1 mV 70 ms ${rate} /min`, rate, triangularQrs(1, 0.07)), rate, 'project', 'disclosed'))
  }
  cases.push(counted(steady('triangle 1 mV 40 ms 80 /min', 80, triangularQrs(1, 0.04)), 80, 'quoted', 'disclosed'))
  return cases
}

function counted(pattern: TestPattern, rate: number, source: PatternCase['source'], level: PatternCase['level']): PatternCase {
  const check = { kind: 'rate', expected: rate, tolerance: rateTolerance(rate), settled, exact: false } as const
  return { ...caseDefaults, group: 'qrs-range', pattern, check, source, level }
}

/** Too small or too short to be of the heart; at the limits themselves it is only shown what happens. */
export function smallQrsCases(): PatternCase[] {
  const silent = (height: number, width: number, level: PatternCase['level']): PatternCase => ({
    ...caseDefaults,
    group: 'small-qrs',
    pattern: steady(`triangle ${height} mV ${milliseconds(width)} 80 /min`, 80, triangularQrs(height, width)),
    check: { kind: 'silent', from: 0 },
    source: 'quoted',
    level,
  })
  return [
    ...widths.map(width => silent(0.1, width, 'required')),
    ...widths.map(width => silent(0.14, width, 'required')),
    silent(0.15, 0.1, 'disclosed'),
    silent(1, 0.005, 'required'),
    silent(1, 0.009, 'required'),
    silent(1, 0.01, 'disclosed'),
  ]
}

/** QRS complex of 1 mV and 100 ms at 80 /min, T wave of 180 ms, QT 350 ms. */
export function tallTCases(): PatternCase[] {
  const tallest = [0, 0.3, 0.6, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3]
  return tallest.map(height => ({
    ...caseDefaults,
    group: 'tall-t' as const,
    pattern: steady(`T wave ${height} mV`, 80, [...triangularQrs(1, 0.1), tWave(height, 0.18, 0.35, -0.05)]),
    check: { kind: 'rate', expected: 80, tolerance: rateTolerance(80), settled, exact: true } as const,
    source: height <= 1.2 ? ('manuals' as const) : ('project' as const),
    level: height <= 1.5 ? ('required' as const) : ('disclosed' as const),
    step: height,
  }))
}
