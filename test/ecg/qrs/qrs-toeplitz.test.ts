import { expect, test } from 'vitest'
import { solveToeplitz } from '../../../src/ecg/qrs/qrs-toeplitz.js'

test('solves a symmetric Toeplitz system: the product gives back the right side', () => {
  const row = Float64Array.from({ length: 37 }, (_, k) => 0.8 ** k * (k === 0 ? 1.1 : 1))
  const b = Float64Array.from({ length: 37 }, (_, k) => ((k * 29) % 11) - 5)
  const x = new Float64Array(37)
  expect(solveToeplitz(row, b, x)).toBe(true)
  for (let i = 0; i < 37; i++) {
    let sum = 0
    for (let j = 0; j < 37; j++) sum += (row[Math.abs(i - j)] as number) * (x[j] as number)
    expect(sum).toBeCloseTo(b[i] as number, 9)
  }
})

test('refuses a matrix that is not positive definite', () => {
  expect(solveToeplitz(Float64Array.of(1, 1, 1), Float64Array.of(1, 2, 3), new Float64Array(3))).toBe(false)
  expect(solveToeplitz(Float64Array.of(0, 0), Float64Array.of(1, 2), new Float64Array(2))).toBe(false)
})
