import type { MeasurementObservation } from '../../signal/observation.js'
import { usableQuality } from '../../vitals/vital-reading.js'
import type { MeasuredPair } from '../compare/agreement.js'
import type { ObservedStream } from './observe-stream.js'

/** Rates of a stream by the whole second with which each was told; without one: not measurable, or of a quality below what is used. */
export function ratesBySecond(
  { observations, fsHz }: ObservedStream,
  name: 'pulse-rate' | 'heart-rate',
): Map<number, MeasurementObservation> {
  const rates = new Map<number, MeasurementObservation>()
  for (const said of observations) {
    if (said.kind !== 'measurement' || said.name !== name) continue
    if (said.value !== null && said.quality >= usableQuality) rates.set(Math.round(said.to / fsHz), said)
  }
  return rates
}

/**
 * The rate told at the end of each second beside what the reference showed `lagSeconds` later; seconds in which it showed nothing do not
 * count.
 */
export function ratePairs(
  rates: ReadonlyMap<number, MeasurementObservation>,
  shown: readonly (number | null)[],
  lagSeconds = 0,
): MeasuredPair[] {
  return shown.flatMap((reference, second) => {
    if (reference === null || second < lagSeconds) return []
    const said = rates.get(second + 1 - lagSeconds)
    const interval = said?.low === undefined || said.high === undefined ? {} : { low: said.low, high: said.high }
    return [{ reference, estimate: said?.value ?? null, ...interval }]
  })
}
