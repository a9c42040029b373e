import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { butterworthHighPass, butterworthLowPass } from '../../src/dsp/butterworth.js'
import { chooseKernel } from '../../src/kernel/choose-kernel.js'
import type { EcgFrontEnd, Kernel, ResampleDesign } from '../../src/kernel/kernel.js'
import { loadNativeAddon } from '../../src/kernel/native-addon.js'
import { createNativeKernel } from '../../src/kernel/native-kernel.js'
import { referenceKernel } from '../../src/kernel/reference-kernel.js'
import { kernelSourceHash } from '../../src/kernel/wasm-module.js'

/** Nothing, one, odd ones around the widths of vectors and the lengths from which the native kernel takes over, and large. */
const sizes = [0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 255, 257, 1023, 4099]

const addon = loadNativeAddon()
/** Every implementation that runs here, the native one in each instruction set of this machine. */
const contenders: { name: string; kernel: Kernel; select: () => void }[] = [{ name: 'wasm', kernel: chooseKernel('wasm'), select() {} }]
for (const isa of addon?.isas() ?? []) {
  const select = () => expect(addon?.use(isa)).toBe(true)
  contenders.push({ name: `native ${isa}`, kernel: createNativeKernel(addon as NonNullable<typeof addon>), select })
}

/** Uniform in 0 to 1: a linear congruential generator (Park and Miller). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** Samples with what a sensor and a broken one send: zeros of both signs, denormals, missing ones, infinities. */
function samples(length: number, seed: number, odd = false): Float64Array {
  const random = createRandom(seed)
  const values = Float64Array.from({ length }, () => 6 * random() - 3)
  const rare = [0, -0, 5e-324, -2e-310, Number.NaN, Number.POSITIVE_INFINITY, 1e300]
  if (odd) for (let i = 3; i < length; i += 11) values[i] = rare[i % rare.length] as number
  return values
}

/** Bit for bit; every NaN counts as the same one. */
function expectSame(got: Float64Array | Int32Array, wanted: Float64Array | Int32Array): void {
  for (let i = 0; i < wanted.length; i++) {
    if (!Object.is(got[i], wanted[i])) throw new Error(`at ${i} of ${wanted.length}: ${got[i]} instead of ${wanted[i]}`)
  }
  expect(got.length).toBe(wanted.length)
}

type Run = (kernel: Kernel, size: number) => (Float64Array | Int32Array)[]

function sections(count: number): Float64Array {
  const all = [...butterworthHighPass({ order: 6, cutHz: 0.5, fsHz: 360 }), ...butterworthLowPass({ order: 8, cutHz: 40, fsHz: 360 })]
  return Float64Array.from(all.slice(0, 5 * count))
}

const runs: Record<string, Run> = {}
for (const count of [0, 1, 2, 3, 4, 5, 7]) {
  runs[`sosCascade, ${count} sections`] = (kernel, size) => {
    const state = samples(2 * count, 5)
    const apart = new Float64Array(size)
    kernel.sosCascade(sections(count), state, samples(size, 1, true), apart, size)
    const inPlace = samples(size, 2)
    kernel.sosCascade(sections(count), state, inPlace, inPlace, size)
    return [state, apart, inPlace]
  }
}
for (const lanes of [1, 2, 3, 4, 7, 8, 16, 29]) {
  runs[`sosCascadeLanes, ${lanes} lanes`] = (kernel, size) => {
    const frames = Math.min(size, 600)
    const out: Float64Array[] = []
    for (const count of [0, 1, 4, 6]) {
      const state = samples(2 * count * lanes, 5)
      const output = new Float64Array(frames * lanes)
      kernel.sosCascadeLanes(sections(count), state, samples(frames * lanes, 6, true), output, frames, lanes)
      out.push(state, output)
    }
    return out
  }
  runs[`lanes and back, ${lanes} lanes`] = (kernel, size) => {
    const total = size * lanes
    const [there, back] = [new Float64Array(total), new Float64Array(total)]
    kernel.toLanes(samples(total, 7), there, size, lanes)
    kernel.fromLanes(there, back, size, lanes)
    return [there, back]
  }
}
for (const window of [1, 2, 7, 38]) {
  runs[`movingSum, window ${window}`] = (kernel, size) => {
    const [ring, state, output] = [samples(window, 3), Float64Array.of(window - 1, 2.5), new Float64Array(size)]
    kernel.movingSum(ring, state, samples(size, 4, true), output, size)
    return [ring, state, output]
  }
  runs[`lagDifference, lag ${window}`] = (kernel, size) => {
    const [ring, state, output] = [samples(window, 3), Float64Array.of(window - 1), new Float64Array(size)]
    kernel.lagDifference(ring, state, samples(size, 4, true), output, size)
    return [ring, state, output]
  }
  runs[`correlate, ${window} taps`] = (kernel, size) => {
    const output = new Float64Array(size)
    kernel.correlate(samples(window, 8), samples(size + window - 1, 9, true), output, size)
    return [output]
  }
}
runs.ecgFrontEnd = (kernel, size) => {
  const design = frontEnd()
  const outputs = [new Float64Array(size), new Float64Array(size), new Float64Array(size)] as const
  kernel.ecgFrontEnd(design, samples(size, 10), ...outputs, size)
  const again = [new Float64Array(size), new Float64Array(size), new Float64Array(size)] as const
  kernel.ecgFrontEnd(design, samples(size, 11, true), ...again, size)
  return [...outputs, ...again, design.state, design.lagRing, design.sumRing]
}
for (const [up, down] of [
  [1, 1],
  [3, 2],
  [25, 36],
  [2, 5],
] as const) {
  runs[`resample by ${up}/${down}`] = (kernel, size) => {
    const design: ResampleDesign = { bank: samples(up * 9, 12), taps: 9, up, down }
    const output = new Float64Array(size)
    const needed = Math.floor((up - 1 + Math.max(0, size - 1) * down) / up) + 9
    kernel.resample(design, up - 1, samples(needed, 13, true), output, size)
    return [output]
  }
}
runs.crc32c = (kernel, size) => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 167 + 13) & 255)
  const seed = kernel.crc32c(bytes.subarray(0, size >> 1), 0)
  return [Float64Array.of(kernel.crc32c(bytes, 0), seed, kernel.crc32c(bytes.subarray(size >> 1), seed))]
}
runs.decodeVarints = (kernel, size) => {
  const random = createRandom(14)
  const bytes: number[] = []
  for (let i = 0; i < size; i++) {
    let code = Math.floor(random() * 2 ** (32 * random()))
    for (; code > 127; code = Math.floor(code / 128)) bytes.push((code % 128) | 128)
    bytes.push(code)
  }
  const output = new Int32Array(size)
  const used = kernel.decodeVarints(Uint8Array.from(bytes), output, size)
  const cut = kernel.decodeVarints(Uint8Array.from(bytes.slice(0, -1)), new Int32Array(size), size)
  const tooLong = kernel.decodeVarints(
    Uint8Array.from({ length: 6 * size }, () => 255),
    new Int32Array(size),
    size,
  )
  return [output, Float64Array.of(used, cut, tooLong)]
}

function frontEnd(): EcgFrontEnd {
  return {
    coefficients: sections(3),
    state: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 2, 30, 4),
    lagRing: samples(3, 20),
    sumRing: samples(31, 21),
    scale: 120,
    share: 1 / 31,
  }
}

test('an addon that was built here is among them, in an instruction set at least', () => {
  const built = existsSync(new URL('../../dist/native/kernel.node', import.meta.url))
  expect(contenders.some(({ name }) => name.startsWith('native '))).toBe(built)
})

describe.each(contenders)('kernel $name', ({ kernel, select }) => {
  test.each(Object.entries(runs))('%s: the bits of the reference at every size', (_, run) => {
    select()
    for (const size of sizes) {
      const wanted = run(referenceKernel, size)
      for (const [i, got] of run(kernel, size).entries()) expectSame(got, wanted[i] as Float64Array)
    }
  })

  test('refuses what the reference refuses, with the same words, and writes nothing', () => {
    select()
    for (const refused of refusals) {
      const word = (one: Kernel): string => {
        try {
          refused(one)
          return 'taken'
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return (error as Error).message
        }
      }
      expect(word(referenceKernel)).not.toBe('taken')
      expect(word(kernel)).toBe(word(referenceKernel))
    }
    expect([...untouched]).toEqual([...samples(600, 30)])
  })
})

const untouched = samples(600, 30)
const small = new Float64Array(3)
const refusals: ((kernel: Kernel) => void)[] = [
  kernel => kernel.sosCascade(sections(1), new Float64Array(2), small, untouched, 4),
  kernel => kernel.sosCascade(sections(1), new Float64Array(2), small, untouched, -1),
  kernel => kernel.sosCascade(sections(1), new Float64Array(2), small, untouched, 1.5),
  kernel => kernel.sosCascade(sections(4), new Float64Array(7), new Float64Array(600), untouched, 600),
  kernel => kernel.sosCascade(new Float64Array(21), new Float64Array(8), new Float64Array(600), untouched, 600),
  kernel => kernel.sosCascadeLanes(sections(4), new Float64Array(8), new Float64Array(600), untouched, 300, 2),
  kernel => kernel.sosCascadeLanes(sections(4), new Float64Array(8), new Float64Array(600), untouched, 600, 0),
  kernel => kernel.sosCascadeLanes(sections(4), new Float64Array(16), new Float64Array(600), untouched, 301, 2),
  kernel => kernel.toLanes(untouched, untouched, 300, 2),
  kernel => kernel.toLanes(small, untouched, 300, 2),
  kernel => kernel.fromLanes(untouched, small, 300, 2),
  kernel => kernel.movingSum(new Float64Array(0), new Float64Array(2), new Float64Array(600), untouched, 600),
  kernel => kernel.movingSum(new Float64Array(4), Float64Array.of(4, 0), new Float64Array(600), untouched, 600),
  kernel => kernel.movingSum(new Float64Array(4), new Float64Array(1), new Float64Array(600), untouched, 600),
  kernel => kernel.lagDifference(new Float64Array(4), Float64Array.of(-1), new Float64Array(600), untouched, 600),
  kernel => kernel.lagDifference(new Float64Array(4), Float64Array.of(0.5), new Float64Array(600), untouched, 600),
  kernel =>
    kernel.ecgFrontEnd({ ...frontEnd(), sumRing: new Float64Array(30) }, new Float64Array(600), untouched, untouched, untouched, 600),
  kernel => kernel.ecgFrontEnd({ ...frontEnd(), coefficients: sections(2) }, new Float64Array(600), untouched, untouched, untouched, 600),
  kernel => kernel.ecgFrontEnd(frontEnd(), new Float64Array(600), untouched, untouched, small, 600),
  kernel => kernel.correlate(new Float64Array(9), new Float64Array(600), untouched, 593),
  kernel => kernel.correlate(new Float64Array(0), new Float64Array(600), untouched, 600),
  kernel => kernel.resample({ bank: new Float64Array(26), taps: 9, up: 3, down: 2 }, 0, new Float64Array(600), untouched, 300),
  kernel => kernel.resample({ bank: new Float64Array(27), taps: 9, up: 3, down: 2 }, 3, new Float64Array(600), untouched, 300),
  kernel => kernel.resample({ bank: new Float64Array(27), taps: 9, up: 3, down: 2 }, 0, new Float64Array(200), untouched, 300),
  kernel => kernel.resample({ bank: new Float64Array(27), taps: 9, up: 3, down: 2 }, 0, new Float64Array(900), untouched, 601),
  kernel => kernel.decodeVarints(new Uint8Array(9), new Int32Array(8), 9),
]

test('WebAssembly module and native kernel are made from the sources that lie here', () => {
  const hash = createHash('sha256')
  for (const file of ['kernels.h', 'kernels.c']) hash.update(readFileSync(new URL(`../../native/${file}`, import.meta.url)))
  expect(kernelSourceHash, 'run node scripts/build-wasm.js').toBe(hash.digest('hex').slice(0, 16))
  expect(addon?.sourceHash ?? kernelSourceHash, 'run npm run build').toBe(kernelSourceHash)
})
