import type { NumericSeries } from '../recording/recording.js'
import { isVitalName } from '../signal/catalogue.js'
import { roundHalfAway } from '../signal/rate.js'
import { isPeriodic, type NumericValue, type PeriodicNumerics, type SignalSource } from './signal-source.js'

/** One pack of numerics: everything that was measured at one time. Times in microseconds from the start of the source. */
export interface PackPlace {
  readonly seq: number
  readonly t: number
  readonly values: readonly NumericValue[]
}

/**
 * Where the packs lie: one for each distinct time, and an empty one wherever nothing was measured for a second, so that
 * nobody waits longer for numerics that do not come. The last stands at the end of the session, however empty.
 */
export interface PackGrid {
  /** Time of pack 0. */
  readonly t0: number
  /** Longest pause between two packs, seconds. */
  readonly every: number
  readonly count: number
  time(seq: number): number
  place(seq: number): PackPlace
}

const pauseMicros = 1_000_000

/**
 * Packs for [from, to) microseconds, or to the end inclusive when `to` is the end of the source; null when the source has
 * no numerics with a name from the catalogue.
 */
export function makePackGrid(source: SignalSource, from: number, to: number, inclusive: boolean): PackGrid | null {
  const { numerics } = source
  if (numerics === null) return null
  return isPeriodic(numerics) ? periodicGrid(numerics, from, to) : listedGrid(numerics, from, to, inclusive)
}

function periodicGrid(numerics: PeriodicNumerics, from: number, to: number): PackGrid {
  const { periodMicros } = numerics
  const firstTick = Math.ceil(from / periodMicros)
  const t0 = Math.min(firstTick * periodMicros, to)
  const ticks = to === Number.POSITIVE_INFINITY ? to : Math.max(0, Math.ceil(to / periodMicros) - firstTick)
  const time = (seq: number) => (seq < ticks ? t0 + seq * periodMicros : to)
  return {
    t0,
    every: periodMicros / 1e6,
    // One more at the end, which says that it is over.
    count: ticks + 1,
    time,
    place: seq => ({ seq, t: time(seq), values: seq < ticks ? numerics.at(firstTick + seq) : [] }),
  }
}

function listedGrid(series: readonly NumericSeries[], from: number, to: number, inclusive: boolean): PackGrid | null {
  const known = series.filter(one => isVitalName(one.name))
  if (known.length === 0) return null
  const within = (t: number) => t >= from && (t < to || (inclusive && t === to))
  const byTime = new Map<number, NumericValue[]>()
  for (const { name, unit, times, values } of known) {
    for (let i = 0; i < times.length; i++) {
      const t = roundHalfAway(times[i]!)
      if (!within(t) || !isVitalName(name) || !Number.isFinite(values[i]!)) continue
      const value: NumericValue = { name, unit, value: values[i]! }
      const together = byTime.get(t)
      if (together === undefined) byTime.set(t, [value])
      else together.push(value)
    }
  }
  const times = fillPauses(new Set([...byTime.keys(), to]), from)
  return {
    t0: times[0]!,
    every: pauseMicros / 1e6,
    count: times.length,
    time: seq => times[seq]!,
    place: seq => ({ seq, t: times[seq]!, values: byTime.get(times[seq]!) ?? [] }),
  }
}

/** All times in order, from `from` on, with more of them where a pause would be longer than a second. */
function fillPauses(distinct: ReadonlySet<number>, from: number): Float64Array {
  const times: number[] = []
  for (const t of [...distinct].sort((a, b) => a - b)) {
    const previous = times[times.length - 1]
    for (let fill = previous === undefined ? from : previous + pauseMicros; fill < t; fill += pauseMicros) times.push(fill)
    times.push(t)
  }
  return Float64Array.from(times)
}
