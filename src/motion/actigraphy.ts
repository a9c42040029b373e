import { secondStart } from '../dsp/second-grid.js'
import type { Emit } from '../dsp/secondwise-chain.js'
import type { MeasurementName } from '../signal/catalogue.js'
import { hertz, type Rate } from '../signal/rate.js'
import type { StageState } from '../signal/stage.js'
import { ActivityMinute, activityParameters } from './activity-minute.js'
import type { Vector } from './axes-history.js'
import { NonWear, nonWearParameters } from './non-wear.js'
import { inactivityParameters, SustainedInactivity } from './sustained-inactivity.js'

export const actigraphyParameters = { ...activityParameters, nonWear: nonWearParameters, inactivity: inactivityParameters } as const

const minute = 60
const hour = 3600
/** Share of a minute, and of an hour, that must be there for a number over it. */
const leastShare = 0.5

/**
 * What acceleration says over minutes and hours of the stream's own grid: activity, steps, cadence, posture; non-wear; sustained
 * inactivity. Takes each sample (`add`), the movement with short gaps bridged (`move`), and each second's end (`advance`).
 */
export class Actigraphy {
  readonly #fs: Rate
  readonly #activity: ActivityMinute
  readonly #wear = new NonWear()
  readonly #inactivity = new SustainedInactivity()

  constructor(fs: Rate) {
    this.#fs = fs
    this.#activity = new ActivityMinute(hertz(fs))
  }

  /** A sample that was there, g. */
  add(values: Vector): void {
    this.#activity.add(values)
    this.#wear.add(values)
  }

  /** A low-passed sample, one that was bridged too. */
  move(values: Vector): void {
    this.#activity.move(values)
  }

  /** A gap that is not bridged. */
  restart(): void {
    this.#activity.restart()
  }

  /** Second `second` is over, and those before `next` (more than the one when they were lost whole). */
  advance(second: number, next: number, decided: number, emit: Emit): void {
    const crossed = (period: number): boolean => Math.floor(second / period) < Math.floor(next / period)
    const whole = secondStart(second + 1, this.#fs) - secondStart(second, this.#fs)
    this.#inactivity.second(this.#activity.closeSecond(leastShare * whole), crossed(inactivityParameters.epochSeconds))
    if (next > second + 1) this.#inactivity.interrupt()
    if (crossed(minute)) this.#minute(this.#span(second, minute), decided, emit)
    const { blockSeconds } = nonWearParameters
    if (crossed(blockSeconds)) {
      const [from, to] = this.#span(second, blockSeconds)
      this.#tellWear(this.#wear.close(from, to), decided, emit)
      if (Math.floor(next / blockSeconds) > Math.floor(second / blockSeconds) + 1) this.#wear.interrupt()
    }
    if (crossed(hour)) this.#hour(this.#span(second, hour), decided, emit)
  }

  /** The stream ends: forgets everything. */
  end(decided: number, emit: Emit): void {
    if (this.#wear.on) this.#tellWear({ on: false, index: decided }, decided, emit)
    this.#activity.reset()
    this.#wear.reset()
    this.#inactivity.reset()
  }

  save(): StageState {
    return { activity: this.#activity.save(), wear: this.#wear.save(), inactivity: this.#inactivity.save() }
  }

  load(saved: StageState): void {
    const from = saved as { activity: StageState; wear: StageState; inactivity: StageState }
    this.#activity.load(from.activity)
    this.#wear.load(from.wear)
    this.#inactivity.load(from.inactivity)
  }

  /** Samples [from, to) of the period that a second lies in. */
  #span(second: number, period: number): [from: number, to: number] {
    const first = Math.floor(second / period) * period
    return [secondStart(first, this.#fs), secondStart(first + period, this.#fs)]
  }

  #minute([from, to]: readonly [number, number], decided: number, emit: Emit): void {
    const said = this.#activity.closeMinute()
    if (said.samples === 0) return
    const tell = (name: MeasurementName, value: number | null, reason?: string): void => {
      const why = value === null && reason !== undefined ? { reason } : {}
      const quality = value === null ? 0 : 1
      emit({ kind: 'measurement', name, decided, channel: 0, from, to, value, quality, ...why, algorithm: 'motion-activity' })
    }
    if (said.steps !== null) tell('steps', said.steps)
    const usable = said.samples >= leastShare * (to - from)
    tell('activity-enmo', usable ? said.enmo : null, 'missing')
    tell('cadence', usable ? said.cadence : null, usable ? 'no-walking' : 'missing')
    if (!usable) return
    tell('activity-class', said.activityClass)
    tell('posture', said.posture)
  }

  #tellWear(change: { on: boolean; index: number } | null, decided: number, emit: Emit): void {
    if (change === null) return
    const { on, index } = change
    emit({ kind: 'episode', episode: 'non-wear', decided, channel: 0, on, index, confidence: 1, to: decided + 1 })
  }

  #hour([from, to]: readonly [number, number], decided: number, emit: Emit): void {
    const { inactive, known } = this.#inactivity.takeHour()
    if (known === 0) return
    const reason = known < leastShare * hour ? 'missing' : this.#wear.on ? 'non-wear' : null
    const value = reason === null ? inactive / minute : null
    const why = reason === null ? {} : { reason }
    const quality = reason === null ? 0.5 : 0
    emit({
      kind: 'measurement',
      name: 'sleep-minutes',
      decided,
      channel: 0,
      from,
      to,
      value,
      quality,
      ...why,
      algorithm: 'sleep-wake-unvalidated',
    })
  }
}
