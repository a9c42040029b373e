import { sineOfCycles } from '../waves.js'
import { addBeat, type BeatShape } from './beat-shape.js'
import { addPulse, type PacerPulse } from './pacer-pulse.js'

/** A beat that has to be counted. */
export interface PatternBeat {
  /** R peak, seconds. */
  readonly time: number
  readonly shape: BeatShape
}

/** A periodic disturbance. */
export interface Wave {
  readonly hertz: number
  /** mV from peak to peak. */
  readonly millivolts: number
}

/** A test waveform as it stands between the electrodes. Plain data: what it looks like follows from it alone. */
export interface TestPattern {
  readonly name: string
  readonly durationSeconds: number
  readonly beats: readonly PatternBeat[]
  /** Pulses of a pacemaker. */
  readonly pulses: readonly PacerPulse[]
  /** Sine of the mains. */
  readonly mains: Wave | null
  /** Triangle that moves the baseline. */
  readonly drift: Wave | null
}

export const emptyPattern = { beats: [], pulses: [], mains: null, drift: null } as const satisfies Partial<TestPattern>

/** Rate at which the analogue side is computed. */
export const analogueHz = 16_000

/** Leads of a test pattern see it at these gains. */
export const leadGains = [1, 0.7] as const

/** mV at 16 kHz as one lead sees them. Mains reach every lead alike. */
export function drawPattern(pattern: TestPattern, gain: number): Float64Array {
  const samples = new Float64Array(Math.round(pattern.durationSeconds * analogueHz))
  for (const { time, shape } of pattern.beats) addBeat(samples, analogueHz, time, shape)
  if (gain !== 1) for (let i = 0; i < samples.length; i++) samples[i] = gain * (samples[i] as number)
  for (const pulse of pattern.pulses) addPulse(samples, analogueHz, pulse, gain)
  const { mains, drift } = pattern
  if (mains !== null) {
    // A whole number of mains cycles lies in a second at 50 and 60 Hz; one second is computed and repeated.
    const cycle = Float64Array.from({ length: analogueHz }, (_, i) => (mains.millivolts / 2) * sineOfCycles((mains.hertz * i) / analogueHz))
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) + (cycle[i % analogueHz] as number)
  }
  if (drift !== null) {
    for (let i = 0; i < samples.length; i++) {
      samples[i] = (samples[i] as number) + gain * drift.millivolts * triangle((drift.hertz * i) / analogueHz)
    }
  }
  return samples
}

/** -0.5 to 0.5, from 0 upwards. */
function triangle(cycles: number): number {
  const phase = cycles + 0.25 - Math.floor(cycles + 0.25)
  return phase < 0.5 ? 2 * phase - 0.5 : 1.5 - 2 * phase
}
