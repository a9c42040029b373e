import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { pSpan, windowPoints } from './beat-window.js'
import { slotCount } from './shape-comparer.js'

const length = pSpan.to - pSpan.from
const mostShift = 2
const newestShare = 0.06

/** What the stretch before a beat holds of the patient's P wave, in one lead. */
export interface PReading {
  /** Correlation with the mean P wave at the best shift, NaN before there is a mean. */
  correlation: number
  /** How much of it: 1 is as large as the mean one, 0 none, below 0 upside down. */
  amount: number
  /** What is left when that much is taken away, over the size of the mean P wave: a P wave of another shape, or a T wave under it. */
  rest: number
}

/** The mean stretch before R of beats of the dominant shape that came in their time: the P wave of sinus rhythm. */
export class PWaveTemplate {
  readonly readings: readonly PReading[] = Array.from({ length: slotCount }, () => ({ correlation: 0, amount: 0, rest: 0 }))
  private readonly state = { means: new Float64Array(slotCount * length), beats: new Float64Array(slotCount) }

  read(windows: Float64Array, slot: number, shift: number): PReading {
    const reading = this.readings[slot] as PReading
    const { means, beats } = this.state
    reading.correlation = reading.amount = reading.rest = Number.NaN
    if ((beats[slot] as number) < 8) return reading
    const to = slot * length
    let own = 0
    let meanSum = 0
    for (let k = 0; k < length; k++) meanSum += means[to + k] as number
    const level = meanSum / length
    for (let k = 0; k < length; k++) own += ((means[to + k] as number) - level) * ((means[to + k] as number) - level)
    if (!(own > 0)) return reading
    let best = Number.NEGATIVE_INFINITY
    for (let move = -mostShift; move <= mostShift; move++) {
      const from = slot * windowPoints + pSpan.from + shift + move
      if (from < slot * windowPoints) continue
      let product = 0
      let sum = 0
      let power = 0
      for (let k = 0; k < length; k++) {
        const x = windows[from + k] as number
        product += x * ((means[to + k] as number) - level)
        sum += x
        power += x * x
      }
      power -= (sum * sum) / length
      const correlation = power > 0 ? product / Math.sqrt(power * own) : 0
      if (correlation > best) {
        best = correlation
        reading.correlation = correlation
        reading.amount = product / own
        reading.rest = Math.sqrt(Math.max(0, power - (product * product) / own) / own)
      }
    }
    return reading
  }

  /** Size of the mean P wave peak to peak; NaN before there is one. */
  height(slot: number): number {
    const { means, beats } = this.state
    if ((beats[slot] as number) < 8) return Number.NaN
    let high = Number.NEGATIVE_INFINITY
    let low = Number.POSITIVE_INFINITY
    for (let k = 0; k < length; k++) {
      const x = means[slot * length + k] as number
      if (x > high) high = x
      if (x < low) low = x
    }
    return high - low
  }

  learn(windows: Float64Array, slot: number, shift: number): void {
    const { means, beats } = this.state
    const from = slot * windowPoints + Math.max(0, pSpan.from + shift)
    if (Number.isNaN(windows[from] as number)) return
    beats[slot] = (beats[slot] as number) + 1
    const share = Math.max(newestShare, 1 / (beats[slot] as number))
    for (let k = 0; k < length; k++) {
      const x = windows[from + k] as number
      if (Number.isNaN(x)) continue
      const at = slot * length + k
      means[at] = (means[at] as number) + share * (x - (means[at] as number))
    }
  }

  restart(): void {
    this.state.means.fill(0)
    this.state.beats.fill(0)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
