import type { Physiology, TrueBeat } from './physiology.js'
import { normalAt, purposes, uniformAt } from './random.js'
import { addWave, sineOfCycles } from './waves.js'

/**
 * ECG by the model of McSharry et al. (IEEE Trans Biomed Eng 50(3), 2003): a point runs round a limit cycle once a beat
 * and is drawn up and down by one Gaussian for each of P, Q, R, S and T. Departures: the beat times are known in closed
 * form, so the Gaussians are summed directly in place of integrating the equations, and QRS keeps its width in seconds
 * whatever the rate, while P and T move with the square root of the mean interval (Bazett). Heights in mV, lead by lead.
 */
interface Wave {
  /** Seconds from the R peak at an interval of 1 s. */
  readonly offset: number
  /** Standard deviation, seconds. */
  readonly width: number
  readonly heights: readonly [number, number]
}

export const ecgLeads = ['II', 'V5'] as const

const p: Wave = { offset: -0.17, width: 0.024, heights: [0.13, 0.09] }
const qrs: readonly Wave[] = [
  { offset: -0.03, width: 0.009, heights: [-0.1, -0.08] },
  { offset: 0, width: 0.0115, heights: [1.15, 1.4] },
  { offset: 0.03, width: 0.01, heights: [-0.22, -0.3] },
]
const t: Wave = { offset: 0.29, width: 0.055, heights: [0.3, 0.34] }

/** Ventricular beats: wide, without P, T against the QRS. */
const ventricular: readonly Wave[] = [
  { offset: 0, width: 0.05, heights: [1, 0.8] },
  { offset: 0, width: 0.015, heights: [0.5, 0.42] },
  { offset: 0.165, width: 0.05, heights: [-0.7, -0.55] },
]

/** Electrodes off: the front end runs to its rail. */
const railMillivolt = 32

/** `samples[lead]` are filled with mV from sample `start` on. */
export function drawEcg(body: Physiology, seed: number, start: number, fs: number, samples: readonly Float64Array[]): void {
  const length = samples[0]?.length ?? 0
  const from = start / fs
  const beats = body.beats(from - 1, from + length / fs + 1)
  for (let lead = 0; lead < samples.length; lead++) {
    const out = samples[lead]!.fill(0)
    for (const beat of beats) drawBeat(out, start, fs, beat, lead)
    addBackground(body, seed, start, fs, out, lead)
  }
}

function drawBeat(out: Float64Array, start: number, fs: number, beat: TrueBeat, lead: number): void {
  // The heart's axis turns with the breath (the basis of ECG-derived respiration).
  const breath = 1 + 0.08 * beat.breath
  if (beat.beatClass === 'V') {
    for (const wave of ventricular) addWave(out, start, fs, beat.time + wave.offset, wave.width, breath * wave.heights[lead]!)
    return
  }
  if (beat.rhythm !== 'af') addWave(out, start, fs, beat.time + p.offset * beat.stretch, p.width, breath * p.heights[lead]!)
  for (const wave of qrs) addWave(out, start, fs, beat.time + wave.offset, wave.width, breath * wave.heights[lead]!)
  addWave(out, start, fs, beat.time + t.offset * beat.stretch, t.width * beat.stretch, breath * t.heights[lead]!)
}

/** Baseline wander with the breath, fibrillatory waves, muscle noise, movement, and the rail while leads are off. */
function addBackground(body: Physiology, seed: number, start: number, fs: number, out: Float64Array, lead: number): void {
  for (let i = 0; i < out.length; i++) {
    const time = (start + i) / fs
    if (body.disturbed('lead-off', time)) {
      out[i] = railMillivolt
      continue
    }
    const noise = normalAt(seed, purposes.ecgNoise + 16 * lead, start + i)
    let value = out[i]! + 0.06 * sineOfCycles(body.breathCycles(time) + 0.06) + 0.005 * noise
    if (body.rhythm(time) === 'af') {
      value += 0.05 * sineOfCycles(6.3 * time + 0.16 * lead) + 0.025 * sineOfCycles(9.1 * time)
    }
    if (body.disturbed('motion', time)) value += 0.9 * movement(seed, time) + 0.18 * noise
    out[i] = value
  }
}

/** Movement of the body, about -1 to 1: walking pace and its double, coming and going. */
export function movement(seed: number, seconds: number): number {
  const phase = uniformAt(seed, purposes.motion, 0)
  const strides = 1.7 * seconds + 0.2 * sineOfCycles(0.23 * seconds + phase)
  const strength = 0.65 + 0.35 * sineOfCycles(0.11 * seconds + 2 * phase)
  return strength * (0.6 * sineOfCycles(strides) + 0.3 * sineOfCycles(2 * strides + phase) + 0.1 * sineOfCycles(3.7 * strides))
}
