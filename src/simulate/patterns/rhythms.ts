import { sinusBeat, tachycardiaBeat, ventricularBeat } from './beat-shape.js'
import type { PatternBeat } from './test-pattern.js'

/** R peaks of a steady rate from `from` (inclusive) to `to`, seconds. */
export function steadyTimes(perMinute: number, from: number, to: number): number[] {
  const interval = 60 / perMinute
  const count = Math.max(0, Math.ceil((to - from) / interval - 1e-9))
  return Array.from({ length: count }, (_, k) => from + k * interval)
}

/** A rate that changes at once: the beat at `at` is the last of the old interval and the first of the new. */
export function stepTimes(before: number, after: number, at: number, to: number): number[] {
  const interval = 60 / before
  const count = Math.floor(at / interval + 1e-9)
  const early = Array.from({ length: count }, (_, k) => at - (count - k) * interval).filter(time => time >= 0.2)
  return [...early, ...steadyTimes(after, at, to)]
}

/** Intervals and beats of the irregular rhythms, repeated. `N` is a sinus beat, `V` and `W` ventricular ones up and down. */
interface IrregularRhythm {
  readonly beats: readonly { readonly kind: 'N' | 'V' | 'W'; readonly intervalAfter: number }[]
  /** Beats of all kinds a minute. */
  readonly rate: number
}

/**
 * The four rhythms that monitors disclose their heart rate for, patterns 3a to 3d, by their names and rates. Couplings are this
 * project's: the recordings of the standard are not reproduced.
 */
export const irregularRhythms = {
  'ventricular-bigeminy': {
    rate: 80,
    beats: [
      { kind: 'N', intervalAfter: 0.55 },
      { kind: 'V', intervalAfter: 0.95 },
    ],
  },
  'slow-alternating-bigeminy': {
    rate: 60,
    beats: [
      { kind: 'N', intervalAfter: 0.6 },
      { kind: 'V', intervalAfter: 1.2 },
      { kind: 'N', intervalAfter: 0.8 },
      { kind: 'V', intervalAfter: 1.4 },
    ],
  },
  'rapid-alternating-bigeminy': {
    rate: 120,
    beats: [
      { kind: 'N', intervalAfter: 0.4 },
      { kind: 'V', intervalAfter: 0.6 },
    ],
  },
  'bidirectional-systoles': {
    rate: 90,
    beats: [
      { kind: 'V', intervalAfter: 0.62 },
      { kind: 'W', intervalAfter: 4 / 3 - 0.62 },
    ],
  },
} as const satisfies Readonly<Record<string, IrregularRhythm>>

export type IrregularName = keyof typeof irregularRhythms

const shapes = { N: sinusBeat(), V: ventricularBeat(1.4), W: ventricularBeat(-1.2) } as const

export function irregularBeats(name: IrregularName, from: number, to: number): PatternBeat[] {
  const { beats }: IrregularRhythm = irregularRhythms[name]
  const out: PatternBeat[] = []
  let time = from
  for (let k = 0; time < to; k++) {
    const { kind, intervalAfter } = beats[k % beats.length]!
    out.push({ time, shape: shapes[kind] })
    time += intervalAfter
  }
  return out
}

/** Sinus rhythm of 80 /min up to `onset`, then ventricular tachycardia, `height` in mV from trough to peak. */
export function tachycardiaBeats(height: number, perMinute: number, onset: number, to: number): PatternBeat[] {
  const interval = 60 / perMinute
  const sinus = steadyTimes(80, 0.5, onset - 0.45).map(time => ({ time, shape: sinusBeat() }))
  return [...sinus, ...steadyTimes(perMinute, onset, to).map(time => ({ time, shape: tachycardiaBeat(height, interval) }))]
}
