import type { Observation } from '../../signal/observation.js'
import type { Stretch } from '../test-source.js'

/** Below this quality nothing physiological is concluded (src/signal/observation.ts). */
const usableQuality = 0.5

/**
 * Stretches that no lead's quality index holds to be usable, in samples of the stream, disjoint and in order. A stretch
 * that a lead says nothing of is not rejected.
 */
export function rejectedStretches(observations: readonly Observation[], leads: number): Stretch[] {
  const rejections = Array.from({ length: leads }, () => [] as Stretch[])
  for (const observation of observations) {
    if (observation.kind !== 'quality' || observation.quality >= usableQuality) continue
    rejections[observation.channel]?.push({ from: observation.from, to: observation.to })
  }
  return rejections.map(mergeStretches).reduce(intersectStretches)
}

/** Stretches that touch or overlap made one. */
function mergeStretches(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = []
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = merged[merged.length - 1]
    if (last !== undefined && stretch.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, stretch.to) }
    else merged.push(stretch)
  }
  return merged
}

/** What lies in both; each disjoint and in order. */
function intersectStretches(a: readonly Stretch[], b: readonly Stretch[]): Stretch[] {
  const both: Stretch[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const left = a[i] as Stretch
    const right = b[j] as Stretch
    const from = Math.max(left.from, right.from)
    const to = Math.min(left.to, right.to)
    if (from < to) both.push({ from, to })
    if (left.to < right.to) i++
    else j++
  }
  return both
}

/** Samples of [from, to) that lie in the stretches. */
export function coveredSamples(stretches: readonly Stretch[], from: number, to: number): number {
  return stretches.reduce((sum, stretch) => sum + Math.max(0, Math.min(stretch.to, to) - Math.max(stretch.from, from)), 0)
}
