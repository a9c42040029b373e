import { normalAt, uniformAt } from '../random.js'
import { addWave, sineOfCycles } from '../waves.js'
import type { OximeterTraits } from './oximeter-traits.js'

const beatPurpose = 102
const phasePurpose = 103

export interface ArterialPulse {
  /** Optical density in infrared by the arterial pulse, in parts of the light; peaks are `perfusion` / 100 high. */
  readonly density: Float64Array
  /** Onset of each beat, seconds. */
  readonly beats: readonly number[]
}

/** Phase of breathing in cycles. */
export function breathCycles(traits: OximeterTraits, seed: number, seconds: number): number {
  const slow = 0.06 * sineOfCycles(0.021 * seconds + uniformAt(seed, phasePurpose, 0))
  return (traits.respiratoryRate / 60) * (seconds + slow) + uniformAt(seed, phasePurpose, 1)
}

/** The pulse wave of the arteries: a systolic and a reflected wave a beat, higher after long intervals, moved by the breath. */
export function drawArterialPulse(traits: OximeterTraits, seed: number, fs: number, length: number): ArterialPulse {
  const density = new Float64Array(length)
  const beats: number[] = []
  const usual = 60 / traits.heartRate
  const slowPhase = uniformAt(seed, phasePurpose, 2)
  const end = length / fs + 1
  let at = -2 * uniformAt(seed, phasePurpose, 3)
  for (let beat = 0; at < end; beat += 1) {
    const breath = sineOfCycles(breathCycles(traits, seed, at))
    const faster = 1 + traits.arrhythmia * breath + traits.slowWaves * sineOfCycles(0.095 * at + slowPhase)
    const interval = (usual / faster) * (1 + traits.irregularity * normalAt(seed, beatPurpose, beat))
    const stretch = Math.sqrt(Math.min(1.2, interval))
    const height = (traits.perfusion / 100) * Math.min(1.2, 0.5 + 0.5 * (interval / usual)) * (1 + traits.breathHeight * breath)
    const peak = at + 0.15 * stretch
    addWave(density, 0, fs, peak, traits.systolicWidth * stretch, height)
    addWave(density, 0, fs, peak + traits.reflectedOffset * stretch, traits.reflectedWidth * stretch, height * traits.reflectedHeight)
    if (at >= 0) beats.push(at)
    at += interval
  }
  return { density, beats }
}
