import { exp, sin } from '../dsp/math.js'

/** Sine of a phase in cycles (1 is a full turn), exact however many cycles have gone by. Our own, equal on every engine. */
export function sineOfCycles(cycles: number): number {
  return sin(2 * Math.PI * (cycles - Math.floor(cycles)))
}

/**
 * Adds `height * exp(-(t - centre)^2 / (2 width^2))` to samples of rate `fs` whose first is sample `start` of the
 * stream. Which samples a wave touches depends on the wave only, so overlapping windows hold equal values.
 */
export function addWave(samples: Float64Array, start: number, fs: number, centre: number, width: number, height: number): void {
  const reach = 4.5 * width
  const first = Math.max(0, Math.ceil((centre - reach) * fs) - start)
  const last = Math.min(samples.length - 1, Math.floor((centre + reach) * fs) - start)
  for (let i = first; i <= last; i++) {
    const distance = ((start + i) / fs - centre) / width
    samples[i] = samples[i]! + height * exp(-0.5 * distance * distance)
  }
}
