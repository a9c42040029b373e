import { exp, pow } from '../../dsp/math.js'
import { roundHalfAway } from '../../signal/rate.js'
import type { StreamSpec } from '../../signal/stream.js'
import type { Course } from '../course.js'
import { ppgCalibration, ppgWavelengths, ratioOfRatios } from '../ppg-model.js'
import { normalAt, uniformAt } from '../random.js'
import { sineOfCycles } from '../waves.js'
import { breathCycles, drawArterialPulse } from './arterial-pulse.js'
import { bandPower, drawMovement } from './movement.js'
import { drawTraits, type MotionKind, type OximeterTraits } from './oximeter-traits.js'
import { type CourseKind, drawSaturation } from './saturation-course.js'

export interface OximeterOptions {
  readonly seed: number
  readonly seconds: number
  /** Hz; default 100. */
  readonly fs?: number
  readonly course: CourseKind
  readonly motion: MotionKind
  /** Power of the arterial pulse over that of movement (while moving), infrared, 0.5 to 8 Hz, decibels; no movement: ignored. */
  readonly snr?: number
  /** Seconds of rest before the movement; default 20. */
  readonly restSeconds?: number
  /** Instead of what the seed draws. */
  readonly traits?: Partial<OximeterTraits>
}

/** Red and infrared of one sensor in counts, with what is true of them. */
export interface SimulatedOximeter {
  readonly spec: StreamSpec
  readonly traits: OximeterTraits
  /** [red, infrared], whole counts of light: more blood, less light. */
  readonly channels: readonly [Float64Array, Float64Array]
  /** Arterial saturation, %. */
  readonly saturation: Course
  /** 1 in movement. */
  readonly moving: Uint8Array
  /** Onsets of beats, seconds. */
  readonly beats: readonly number[]
}

const noisePurpose = 106
const ambientPurpose = 107

/**
 * Light through a finger after Beer and Lambert: I = level * exp(-(R a + red of movement)) in red, exp(-(a + movement)) in
 * infrared, with `a` the density of the arterial pulse and R = (110 - saturation) / 25 of that moment. Moved venous blood has
 * the ratio of its own, lower saturation, times a gain of the wavelength; moved optics have a ratio near 1 and reach red
 * later. Ambient light and noise of the sensor are added, and counts are whole. The card oximetry-simulator.md has the model.
 */
export function simulateOximeter(options: OximeterOptions): SimulatedOximeter {
  const { seed, seconds } = options
  const fs = options.fs ?? 100
  const length = Math.floor(seconds * fs)
  const traits = { ...drawTraits(seed), ...options.traits }
  const saturation = drawSaturation(seed, options.course, seconds)
  const { density, beats } = drawArterialPulse(traits, seed, fs, length)
  const span = { kind: options.motion, from: options.restSeconds ?? 20, to: seconds }
  const { blood, optics, moving } = drawMovement(traits, seed, fs, length, span)
  const size = Math.sqrt(bandPower(fs, density, null) / pow(10, (options.snr ?? 0) / 10))
  const ofBlood = size * Math.sqrt(1 - traits.couplingShare)
  const ofOptics = size * Math.sqrt(traits.couplingShare)
  const later = traits.couplingDelay * fs
  const channels: [Float64Array, Float64Array] = [new Float64Array(length), new Float64Array(length)]
  const ambientPhase = uniformAt(seed, ambientPurpose, 0)
  for (let i = 0; i < length; i += 1) {
    const t = i / fs
    const oxygen = saturation.at(t)
    const venous = traits.motionGain * ratioOfRatios(Math.max(20, oxygen - traits.venousBelow))
    const breath = traits.breathLevel * sineOfCycles(breathCycles(traits, seed, t))
    const slow = traits.ambientSlow * sineOfCycles(t / 23 + ambientPhase)
    const mains = traits.ambientMains * sineOfCycles(traits.ambientMainsHz * t + ambientPhase)
    const movedRed = venous * ofBlood * blood[i]! + traits.couplingRatio * ofOptics * delayed(optics, i - later)
    const movedInfrared = ofBlood * blood[i]! + ofOptics * optics[i]!
    const red = exp(-(ratioOfRatios(oxygen) * density[i]! + venous * breath + movedRed)) + traits.ambientRed + slow + mains
    const infrared = exp(-(density[i]! + breath + movedInfrared)) + traits.ambientInfrared + slow + mains
    channels[0][i] = roundHalfAway(traits.redLevel * (red + traits.noise * normalAt(seed, noisePurpose, i)))
    channels[1][i] = roundHalfAway(traits.infraredLevel * (infrared + traits.noise * normalAt(seed, noisePurpose + 16, i)))
  }
  const spec: StreamSpec = {
    id: 'oximeter',
    kind: 'ppg',
    channels: ['red', 'infrared'],
    unit: '1',
    fs: { num: fs, den: 1 },
    wavelengths: ppgWavelengths,
    calibration: ppgCalibration,
  }
  return { spec, traits, channels, saturation, moving, beats }
}

/** Between samples by a straight line; before the first, the first. */
function delayed(samples: Float64Array, place: number): number {
  const low = Math.max(0, Math.floor(place))
  const high = Math.min(samples.length - 1, low + 1)
  const share = Math.max(0, place - low)
  return samples[low]! + share * (samples[high]! - samples[low]!)
}
