import { cos, sin } from '../dsp/math.js'

/** Waves of one heart rate in a window, as an orthonormal basis. */
export interface HarmonicBasis {
  /** Beats a second. */
  readonly hz: number
  /** Harmonics that it has; each is one even and one odd wave about the middle of the window. */
  readonly harmonics: number
  /** The first halves of the even waves (cosines), `harmonics` rows of half a window; the second halves are their mirror. */
  readonly even: Float64Array
  /** The first halves of the odd waves (sines); the second halves are their mirror with the sign turned. */
  readonly odd: Float64Array
}

export interface HarmonicGrid {
  /** Samples of the window, even. */
  readonly length: number
  readonly bases: readonly HarmonicBasis[]
}

/**
 * Bases of the first `most` harmonics below `highHz` for each rate from `fromHz` to `toHz`. Even and odd waves about the
 * middle are orthogonal of themselves, so each family is made orthonormal alone (Gram and Schmidt) and half of it is stored.
 */
export function makeHarmonicGrid(options: {
  readonly fs: number
  readonly seconds: number
  readonly fromHz: number
  readonly toHz: number
  readonly stepHz: number
  readonly most: number
  readonly highHz: number
}): HarmonicGrid {
  const { fs, fromHz, toHz, stepHz, most, highHz } = options
  const half = Math.round((options.seconds * fs) / 2)
  const bases: HarmonicBasis[] = []
  const count = Math.round((toHz - fromHz) / stepHz) + 1
  for (let k = 0; k < count; k += 1) {
    const hz = fromHz + k * stepHz
    const harmonics = Math.max(1, Math.min(most, Math.floor(highHz / hz)))
    bases.push({ hz, harmonics, even: makeFamily(hz / fs, harmonics, half, cos), odd: makeFamily(hz / fs, harmonics, half, sin) })
  }
  return { length: 2 * half, bases }
}

function makeFamily(cyclesPerSample: number, harmonics: number, half: number, wave: (angle: number) => number): Float64Array {
  const rows = new Float64Array(harmonics * half)
  for (let h = 0; h < harmonics; h += 1) {
    const row = rows.subarray(h * half, (h + 1) * half)
    for (let i = 0; i < half; i += 1) row[i] = wave(2 * Math.PI * (h + 1) * cyclesPerSample * (half - 0.5 - i))
    for (let before = 0; before < h; before += 1) {
      const other = rows.subarray(before * half, (before + 1) * half)
      // Over both halves; a row has half of its unit length in each.
      const share = 2 * dot(row, other)
      for (let i = 0; i < half; i += 1) row[i] = row[i]! - share * other[i]!
    }
    const size = Math.sqrt(2 * dot(row, row))
    for (let i = 0; i < half; i += 1) row[i] = row[i]! / size
  }
  return rows
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!
  return sum
}
