import { type FrameSpan, frameHz, frameOrigin } from './beat-frame.js'
import type { QrsBounds } from './qrs-bounds.js'

/** ST of one beat in units of the stream. */
export interface StSegment {
  /** Level at the ST point over the isoelectric level before the QRS complex. */
  readonly level: number
  /** Of the line through the segment from J + 20 ms to the ST point, units per second. */
  readonly slope: number
}

/** The ST point is J + 80 ms, and J + 60 ms from this rate on, 1/min: the convention of the European ST-T database. */
const fastRate = 120
/** The isoelectric level is the mean of this stretch before the QRS onset, ms: the end of the PQ segment. */
const isoelectric = { from: 20, to: 4 } as const
/** The level at the ST point is the mean of so much on either side, ms. */
const aroundMs = 10
const slopeFromMs = 20

/**
 * ST level and slope of the frame of one beat, by the QRS bounds of its average (steadier than those of the beat). Null
 * where the segment is not all there.
 */
export function measureSt(frame: Float64Array, span: FrameSpan, qrs: QrsBounds, rrSeconds: number | null): StSegment | null {
  const ms = frameHz / 1000
  const point = qrs.end + (rrSeconds !== null && 60 / rrSeconds >= fastRate ? 60 : 80) * ms
  const isoFrom = Math.round(qrs.onset - isoelectric.from * ms)
  const isoTo = Math.round(qrs.onset - isoelectric.to * ms)
  const slopeFrom = Math.round(qrs.end + slopeFromMs * ms)
  const last = Math.round(point + aroundMs * ms)
  if (isoFrom < span.from || last >= span.to || isoTo >= frameOrigin) return null
  const base = meanOf(frame, isoFrom, isoTo)
  const level = meanOf(frame, Math.round(point - aroundMs * ms), last) - base
  return { level, slope: lineSlope(frame, slopeFrom, Math.round(point)) * frameHz }
}

/** Mean of [from, to], both included. */
function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let k = from; k <= to; k++) sum += values[k] as number
  return sum / (to - from + 1)
}

/** Least-squares slope per sample over [from, to]. */
function lineSlope(values: Float64Array, from: number, to: number): number {
  const centre = (from + to) / 2
  let product = 0
  let squares = 0
  for (let k = from; k <= to; k++) {
    product += (k - centre) * (values[k] as number)
    squares += (k - centre) * (k - centre)
  }
  return product / squares
}
