import { designBandPass, newBandPass, settleBandPass, stepBandPass } from '../../dsp/band-pass.js'
import { normalAt, uniformAt } from '../random.js'
import { sineOfCycles } from '../waves.js'
import type { MotionKind, OximeterTraits } from './oximeter-traits.js'

const movePurpose = 104
const burstPurpose = 105

export interface Movement {
  /** Unscaled movement of blood and of the optics; both have a power of 1 in the band while moving. */
  readonly blood: Float64Array
  readonly optics: Float64Array
  /** Whether the sample lies in movement. */
  readonly moving: Uint8Array
}

/** Movement from second `from` to `to`; the samples before and after rest. */
export function drawMovement(
  traits: OximeterTraits,
  seed: number,
  fs: number,
  length: number,
  span: { readonly kind: MotionKind; readonly from: number; readonly to: number },
): Movement {
  const { kind } = span
  const moving = new Uint8Array(length)
  const blood = new Float64Array(length)
  const optics = new Float64Array(length)
  if (kind === 'none') return { blood, optics, moving }
  const inside = (seconds: number) => seconds >= span.from && seconds < span.to
  const bursts = kind === 'bursts' ? listBursts(seed, length / fs) : null
  for (let i = 0; i < length; i += 1) {
    const t = i / fs
    if (inside(t) && (bursts === null || bursts.some(([from, to]) => t >= from && t < to))) moving[i] = 1
  }
  for (const [number, out] of [blood, optics].entries()) {
    if (kind === 'gait') drawGait(traits, seed + number, fs, out)
    else drawWander(seed, 2 * number, fs, out)
    normalise(fs, out, moving)
  }
  return { blood, optics, moving }
}

/** Power of the samples in 0.5 to 8 Hz, where `where` is not 0 (null: everywhere). */
export function bandPower(fs: number, samples: Float64Array, where: Uint8Array | null): number {
  const design = designBandPass({ fs, lowHz: 0.5, highHz: 8 })
  const state = newBandPass()
  settleBandPass(state, design, samples[0] ?? 0)
  let power = 0
  let count = 0
  for (let i = 0; i < samples.length; i += 1) {
    const y = stepBandPass(state, design, samples[i]!)
    if (where !== null && where[i] === 0) continue
    power += y * y
    count += 1
  }
  return count === 0 ? 0 : power / count
}

function listBursts(seed: number, seconds: number): [number, number][] {
  const bursts: [number, number][] = []
  let at = 4 * uniformAt(seed, burstPurpose, 0)
  for (let k = 1; at < seconds; k += 2) {
    const end = at + 2 + 8 * uniformAt(seed, burstPurpose, k)
    bursts.push([at, end])
    at = end + 4 + 10 * uniformAt(seed, burstPurpose, k + 1)
  }
  return bursts
}

/** Steps with harmonics; pace and strength wander, every second step may differ. */
function drawGait(traits: OximeterTraits, seed: number, fs: number, out: Float64Array): void {
  const phases = [0, 1, 2, 3].map(k => uniformAt(seed, movePurpose, 10 + k))
  for (let i = 0; i < out.length; i += 1) {
    const t = i / fs
    const steps = traits.cadence * (t + 0.12 * sineOfCycles(0.07 * t + phases[0]!) + 0.05 * sineOfCycles(0.23 * t + phases[1]!))
    const strength = 1 + 0.25 * sineOfCycles(0.13 * t + phases[2]!) + 0.15 * sineOfCycles(0.41 * t + phases[3]!)
    const wave =
      sineOfCycles(steps + phases[0]!) +
      0.5 * sineOfCycles(2 * steps + phases[1]!) +
      0.2 * sineOfCycles(3 * steps + phases[2]!) +
      traits.limp * sineOfCycles(0.5 * steps + phases[3]!)
    out[i] = strength * wave
  }
  const rough = new Float64Array(out.length)
  drawWander(seed, 8, fs, rough)
  for (let i = 0; i < out.length; i += 1) out[i] = out[i]! + 0.2 * rough[i]!
}

/** Noise of 0.5 to 3 Hz with slopes of 12 dB an octave, rms about 1. */
function drawWander(seed: number, number: number, fs: number, out: Float64Array): void {
  const design = designBandPass({ fs, lowHz: 0.5, highHz: 3 })
  const state = newBandPass()
  const gain = Math.sqrt(fs / 2 / 2.6)
  // From one second before the first sample, so that it does not begin at rest.
  for (let i = -Math.round(fs); i < out.length; i += 1) {
    const y = stepBandPass(state, design, gain * normalAt(seed, movePurpose + 0x100 * (number + 1), i + 1_000_000))
    if (i >= 0) out[i] = y
  }
}

/** Nothing where nothing moves, with ends of a quarter of a second, and a power of 1 in the band where something does. */
function normalise(fs: number, out: Float64Array, moving: Uint8Array): void {
  const most = Math.round(fs / 4)
  let rise = 0
  for (let i = 0; i < out.length; i += 1) {
    rise = moving[i] === 1 ? Math.min(most, rise + 1) : Math.max(0, rise - 1)
    out[i] = (out[i]! * rise) / most
  }
  const power = bandPower(fs, out, moving)
  const gain = power > 0 ? 1 / Math.sqrt(power) : 0
  for (let i = 0; i < out.length; i += 1) out[i] = out[i]! * gain
}
