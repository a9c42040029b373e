/**
 * The noise stress test of Moody, Muldrow and Mark (1984) as the records 118eNN and 119eNN of NSTDB were made: noise in every other
 * block of two minutes from 5:00 on, scaled by the amplitude of the record's normal QRS complexes. Amplitudes are stored
 * values, truncated where the original truncates: with its factors NSTDB's own records come out to the digit, and the factors of
 * this recipe differ from those by 0.16 and 0.32 % (118, both leads).
 */
const noiseStartSeconds = 300
const noiseBlockSeconds = 120

/** Half the window in which a QRS complex's peak-to-peak amplitude is taken. */
const halfWindowSeconds = 0.05
/** Beats of the record, and seconds of the noise, that are measured. */
export const measuredBeats = 300
const measuredSeconds = 300

/** Noise blocks of a record, samples [from, to). */
export function noiseBlocks(fsHz: number, samples: number): { from: number; to: number }[] {
  const blocks: { from: number; to: number }[] = []
  for (let second = noiseStartSeconds; second * fsHz < samples; second += 2 * noiseBlockSeconds) {
    blocks.push({ from: Math.round(second * fsHz), to: Math.min(samples, Math.round((second + noiseBlockSeconds) * fsHz)) })
  }
  return blocks
}

/** Trimmed mean of the peak-to-peak amplitudes around the first normal beats. `beats`: their samples. */
export function qrsAmplitude(samples: Int32Array, beats: readonly number[], fsHz: number): number {
  const half = Math.round(halfWindowSeconds * fsHz)
  const amplitudes = beats.slice(0, measuredBeats).map(beat => {
    const window = samples.subarray(Math.max(0, beat - half), beat + half + 1)
    return window.length === 0 ? 0 : window.reduce((a, b) => Math.max(a, b)) - window.reduce((a, b) => Math.min(a, b))
  })
  return trimmedMean(amplitudes)
}

/** Trimmed mean of the root mean square deviations within the first seconds. */
export function noiseAmplitude(noise: Int32Array, fsHz: number): number {
  const length = Math.round(fsHz)
  const amplitudes: number[] = []
  for (let k = 0; k < measuredSeconds && (k + 1) * length <= noise.length; k++) {
    const second = noise.subarray(k * length, (k + 1) * length)
    const mean = second.reduce((sum, value) => sum + value, 0) / length
    const squares = second.reduce((sum, value) => sum + Math.trunc(value - mean) ** 2, 0)
    amplitudes.push(Math.sqrt(squares / length))
  }
  return trimmedMean(amplitudes)
}

/** Factor for the noise: its root mean square to the amplitude of a sine wave of the QRS complexes' peak-to-peak amplitude. */
export function noiseGain(qrs: number, noise: number, snrDb: number): number {
  return sixDigits((10 ** (-snrDb / 20) * (Math.SQRT2 / 4) * sixDigits(qrs)) / sixDigits(noise))
}

/** Without the lowest and the highest twentieth. */
export function trimmedMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.floor(sorted.length / 20)
  const kept = sorted.slice(cut, sorted.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}

/** The original hands its figures on as text of six significant digits. */
function sixDigits(value: number): number {
  return Number(value.toPrecision(6))
}
