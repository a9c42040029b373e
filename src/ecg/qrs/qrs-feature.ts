import { butterworthHighPass, butterworthLowPass } from '../../dsp/butterworth.js'
import { SosCascade } from '../../dsp/sos-filter.js'
import type { Kernel } from '../../kernel/kernel.js'
import type { StageState } from '../../signal/stage.js'
import type { QrsParameters } from './qrs-parameters.js'

/**
 * The front end of the detector: from the ECG to the slope of its QRS band and to the feature (moving average of the
 * slope's size), and beside them the wide band (8 to 35 Hz) in which complexes are told from noise by their whole shape.
 */
export class QrsFeature {
  /** Slope of the band in units per second, feature in units per second, wide band in units: the last block's. */
  slope = new Float64Array(0)
  feature = new Float64Array(0)
  wide = new Float64Array(0)
  private readonly high: SosCascade
  private readonly low: SosCascade
  private readonly wideLow: SosCascade
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
    this.high = new SosCascade(butterworthHighPass({ order: 2, cutHz: parameters.bandLowHz, fsHz }), kernel)
    this.low = new SosCascade(butterworthLowPass({ order: 2, cutHz: parameters.bandHighHz, fsHz }), kernel)
    this.wideLow = new SosCascade(butterworthLowPass({ order: 2, cutHz: parameters.wideHighHz, fsHz }), kernel)
    this.lagRing = new Float64Array(lag)
    this.sumRing = new Float64Array(Math.max(1, Math.round(parameters.windowSeconds * fsHz)))
    this.slopeScale = fsHz / lag
  }

  /** Reads `length` samples of `input`; the results lie in `slope`, `feature` and `ecg`. */
  run(input: Float64Array, length: number): void {
    if (this.slope.length < length) {
      this.slope = new Float64Array(length)
      this.feature = new Float64Array(length)
      this.wide = new Float64Array(length)
    }
    const { slope, feature, kernel } = this
    const { wide } = this
    this.high.run(input, wide, length)
    this.low.run(wide, slope, length)
    this.wideLow.run(wide, wide, length)
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
    this.high.restart()
    this.low.restart()
    this.wideLow.restart()
    this.lagRing.fill(0)
    this.lagState.fill(0)
    this.sumRing.fill(0)
    this.sumState.fill(0)
  }

  save(): StageState {
    return {
      high: this.high.save(),
      low: this.low.save(),
      wideLow: this.wideLow.save(),
      lagRing: this.lagRing.slice(),
      lagState: this.lagState.slice(),
      sumRing: this.sumRing.slice(),
      sumState: this.sumState.slice(),
    }
  }

  load(saved: StageState): void {
    const state = saved as Record<'lagRing' | 'lagState' | 'sumRing' | 'sumState', Float64Array> &
      Record<'high' | 'low' | 'wideLow', StageState>
    this.high.load(state.high)
    this.low.load(state.low)
    this.wideLow.load(state.wideLow)
    this.lagRing.set(state.lagRing)
    this.lagState.set(state.lagState)
    this.sumRing.set(state.sumRing)
    this.sumState.set(state.sumState)
  }

  /**
   * What the front end makes of a triangle 80 ms wide and one unit high: the feature's height, and the samples from the
   * triangle's tip to the feature's peak and to the tip in the wide band. Measured, so that it holds at any rate.
   */
  calibrate(): { response: number; featureDelay: number; wideDelay: number } {
    const length = Math.ceil(1.5 * this.fsHz)
    const tip = Math.round(0.5 * this.fsHz)
    const pulse = Float64Array.from({ length }, (_, i) => Math.max(0, 1 - Math.abs(i - tip) / (0.04 * this.fsHz)))
    const twin = new QrsFeature(this.fsHz, this.parameters, this.kernel)
    twin.run(pulse, length)
    const featurePeak = indexOfLargest(twin.feature)
    return {
      response: twin.feature[featurePeak] as number,
      featureDelay: featurePeak - tip,
      wideDelay: indexOfLargest(twin.wide) - tip,
    }
  }
}

function indexOfLargest(values: Float64Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
