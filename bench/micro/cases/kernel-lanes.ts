import { butterworthHighPass, butterworthLowPass } from '../../../src/dsp/butterworth.js'
import { availableKernels, chooseKernel } from '../../../src/kernel/choose-kernel.js'
import type { Kernel } from '../../../src/kernel/kernel.js'
import { loadNativeAddon } from '../../../src/kernel/native-addon.js'
import { createNativeKernel } from '../../../src/kernel/native-kernel.js'
import { referenceKernel } from '../../../src/kernel/reference-kernel.js'
import type { BenchCase, CaseMaker } from '../bench-case.js'
import { ecgSamples } from '../signals.js'

/**
 * The same work by the reference in TypeScript and by the other kernels. The result is held bit for bit: its fingerprint is
 * a sum over all outputs, which must be that of the reference.
 */
const fs = 360
/** Streams beside each other, each beginning elsewhere; a call is so short that it is seldom interrupted on a busy machine. */
const lanes = 32
const frames = 4 * fs
/** Frames of one call, as a block of 2 s of 32 streams: all of it stays in the second cache. */
const step = 2 * fs

/** Four sections: band-pass of fourth order, 0.5 to 40 Hz. */
const sections = Float64Array.from([
  ...butterworthHighPass({ order: 4, cutHz: 0.5, fsHz: fs }),
  ...butterworthLowPass({ order: 4, cutHz: 40, fsHz: fs }),
])

const source = ecgSamples(fs, 16)
/** Block by block, in a block stream by stream. */
const planar = new Float64Array(lanes * frames)
for (let from = 0; from < frames; from += step) {
  for (let lane = 0; lane < lanes; lane++) {
    const begin = from + 37 * lane
    planar.set(source.subarray(begin, begin + step), from * lanes + lane * step)
  }
}
const blocks = frames / step
const inLanes = new Float64Array(lanes * frames)
for (let b = 0; b < blocks; b++) {
  const at = b * step * lanes
  referenceKernel.toLanes(planar.subarray(at, at + step * lanes), inLanes.subarray(at, at + step * lanes), step, lanes)
}
const work = { count: lanes * frames, of: 'sample of one stream' }

/** What the reference does without lanes: stream by stream, as the chains do; the fastest that TypeScript is. */
function streamByStream(kernel: Kernel): () => number {
  const state = Array.from({ length: lanes }, () => new Float64Array(8))
  const output = new Float64Array(step)
  return () => {
    let sum = 0
    for (const one of state) one.fill(0)
    for (let b = 0; b < blocks; b++) {
      for (let lane = 0; lane < lanes; lane++) {
        const at = b * step * lanes + lane * step
        kernel.sosCascade(sections, state[lane] as Float64Array, planar.subarray(at, at + step), output, step)
        sum += output[step - 1] as number
      }
    }
    return sum
  }
}

/** @param turned the streams come one after the other and leave so: both transposes are part of the work */
function laneMajor(kernel: Kernel, turned: boolean): () => number {
  const state = new Float64Array(8 * lanes)
  const size = step * lanes
  const there = new Float64Array(size)
  const output = new Float64Array(size)
  return () => {
    let sum = 0
    state.fill(0)
    for (let b = 0; b < blocks; b++) {
      const at = b * size
      if (turned) kernel.toLanes(planar.subarray(at, at + size), there, step, lanes)
      kernel.sosCascadeLanes(sections, state, turned ? there : inLanes.subarray(at, at + size), output, step, lanes)
      if (turned) kernel.fromLanes(output, there, step, lanes)
      // Newest sample of each stream.
      if (turned) for (let lane = 0; lane < lanes; lane++) sum += there[lane * step + step - 1] as number
      else for (let lane = 0; lane < lanes; lane++) sum += output[(step - 1) * lanes + lane] as number
    }
    return sum
  }
}

function lanesCase(name: string, make: () => Kernel, turned: boolean): BenchCase {
  const reference = streamByStream(referenceKernel)
  return {
    work,
    expected: reference(),
    candidate: { name: `${name}, ${lanes} lanes${turned ? ' with both transposes' : ''}`, run: laneMajor(make(), turned) },
    baseline: { name: 'reference, stream by stream', run: reference },
  }
}

/** One stream, blocks of 1 s. */
function frontEnd(name: string, make: () => Kernel): BenchCase {
  const block = fs
  const length = 8 * fs
  const run = (kernel: Kernel) => {
    const design = {
      coefficients: sections.slice(0, 15),
      state: new Float64Array(9),
      lagRing: new Float64Array(4),
      sumRing: new Float64Array(31),
      scale: 90,
      share: 1 / 31,
    }
    const [slope, feature, wide] = [new Float64Array(block), new Float64Array(block), new Float64Array(block)]
    return () => {
      for (const array of [design.state, design.lagRing, design.sumRing]) array.fill(0)
      let sum = 0
      for (let at = 0; at < length; at += block) {
        kernel.ecgFrontEnd(design, source.subarray(at, at + block), slope, feature, wide, block)
        sum += (slope[block - 1] as number) + (feature[block - 1] as number) + (wide[block - 1] as number)
      }
      return sum
    }
  }
  const reference = run(referenceKernel)
  return {
    work: { count: length, of: 'sample' },
    expected: reference(),
    candidate: { name: `${name}, ecgFrontEnd, one stream`, run: run(make()) },
    baseline: { name: 'reference', run: reference },
  }
}

/** One stream: what a kernel does with `samples` at a time. */
function single(name: string, make: () => Kernel, call: (kernel: Kernel) => () => number): BenchCase {
  const reference = call(referenceKernel)
  return {
    work: { count: source.length, of: 'sample' },
    expected: reference(),
    candidate: { name, run: call(make()) },
    baseline: { name: 'reference', run: reference },
  }
}

/** A second of signal against a template of 100 ms. */
const correlation = (kernel: Kernel) => {
  const pattern = source.slice(100, 136)
  const output = new Float64Array(fs)
  return () => {
    let sum = 0
    for (let at = 0; at + fs + 35 <= source.length; at += fs) {
      kernel.correlate(pattern, source.subarray(at, at + fs + 35), output, fs)
      sum += output[fs - 1] as number
    }
    return sum
  }
}

/** 360 to 250 Hz, 45 taps, a second at a time. */
const resampling = (kernel: Kernel) => {
  const design = { bank: source.slice(0, 25 * 45), taps: 45, up: 25, down: 36 }
  const output = new Float64Array(250)
  return () => {
    let sum = 0
    for (let at = 0; at + fs + 45 <= source.length; at += fs) {
      kernel.resample(design, 0, source.subarray(at, at + fs + 45), output, 250)
      sum += output[249] as number
    }
    return sum
  }
}

/** Bytes of the samples, chunks of 1 kB. */
const checksum = (kernel: Kernel) => {
  const bytes = new Uint8Array(source.buffer, 0, source.length)
  return () => {
    let sum = 0
    for (let at = 0; at + 1024 <= bytes.length; at += 1024) sum += kernel.crc32c(bytes.subarray(at, at + 1024), 0)
    return sum
  }
}

const makers: [name: string, make: () => Kernel][] = []
if (availableKernels().includes('wasm')) makers.push(['wasm', () => chooseKernel('wasm')])
const addon = loadNativeAddon()
for (const isa of addon?.isas() ?? []) {
  makers.push([
    isa,
    () => {
      if (addon === null || !addon.use(isa)) throw new Error(`${isa} does not run here`)
      return createNativeKernel(addon)
    },
  ])
}

export const kernelLaneCases: Readonly<Record<string, CaseMaker>> = Object.fromEntries(
  makers.flatMap(([name, make]): [string, CaseMaker][] => [
    [`lanes-${name}`, () => lanesCase(name, make, false)],
    [`lanes-turned-${name}`, () => lanesCase(name, make, true)],
    [`front-end-${name}`, () => frontEnd(name, make)],
    [`correlate-${name}`, () => single(name, make, correlation)],
    [`resample-${name}`, () => single(name, make, resampling)],
    [`crc32c-${name}`, () => single(name, make, checksum)],
  ]),
)
