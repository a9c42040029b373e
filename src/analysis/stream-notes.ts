import type { LoggedEvent } from '../journal/logged-event.js'
import { motionRateAlgorithm } from '../monitor/motion-rate-reader.js'
import { planStream } from '../monitor/plan.js'
import { hertz } from '../signal/rate.js'
import type { Birth, BirthStream } from '../wire/birth.js'

/** Why a stream says less than one would think. */
export interface StreamNote {
  readonly stream: string
  /**
   * `not-readable`: no chain reads such a stream (rate, unit, number of channels). `no-data`: it has no samples to its end.
   * `no-acceleration`: the pulse rate is of light alone although the device carries acceleration.
   */
  readonly reason: 'not-readable' | 'no-data' | 'no-acceleration'
  /** Seconds from the session's start. */
  readonly fromSeconds: number
  readonly toSeconds: number
  readonly message: string
}

/** Shorter stretches are the loss of a packet, or the wait for a first second. */
const leastSeconds = 10
const ofLightAlone = 'the pulse rate is of light alone, which takes steps for pulses'

interface Stretch {
  from: number
  to: number
  seconds: number
}

/** Gathers from the events of a run which streams could not be used, where that changes what the others say. */
export class StreamNotes {
  readonly #birth: Birth
  /** Samples per channel, by stream. */
  readonly #samples: ReadonlyMap<string, number>
  /** Patient time of the session's start, microseconds. */
  readonly #origin: number
  /** Newest gap of the first channel, by stream, microseconds of patient time. */
  readonly #gaps = new Map<string, { from: number; to: number }>()
  /** Seconds of a pulse rate without acceleration, by stream of light. */
  readonly #blind = new Map<string, Stretch>()

  constructor(birth: Birth, samples: ReadonlyMap<string, number>, origin: number) {
    this.#birth = birth
    this.#samples = samples
    this.#origin = origin
  }

  add({ log, type, stream, t, body }: LoggedEvent): void {
    if (log !== 'patient') return
    if (type === 'gap' && body.channel === 0) {
      const of = this.#birth.streams.find(({ id }) => id === stream)
      if (of !== undefined) this.#gaps.set(stream, { from: t, to: t + (1e6 * Number(body.count)) / hertz(of.fs) })
    } else if (type === 'measurement' && body.method === motionRateAlgorithm && body.reason === 'no-acceleration' && body.value !== null) {
      const seconds = this.#seconds(t)
      const stretch = this.#blind.get(stream)
      if (stretch === undefined) this.#blind.set(stream, { from: Math.max(0, seconds - 1), to: seconds, seconds: 1 })
      else Object.assign(stretch, { to: seconds, seconds: stretch.seconds + 1 })
    }
  }

  /** In the order of the streams. */
  notes(): StreamNote[] {
    return this.#birth.streams.flatMap(stream => [...this.#refused(stream), ...this.#stopped(stream), ...this.#ofLight(stream)])
  }

  #refused(stream: BirthStream): StreamNote[] {
    const { refusal } = planStream(stream)
    if (refusal === null) return []
    const span = { fromSeconds: this.#begin(stream), toSeconds: this.#end(stream) }
    return [{ stream: stream.id, reason: 'not-readable', ...span, message: `nothing is measured from it: ${refusal}` }]
  }

  #stopped(stream: BirthStream): StreamNote[] {
    const gap = this.#gaps.get(stream.id)
    if (gap === undefined) return []
    const [from, to, end] = [this.#seconds(gap.from), this.#seconds(gap.to), this.#end(stream)]
    const whole = from <= this.#begin(stream)
    if (to < end - 1 || !(whole || to - from >= leastSeconds)) return []
    const message = whole ? 'has no samples at all' : `has no samples from ${from.toFixed(1)} s to its end`
    return [{ stream: stream.id, reason: 'no-data', fromSeconds: from, toSeconds: end, message }]
  }

  #ofLight({ id }: BirthStream): StreamNote[] {
    const stretch = this.#blind.get(id)
    if (stretch === undefined || stretch.seconds < leastSeconds) return []
    const { from, to, seconds } = stretch
    const when = `in ${seconds} s between ${from.toFixed(1)} and ${to.toFixed(1)} s`
    const message = `${ofLightAlone}, ${when}: the acceleration is missing, flat or not readable`
    return [{ stream: id, reason: 'no-acceleration', fromSeconds: from, toSeconds: to, message }]
  }

  #begin({ t0 }: BirthStream): number {
    return this.#seconds((this.#birth.epoch ?? 0) + t0)
  }

  #end(stream: BirthStream): number {
    return this.#begin(stream) + (this.#samples.get(stream.id) ?? 0) / hertz(stream.fs)
  }

  #seconds(t: number): number {
    return (t - this.#origin) / 1e6
  }
}
