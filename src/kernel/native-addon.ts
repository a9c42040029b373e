import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Kernel } from './kernel.js'
import { kernelSourceHash } from './wasm-module.js'

/** Taken as the kernel has them; the others get what a design holds one by one. */
type SameInC = 'sosCascade' | 'sosCascadeLanes' | 'toLanes' | 'fromLanes' | 'movingSum' | 'correlate' | 'crc32c' | 'decodeVarints'

/** native/addon.c: checks the kinds of the arrays, not their lengths. */
export interface NativeAddon extends Pick<Kernel, SameInC> {
  readonly sourceHash: string
  /** Instruction sets that this machine runs, widest first. */
  isas(): string[]
  /** Runs in another instruction set from now on, in the whole process; false where the machine has it not. */
  use(isa: string): boolean
  ecgFrontEnd(
    coefficients: Float64Array,
    state: Float64Array,
    lagRing: Float64Array,
    sumRing: Float64Array,
    scale: number,
    share: number,
    input: Float64Array,
    slope: Float64Array,
    feature: Float64Array,
    wide: Float64Array,
    length: number,
  ): void
  resample(
    bank: Float64Array,
    taps: number,
    up: number,
    down: number,
    phase: number,
    input: Float64Array,
    output: Float64Array,
    count: number,
  ): void
}

/** From dist/kernel, from src/kernel (tests) and from where the benchmarks are compiled to. */
const places = ['../native/kernel.node', '../../dist/native/kernel.node', '../../../../../dist/native/kernel.node']

/**
 * The addon that `npm run build` left in dist/native, or null: there is none, it does not load here, or it was made from other
 * sources. The one place of the core that touches the machine: it brings loops, and no data.
 */
export function loadNativeAddon(): NativeAddon | null {
  for (const place of places) {
    const file = fileURLToPath(new URL(place, import.meta.url))
    if (!existsSync(file)) continue
    try {
      const addon = createRequire(import.meta.url)(file) as NativeAddon
      if (addon.sourceHash === kernelSourceHash) return addon
    } catch {
      // Built for another machine or C library: the kernel in WebAssembly runs instead.
    }
  }
  return null
}
