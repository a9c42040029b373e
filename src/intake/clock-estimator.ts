/** Steps larger than this are reported (W6) and taken at once. */
const stepMicros = 250_000
/** Smallest offsets are taken over stretches of this length; what a network adds only makes them larger. */
const stretchMicros = 5_000_000
const keptStretches = 12
/** Two stretches whose smallest offsets agree this well have no backlog draining in them. */
const steadyMicros = 50_000
const driftPpm = 200
/** Drift is told from stretches that span at least this long. */
const driftSpanMicros = 30_000_000

interface Stretch {
  start: number
  lowest: number
  /** Device clock of the lowest. */
  device: number
  highest: number
}

export interface ClockState {
  offset: number | null
  stretches: Stretch[]
  drifting: boolean
}

export type ClockNews = { readonly what: 'step'; readonly byMs: number } | { readonly what: 'drift'; readonly ppm: number }

/**
 * Offset of a live device's clock against the engine's: wall = device + offset, microseconds. Each message gives an
 * upper bound (receive time less the device's time at its end); the smallest over a minute is the estimate. A backlog
 * arrives late and shrinks as it drains, so larger offsets count only once two stretches agree. Everything here is a
 * function of what the journal holds (W5, W6).
 */
export class ClockEstimator {
  #offset: number | null = null
  #stretches: Stretch[] = []
  #drifting = false

  /** Microseconds; null before the first message. */
  get offset(): number | null {
    return this.#offset
  }

  /** How much messages differ in their delay, milliseconds: half of it may be in the offset. */
  get uncertaintyMs(): number {
    const newest = this.#stretches.at(-1)
    return newest === undefined ? 0 : Math.max(1, (newest.highest - newest.lowest) / 2000)
  }

  /** `device`: device clock at the end of what the message holds; `at`: when it came. */
  observe(device: number, at: number): ClockNews | null {
    const sample = at - device
    const newest = this.#stretches.at(-1)
    // Before its start: the engine's own clock was set back.
    if (newest === undefined || at < newest.start || at - newest.start >= stretchMicros) {
      this.#stretches.push({ start: at, lowest: sample, device, highest: sample })
      if (this.#stretches.length > keptStretches) this.#stretches.shift()
    } else {
      if (sample < newest.lowest) {
        newest.lowest = sample
        newest.device = device
      }
      newest.highest = Math.max(newest.highest, sample)
    }
    if (this.#offset === null) {
      this.#offset = sample
      return null
    }
    if (sample < this.#offset) return this.#move(sample)
    return this.#upwards()
  }

  save(): ClockState {
    return { offset: this.#offset, stretches: this.#stretches.map(stretch => ({ ...stretch })), drifting: this.#drifting }
  }

  load(state: ClockState): void {
    this.#offset = state.offset
    this.#stretches = state.stretches.map(stretch => ({ ...stretch }))
    this.#drifting = state.drifting
  }

  #move(offset: number): ClockNews | null {
    const by = offset - this.#offset!
    this.#offset = offset
    if (Math.abs(by) <= stepMicros) return this.#drift()
    this.#stretches = this.#stretches.slice(-1)
    this.#drifting = false
    return { what: 'step', byMs: by / 1000 }
  }

  /** Follows an offset that grows: a slow clock by the last minute, a step once two whole stretches agree. */
  #upwards(): ClockNews | null {
    const whole = this.#stretches.slice(0, -1)
    const last = whole.at(-1)
    const before = whole.at(-2)
    if (last === undefined || before === undefined) return null
    const steady = Math.abs(last.lowest - before.lowest) < steadyMicros
    if (!steady) return null
    if (last.lowest - this.#offset! > stepMicros && before.lowest - this.#offset! > stepMicros) return this.#move(last.lowest)
    let lowest = Number.POSITIVE_INFINITY
    for (const stretch of whole.slice(-3)) lowest = Math.min(lowest, stretch.lowest)
    return lowest > this.#offset! ? this.#move(lowest) : this.#drift()
  }

  /** Slope of the smallest offsets from the first stretch to the last whole one. */
  #drift(): ClockNews | null {
    const first = this.#stretches[0]
    const last = this.#stretches.at(-2)
    if (first === undefined || last === undefined || last.device - first.device < driftSpanMicros) return null
    const ppm = ((last.lowest - first.lowest) / (last.device - first.device)) * 1e6
    const drifting = Math.abs(ppm) > driftPpm
    const news = drifting && !this.#drifting
    this.#drifting = drifting
    return news ? { what: 'drift', ppm } : null
  }
}
