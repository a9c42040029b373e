import { copyState, restoreState } from '../dsp/state.js'
import { medianOf } from '../dsp/streaming-statistics.js'
import type { StageState } from '../signal/stage.js'
import type { PulseDetector } from './pulse-detector.js'
import { PulseTemplate } from './pulse-template.js'

/** Heights of which the median is the usual one: it is right again after five pulses, whatever came before. */
const heightCount = 8

/** What a pulse is worth: by its shape beside the pulses before it, and by its height. */
export class PulseJudge {
  readonly state = {
    heights: new Float64Array(heightCount),
    seen: 0,
    /** Median of the latest heights; 0 before a first pulse. */
    typicalHeight: 0,
    /** Whether the latest pulse was far higher than the usual one. */
    surge: false,
  }
  readonly template = new PulseTemplate()
  /** Samples before and after the systolic peak that the shape needs. */
  readonly before: number
  readonly after: number
  readonly #scratch = new Float64Array(heightCount)

  constructor(fs: number) {
    this.before = Math.round(PulseTemplate.before * fs)
    this.after = Math.round(PulseTemplate.after * fs)
  }

  /** Quality 0 to 1 of the pulse at position `at` of the detector, `height` high; NaN when its shape reaches before the wave began. */
  judge(detector: PulseDetector, at: number, height: number): number {
    const s = this.state
    const span = this.before + this.after
    const last = detector.state.seen - 1
    const start = at - this.before
    if (start < 0) return Number.NaN
    for (let i = 0; i < PulseTemplate.points; i += 1) {
      const place = start + (span * i) / (PulseTemplate.points - 1)
      const whole = Math.floor(place)
      const low = detector.waveAt(Math.min(whole, last))
      const high = detector.waveAt(Math.min(whole + 1, last))
      this.template.put(i, low + (place - whole) * (high - low))
    }
    const correlation = this.template.judge()
    let quality = Number.isNaN(correlation) ? 0.5 : (correlation - 0.4) / 0.5
    quality = quality < 0 ? 0 : Math.min(quality, 1)
    s.surge = s.typicalHeight > 0 && height > 3 * s.typicalHeight
    if (s.surge) quality *= 0.4
    s.heights[s.seen % heightCount] = height
    s.seen += 1
    s.typicalHeight = medianOf(s.heights, Math.min(s.seen, heightCount), this.#scratch)
    return quality
  }

  save(): StageState {
    return { state: copyState(this.state), template: copyState(this.template.state) }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; template: object }
    restoreState(this.state, from.state)
    restoreState(this.template.state, from.template)
  }
}
