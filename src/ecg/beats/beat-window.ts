import type { EcgView } from '../ecg-view.js'

/** Rate that beats are compared at, whatever the rate of the stream. */
export const shapeHz = 125
/** Points before and after the R peak: 0.304 s holds the P wave, 0.416 s most of the T wave. */
export const pointsBefore = 38
const pointsAfter = 52
export const windowPoints = pointsBefore + 1 + pointsAfter
/** Seconds after the R peak that a window needs, with what its interpolation reaches. */
export const lookAheadSeconds = pointsAfter / shapeHz + 1 / 100

/** Part of a window: points [from, to), counted from its first. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Points from `fromSeconds` to `toSeconds` after the R peak, both inclusive. */
function spanOf(fromSeconds: number, toSeconds: number): Span {
  return { from: pointsBefore + Math.round(fromSeconds * shapeHz), to: pointsBefore + Math.round(toSeconds * shapeHz) + 1 }
}

export const qrsSpan = spanOf(-0.08, 0.12)
export const wideSpan = spanOf(-0.12, 0.16)
export const pSpan = spanOf(-0.272, -0.072)
export const tSpan = spanOf(0.168, 0.408)

/**
 * Brings the signal around a beat to `shapeHz` with the R peak on point `pointsBefore`, its fraction of a sample included.
 * A point is the mean of the samples near it under a triangle (linear interpolation at low rates, a low-pass at high ones), so
 * a beat looks alike at 100 and at 1000 Hz.
 */
export class WindowReader {
  private readonly raw: Float64Array
  private readonly halfWidth: number
  private readonly perPoint: number
  private readonly before: number

  constructor(fsHz: number) {
    this.perPoint = fsHz / shapeHz
    this.halfWidth = Math.max(1, this.perPoint)
    this.before = Math.ceil(pointsBefore * this.perPoint + this.halfWidth) + 1
    const after = Math.ceil(pointsAfter * this.perPoint + this.halfWidth) + 1
    this.raw = new Float64Array(this.before + after + 1)
  }

  /**
   * Fills `into` (`windowPoints`) from a lead, less the level outside of the QRS complex; points without signal are NaN. False: too
   * little signal to see a shape (any point of the QRS span or a fifth of the window is missing).
   */
  read(view: EcgView, lead: number, index: number, fraction: number, into: Float64Array): boolean {
    const { raw, before } = this
    const present = view.read(lead, index - before, raw)
    if (present === raw.length) this.interpolate(fraction, into)
    else if (present < raw.length / 2) return false
    else this.interpolateAcrossHoles(fraction, into)
    let sum = 0
    let count = 0
    let missing = 0
    for (let k = 0; k < windowPoints; k++) {
      const value = into[k] as number
      const inside = k >= qrsSpan.from && k < qrsSpan.to
      if (Number.isNaN(value)) {
        if (inside) return false
        missing++
      } else if (!inside) {
        sum += value
        count++
      }
    }
    if (missing * 5 > windowPoints || count === 0) return false
    const level = sum / count
    for (let k = 0; k < windowPoints; k++) into[k] = (into[k] as number) - level
    return true
  }

  private interpolate(fraction: number, into: Float64Array): void {
    const { raw, halfWidth, perPoint, before } = this
    for (let k = 0; k < windowPoints; k++) {
      const centre = before + fraction + (k - pointsBefore) * perPoint
      const first = Math.ceil(centre - halfWidth)
      const last = Math.floor(centre + halfWidth)
      let sum = 0
      let weights = 0
      for (let i = first; i <= last; i++) {
        const weight = halfWidth - (i < centre ? centre - i : i - centre)
        sum += weight * (raw[i] as number)
        weights += weight
      }
      into[k] = sum / weights
    }
  }

  private interpolateAcrossHoles(fraction: number, into: Float64Array): void {
    const { raw, halfWidth, perPoint, before } = this
    for (let k = 0; k < windowPoints; k++) {
      const centre = before + fraction + (k - pointsBefore) * perPoint
      const last = Math.floor(centre + halfWidth)
      let sum = 0
      let weights = 0
      for (let i = Math.ceil(centre - halfWidth); i <= last; i++) {
        const value = raw[i] as number
        if (Number.isNaN(value)) continue
        const weight = halfWidth - Math.abs(i - centre)
        sum += weight * value
        weights += weight
      }
      into[k] = weights > 0 ? sum / weights : Number.NaN
    }
  }
}
