import { VitalwireError } from '../../errors.js'
import type { Recording } from '../../recording/recording.js'
import { hertz } from '../../signal/rate.js'
import type { Annotation } from '../compare/annotation.js'
import { beatClass } from '../compare/annotation-classes.js'
import { measuredBeats, noiseGain, qrsAmplitude } from './noise-recipe.js'
import type { NoiseSignal } from './noise-signal.js'

/**
 * Factor of the noise for each signal of a recording at a signal-to-noise ratio. Throws `recording-format` where there is
 * nothing to scale by: no normal beat, or an amplitude of zero.
 */
export async function measureGains(
  recording: Recording,
  reference: readonly Annotation[],
  noise: NoiseSignal,
): Promise<(snrDb: number) => number[]> {
  const beats = reference.filter(({ symbol }) => beatClass(symbol) === 'N').map(({ sample }) => sample)
  const measured = beats.slice(0, measuredBeats)
  const amplitudes: number[] = []
  for (const signal of recording.signals) {
    const fsHz = hertz(signal.fs)
    const samples = await readStart(recording, signal.index, (measured.at(-1) ?? 0) + Math.ceil(fsHz))
    amplitudes.push(qrsAmplitude(samples, measured, fsHz))
  }
  const noises = recording.signals.map(({ index }) => noise.amplitudes[index % noise.amplitudes.length] ?? 0)
  for (const [index, { name }] of recording.signals.entries()) {
    if ((amplitudes[index] as number) > 0 && (noises[index] as number) > 0) continue
    throw new VitalwireError(
      'recording-format',
      `${recording.name}, signal ${index} (${name}): noise ${noise.kind} cannot be scaled; accepted: signals with normal beats, and noise that is not flat`,
    )
  }
  return snrDb => recording.signals.map((_, index) => noiseGain(amplitudes[index] as number, noises[index] as number, snrDb))
}

async function readStart(recording: Recording, index: number, length: number): Promise<Int32Array> {
  const signal = recording.signals[index]
  if (signal?.encoding !== 'digital') {
    throw new VitalwireError(
      'recording-format',
      `${recording.name}, signal ${index} is not stored as integers; accepted for noise: digital signals`,
    )
  }
  return (await recording.readDigital([index], 0, length))[0] ?? new Int32Array(0)
}
