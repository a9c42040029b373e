import { type GlucoseReading, glucoseLimits } from './glucose-metrics.js'

/** `low` holds what is `very-low` too, `high` what is `very-high`. */
export const glucoseLevels = ['very-low', 'low', 'high', 'very-high'] as const
export type GlucoseLevel = (typeof glucoseLevels)[number]

export interface GlucoseEvent {
  readonly level: GlucoseLevel
  /** Seconds: first reading beyond the limit. */
  readonly from: number
  /** First reading back within the limit for good; the last reading where the data end or break off before that. */
  readonly to: number
  /** Lowest or highest reading, mg/dL. */
  readonly extreme: number
}

const eventSeconds = 15 * 60
const longestGapSeconds = 930

const beyond: Readonly<Record<GlucoseLevel, (value: number) => boolean>> = {
  'very-low': value => value < glucoseLimits.veryLow,
  low: value => value < glucoseLimits.low,
  high: value => value > glucoseLimits.high,
  'very-high': value => value > glucoseLimits.veryHigh,
}

/**
 * Events of the consensus (T. Danne et al., Diabetes Care 40 (2017) 1631): readings beyond the limit for at least 15 min, ended by
 * at least 15 min of readings within it. A gap of more than 15.5 min ends what goes on: nothing is concluded across it. Readings in
 * the order of their times.
 */
export function findGlucoseEvents(readings: readonly GlucoseReading[], level: GlucoseLevel): GlucoseEvent[] {
  const isBeyond = beyond[level]
  const isLow = level === 'low' || level === 'very-low'
  const events: GlucoseEvent[] = []
  let from: number | null = null
  let lastBeyond = 0
  let back: number | null = null
  let extreme = 0
  let before: number | null = null
  const end = (to: number) => {
    if (from !== null && lastBeyond - from >= eventSeconds) events.push({ level, from, to, extreme })
    from = null
    back = null
  }
  for (const { time, value } of readings) {
    if (before !== null && time - before > longestGapSeconds) end(back ?? before)
    before = time
    if (isBeyond(value)) {
      // What has not lasted yet must last without a break.
      if (from !== null && back !== null && lastBeyond - from < eventSeconds) end(back)
      if (from === null) extreme = value
      from ??= time
      lastBeyond = time
      back = null
      extreme = isLow ? Math.min(extreme, value) : Math.max(extreme, value)
    } else if (from !== null) {
      back ??= time
      if (time - back >= eventSeconds) end(back)
    }
  }
  if (before !== null) end(back ?? before)
  return events
}
