import type { NnSeries } from './nn-series.js'

/** Bin width of the Task Force (1/128 s), microseconds. */
const binMicros = 1e6 / 128

/** Triangular index: intervals over the height of their histogram. TINN: base of the triangle that fits it best, ms. */
export function measureGeometric(series: NnSeries): { triangularIndex: number | null; tinn: number | null } {
  const { intervals } = series
  if (intervals.length < 20) return { triangularIndex: null, tinn: null }
  const bins = intervals.map(interval => Math.floor(interval / binMicros))
  // A day has more intervals than a call may have arguments.
  const lowest = bins.reduce((least, bin) => Math.min(least, bin)) - 1
  const highest = bins.reduce((most, bin) => Math.max(most, bin))
  const histogram = new Array<number>(highest - lowest + 2).fill(0)
  for (const bin of bins) histogram[bin - lowest] = (histogram[bin - lowest] as number) + 1
  const height = Math.max(...histogram)
  const mode = histogram.indexOf(height)
  const left = bestFoot(histogram.slice(0, mode + 1).reverse(), height)
  const right = bestFoot(histogram.slice(mode), height)
  return { triangularIndex: intervals.length / height, tinn: ((left + right) * binMicros) / 1000 }
}

/** Distance from the peak at which a falling line through it is to reach zero so as to fit one side best. */
function bestFoot(side: readonly number[], height: number): number {
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (let foot = 1; foot <= side.length; foot++) {
    let error = 0
    for (let i = 0; i < side.length; i++) {
      const line = i < foot ? height * (1 - i / foot) : 0
      error += ((side[i] as number) - line) * ((side[i] as number) - line)
    }
    if (error < least) {
      least = error
      best = foot
    }
  }
  return best
}
