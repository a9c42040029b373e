import { type FrequencyDomain, measureLomb, measureWelch } from './frequency-domain.js'
import { measureGeometric } from './geometric.js'
import { type HrvBeat, type NnFilterParameters, selectNn } from './nn-series.js'
import { measureDfa, measureSampleEntropy } from './nonlinear.js'
import { measureLongTerm, measureTimeDomain, type TimeDomain } from './time-domain.js'

export interface HrvResult {
  /** Share of the time that NN intervals cover, and share of the measured intervals that was left out, 0 to 1. */
  readonly coverage: number
  readonly excludedShare: number
  /** All null when less than `leastCoverage` is covered. */
  readonly time: TimeDomain | null
  readonly longTerm: ReturnType<typeof measureLongTerm> | null
  readonly geometric: ReturnType<typeof measureGeometric> | null
  readonly lomb: FrequencyDomain | null
  readonly welch: FrequencyDomain | null
  readonly sampleEntropy: number | null
  readonly dfaAlpha1: number | null
  /** Windows of 16 to 64 beats; null with fewer than 256 intervals. */
  readonly dfaAlpha2: number | null
}

/** NN intervals must cover this share of a window, or nothing is measured from it. */
export const leastCoverage = 0.8

/** HRV of all beats from time `from` to `to` (seconds); an exact computation over the whole window. */
export function measureHrv(
  beats: readonly HrvBeat[],
  window: { readonly from: number; readonly to: number },
  parameters?: NnFilterParameters,
): HrvResult {
  const { series, excludedShare } = selectNn(
    beats.filter(({ time }) => time >= window.from && time < window.to),
    parameters,
  )
  const covered = series.intervals.reduce((sum, interval) => sum + interval, 0) / 1e6
  const coverage = Math.min(1, covered / (window.to - window.from))
  if (coverage < leastCoverage) {
    const none = {
      time: null,
      longTerm: null,
      geometric: null,
      lomb: null,
      welch: null,
      sampleEntropy: null,
      dfaAlpha1: null,
      dfaAlpha2: null,
    }
    return { coverage, excludedShare, ...none }
  }
  return {
    coverage,
    excludedShare,
    time: measureTimeDomain(series),
    longTerm: measureLongTerm(series),
    geometric: measureGeometric(series),
    lomb: measureLomb(series),
    welch: measureWelch(series),
    sampleEntropy: measureSampleEntropy(series),
    dfaAlpha1: measureDfa(series),
    dfaAlpha2: measureDfa(series, 16, 64),
  }
}
