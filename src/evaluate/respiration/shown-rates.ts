import type { MeasurementObservation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import { usableQuality } from '../../vitals/vital-reading.js'
import { VitalTable } from '../../vitals/vital-table.js'
import type { MeasuredPair } from '../compare/agreement.js'
import type { BreathingSource } from './breathing-source.js'

/** The reference's number at a time in seconds; null where it shows none. */
export type ReferenceAt = (seconds: number) => number | null

export interface RateWindows {
  /** Windows end at these seconds: from the first full one to the end, every `everySeconds`. */
  readonly from: number
  readonly to: number
  readonly everySeconds: number
  /** The window that ends at t is held against the reference of t + lag. */
  readonly lagSeconds: number
}

/** A rate as it stood at a time; null: none, or not of usable quality. */
interface ShownRate {
  readonly estimate: number | null
  readonly low?: number
  readonly high?: number
}

/** A rate that is older than this is no answer to the window. */
const patienceSeconds = 2.5

/** Pairs of windows and reference; windows without a reference do not count. */
export function pairWindows(windows: RateWindows, reference: ReferenceAt, shownAt: (seconds: number) => ShownRate): MeasuredPair[] {
  const pairs: MeasuredPair[] = []
  for (let t = windows.from; t <= windows.to; t += windows.everySeconds) {
    // Asked in any case, so that what follows the source sees all of it.
    const shown = shownAt(t)
    const truth = reference(t + windows.lagSeconds)
    if (truth !== null) pairs.push({ reference: truth, ...shown })
  }
  return pairs
}

/** What one chain says at rising times. */
export function ratesOfSource({ spec, rates }: BreathingSource): (seconds: number) => ShownRate {
  const fs = hertz(spec.fs)
  let next = 0
  return seconds => {
    while (next < rates.length && rates[next]!.to <= seconds * fs + 1e-6) next += 1
    const newest = rates[next - 1]
    return newest === undefined || seconds - newest.to / fs > patienceSeconds ? { estimate: null } : shown(newest)
  }
}

/** What a patient's table of vital signs says at rising times when it hears all these chains. */
export function ratesOfTable(sources: readonly BreathingSource[]): (seconds: number) => ShownRate {
  const all = sources
    .flatMap(({ spec, rates }) => rates.map(rate => ({ spec, rate, seconds: rate.to / hertz(spec.fs) })))
    .sort((a, b) => a.seconds - b.seconds)
  const table = new VitalTable()
  const newest = new Map<string, MeasurementObservation>()
  let next = 0
  return seconds => {
    for (; next < all.length && all[next]!.seconds <= seconds + 1e-6; next += 1) {
      const { spec, rate, seconds: at } = all[next]!
      const { value, quality, algorithm, from, to, reason } = rate
      const source = { stream: spec.id, kind: spec.kind, algorithm, from, to }
      const why = reason === undefined ? {} : { reason }
      table.take({ name: 'respiratory-rate', value, t: Math.round(1e6 * at), source, quality, status: 'valid', ...why })
      newest.set(spec.id, rate)
    }
    const current = table.current('respiratory-rate', Math.round(1e6 * seconds))
    const told = current.source === null ? undefined : newest.get(current.source.stream)
    if (typeof current.value !== 'number' || current.stale || (current.ageSeconds ?? 0) > patienceSeconds || told === undefined) {
      return { estimate: null }
    }
    return { ...shown(told), estimate: current.value }
  }
}

function shown({ value, quality, low, high }: MeasurementObservation): ShownRate {
  if (value === null || quality < usableQuality) return { estimate: null }
  return { estimate: value, ...(low !== undefined && high !== undefined && { low, high }) }
}
