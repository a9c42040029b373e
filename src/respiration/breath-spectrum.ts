import { EventSeries } from '../dsp/event-series.js'
import { RateEvidence, spectrumSize } from '../dsp/rate-evidence.js'
import { RateTracker, type TrackedRate } from '../dsp/rate-tracker.js'
import { designSlowLevel, newSlowLevel, type SlowLevelDesign, settleSlowLevel, stepSlowLevel } from '../dsp/slow-level.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const breathSpectrumParameters = {
  windowSeconds: 32,
  everySeconds: 2,
  gridHz: 4,
  cutHz: 1.5,
  lowestRate: 4,
  highestRate: 80,
  tilt: 1,
  evidenceShare: 0.35,
  driftPerStep: 0.5,
  jumpPerStep: 0.0002,
  nearRate: 2,
} as const

const { windowSeconds, gridHz, cutHz, lowestRate, highestRate, tilt } = breathSpectrumParameters
const points = windowSeconds * gridHz
const perBin = (gridHz * 60) / spectrumSize
const low = Math.ceil(lowestRate / perBin)
const high = Math.floor(highestRate / perBin)

/** The respiratory rate by the spectrum of the whole wave, tracked over time: a second opinion beside the count of breaths. */
export class BreathSpectrum {
  readonly #fs: number
  readonly #design: SlowLevelDesign
  readonly #state = { level: newSlowLevel(), first: -1, seconds: 0 }
  readonly #series = new EventSeries()
  readonly #evidence = new RateEvidence({ points })
  readonly #tracker = new RateTracker({
    first: low * perBin,
    spacing: perBin,
    count: high - low + 1,
    drift: breathSpectrumParameters.driftPerStep,
    jump: breathSpectrumParameters.jumpPerStep,
  })
  readonly #grid = new Float64Array(points)
  readonly #likelihood = new Float64Array(high - low + 1)

  constructor(fs: number) {
    this.#fs = fs
    this.#design = designSlowLevel({ fs, cutHz, keptHz: gridHz })
  }

  restart(value: number): void {
    settleSlowLevel(this.#state.level, this.#design, value)
    this.#state.first = -1
    this.#series.clear()
    this.#tracker.clear()
  }

  step(x: number, index: number): void {
    if (this.#state.first < 0) this.#state.first = index
    const level = stepSlowLevel(this.#state.level, this.#design, x, index)
    if (!Number.isNaN(level)) this.#series.add(index, level)
  }

  /** Ends a second at sample `now`; every other one, a full window is evidence. */
  closeSecond(now: number): void {
    const s = this.#state
    s.seconds += 1
    const from = now - windowSeconds * this.#fs
    if (s.seconds % breathSpectrumParameters.everySeconds !== 0 || s.first < 0 || s.first > from) return
    this.#likelihood.fill(0)
    if (this.#series.layOut(this.#grid, from, this.#fs / gridHz) !== null) {
      this.#evidence.read(this.#grid, low, high, tilt)
      this.#evidence.addTo(this.#likelihood, breathSpectrumParameters.evidenceShare, low, high)
    }
    this.#tracker.step(this.#likelihood)
  }

  read(): TrackedRate {
    return this.#tracker.read(breathSpectrumParameters.nearRate)
  }

  save(): StageState {
    return { state: copyState(this.#state), series: this.#series.save(), tracker: this.#tracker.save() }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; series: StageState; tracker: StageState }
    restoreState(this.#state, from.state)
    this.#series.load(from.series)
    this.#tracker.load(from.tracker)
  }
}
