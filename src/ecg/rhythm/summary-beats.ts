import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'

/** Stretch about the R peak that is kept of each beat: points are means over 20 ms (a zero at 50 Hz), one each 8 ms. */
export const beatShape = { stepSeconds: 0.008, meanSeconds: 0.02, before: 50, after: 22, points: 73 } as const
/** Beats that are kept: the newest ones. A recording of half a minute to some minutes is kept whole. */
const depth = 400

export interface SummaryBeat {
  readonly seconds: number
  /** Whether the interval to the beat before is known. */
  readonly follows: boolean
  /** `beatShape.points` values in the view's unit; index `beatShape.before` is the R peak. */
  readonly shape: Float64Array
}

/** The beats of a recording with their shapes, as far as the view showed them when each was told. */
export class SummaryBeats {
  private readonly window: Float64Array
  private readonly lead: number
  private readonly state: { beats: SummaryBeat[] } = { beats: [] }

  constructor(private readonly fsHz: number) {
    const { before, after, stepSeconds, meanSeconds } = beatShape
    this.lead = Math.ceil((before * stepSeconds + meanSeconds) * fsHz)
    this.window = new Float64Array(this.lead + Math.ceil((after * stepSeconds + meanSeconds) * fsHz) + 1)
  }

  get beats(): readonly SummaryBeat[] {
    return this.state.beats
  }

  add(beat: ConfirmedBeat, view: EcgView): void {
    const { beats } = this.state
    const { index, fraction, rrSeconds } = beat
    const seconds = (index + fraction) / this.fsHz
    beats.push({ seconds, follows: rrSeconds !== null, shape: this.shapeOf(beat, view) })
    if (beats.length > depth) beats.shift()
  }

  clear(): void {
    this.state.beats = []
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  /** A point without samples (before the beginning, not yet there) takes the value beside it. */
  private shapeOf({ index, fraction, lead }: ConfirmedBeat, view: EcgView): Float64Array {
    const { window, fsHz } = this
    const { before, points, stepSeconds, meanSeconds } = beatShape
    view.read(lead, index - this.lead, window)
    const half = (meanSeconds / 2) * fsHz
    const shape = new Float64Array(points)
    let last = 0
    let missing = 0
    for (let k = 0; k < points; k++) {
      const centre = this.lead + fraction + (k - before) * stepSeconds * fsHz
      let sum = 0
      let count = 0
      for (let i = Math.ceil(centre - half); i <= centre + half; i++) {
        const value = window[i] as number
        if (Number.isNaN(value)) continue
        sum += value
        count += 1
      }
      if (count > 0) {
        last = sum / count
        if (missing === k) shape.fill(last, 0, k)
      } else missing += 1
      shape[k] = last
    }
    return shape
  }
}
