import { exp, log } from '../../dsp/math.js'
import { uniformAt } from '../random.js'

/** How the hand moves. `none` rests; `gait` is regular, `random` continuous without rhythm, `bursts` random with pauses. */
export const motionKinds = ['none', 'gait', 'random', 'bursts'] as const
export type MotionKind = (typeof motionKinds)[number]

/** What one simulated person, sensor and movement are like; all drawn from the seed, within the ranges of `traitRanges`. */
export interface OximeterTraits {
  /** Mean heart rate, /min. */
  readonly heartRate: number
  /** Respiratory arrhythmia and slow waves, as shares of the rate. */
  readonly arrhythmia: number
  readonly slowWaves: number
  /** Standard deviation of each interval from these, as a share of it. */
  readonly irregularity: number
  /** Breaths a minute; by how much a breath changes the height of pulses (share), and the level of light (share of it). */
  readonly respiratoryRate: number
  readonly breathHeight: number
  readonly breathLevel: number
  /** Infrared pulse from foot to peak, % of the light. */
  readonly perfusion: number
  /** Systolic width, place, width and height of the reflected wave: seconds, seconds, seconds, share. */
  readonly systolicWidth: number
  readonly reflectedOffset: number
  readonly reflectedWidth: number
  readonly reflectedHeight: number
  /** Mean light of red and infrared, counts; rounded to whole counts. */
  readonly redLevel: number
  readonly infraredLevel: number
  /** White noise of the sensor, share of the level. */
  readonly noise: number
  /** Ambient light that is left after the dark sample, shares of the level: constant, slow wave, mains alias. */
  readonly ambientRed: number
  readonly ambientInfrared: number
  readonly ambientSlow: number
  readonly ambientMains: number
  /** Frequency at which the flicker of the mains shows after sampling, Hz. */
  readonly ambientMainsHz: number
  /** Saturation of the moved venous blood below that of the arteries, points. */
  readonly venousBelow: number
  /** Red gain of movement beyond what its saturation makes (path lengths differ by wavelength). */
  readonly motionGain: number
  /** Share of the moved power that is coupling of the optics, its red over infrared, and how much later red has it, seconds. */
  readonly couplingShare: number
  readonly couplingRatio: number
  readonly couplingDelay: number
  /** Steps a second, and share of each step's wave that returns every second step only. */
  readonly cadence: number
  readonly limp: number
}

/** [least, most]; drawn evenly, or evenly in the logarithm where the third says so. */
export const traitRanges: Readonly<Record<keyof OximeterTraits, readonly [number, number, 'log'?]>> = {
  heartRate: [50, 115],
  arrhythmia: [0.01, 0.06],
  slowWaves: [0.005, 0.03],
  irregularity: [0.002, 0.03],
  respiratoryRate: [9, 24],
  breathHeight: [0.02, 0.15],
  breathLevel: [0.0005, 0.004],
  perfusion: [0.4, 6, 'log'],
  systolicWidth: [0.06, 0.1],
  reflectedOffset: [0.2, 0.3],
  reflectedWidth: [0.08, 0.13],
  reflectedHeight: [0.1, 0.5],
  redLevel: [200_000, 1_600_000, 'log'],
  infraredLevel: [200_000, 1_600_000, 'log'],
  noise: [1e-5, 1e-4, 'log'],
  ambientRed: [0, 0.03],
  ambientInfrared: [0, 0.03],
  ambientSlow: [0, 0.002],
  ambientMains: [0, 0.0002],
  ambientMainsHz: [0.2, 8],
  venousBelow: [5, 30],
  motionGain: [0.85, 1.18, 'log'],
  couplingShare: [0, 0.4],
  couplingRatio: [0.8, 1.25, 'log'],
  couplingDelay: [0, 0.01],
  cadence: [1.4, 2.6],
  limp: [0, 0.5],
}

const traitPurpose = 100

export function drawTraits(seed: number): OximeterTraits {
  const entries = Object.entries(traitRanges).map(([name, [least, most, scale]], counter) => {
    const u = uniformAt(seed, traitPurpose, counter)
    return [name, scale === 'log' ? least * exp(u * log(most / least)) : least + u * (most - least)] as const
  })
  return Object.fromEntries(entries) as unknown as OximeterTraits
}
