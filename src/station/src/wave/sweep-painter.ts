import type { PlayoutClock } from './playout-clock.js'
import { eraseStretches, type SweepGeometry, visibleSpans, xOf } from './sweep.js'
import type { TraceBuffer } from './trace-buffer.js'
import { chooseScale, pixelsPerSecond, rangeOf, type WaveScale } from './wave-scale.js'

export interface PaintedTrace {
  readonly buffer: TraceBuffer
  readonly unit: string
  /** CSS colour. */
  readonly colour: string
}

/** What a strip's label says. `silentSeconds` null: signal is coming. */
export interface StripStatus {
  readonly scale: string
  readonly silentSeconds: number | null
}

/** Left of the sweep stands the scale bar. */
const gutter = 12
/** Signal missing at the playhead for so long is said in words. */
const silentAfterMicros = 3e6
/** A playhead that moved further in one frame did not sweep: all is drawn anew. */
const jumpMicros = 1.5e6

interface Strip {
  drawnTo: number
  scale: WaveScale | null
  scaledAt: number
}

/** Draws the sweeping waves of one tile, each frame only what is new. */
export class SweepPainter {
  private readonly context: CanvasRenderingContext2D
  private readonly strips: Strip[]
  private playhead: number | null = null
  private width = 0
  private height = 0
  private status: StripStatus[] = []

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly clock: PlayoutClock,
    private readonly traces: readonly PaintedTrace[],
    private readonly onStatus: (status: readonly StripStatus[]) => void,
  ) {
    this.context = canvas.getContext('2d')!
    this.strips = traces.map(() => ({ drawnTo: Number.NEGATIVE_INFINITY, scale: null, scaledAt: Number.NEGATIVE_INFINITY }))
  }

  /** CSS pixels. */
  resize(width: number, height: number, ratio: number): void {
    this.width = width
    this.height = height
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    for (const strip of this.strips) strip.scale = null
    this.playhead = null
  }

  frame(now: number): void {
    const playhead = this.clock.at(now)
    if (this.width <= gutter || this.height <= 0 || playhead === null) return
    const before = this.playhead
    const swept = before !== null && playhead >= before && playhead - before < jumpMicros
    const wrapped = swept && xOf(playhead, this.geometry) < xOf(before, this.geometry)
    const rescaled = this.rescale(playhead, wrapped || !swept)
    if (!swept || rescaled) {
      this.context.clearRect(0, 0, this.width, this.height)
      for (const strip of this.strips) strip.drawnTo = Number.NEGATIVE_INFINITY
      this.drawBars()
    } else {
      for (const [x, width] of eraseStretches(before, playhead, this.geometry)) this.context.clearRect(gutter + x, 0, width, this.height)
    }
    this.playhead = playhead
    for (let k = 0; k < this.traces.length; k++) this.draw(k, playhead)
    this.report(playhead)
  }

  private get geometry(): SweepGeometry {
    return { width: this.width - gutter, pixelsPerSecond }
  }

  private get stripHeight(): number {
    return this.height / this.traces.length
  }

  private draw(k: number, playhead: number): void {
    const strip = this.strips[k]!
    const { buffer, colour } = this.traces[k]!
    const { context, geometry } = this
    if (strip.scale === null) return
    const { centre, pixelsPerUnit } = strip.scale
    const top = k * this.stripHeight
    const middle = top + this.stripHeight / 2
    const [low, high] = [top + 1, top + this.stripHeight - 1]
    context.strokeStyle = colour
    context.lineWidth = 1.4
    context.lineJoin = 'round'
    context.beginPath()
    let last = strip.drawnTo
    let lastX = Number.POSITIVE_INFINITY
    let lastY = 0
    let alone = false
    for (const { from, to } of visibleSpans(strip.drawnTo, playhead, geometry)) {
      buffer.forEach(from, to, (t, value, joined) => {
        const x = gutter + xOf(t, geometry)
        const y = Math.min(high, Math.max(low, middle - (value - centre) * pixelsPerUnit))
        if (joined && x >= lastX) context.lineTo(x, y)
        else {
          if (alone) context.lineTo(lastX + 0.7, lastY)
          context.moveTo(x, y)
        }
        alone = !joined
        last = t
        lastX = x
        lastY = y
      })
    }
    context.stroke()
    // The last point is drawn again next time, as the beginning of what follows it.
    strip.drawnTo = last
  }

  /** True when a scale changed. Scales change at the left edge only, and soon after the first signal. */
  private rescale(playhead: number, atEdge: boolean): boolean {
    let changed = false
    for (const [k, strip] of this.strips.entries()) {
      const settling = strip.scale === null || (strip.scaledAt < Number.POSITIVE_INFINITY && playhead - strip.scaledAt > 4e6)
      if (!atEdge && !settling) continue
      const { buffer, unit } = this.traces[k]!
      const range = rangeOf(buffer, playhead - 8e6, Number.POSITIVE_INFINITY)
      if (range === null) continue
      const wanted = chooseScale(range.low, range.high, unit, this.stripHeight)
      strip.scaledAt = strip.scale === null ? playhead : Number.POSITIVE_INFINITY
      if (strip.scale !== null && isNear(strip.scale, wanted, this.stripHeight)) continue
      strip.scale = wanted
      changed = true
    }
    return changed
  }

  private drawBars(): void {
    const { context } = this
    for (const [k, { scale }] of this.strips.entries()) {
      if (scale === null) continue
      const length = Math.min(this.stripHeight - 4, scale.barUnits * scale.pixelsPerUnit)
      const middle = (k + 0.5) * this.stripHeight
      context.strokeStyle = this.traces[k]!.colour
      context.lineWidth = 1
      context.beginPath()
      context.moveTo(7, middle - length / 2)
      context.lineTo(3, middle - length / 2)
      context.lineTo(3, middle + length / 2)
      context.lineTo(7, middle + length / 2)
      context.stroke()
    }
  }

  private report(playhead: number): void {
    const status = this.traces.map(({ buffer }, k): StripStatus => {
      const silent = playhead - buffer.newest
      return { scale: this.strips[k]!.scale?.label ?? '', silentSeconds: silent > silentAfterMicros ? Math.floor(silent / 1e6) : null }
    })
    const same = status.every((own, k) => own.scale === this.status[k]?.scale && own.silentSeconds === this.status[k]?.silentSeconds)
    if (same && this.status.length > 0) return
    this.status = status
    this.onStatus(status)
  }
}

/** Near enough to leave the scale as it is: a screen that changes its scale all the time cannot be compared by eye. */
function isNear(a: WaveScale, b: WaveScale, height: number): boolean {
  const ratio = a.pixelsPerUnit / b.pixelsPerUnit
  return ratio > 0.8 && ratio < 1.25 && Math.abs(a.centre - b.centre) * a.pixelsPerUnit < height * 0.15
}
