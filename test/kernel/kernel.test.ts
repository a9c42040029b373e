import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { VitalwireError } from '../../src/errors.js'
import { availableKernels, chooseKernel, runningKernel, startKernel } from '../../src/kernel/choose-kernel.js'
import { referenceKernel } from '../../src/kernel/reference-kernel.js'

describe('choice of the kernel', () => {
  test('gives each kernel that is there by name, without a name the fastest, and what was started to who asks after it', () => {
    const available = availableKernels()
    expect(available).toContain('reference')
    for (const name of available) expect(chooseKernel(name).name).toBe(name)
    expect(startKernel().name).toBe(available.at(-1))
    expect(startKernel('reference')).toBe(referenceKernel)
    expect(runningKernel()).toBe(referenceKernel)
    expect(chooseKernel()).toBe(referenceKernel)
    startKernel()
  })

  test('has WebAssembly on every machine, and the native one wherever it was built', () => {
    const built = existsSync(new URL('../../dist/native/kernel.node', import.meta.url))
    expect(availableKernels()).toEqual(built ? ['reference', 'wasm', 'native'] : ['reference', 'wasm'])
  })

  test.each(['magic', '__proto__', 'REFERENCE'])('refuses "%s" and says what is there', name => {
    try {
      chooseKernel(name)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(VitalwireError)
      expect((error as VitalwireError).code).toBe('usage-option')
      expect((error as VitalwireError).message).toContain('accepted: reference')
    }
  })
})

describe('reference kernel', () => {
  test('runs no sample, one and many, in place as well', () => {
    const coefficients = Float64Array.of(0.5, 0.25, 0.125, -0.5, 0.25)
    const state = new Float64Array(2)
    const empty = new Float64Array(0)
    referenceKernel.sosCascade(coefficients, state, empty, empty, 0)
    expect([...state]).toEqual([0, 0])
    const samples = Float64Array.of(1, 0, 0, 0)
    referenceKernel.sosCascade(coefficients, state, samples, samples, 4)
    // By hand: y = 0.5 x + z1, z1 = 0.25 x + 0.5 y + z2, z2 = 0.125 x - 0.25 y.
    expect([...samples]).toEqual([0.5, 0.5, 0.25, 0])
  })

  test('a cascade without sections copies', () => {
    const output = new Float64Array(3)
    referenceKernel.sosCascade(new Float64Array(0), new Float64Array(0), Float64Array.of(1, 2, 3), output, 3)
    expect([...output]).toEqual([1, 2, 3])
  })

  test('sums the window and differs over the lag', () => {
    const output = new Float64Array(5)
    referenceKernel.movingSum(new Float64Array(2), new Float64Array(2), Float64Array.of(1, 2, 3, 4, 5), output, 5)
    expect([...output]).toEqual([1, 3, 5, 7, 9])
    referenceKernel.lagDifference(new Float64Array(2), new Float64Array(1), Float64Array.of(1, 2, 4, 8, 16), output, 5)
    expect([...output]).toEqual([1, 2, 3, 6, 12])
  })

  test('refuses arrays that do not fit', () => {
    const three = new Float64Array(3)
    expect(() => referenceKernel.sosCascade(new Float64Array(5), new Float64Array(2), three, three, 4)).toThrow(RangeError)
    expect(() => referenceKernel.sosCascade(new Float64Array(5), new Float64Array(1), three, three, 3)).toThrow(RangeError)
    expect(() => referenceKernel.movingSum(new Float64Array(0), new Float64Array(2), three, three, 3)).toThrow(RangeError)
    expect(() => referenceKernel.lagDifference(new Float64Array(1), new Float64Array(2), three, three, 3)).toThrow(RangeError)
  })
})
