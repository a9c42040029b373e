import type { Physiology } from './physiology.js'
import { normalAt, purposes } from './random.js'
import { sineOfCycles } from './waves.js'

/**
 * Thoracic impedance in ohm: about one ohm a breath, expiration longer than inspiration (second harmonic). It is
 * measured through the ECG electrodes, so it is gone when they are off, and it suffers from movement.
 */
export function drawRespiration(body: Physiology, seed: number, start: number, fs: number, samples: Float64Array): void {
  for (let i = 0; i < samples.length; i++) {
    const time = (start + i) / fs
    if (body.disturbed('lead-off', time)) {
      samples[i] = 0
      continue
    }
    const breaths = body.breathCycles(time)
    const noise = normalAt(seed, purposes.respirationNoise, start + i)
    const moving = body.disturbed('motion', time) ? 0.5 * noise : 0
    samples[i] = 0.5 * sineOfCycles(breaths) + 0.1 * sineOfCycles(2 * breaths + 0.13) + 0.008 * noise + moving
  }
}
