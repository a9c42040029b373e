/**
 * Vertex of the parabola through three equally spaced values whose middle one is an extreme. Returns the offset from the
 * middle sample, -0.5 to 0.5 samples; 0 when the three lie on a line.
 */
export function parabolicOffset(before: number, middle: number, after: number): number {
  const bend = before - 2 * middle + after
  if (bend === 0) return 0
  const offset = (0.5 * (before - after)) / bend
  return offset > 0.5 ? 0.5 : Math.max(offset, -0.5)
}

export interface PeakOptions {
  /** Least value of a peak, in the unit of the values. */
  readonly minHeight?: number
  /** Least distance between peaks in samples; the higher one stands. */
  readonly minDistance?: number
}

/** Indices of the local maxima of `values`, ascending. A plateau counts once, at its first sample. */
export function findPeaks(values: ArrayLike<number>, options: PeakOptions = {}): number[] {
  const minHeight = options.minHeight ?? Number.NEGATIVE_INFINITY
  const minDistance = options.minDistance ?? 1
  const peaks: number[] = []
  let rise = -1
  for (let i = 1; i < values.length; i += 1) {
    const step = values[i]! - values[i - 1]!
    if (step > 0) rise = i
    else if (step < 0 && rise >= 0) {
      if (values[rise]! >= minHeight) peaks.push(rise)
      rise = -1
    }
  }
  if (minDistance <= 1) return peaks
  const byHeight = peaks.slice().sort((a, b) => values[b]! - values[a]! || a - b)
  const kept: number[] = []
  for (const peak of byHeight) {
    if (kept.every(other => Math.abs(other - peak) >= minDistance)) kept.push(peak)
  }
  return kept.sort((a, b) => a - b)
}

export interface ExtremaState {
  /** 1: looking for a maximum; -1: for a minimum; 0: neither known yet. */
  direction: number
  high: number
  highIndex: number
  low: number
  lowIndex: number
}

export function newExtrema(): ExtremaState {
  return { direction: 0, high: 0, highIndex: -1, low: 0, lowIndex: -1 }
}

/**
 * Alternating maxima and minima of a signal, one sample at a time. An extreme stands once the signal has moved away from
 * it by `hysteresis`, so ripple smaller than that makes none. Returns 1 when a maximum was settled (state.highIndex), -1
 * when a minimum was (state.lowIndex), else 0. Read the extreme before the next step.
 */
export function stepExtrema(state: ExtremaState, value: number, index: number, hysteresis: number): number {
  if (state.highIndex < 0) {
    state.high = state.low = value
    state.highIndex = state.lowIndex = index
    return 0
  }
  if (state.direction >= 0 && value > state.high) {
    state.high = value
    state.highIndex = index
  }
  if (state.direction <= 0 && value < state.low) {
    state.low = value
    state.lowIndex = index
  }
  if (state.direction >= 0 && value < state.high - hysteresis) {
    state.direction = -1
    state.low = value
    state.lowIndex = index
    return 1
  }
  if (state.direction <= 0 && value > state.low + hysteresis) {
    state.direction = 1
    state.high = value
    state.highIndex = index
    return -1
  }
  return 0
}
