import type { Kernel } from './kernel.js'
import {
  checkBlock,
  checkCascade,
  checkLanes,
  checkMovingSum,
  checkPattern,
  checkResample,
  checkTranspose,
  checkVarints,
} from './kernel-checks.js'
import { referenceKernel } from './reference-kernel.js'
import { WasmArena, type WasmExports } from './wasm-arena.js'
import { wasmModule } from './wasm-module.js'

/** From here on copying in and out is won back; where it never is, and below, the reference does the work: it gives the same bits. */
const worthCopying = { sections: 4, cascade: 64, movingSum: 96, varints: 96 } as const

/**
 * The kernels as WebAssembly with SIMD, wherever there is no native one. Arrays are copied into the module's memory and
 * back, which is part of every figure. Null where the engine has no WebAssembly SIMD.
 */
export function createWasmKernel(): Kernel | null {
  try {
    const bytes = Uint8Array.from(atob(wasmModule), character => character.charCodeAt(0))
    const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
    return wrap(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as WasmExports)
  } catch {
    return null
  }
}

/** As much of it as is used; the language's own library has no types for it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

function wrap(wasm: WasmExports): Kernel {
  const arena = new WasmArena(wasm)
  return {
    ...referenceKernel,
    name: 'wasm',
    instructions: 'wasm-simd128',

    sosCascade(coefficients, state, input, output, length) {
      checkBlock(length, input, output)
      const sections = checkCascade(coefficients, state)
      if (sections < worthCopying.sections || length < worthCopying.cascade) {
        referenceKernel.sosCascade(coefficients, state, input, output, length)
        return
      }
      arena.begin(coefficients.length + state.length + length)
      const c = arena.put(coefficients)
      const z = arena.put(state)
      const x = arena.put(input, length)
      wasm.sosCascade(c, sections, z, x, x, length)
      arena.take(z, state)
      arena.take(x, output, length)
    },

    sosCascadeLanes(coefficients, state, input, output, frames, lanes) {
      checkLanes(frames, lanes, input, output)
      const sections = checkCascade(coefficients, state, lanes)
      const total = frames * lanes
      arena.begin(coefficients.length + state.length + total)
      const c = arena.put(coefficients)
      const z = arena.put(state)
      const x = arena.put(input, total)
      wasm.sosCascadeLanes(c, sections, z, x, x, frames, lanes)
      arena.take(z, state)
      arena.take(x, output, total)
    },

    toLanes(input, output, frames, lanes) {
      checkTranspose(frames, lanes, input, output)
      const total = frames * lanes
      arena.begin(2 * total)
      const y = arena.room(total)
      wasm.toLanes(arena.put(input, total), y, frames, lanes)
      arena.take(y, output, total)
    },

    fromLanes(input, output, frames, lanes) {
      checkTranspose(frames, lanes, input, output)
      const total = frames * lanes
      arena.begin(2 * total)
      const y = arena.room(total)
      wasm.fromLanes(arena.put(input, total), y, frames, lanes)
      arena.take(y, output, total)
    },

    movingSum(ring, state, input, output, length) {
      checkBlock(length, input, output)
      checkMovingSum(ring, state)
      if (length < worthCopying.movingSum) {
        referenceKernel.movingSum(ring, state, input, output, length)
        return
      }
      arena.begin(ring.length + state.length + length)
      const r = arena.put(ring)
      const z = arena.put(state)
      const x = arena.put(input, length)
      wasm.movingSum(r, ring.length, z, x, x, length)
      arena.take(r, ring)
      arena.take(z, state)
      arena.take(x, output, length)
    },

    correlate(pattern, input, output, length) {
      checkPattern(pattern, input, output, length)
      const needed = length === 0 ? 0 : length + pattern.length - 1
      arena.begin(pattern.length + needed + length)
      const y = arena.room(length)
      wasm.correlate(arena.put(pattern), pattern.length, arena.put(input, needed), y, length)
      arena.take(y, output, length)
    },

    resample(design, phase, input, output, count) {
      checkResample(design, phase, input, count, output.length)
      const { bank, taps, up, down } = design
      arena.begin(bank.length + input.length + count)
      const y = arena.room(count)
      wasm.resample(arena.put(bank), taps, up, down, phase, arena.put(input), y, count)
      arena.take(y, output, count)
    },

    decodeVarints(bytes, output, count) {
      checkVarints(output, count)
      if (count < worthCopying.varints) return referenceKernel.decodeVarints(bytes, output, count)
      arena.begin(bytes.length / 8 + count / 2 + 2)
      const y = arena.room(count / 2 + 1)
      const used = wasm.decodeVarints(arena.putBytes(bytes), bytes.length, y, count)
      arena.takeIntegers(y, output, count)
      return used
    },
  }
}
