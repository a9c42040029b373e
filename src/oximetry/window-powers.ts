import type { HarmonicGrid } from './harmonic-basis.js'

/** Numbers of a window at each rate, and of the whole: [red red, red infrared, infrared infrared]. */
export const productsPerRate = 3

/**
 * Powers of a window of red and infrared in step with each rate of the grid, then of the whole, into `powers` (`productsPerRate`
 * numbers each). Rows of a basis are even or odd about the middle of the window, so both channels, as long as the grid, are
 * folded there first, in place, and projected on half rows: half the work for the same numbers.
 */
export function measureWindow(grid: HarmonicGrid, red: Float64Array, infrared: Float64Array, powers: Float64Array): void {
  const half = grid.length / 2
  fold(red, half)
  fold(infrared, half)
  const whole = productsPerRate * grid.bases.length
  powers.fill(0, whole)
  addProducts(powers, whole, red, infrared)
  for (const [b, basis] of grid.bases.entries()) {
    const at = productsPerRate * b
    powers.fill(0, at, at + productsPerRate)
    for (let h = 0; h < basis.harmonics; h += 1) {
      addProjection(powers, at, basis.even, h * half, half, red, infrared, 0)
      addProjection(powers, at, basis.odd, h * half, half, red, infrared, half)
    }
  }
}

/** In place: sums of the samples at equal distance from the middle in the first half, differences in the second, over sqrt 2. */
function fold(samples: Float64Array, half: number): void {
  const last = 2 * half - 1
  for (let i = 0; i < half; i += 1) {
    const early = samples[i]!
    const late = samples[last - i]!
    samples[i] = (early + late) * Math.SQRT1_2
    samples[last - i] = (early - late) * Math.SQRT1_2
  }
  // The differences stand in the order of their sums.
  samples.subarray(half).reverse()
}

function addProducts(powers: Float64Array, at: number, red: Float64Array, infrared: Float64Array): void {
  let rr = 0
  let ri = 0
  let ii = 0
  for (let i = 0; i < red.length; i += 1) {
    const r = red[i]!
    const n = infrared[i]!
    rr += r * r
    ri += r * n
    ii += n * n
  }
  powers[at] = powers[at]! + rr
  powers[at + 1] = powers[at + 1]! + ri
  powers[at + 2] = powers[at + 2]! + ii
}

/** Adds the powers of the folded channels (from `offset` on) along one half row of a basis. */
function addProjection(
  powers: Float64Array,
  at: number,
  rows: Float64Array,
  row: number,
  half: number,
  red: Float64Array,
  infrared: Float64Array,
  offset: number,
): void {
  let r = 0
  let n = 0
  for (let i = 0; i < half; i += 1) {
    const wave = rows[row + i]!
    r += wave * red[offset + i]!
    n += wave * infrared[offset + i]!
  }
  // Rows have half of their unit length in each half: folding took the square root of 2 out of it.
  powers[at] = powers[at]! + 2 * r * r
  powers[at + 1] = powers[at + 1]! + 2 * r * n
  powers[at + 2] = powers[at + 2]! + 2 * n * n
}
