import { butterworthBandPass } from '../dsp/butterworth.js'
import { SosCascade } from '../dsp/sos-filter.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const stepParameters = {
  bandHz: [0.5, 4],
  /** Least height of a step in the band, g. */
  height: 0.05,
  intervalSeconds: [0.25, 1.5],
  /** Each interval against the one before, at most. */
  ratio: 1.5,
  /** Steps that follow each other regularly before the first is counted. */
  run: 4,
} as const

function newState() {
  return {
    place: 0,
    /** Within an excursion above the least height: its highest value so far, and where. */
    height: 0,
    peakAt: -1,
    /** Place of the last step; -1: none. */
    last: -1,
    /** Samples between the last two steps of the run; 0: fewer than two. */
    interval: 0,
    run: 0,
    /** Intervals of the counted steps since they were last asked for, and their samples. */
    intervals: 0,
    samples: 0,
    /** Samples from the first step of a run that is not yet counted. */
    begun: 0,
  }
}

/**
 * Counts steps in the magnitude of an acceleration (g), band-passed 0.5 to 4 Hz: a step is the highest point of an excursion above
 * 0.05 g that returns to zero; steps count when at least four follow each other at 0.25 to 1.5 s, each interval within half of the one
 * before. One blow or shake is none.
 */
export class StepCounter {
  readonly #fs: number
  readonly #filter: SosCascade
  readonly #state = newState()
  readonly #sample = new Float64Array(1)

  constructor(fs: number) {
    this.#fs = fs
    const [lowHz, highHz] = stepParameters.bandHz
    this.#filter = new SosCascade(butterworthBandPass({ order: 2, lowHz, highHz, fsHz: fs }))
  }

  /** Steps that are sure with this sample: none, one, or the first four of a run. */
  step(magnitude: number): number {
    const s = this.#state
    const sample = this.#sample
    sample[0] = magnitude
    this.#filter.run(sample, sample, 1)
    const value = sample[0]
    s.place += 1
    if (value > stepParameters.height && value > s.height) {
      s.height = value
      s.peakAt = s.place
    }
    if (value > 0 || s.peakAt < 0) return 0
    const at = s.peakAt
    s.height = 0
    s.peakAt = -1
    return this.#peak(at)
  }

  /** What follows does not join what was. */
  restart(): void {
    this.#filter.restart()
    const { intervals, samples } = this.#state
    Object.assign(this.#state, newState(), { intervals, samples })
  }

  /** Steps a minute over the counted steps since the last call; null when there were none. */
  takeCadence(): number | null {
    const s = this.#state
    const cadence = s.intervals > 0 ? (60 * this.#fs * s.intervals) / s.samples : null
    s.intervals = 0
    s.samples = 0
    return cadence
  }

  save(): StageState {
    return { state: copyState(this.#state), filter: this.#filter.save() }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; filter: StageState }
    restoreState(this.#state, from.state)
    this.#filter.load(from.filter)
  }

  #peak(at: number): number {
    const s = this.#state
    const { intervalSeconds, ratio, run } = stepParameters
    const interval = at - s.last
    if (s.last >= 0 && interval < intervalSeconds[0] * this.#fs) return 0
    const follows = s.last >= 0 && interval <= intervalSeconds[1] * this.#fs
    const regular = follows && (s.interval === 0 || (interval <= ratio * s.interval && s.interval <= ratio * interval))
    s.last = at
    s.interval = follows ? interval : 0
    s.run = regular ? s.run + 1 : follows ? 2 : 1
    s.begun = regular ? s.begun + interval : s.interval
    if (s.run < run) return 0
    s.intervals += s.run === run ? run - 1 : 1
    s.samples += s.run === run ? s.begun : interval
    return s.run === run ? run : 1
  }
}
