import { butterworthHighPass, butterworthLowPass } from '../dsp/butterworth.js'
import { SosCascade } from '../dsp/sos-filter.js'
import type { Kernel } from '../kernel/kernel.js'
import type { StageState } from '../signal/stage.js'
import type { QrsParameters } from './qrs-parameters.js'

/**
 * The front end of the detector: from the ECG to the slope of its QRS band and to the feature (moving average of the
 * slope's size), and beside them the conditioned ECG (0.5 to 35 Hz) in which the R peak is placed.
 */
export class QrsFeature {
  /** Slope of the band in units per second, feature in units per second, conditioned ECG in units: the last block's. */
  slope = new Float64Array(0)
  feature = new Float64Array(0)
  ecg = new Float64Array(0)
  private readonly band: SosCascade
  private readonly conditioning: SosCascade
  private readonly lagRing: Float64Array
  private readonly lagState = new Float64Array(1)
  private readonly sumRing: Float64Array
  private readonly sumState = new Float64Array(2)
  private readonly slopeScale: number

  constructor(
    private readonly fsHz: number,
    private readonly parameters: QrsParameters,
    private readonly kernel: Kernel,
  ) {
    const lag = Math.max(1, Math.round(parameters.slopeSeconds * fsHz))
    const join = (...parts: Float64Array[]) => Float64Array.from(parts.flatMap(part => [...part]))
    this.band = new SosCascade(
      join(
        butterworthHighPass({ order: 2, cutHz: parameters.bandLowHz, fsHz }),
        butterworthLowPass({ order: 2, cutHz: parameters.bandHighHz, fsHz }),
      ),
      kernel,
    )
    this.conditioning = new SosCascade(
      join(butterworthHighPass({ order: 1, cutHz: 0.5, fsHz }), butterworthLowPass({ order: 2, cutHz: 35, fsHz })),
      kernel,
    )
    this.lagRing = new Float64Array(lag)
    this.sumRing = new Float64Array(Math.max(1, Math.round(parameters.windowSeconds * fsHz)))
    this.slopeScale = fsHz / lag
  }

  /** Reads `length` samples of `input`; the results lie in `slope`, `feature` and `ecg`. */
  run(input: Float64Array, length: number): void {
    if (this.slope.length < length) {
      this.slope = new Float64Array(length)
      this.feature = new Float64Array(length)
      this.ecg = new Float64Array(length)
    }
    const { slope, feature, kernel } = this
    this.conditioning.run(input, this.ecg, length)
    this.band.run(input, slope, length)
    kernel.lagDifference(this.lagRing, this.lagState, slope, slope, length)
    const scale = this.slopeScale
    for (let i = 0; i < length; i++) {
      const value = (slope[i] as number) * scale
      slope[i] = value
      feature[i] = value < 0 ? -value : value
    }
    kernel.movingSum(this.sumRing, this.sumState, feature, feature, length)
    const share = 1 / this.sumRing.length
    for (let i = 0; i < length; i++) feature[i] = (feature[i] as number) * share
  }

  restart(): void {
    this.band.restart()
    this.conditioning.restart()
    this.lagRing.fill(0)
    this.lagState.fill(0)
    this.sumRing.fill(0)
    this.sumState.fill(0)
  }

  save(): StageState {
    return {
      band: this.band.save(),
      conditioning: this.conditioning.save(),
      lagRing: this.lagRing.slice(),
      lagState: this.lagState.slice(),
      sumRing: this.sumRing.slice(),
      sumState: this.sumState.slice(),
    }
  }

  load(saved: StageState): void {
    const state = saved as Record<'lagRing' | 'lagState' | 'sumRing' | 'sumState', Float64Array> &
      Record<'band' | 'conditioning', StageState>
    this.band.load(state.band)
    this.conditioning.load(state.conditioning)
    this.lagRing.set(state.lagRing)
    this.lagState.set(state.lagState)
    this.sumRing.set(state.sumRing)
    this.sumState.set(state.sumState)
  }

  /**
   * What the front end makes of a triangle 80 ms wide and one unit high: the feature's height, and the samples from the
   * triangle's tip to the feature's peak and to the tip in the conditioned ECG. Measured, so that it holds at any rate.
   */
  calibrate(): { response: number; featureDelay: number; ecgDelay: number } {
    const length = Math.ceil(1.5 * this.fsHz)
    const tip = Math.round(0.5 * this.fsHz)
    const pulse = Float64Array.from({ length }, (_, i) => Math.max(0, 1 - Math.abs(i - tip) / (0.04 * this.fsHz)))
    const twin = new QrsFeature(this.fsHz, this.parameters, this.kernel)
    twin.run(pulse, length)
    const featurePeak = indexOfLargest(twin.feature)
    return {
      response: twin.feature[featurePeak] as number,
      featureDelay: featurePeak - tip,
      ecgDelay: indexOfLargest(twin.ecg) - tip,
    }
  }
}

function indexOfLargest(values: Float64Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
