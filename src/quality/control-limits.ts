/**
 * Control limits of a share (p chart, W. A. Shewhart 1931): what lies above the fleet's own share by more than three standard
 * deviations of a sample of this size is no chance.
 */
const sigmas = 3
/** A fleet without a fault so far is not believed to be without any. */
const leastShare = 0.02

export function upperLimit(baseline: number, count: number): number {
  const share = Math.min(1, Math.max(leastShare, baseline))
  return count === 0 ? 1 : Math.min(1, share + sigmas * Math.sqrt((share * (1 - share)) / count))
}
