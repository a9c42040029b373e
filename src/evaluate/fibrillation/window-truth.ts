import { overlap, type Stretch } from '../compare/annotation.js'

/**
 * Share of the samples [from, to) that lies in stretches of fibrillation, 0 to 1. The truth of a window is its majority (above 0.5) unless
 * another rule is named; windows across an onset or offset count like all others.
 */
export function fibrillationShare(stretches: readonly Stretch[], from: number, to: number): number {
  let sum = 0
  for (const stretch of stretches) sum += overlap(stretch, { start: from, end: to })
  return sum / (to - from)
}
