export interface Periodicity {
  /** Depth of the first minimum of the autocorrelation: near -1 for a sine, near 0 for spikes. */
  readonly trough: number
  /** Highest local maximum after it, and its lag in samples. */
  readonly crest: number
  readonly crestLag: number
}

/**
 * Autocorrelation of `x` (mean taken out) at lags up to `longest`. Each lag is divided by the energy of the two stretches that it
 * compares, so a slow decay of the signal does not count. `curve` holds at least `longest + 1` numbers.
 */
export function periodicity(x: Float64Array, length: number, longest: number, curve: Float64Array): Periodicity {
  let sum = 0
  for (let i = 0; i < length; i++) sum += x[i] as number
  const mean = sum / length
  let energy = 0
  for (let i = 0; i < length; i++) {
    const value = (x[i] as number) - mean
    x[i] = value
    energy += value * value
  }
  if (energy === 0) return { trough: 0, crest: 0, crestLag: 0 }
  let ahead = energy
  let behind = energy
  curve[0] = 1
  for (let lag = 1; lag <= longest; lag++) {
    const start = x[lag - 1] as number
    const end = x[length - lag] as number
    ahead -= start * start
    behind -= end * end
    let product = 0
    for (let i = lag; i < length; i++) product += (x[i] as number) * (x[i - lag] as number)
    const scale = Math.sqrt(ahead * behind)
    curve[lag] = scale > 1e-12 * energy ? product / scale : 0
  }
  let at = 1
  while (at < longest && (curve[at + 1] as number) < (curve[at] as number)) at++
  const trough = curve[at] as number
  let crest = trough
  let crestLag = at
  for (let lag = at + 1; lag < longest; lag++) {
    const value = curve[lag] as number
    if (value > crest && value >= (curve[lag - 1] as number) && value >= (curve[lag + 1] as number)) {
      crest = value
      crestLag = lag
    }
  }
  return { trough, crest, crestLag }
}
