/** Arrivals that are looked back on, to know how late chunks come. */
const keepArrivals = 24
/** Beside the latest chunk seen, milliseconds. */
const marginMs = 120
/** A difference above this is jumped, below it the clock runs by at most `slew` faster or slower. */
const jumpMs = 2500
const slew = 0.08
/** More signal than this ahead of what is shown: it comes faster than real time, or after an outage. */
const farAheadMs = 6000
const lateMs = 5000

/**
 * Which moment of patient time a screen shows. Chunks come each 0.25 to 2 s and not evenly; a sweep that drew them as
 * they come would jerk. So it shows the past: far enough back that, by the arrivals seen lately, the next chunk is there
 * before it is needed. The delay is what one chunk lasts and what the network adds, and no more. Times of the page in
 * milliseconds of a steady clock, patient time in microseconds.
 */
export class PlayoutClock {
  private arrivals: number[] = []
  private offset: number | null = null
  private lastNow = 0
  private newest = Number.NEGATIVE_INFINITY

  /** A chunk [from, to) of patient time has come. */
  arrive(from: number, to: number, now: number): void {
    if (to / 1000 < this.newest - 30_000) this.restart()
    // What comes late is painted where it belongs; the clock does not wait for more of its kind.
    if (to / 1000 < this.newest - lateMs) return
    this.newest = Math.max(this.newest, to / 1000)
    // Just before this chunk came, only what is older than `from` was there.
    this.arrivals.push(from / 1000 - now)
    if (this.arrivals.length > keepArrivals) this.arrivals.shift()
  }

  restart(): void {
    this.arrivals = []
    this.offset = null
    this.newest = Number.NEGATIVE_INFINITY
  }

  /** Patient time to show, microseconds; null before the first chunk. Call it with a growing `now`. */
  at(now: number): number | null {
    if (this.arrivals.length === 0) return null
    const wanted = this.wantedOffset(now)
    const passed = Math.max(0, now - this.lastNow)
    this.lastNow = now
    if (this.offset === null || Math.abs(wanted - this.offset) > jumpMs) this.offset = wanted
    else {
      const step = slew * passed
      this.offset += Math.max(-step, Math.min(step, wanted - this.offset))
    }
    return Math.round((now + this.offset) * 1000)
  }

  private wantedOffset(now: number): number {
    const latest = this.arrivals.reduce((a, b) => Math.min(a, b))
    const offset = latest - marginMs
    return this.newest - (now + offset) > farAheadMs ? this.newest - now - 1000 - marginMs : offset
  }
}
