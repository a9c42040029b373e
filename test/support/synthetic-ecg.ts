import { seededNormal } from '../laws/random.js'

export interface SyntheticEcgOptions {
  readonly fs: number
  readonly seconds: number
  /** R peaks in seconds; default every 0.8 s from 0.5 s on. */
  readonly beats?: readonly number[]
  /** Amplitude of the R wave in mV; may be negative. */
  readonly amplitude?: number
  /** Factor of a beat's P, Q, R and S waves, by the time of its R peak in seconds: breathing, a change of axis. */
  readonly modulation?: (seconds: number) => number
  /** T wave in mV. */
  readonly tWave?: number
  /** Standard deviation of white noise in mV. */
  readonly noise?: number
  readonly seed?: number
  /** Constant offset in mV. */
  readonly offset?: number
}

/** Sum of Gaussians: P, Q, R, S and T of each beat, with white noise. Values in mV. */
export function syntheticEcg(options: SyntheticEcgOptions): Float64Array {
  const { fs, seconds, amplitude = 1, tWave = 0.25, noise = 0.02, seed = 1, offset = 0 } = options
  const samples = new Float64Array(Math.round(fs * seconds))
  const normal = seededNormal(seed)
  for (let i = 0; i < samples.length; i++) samples[i] = offset + noise * normal()
  const waves: [centre: number, width: number, height: number][] = [
    [-0.16, 0.022, 0.12],
    [-0.028, 0.009, -0.12],
    [0, 0.012, 1],
    [0.03, 0.01, -0.2],
  ]
  for (const beat of options.beats ?? regularBeats(0.5, 0.8, seconds)) {
    const add = (centre: number, width: number, height: number): void => {
      const from = Math.max(0, Math.floor((beat + centre - 5 * width) * fs))
      const to = Math.min(samples.length - 1, Math.ceil((beat + centre + 5 * width) * fs))
      for (let i = from; i <= to; i++) {
        const x = (i / fs - beat - centre) / width
        samples[i] = (samples[i] as number) + height * Math.exp(-(x * x) / 2)
      }
    }
    for (const [centre, width, height] of waves) add(centre, width, height * amplitude * (options.modulation?.(beat) ?? 1))
    add(0.27, 0.05, tWave)
  }
  return samples
}

export function regularBeats(first: number, interval: number, end: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / interval)) }, (_, i) => first + i * interval)
}
