import { secondOf } from '../dsp/second-grid.js'
import type { SecondwiseChannel } from '../dsp/secondwise-chain.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { QualityReason } from '../signal/observation.js'
import type { Rate } from '../signal/rate.js'
import { sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'

export const skinTemperatureParameters = {
  /** A number is the mean over so many seconds of the stream's own grid. */
  periodSeconds: 10,
  /** Share of a period, and of a second, that must be there. */
  leastShare: 0.5,
  /** Cel; outside, a sensor of the skin is broken or was never on one. */
  possible: [10, 45],
  /** Cel from one period to the next: more than a sensor with its own mass on a skin can do. */
  jump: 1,
  /**
   * Off the skin: below `cold`, or below `warm` after a fall of `fall` within `changeSeconds`; on again: above `warm`, or above `cold`
   * after a rise of `rise`. A sensor that is taken off falls by 0.40 (SD 0.17) Cel/min in the first 5 min and rises as fast when it is put
   * on (A. Vert et al., BMC Med Res Methodol 22 (2022) 147), a band that slips makes dips of 1 Cel; 26 Cel is the limit of
   * S.-M. Zhou et al., BMJ Open 5 (2015) e007447.
   */
  cold: 26,
  warm: 30,
  fall: 1.5,
  rise: 1,
  changeSeconds: 300,
} as const

const { periodSeconds, leastShare, possible, jump, cold, warm, fall, rise, changeSeconds } = skinTemperatureParameters

/** What a channel says of ten seconds. */
export interface SkinTemperature {
  /** Cel; null: not measurable, with `reason`. */
  readonly value: number | null
  readonly quality: number
  readonly reason: QualityReason
}

function newState() {
  return {
    /** Of the second under way. */
    present: 0,
    wrong: 0,
    missing: 0,
    flagged: false,
    /** The period that is summed up; -1: none. */
    period: -1,
    sum: 0,
    count: 0,
    wrongSum: 0,
    flaggedSum: false,
    /** Means of the last five minutes by their period, oldest first. */
    means: [] as { period: number; mean: number }[],
    off: false,
    reason: 'missing' as QualityReason,
    worth: 0,
  }
}

/** The temperature of the skin below one sensor, with what speaks against it. */
export class SkinTemperatureChannel implements SecondwiseChannel {
  readonly #fs: Rate
  readonly #factor: number
  readonly #before: number
  readonly #state = newState()
  /** Of the period that ended with this second; read at once. */
  told: SkinTemperature | null = null

  /** Samples become Cel by (sample + `before`) * `factor`. */
  constructor(fs: Rate, before: number, factor: number) {
    this.#fs = fs
    this.#before = before
    this.#factor = factor
  }

  get reason(): QualityReason {
    return this.#state.reason
  }

  get worth(): number {
    return this.#state.worth
  }

  step(value: number, index: number, flags: number): boolean {
    const s = this.#state
    const off = (flags & sampleFlags.sensorOff) !== 0
    if (Number.isNaN(value) || off) {
      s.missing += 1
      s.flagged ||= off
      return false
    }
    const temperature = (value + this.#before) * this.#factor
    this.#turn(Math.floor(secondOf(index, this.#fs) / periodSeconds))
    if (temperature >= possible[0] && temperature <= possible[1]) {
      s.present += 1
      s.sum += temperature
      s.count += 1
    } else {
      s.wrong += 1
      s.wrongSum += 1
    }
    return false
  }

  lose(): void {}

  missInSecond(count: number): void {
    this.#state.missing += count
  }

  closeSecond(now: number): number {
    const s = this.#state
    const all = s.present + s.wrong + s.missing
    const enough = s.present >= leastShare * all && s.present > 0
    this.#turn(Math.floor(secondOf(now, this.#fs) / periodSeconds))
    s.flaggedSum ||= s.flagged
    s.reason = enough ? (s.off ? 'sensor-off' : 'good') : s.wrong >= leastShare * all ? 'saturated' : s.flagged ? 'sensor-off' : 'missing'
    s.worth = s.reason === 'good' ? 1 : 0
    s.present = s.wrong = s.missing = 0
    s.flagged = false
    return s.worth
  }

  finish(): boolean {
    return false
  }

  /** Ends the ten seconds `period`, which had `samples` samples; `told` says what they were. */
  closePeriod(period: number, samples: number): void {
    this.told = this.#close(period, samples)
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }

  #close(period: number, samples: number): SkinTemperature {
    const s = this.#state
    this.#turn(period)
    const { sum, count, wrongSum, flaggedSum } = s
    this.#turn(-1)
    if (count === 0 || count < leastShare * samples) {
      const reason = wrongSum >= leastShare * samples ? 'saturated' : flaggedSum ? 'sensor-off' : 'missing'
      return { value: null, quality: 0, reason }
    }
    const mean = sum / count
    const before = s.means.at(-1)
    const jumped = before !== undefined && before.period === period - 1 && Math.abs(mean - before.mean) > jump
    this.#follow(period, mean)
    if (s.off) return { value: null, quality: 0, reason: 'sensor-off' }
    return jumped ? { value: mean, quality: 0.4, reason: 'noise' } : { value: mean, quality: 1, reason: 'good' }
  }

  /** What belongs to another period that never ended, as samples were lost, is forgotten. */
  #turn(period: number): void {
    const s = this.#state
    if (s.period === period) return
    s.period = period
    s.sum = s.count = s.wrongSum = 0
    s.flaggedSum = false
  }

  #follow(period: number, mean: number): void {
    const s = this.#state
    const recent = s.means.filter(one => one.period >= period - changeSeconds / periodSeconds)
    s.means = [...recent, { period, mean }]
    const highest = Math.max(...s.means.map(one => one.mean))
    const lowest = Math.min(...s.means.map(one => one.mean))
    // Behind a gap that leaves nothing to compare with, only the temperature itself tells.
    if (recent.length === 0) s.off = mean < cold
    else if (mean >= warm) s.off = false
    else if (mean < cold) s.off = true
    else if (mean - lowest >= rise) s.off = false
    else if (highest - mean >= fall) s.off = true
  }
}
