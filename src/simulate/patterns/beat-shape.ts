import { cos } from '../../dsp/math.js'

/** One deflection of a beat; times in seconds from the R peak, height in mV. A hump is one period of a raised cosine. */
export type Deflection =
  | { readonly kind: 'triangle'; readonly from: number; readonly peak: number; readonly to: number; readonly height: number }
  | { readonly kind: 'hump'; readonly from: number; readonly to: number; readonly height: number }

/** A beat of a test waveform: the sum of its deflections. */
export type BeatShape = readonly Deflection[]

/** QRS complex as one triangle, `height` in mV over a base of `seconds`. */
export function triangularQrs(height: number, seconds: number): BeatShape {
  return [{ kind: 'triangle', from: -seconds / 2, peak: 0, to: seconds / 2, height }]
}

/**
 * QRS complex of Q, R and S, `height` in mV from the lowest to the highest point over `seconds` from onset to end: the proportions
 * of the biphasic calibration waveforms of electrocardiography, not their sample values.
 */
export function qrsComplex(height: number, seconds: number): BeatShape {
  const r = height / 1.2
  return [
    { kind: 'triangle', from: -0.4 * seconds, peak: -0.3 * seconds, to: -0.2 * seconds, height: -0.1 * r },
    { kind: 'triangle', from: -0.2 * seconds, peak: 0, to: 0.2 * seconds, height: r },
    { kind: 'triangle', from: 0.2 * seconds, peak: 0.35 * seconds, to: 0.6 * seconds, height: -0.2 * r },
  ]
}

/** T wave of `seconds` that ends `qtSeconds` after the onset of the QRS complex, which lies `onset` seconds from the R peak. */
export function tWave(height: number, seconds: number, qtSeconds: number, onset: number): Deflection {
  return { kind: 'hump', from: onset + qtSeconds - seconds, to: onset + qtSeconds, height }
}

/** Sinus beat of 1 mV by default: P, QRS complex of 80 ms, T. */
export function sinusBeat(scale = 1): BeatShape {
  return [{ kind: 'hump', from: -0.2, to: -0.1, height: 0.12 * scale }, ...qrsComplex(scale, 0.08), tWave(0.25 * scale, 0.18, 0.36, -0.032)]
}

/** Ectopic ventricular beat: 140 ms wide, without P, T against the QRS complex. `scale` may be negative. */
export function ventricularBeat(scale = 1): BeatShape {
  return [
    { kind: 'hump', from: -0.07, to: 0.07, height: scale },
    { kind: 'hump', from: 0.05, to: 0.33, height: -0.35 * scale },
  ]
}

/** A beat of ventricular tachycardia, `height` in mV from trough to peak, that lasts as long as the interval. */
export function tachycardiaBeat(height: number, intervalSeconds: number): BeatShape {
  return [
    { kind: 'hump', from: -0.3 * intervalSeconds, to: 0.3 * intervalSeconds, height: 0.65 * height },
    { kind: 'hump', from: 0.15 * intervalSeconds, to: 0.75 * intervalSeconds, height: -0.35 * height },
  ]
}

/** Adds a beat with its R peak at `time` seconds to samples of `fsHz` that begin at time 0. */
export function addBeat(samples: Float64Array, fsHz: number, time: number, shape: BeatShape): void {
  for (const deflection of shape) {
    const { from, to, height } = deflection
    const first = Math.max(0, Math.ceil((time + from) * fsHz))
    const last = Math.min(samples.length - 1, Math.floor((time + to) * fsHz))
    for (let i = first; i <= last; i++) {
      const t = i / fsHz - time
      samples[i] = (samples[i] as number) + height * shareAt(deflection, t)
    }
  }
}

/** Share of its height that a deflection has at `t`, 0 to 1. */
function shareAt(deflection: Deflection, t: number): number {
  const { from, to } = deflection
  if (deflection.kind === 'hump') return 0.5 - 0.5 * cos((2 * Math.PI * (t - from)) / (to - from))
  return t < deflection.peak ? (t - from) / (deflection.peak - from) : (to - t) / (to - deflection.peak)
}
