import { seededNormal } from '../laws/random.js'

export interface BreathingCourse {
  /** Hz. */
  readonly fs: number
  readonly seconds: number
  /** Breaths a minute. */
  readonly perMinute?: number
  /** Size of the breath that begins at a time; 1 is usual. */
  readonly depth: (seconds: number) => number
  /** Size and rate of the heart's ripple. */
  readonly ripple?: number
  readonly heartRate?: number
  readonly noise?: number
}

/** Thoracic impedance in Ohm: breaths that are complete once begun, of which inspiration takes two fifths, the heart's ripple and noise. */
export function syntheticBreathing(course: BreathingCourse): Float64Array {
  const { fs, seconds, perMinute = 15, depth, ripple = 0, heartRate = 75, noise = 0.01 } = course
  const normal = seededNormal(4)
  const period = 60 / perMinute
  return Float64Array.from({ length: Math.round(fs * seconds) }, (_, i) => {
    const t = i / fs
    const began = Math.floor(t / period) * period
    const place = (t - began) / period
    const breath = place < 0.4 ? Math.sin((Math.PI * place) / 0.8) ** 2 : Math.cos((Math.PI * (place - 0.4)) / 1.2) ** 2
    return 20 + depth(began) * breath + ripple * Math.sin((2 * Math.PI * heartRate * t) / 60) + noise * normal()
  })
}

/** Depth of breaths that stop, or become `rest` deep, from one second to another. */
export function pausedBreathing(from: number, to: number, rest = 0): (seconds: number) => number {
  return seconds => (seconds >= from && seconds < to ? rest : 1)
}
