import { frameRate } from '../signal/observation.js'

/** A second of acceleration between two patient times, microseconds. */
export interface AccelerationFrame {
  readonly t0: number
  readonly t1: number
  /** `samples[axis][i]`, `frameRate` samples from t0 on; NaN where missing. */
  readonly samples: readonly Float64Array[]
}

export interface AccelerationTrackState {
  frames: { frame: AccelerationFrame; movement: number }[]
}

/** Standard deviation of the magnitude over its mean (gravity), above which a second is one of movement. */
const mostMovementAtRest = 0.02
/** And above which it is one of strong movement. */
const leastStrongMovement = 0.05

/** The last seconds of a device's acceleration, by patient time, whatever its grid. Unit-free: gravity is the measure. */
export class AccelerationTrack {
  readonly #windowSeconds: number
  #frames: { frame: AccelerationFrame; movement: number }[] = []

  constructor(windowSeconds: number) {
    this.#windowSeconds = windowSeconds
  }

  /** Patient time up to which the acceleration is known. */
  get until(): number {
    return this.#frames[this.#frames.length - 1]?.frame.t1 ?? Number.NEGATIVE_INFINITY
  }

  add(frame: AccelerationFrame): void {
    const { t0, t1, samples } = frame
    this.#frames.push({ frame: { t0, t1, samples }, movement: movementOf(samples) })
    const oldest = t1 - (this.#windowSeconds + 2) * 1e6
    this.#frames = this.#frames.filter(each => each.frame.t1 > oldest)
  }

  clear(): void {
    this.#frames = []
  }

  /** Axes at `frameRate` from t0 to t1, each sample the nearest that was measured; null when nothing is known of that time. */
  between(t0: number, t1: number): Float64Array[] | null {
    const axes = this.#frames[this.#frames.length - 1]?.frame.samples.length ?? 0
    const out = Array.from({ length: axes }, () => new Float64Array(frameRate).fill(Number.NaN))
    let known = false
    for (let i = 0; i < frameRate; i += 1) {
      const t = t0 + (i * (t1 - t0)) / frameRate
      for (const { frame } of this.#frames) {
        const place = Math.floor(((t - frame.t0) / (frame.t1 - frame.t0)) * frameRate + 0.5)
        if (place < 0 || place >= frameRate) continue
        for (let axis = 0; axis < axes; axis += 1) {
          const value = frame.samples[axis]?.[place] ?? Number.NaN
          out[axis]![i] = value
          if (!Number.isNaN(value)) known = true
        }
      }
    }
    return known ? out : null
  }

  /** Whether nothing moved in the window that ends at `t1`; false when part of it is unknown. */
  still(t1: number): boolean {
    const from = t1 - this.#windowSeconds * 1e6
    let known = 0
    for (const { frame, movement } of this.#frames) {
      if (frame.t1 <= from || frame.t0 >= t1) continue
      if (!(movement <= mostMovementAtRest)) return false
      known += 1
    }
    return known >= this.#windowSeconds
  }

  /** Whether at least half of the window that ends at `t1` was strong movement. */
  moving(t1: number): boolean {
    const from = t1 - this.#windowSeconds * 1e6
    let strong = 0
    for (const { frame, movement } of this.#frames) if (frame.t1 > from && frame.t0 < t1 && movement > leastStrongMovement) strong += 1
    return strong * 2 >= this.#windowSeconds
  }

  save(): AccelerationTrackState {
    return {
      frames: this.#frames.map(({ frame, movement }) => ({
        frame: { ...frame, samples: frame.samples.map(axis => axis.slice()) },
        movement,
      })),
    }
  }

  load(state: AccelerationTrackState): void {
    this.#frames = state.frames.map(({ frame, movement }) => ({
      frame: { ...frame, samples: frame.samples.map(axis => axis.slice()) },
      movement,
    }))
  }
}

/** Standard deviation of the magnitude over its mean; NaN when it was not measured. */
function movementOf(samples: readonly Float64Array[]): number {
  let sum = 0
  let squares = 0
  let count = 0
  for (let i = 0; i < frameRate; i += 1) {
    let square = 0
    for (const axis of samples) square += axis[i]! * axis[i]!
    if (Number.isNaN(square)) continue
    sum += Math.sqrt(square)
    squares += square
    count += 1
  }
  if (count < frameRate / 2 || !(sum > 0)) return Number.NaN
  const mean = sum / count
  const variance = squares / count - mean * mean
  return variance > 0 ? Math.sqrt(variance) / mean : 0
}
