import { sameRate } from '../signal/rate.js'
import { missingSample, type SignalInfo } from './recording.js'

/** Physical values of stored ones; `missingSample` becomes NaN. */
export function toPhysical(samples: Int32Array, signal: Pick<SignalInfo, 'gain' | 'baseline'> | undefined): Float64Array {
  const gain = signal?.gain ?? 1
  const baseline = signal?.baseline ?? 0
  const out = new Float64Array(samples.length)
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number
    out[i] = value === missingSample ? NaN : (value - baseline) / gain
  }
  return out
}

/** Samples of the window that the signals have; RangeError for a window or a choice of signals that a caller may not ask for. */
export function windowLength(signals: readonly SignalInfo[], indexes: readonly number[], from: number, length: number): number {
  const first = signals[indexes[0] ?? -1]
  if (first === undefined || !Number.isSafeInteger(from) || !Number.isSafeInteger(length) || from < 0 || length < 0) {
    throw new RangeError(`no window of ${length} samples from ${from} of signals ${indexes.join(', ')}`)
  }
  for (const index of indexes) {
    const signal = signals[index]
    if (signal === undefined || !sameRate(signal.fs, first.fs) || signal.length !== first.length) {
      throw new RangeError(`signals ${indexes.join(', ')} are not all there or differ in rate: read them one rate at a time`)
    }
  }
  return Math.max(0, Math.min(length, first.length - from))
}
