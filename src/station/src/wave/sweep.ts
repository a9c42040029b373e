/** Seconds of the erase bar ahead of the newest point. */
const eraseSeconds = 0.35

/**
 * Geometry of a sweep: time runs from left to right at a fixed speed and begins anew at the left; what is under the
 * erase bar is from one width ago and goes. Microseconds and CSS pixels.
 */
export interface SweepGeometry {
  readonly width: number
  readonly pixelsPerSecond: number
}

export function periodMicros({ width, pixelsPerSecond }: SweepGeometry): number {
  return (width / pixelsPerSecond) * 1e6
}

export function xOf(t: number, geometry: SweepGeometry): number {
  const period = periodMicros(geometry)
  const into = t % period
  return ((into < 0 ? into + period : into) / period) * geometry.width
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** [from, to) cut where the sweep begins anew; at most one period, less the erase bar, of it can be seen. */
export function visibleSpans(from: number, to: number, geometry: SweepGeometry): Span[] {
  const period = periodMicros(geometry)
  const start = Math.max(from, to - period + eraseSeconds * 1e6)
  if (!(start < to)) return []
  const spans: Span[] = []
  let at = start
  while (at < to) {
    const end = Math.min(to, (Math.floor(at / period) + 1) * period)
    spans.push({ from: at, to: end })
    at = end
  }
  return spans
}

/** Where to erase when the sweep goes on from `from` to `to`: that stretch and the bar ahead of it, as [x, width] pairs. */
export function eraseStretches(from: number, to: number, geometry: SweepGeometry): [number, number][] {
  const period = periodMicros(geometry)
  const end = to + eraseSeconds * 1e6
  if (end - from >= period) return [[0, geometry.width]]
  const x = xOf(from, geometry)
  const length = ((end - from) / period) * geometry.width
  const over = x + length - geometry.width
  return over > 0
    ? [
        [x, length - over],
        [0, over],
      ]
    : [[x, length]]
}
