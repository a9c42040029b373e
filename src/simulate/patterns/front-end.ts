import { butterworthHighPass, butterworthLowPass } from '../../dsp/butterworth.js'
import { SosCascade } from '../../dsp/sos-filter.js'
import { normalAt } from '../random.js'
import { analogueHz } from './test-pattern.js'

/** The analogue side of an ECG device and its converter, in the order of the signal's way. */
export interface FrontEnd {
  readonly name: string
  /** Fastest change that the input stage follows, mV/s; null: as fast as it comes. Slew limits keep pacing pulses small. */
  readonly slewLimit: number | null
  /** The amplifier ends at +- this, mV, */
  readonly range: number
  /** and stays at its rail for so long after an overload, seconds. */
  readonly recoverySeconds: number
  /** High-pass of one pole. */
  readonly highPassHz: number
  /** Anti-alias low-pass, Butterworth of fourth order: this share of the sampling rate, at most `highestHz`. */
  readonly lowPassShare: number
  readonly highestHz: number
  /** White noise of amplifier and converter, mV rms in the sampled signal. */
  readonly noise: number
  /** Step of the converter, mV. */
  readonly resolution: number
}

/**
 * Slew-limited: the classic bedside front end; 320 mV/s is what a QRS complex of 5 mV and 70 ms (143 mV/s) or even of 40 ms needs and a
 * pulse of 2 ms is held to 0.64 mV by. Wide: a converter behind a wide range and no slew limit, as in recent integrated
 * front ends, where a pulse of 700 mV comes out of the low-pass as a spike of tens of mV. Both are choices of this project.
 */
export const frontEnds = {
  'slew-limited': {
    name: 'slew-limited',
    slewLimit: 320,
    range: 10,
    recoverySeconds: 0.001,
    highPassHz: 0.05,
    lowPassShare: 0.4,
    highestHz: 150,
    noise: 0.004,
    resolution: 0.005,
  },
  wide: {
    name: 'wide',
    slewLimit: null,
    range: 300,
    recoverySeconds: 0.001,
    highPassHz: 0.05,
    lowPassShare: 0.4,
    highestHz: 150,
    noise: 0.004,
    resolution: 0.001,
  },
} as const satisfies Readonly<Record<string, FrontEnd>>

/** Counters of `normalAt` for the noise; purposes of simulated patients lie below. */
const noisePurpose = 64

/** The analogue part: what it makes of mV at 16 kHz, in place, up to the anti-alias filter. */
export function runAnalogue(samples: Float64Array, { slewLimit, range, recoverySeconds, highPassHz }: FrontEnd): Float64Array {
  if (samples.length === 0) return samples
  const step = slewLimit === null ? Number.POSITIVE_INFINITY : slewLimit / analogueHz
  const hold = Math.round(recoverySeconds * analogueHz)
  let follower = samples[0] as number
  let rail = 0
  let held = 0
  for (let i = 0; i < samples.length; i++) {
    const change = (samples[i] as number) - follower
    follower += Math.max(-step, Math.min(step, change))
    if (follower > range || follower < -range) {
      rail = follower > 0 ? range : -range
      held = hold
      samples[i] = rail
    } else if (held > 0) {
      held -= 1
      samples[i] = rail
    } else samples[i] = follower
  }
  new SosCascade(butterworthHighPass({ order: 1, cutHz: highPassHz, fsHz: analogueHz })).run(samples, samples, samples.length)
  return samples
}

/**
 * Anti-alias filter, sampling at `fsHz` and conversion of what `runAnalogue` left. `seed` and `lead` choose the noise. mV.
 */
export function convert(analogue: Float64Array, fsHz: number, frontEnd: FrontEnd, seed: number, lead: number): Float64Array {
  const { lowPassShare, highestHz, noise, resolution } = frontEnd
  const cutHz = Math.min(highestHz, lowPassShare * fsHz)
  const filtered = new Float64Array(analogue.length)
  new SosCascade(butterworthLowPass({ order: 4, cutHz, fsHz: analogueHz })).run(analogue, filtered, analogue.length)
  const count = Math.floor((analogue.length * fsHz) / analogueHz)
  const samples = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const place = (i * analogueHz) / fsHz
    const before = Math.floor(place)
    const left = filtered[before] as number
    const right = filtered[Math.min(before + 1, filtered.length - 1)] as number
    const value = left + (place - before) * (right - left) + noise * normalAt(seed, noisePurpose + lead, i)
    samples[i] = Math.round(value / resolution) * resolution
  }
  return samples
}
