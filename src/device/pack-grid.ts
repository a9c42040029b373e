import { isVitalName } from '../signal/catalogue.js'
import { isPeriodic, type NumericValue, type SignalSource } from './signal-source.js'

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

/** Packs for [from, to) microseconds; null when the source has no numerics with a name from the catalogue. */
export function makePackGrid(source: SignalSource, from: number, to: number): PackGrid | null {
  const { numerics } = source
  if (numerics === null) return null
  return isPeriodic(numerics) ? periodicGrid(numerics, from, to) : listedGrid(numerics, from, to)
}

function periodicGrid(numerics: Extract<SignalSource['numerics'], { periodMicros: number }>, from: number, to: number): PackGrid {
  const { periodMicros } = numerics
  const firstTick = Math.ceil(from / periodMicros)
  const t0 = firstTick * periodMicros
  const ticks = to === Number.POSITIVE_INFINITY ? to : Math.max(0, Math.ceil(to / periodMicros) - firstTick)
  // One more at the end, which says that it is over.
  const count = ticks + 1
  const time = (seq: number) => (seq < ticks ? t0 + seq * periodMicros : Math.max(to, t0))
  return {
    t0: ticks > 0 ? t0 : Math.max(to, t0),
    every: periodMicros / 1e6,
    count,
    time,
    place: seq => ({ seq, t: time(seq), values: seq < ticks ? numerics.at(firstTick + seq) : [] }),
  }
}

function listedGrid(series: NonNullable<Extract<SignalSource['numerics'], readonly unknown[]>>, from: number, to: number): PackGrid | null {
  const known = series.filter(one => isVitalName(one.name))
  if (known.length === 0) return null
  const measured = new Set<number>()
  for (const { times } of known) {
    for (const t of times) if (t >= from && t < to) measured.add(t)
  }
  const times: number[] = []
  for (const t of [...[...measured].sort((a, b) => a - b), to]) {
    const previous = times[times.length - 1]
    let fill = previous === undefined ? from : previous + pauseMicros
    for (; fill < t; fill += pauseMicros) times.push(fill)
    times.push(t)
  }
  return {
    t0: times[0]!,
    every: pauseMicros / 1e6,
    count: times.length,
    time: seq => times[seq]!,
    place: seq => ({ seq, t: times[seq]!, values: times[seq]! < to ? valuesAt(known, times[seq]!) : [] }),
  }
}

function valuesAt(series: readonly { name: string; unit: string; times: Float64Array; values: Float64Array }[], t: number): NumericValue[] {
  const found: NumericValue[] = []
  for (const { name, unit, times, values } of series) {
    if (!isVitalName(name)) continue
    for (let i = firstAtOrAfter(times, t); i < times.length && times[i] === t; i++) found.push({ name, unit, value: values[i]! })
  }
  return found
}

function firstAtOrAfter(times: Float64Array, t: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < t) low = middle + 1
    else high = middle
  }
  return low
}
