/** Extremes of a slope in [from, to), of alternating sign: between two zero crossings the largest. */
export function findExtremes(slope: Float64Array, from: number, to: number): number[] {
  const extremes: number[] = []
  let at = from
  while (at < to) {
    const sign = (slope[at] as number) < 0 ? -1 : 1
    let best = at
    let end = at
    while (end < to && sign * (slope[end] as number) >= 0) {
      if (sign * (slope[end] as number) > sign * (slope[best] as number)) best = end
      end++
    }
    if (end === at) end++
    extremes.push(best)
    at = end
  }
  return extremes
}

/** Where the slope passes zero between two extremes of opposite sign, interpolated. */
export function zeroCrossing(slope: Float64Array, from: number, to: number): number {
  const sign = (slope[from] as number) < 0 ? -1 : 1
  for (let k = from + 1; k <= to; k++) {
    const here = sign * (slope[k] as number)
    if (here > 0) continue
    const before = sign * (slope[k - 1] as number)
    return before > here ? k - 1 + before / (before - here) : k
  }
  return to
}

/**
 * Where the slope, going by `step` from an extreme of a wave's outer flank, falls below `share` of the extreme, interpolated;
 * `limit` where it does not before.
 */
export function footOf(slope: Float64Array, flank: number, step: 1 | -1, limit: number, share: number): number {
  const sign = (slope[flank] as number) < 0 ? -1 : 1
  const level = share * sign * (slope[flank] as number)
  for (let k = flank + step; step > 0 ? k < limit : k > limit; k += step) {
    const here = sign * (slope[k] as number)
    if (here > level) continue
    const before = sign * (slope[k - step] as number)
    return k - (before > here ? (step * (level - here)) / (before - here) : 0)
  }
  return limit
}
