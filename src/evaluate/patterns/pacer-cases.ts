import { sinusBeat, ventricularBeat } from '../../simulate/patterns/beat-shape.js'
import type { Overshoot, PacerPulse } from '../../simulate/patterns/pacer-pulse.js'
import { steadyTimes } from '../../simulate/patterns/rhythms.js'
import { emptyPattern, type TestPattern } from '../../simulate/patterns/test-pattern.js'
import { type Check, caseDefaults, type PatternCase, type PatternGroup, rateTolerance } from './pattern-case.js'

/** Pulses at 80 /min all along: each captured, none captured over an own rhythm of 30 /min, none captured and no own rhythm. */
const modes = ['captured', 'own rhythm 30 /min', 'capture lost'] as const
type Mode = (typeof modes)[number]

interface PulseKind {
  readonly height: number
  readonly width: number
  readonly overshoot: Overshoot | null
  /** Seconds from an atrial pulse to the ventricular one; null: ventricular pulses only. */
  readonly avDelay: number | null
}

const durationSeconds = 45
/** Capture is lost here. */
const lost = 20.5
/** From a ventricular pulse to the R peak that it makes. */
const captureDelay = 0.08

const heights = [2, -2, 20, -200, 700, -700]
const pulseWidths = [0.0001, 0.0005, 0.002]
const timeConstants = [0.004, 0.025, 0.1]

/** Pulses without overshoot, single and atrioventricular. */
export function pacerPulseCases(): PatternCase[] {
  return plainKinds().flatMap(kind => modes.map(mode => pacerCase('pacer-pulse', kind, mode)))
}

/** Method A is held to the limits; what method B leaves of a large pulse can be as large and long as a QRS complex: it is shown. */
export function pacerOvershootCases(): PatternCase[] {
  const kinds = (['A', 'B'] as const).flatMap(method =>
    timeConstants.flatMap(timeConstant =>
      [
        { height: 20, width: 0.0005 },
        { height: -700, width: 0.002 },
      ].map(pulse => ({ ...pulse, overshoot: { method, timeConstant }, avDelay: null })),
    ),
  )
  return kinds.flatMap(kind =>
    (['captured', 'capture lost'] as const).map(mode => ({
      ...pacerCase('pacer-overshoot', kind, mode),
      level: kind.overshoot.method === 'A' ? ('required' as const) : ('disclosed' as const),
    })),
  )
}

/** The large pulses through a front end that does not limit their slew. */
export function pacerWideCases(): PatternCase[] {
  return wideKinds.flatMap(kind => modes.map(mode => ({ ...pacerCase('pacer-wide', kind, mode), frontEnd: 'wide' as const })))
}

/** The same from a device that marks its pulses (wire protocol, pace marks): what it is sure of the monitor need not guess. */
export function pacerMarkCases(): PatternCase[] {
  return wideKinds.flatMap(kind =>
    modes.map(mode => ({
      ...pacerCase('pacer-marks', kind, mode),
      frontEnd: 'wide' as const,
      byMarks: true,
    })),
  )
}

function plainKinds(): PulseKind[] {
  const single = heights.flatMap(height => pulseWidths.map(width => ({ height, width, overshoot: null, avDelay: null })))
  const sequential = [0.15, 0.25].flatMap(avDelay =>
    [
      { height: 2, width: 0.002 },
      { height: -20, width: 0.0005 },
      { height: 700, width: 0.002 },
    ].map(pulse => ({ ...pulse, overshoot: null, avDelay })),
  )
  return [...single, ...sequential]
}

const wideKinds: readonly PulseKind[] = [
  { height: 2, width: 0.0005, overshoot: null, avDelay: null },
  { height: -20, width: 0.0005, overshoot: null, avDelay: null },
  { height: 200, width: 0.0005, overshoot: null, avDelay: null },
  { height: 700, width: 0.0001, overshoot: null, avDelay: null },
  { height: -700, width: 0.002, overshoot: null, avDelay: null },
  { height: 20, width: 0.001, overshoot: null, avDelay: 0.15 },
]

function pacerCase(group: PatternGroup, kind: PulseKind, mode: Mode): PatternCase {
  const ventricular = steadyTimes(80, 0.5, durationSeconds)
  const times = kind.avDelay === null ? ventricular : ventricular.flatMap(time => [time - (kind.avDelay as number), time])
  const pulses: PacerPulse[] = times.map(time => ({ time, height: kind.height, width: kind.width, overshoot: kind.overshoot }))
  const pattern: TestPattern = {
    ...emptyPattern,
    name: `${nameOf(kind)}, ${mode}`,
    durationSeconds,
    pulses,
    beats: beatsOf(mode, ventricular),
  }
  return { ...caseDefaults, group, pattern, check: checkOf(mode, pattern), source: 'manuals' }
}

function beatsOf(mode: Mode, pulses: readonly number[]): TestPattern['beats'] {
  const paced = ventricularBeat(1.2)
  if (mode === 'own rhythm 30 /min') return steadyTimes(30, 1.2, durationSeconds).map(time => ({ time, shape: sinusBeat() }))
  const captured = mode === 'captured' ? pulses : pulses.filter(time => time < lost)
  return captured.map(time => ({ time: time + captureDelay, shape: paced }))
}

function checkOf(mode: Mode, pattern: TestPattern): Check {
  const last = pattern.beats.at(-1)!.time
  if (mode === 'capture lost') return { kind: 'alert', from: last, conditions: ['asystole'], atMost: 5, silent: true }
  const expected = mode === 'captured' ? 80 : 30
  return { kind: 'rate', expected, tolerance: rateTolerance(expected), settled: 20, exact: true }
}

function nameOf({ height, width, overshoot, avDelay }: PulseKind): string {
  const size = `${height > 0 ? '+' : '-'}${Math.abs(height)} mV ${Number((1000 * width).toFixed(1))} ms`
  const tail = overshoot === null ? '' : `, overshoot ${overshoot.method} ${Math.round(1000 * overshoot.timeConstant)} ms`
  return `${size}${tail}${avDelay === null ? '' : `, AV ${Math.round(1000 * avDelay)} ms`}`
}
