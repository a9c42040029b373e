import { type BeatCounts, grossStatistics } from '../support/beat-matcher.js'

/** Small, seeded; equal in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/**
 * 95 % interval of the gross figures by drawing whole records with replacement (2.5th and 97.5th percentile of 2,000
 * draws): beats of one record are no independent trials.
 */
export function bootstrapByRecord(counts: readonly BeatCounts[], seed = 1): { se: [number, number]; ppv: [number, number] } {
  const random = randomFrom(seed)
  const draws = Array.from({ length: 2000 }, () =>
    grossStatistics(Array.from(counts, () => counts[Math.floor(random() * counts.length)] as BeatCounts)),
  )
  const interval = (values: number[]): [number, number] => {
    const sorted = values.sort((a, b) => a - b)
    return [sorted[Math.round(0.025 * (sorted.length - 1))] as number, sorted[Math.round(0.975 * (sorted.length - 1))] as number]
  }
  return { se: interval(draws.map(draw => draw.se)), ppv: interval(draws.map(draw => draw.ppv)) }
}
