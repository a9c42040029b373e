import { butterworthHighPass, butterworthLowPass } from '../../dsp/butterworth.js'
import { steadyState } from '../../dsp/sos-filter.js'
import type { EcgFrontEnd, Kernel } from '../../kernel/kernel.js'
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
  private readonly design: EcgFrontEnd
  private started = false

  constructor(
    private readonly fsHz: number,
    private readonly parameters: QrsParameters,
    private readonly kernel: Kernel,
  ) {
    const lag = Math.max(1, Math.round(parameters.slopeSeconds * fsHz))
    const window = Math.max(1, Math.round(parameters.windowSeconds * fsHz))
    this.design = {
      coefficients: Float64Array.of(
        ...butterworthHighPass({ order: 2, cutHz: parameters.bandLowHz, fsHz }),
        ...butterworthLowPass({ order: 2, cutHz: parameters.bandHighHz, fsHz }),
        ...butterworthLowPass({ order: 2, cutHz: parameters.wideHighHz, fsHz }),
      ),
      state: new Float64Array(9),
      lagRing: new Float64Array(lag),
      sumRing: new Float64Array(window),
      scale: fsHz / lag,
      share: 1 / window,
    }
  }

  /** Reads `length` samples of `input`; the results lie in `slope`, `feature` and `wide`. */
  run(input: Float64Array, length: number): void {
    if (length === 0) return
    if (this.slope.length < length) {
      this.slope = new Float64Array(length)
      this.feature = new Float64Array(length)
      this.wide = new Float64Array(length)
    }
    if (!this.started) this.settle(input[0] as number)
    this.kernel.ecgFrontEnd(this.design, input, this.slope, this.feature, this.wide, length)
  }

  restart(): void {
    const { state, lagRing, sumRing } = this.design
    state.fill(0)
    lagRing.fill(0)
    sumRing.fill(0)
    this.started = false
  }

  save(): StageState {
    const { state, lagRing, sumRing } = this.design
    return { state: state.slice(), lagRing: lagRing.slice(), sumRing: sumRing.slice(), started: this.started }
  }

  load(saved: StageState): void {
    const { state, lagRing, sumRing, started } = saved as Record<'state' | 'lagRing' | 'sumRing', Float64Array> & { started: boolean }
    this.design.state.set(state)
    this.design.lagRing.set(lagRing)
    this.design.sumRing.set(sumRing)
    this.started = started
  }

  /** A stretch begins in the steady state for its first sample, so an offset makes no step; the low-passes for what the high-pass gives. */
  private settle(first: number): void {
    const { coefficients, state } = this.design
    steadyState(coefficients.subarray(0, 5), first, state.subarray(0, 2))
    const high = (coefficients[0] as number) * first + (state[0] as number)
    steadyState(coefficients.subarray(5, 10), high, state.subarray(2, 4))
    steadyState(coefficients.subarray(10, 15), high, state.subarray(4, 6))
    this.started = true
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
