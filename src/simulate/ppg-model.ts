import { movement } from './ecg-model.js'
import type { Physiology } from './physiology.js'
import { normalAt, purposes } from './random.js'
import { addWave, sineOfCycles } from './waves.js'

/**
 * Photoplethysmogram in red and infrared. Each heart beat sends a pulse wave, a systolic and a reflected Gaussian, drawn
 * upwards as monitors show it. The infrared pulse is `perfusion` of its mean level; the red one is R times as large in
 * relation, with R = (110 - saturation) / 25, the inverse of the usual linear calibration SpO2 = 110 - 25 R.
 */
export const ppgWavelengths = [660, 940] as const
export const ppgCalibration = 'empirical-660-940'
/** Mean level by wavelength, counts of a 24-bit converter. */
const ppgLevels = [1_500_000, 2_000_000] as const

/** Pulse height of infrared in relation to its mean level. */
const perfusion = 0.022
/** R peak to systolic peak at the finger, seconds. */
const pulseDelay = 0.3
const systolicWidth = 0.075
const reflectedOffset = 0.24
const reflectedWidth = 0.095
const reflectedHeight = 0.32

/** Ratio of ratios that a saturation in per cent makes. */
export function ratioOfRatios(saturation: number): number {
  return (110 - saturation) / 25
}

/** `samples[0]` red, `samples[1]` infrared, in counts, from sample `start` on. */
export function drawPpg(body: Physiology, seed: number, start: number, fs: number, samples: readonly Float64Array[]): void {
  const length = samples[0]?.length ?? 0
  const from = start / fs
  const beats = body.beats(from - 2, from + length / fs + 1)
  for (let colour = 0; colour < samples.length; colour++) {
    const out = samples[colour]!.fill(0)
    for (const beat of beats) {
      const { stretch } = beat
      const ratio = colour === 0 ? ratioOfRatios(body.saturation(beat.time)) : 1
      // Little time to fill, little volume; a ventricular beat moves less still.
      const filling = Math.min(1.15, 0.4 + 0.7 * beat.before) * (beat.beatClass === 'V' ? 0.6 : 1) * (1 + 0.06 * beat.breath)
      const height = perfusion * ratio * filling
      const peak = beat.time + pulseDelay
      addWave(out, start, fs, peak, systolicWidth * stretch, height)
      addWave(out, start, fs, peak + reflectedOffset * stretch, reflectedWidth * stretch, height * reflectedHeight)
    }
    finish(body, seed, start, fs, out, colour)
  }
}

function finish(body: Physiology, seed: number, start: number, fs: number, out: Float64Array, colour: number): void {
  const level = ppgLevels[colour]!
  for (let i = 0; i < out.length; i++) {
    const time = (start + i) / fs
    const noise = normalAt(seed, purposes.ppgNoise + 16 * colour, start + i)
    if (body.disturbed('sensor-off', time)) {
      // Room light through an empty clip.
      out[i] = level * (0.03 + 0.00002 * noise)
      continue
    }
    let relative = out[i]! + 0.0025 * sineOfCycles(body.breathCycles(time) - 0.1) + 0.00004 * noise
    if (body.disturbed('motion', time)) relative += 0.05 * movement(seed, time) + 0.002 * noise
    out[i] = level * (1 + relative)
  }
}
