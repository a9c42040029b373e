import { exp } from '../../dsp/math.js'

/**
 * What follows a pacing pulse, of the other sign, decaying with `timeConstant` (4 to 100 ms). Method A: a tenth of the pulse, at most
 * 2 mV. Method B: the charge of the pulse flows back, so the area under the overshoot is that of the pulse.
 */
export interface Overshoot {
  readonly method: 'A' | 'B'
  /** Seconds. */
  readonly timeConstant: number
}

/** A rectangular pulse of a pacemaker as it stands between the electrodes. */
export interface PacerPulse {
  /** Its beginning, seconds. */
  readonly time: number
  /** mV, +-2 to +-700. */
  readonly height: number
  /** Seconds, 0.0001 to 0.002. */
  readonly width: number
  readonly overshoot: Overshoot | null
}

const overshootShare = 0.1
const largestOvershoot = 2

/** Height of the overshoot right after the pulse, mV, with its sign. */
export function overshootHeight({ height, width, overshoot }: PacerPulse): number {
  if (overshoot === null) return 0
  if (overshoot.method === 'B') return (-height * width) / overshoot.timeConstant
  return Math.max(-largestOvershoot, Math.min(largestOvershoot, -overshootShare * height))
}

/**
 * Adds a pulse times `gain` to samples of `fsHz` that begin at time 0. A sample holds the mean over its own period, so that a pulse
 * of one and a half samples has its true area.
 */
export function addPulse(samples: Float64Array, fsHz: number, pulse: PacerPulse, gain: number): void {
  const { time, height, width, overshoot } = pulse
  const from = time * fsHz
  const to = (time + width) * fsHz
  for (let i = Math.max(0, Math.floor(from)); i < Math.min(samples.length, Math.ceil(to)); i++) {
    const share = Math.min(i + 1, to) - Math.max(i, from)
    samples[i] = (samples[i] as number) + gain * height * share
  }
  if (overshoot === null) return
  const start = gain * overshootHeight(pulse)
  const decay = exp(-1 / (overshoot.timeConstant * fsHz))
  // Ten time constants: what is left of 350 mV then is 16 uV.
  const end = Math.min(samples.length, Math.ceil(to + 10 * overshoot.timeConstant * fsHz))
  let value = start
  for (let i = Math.max(0, Math.ceil(to)); i < end; i++) {
    samples[i] = (samples[i] as number) + value
    value *= decay
  }
}
