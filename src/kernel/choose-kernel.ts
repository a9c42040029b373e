import { VitalwireError } from '../errors.js'
import { type Kernel, type KernelName, kernelNames } from './kernel.js'
import { loadNativeAddon } from './native-addon.js'
import { createNativeKernel } from './native-kernel.js'
import { referenceKernel } from './reference-kernel.js'
import { createWasmKernel } from './wasm-kernel.js'

/** Null: it was looked for and is not there. */
const made: Partial<Record<KernelName, Kernel | null>> = { reference: referenceKernel }
let running: Kernel | null = null

/** Names of the kernels that can run here. */
export function availableKernels(): KernelName[] {
  return kernelNames.filter(name => make(name) !== null)
}

/** The kernel of that name, or the one that runs; throws `usage-option` for one that is unknown or not available here. */
export function chooseKernel(name?: string): Kernel {
  if (name === undefined) return runningKernel()
  const kernel = (kernelNames as readonly string[]).includes(name) ? make(name as KernelName) : null
  if (!kernel) {
    throw new VitalwireError('usage-option', `kernel: "${name}" is not available here; accepted: ${availableKernels().join(', ')}`)
  }
  return kernel
}

/** The kernel of this thread from now on: that of the name, or the fastest that is there. To be called at start, before chains are made. */
export function startKernel(name?: string): Kernel {
  running = name === undefined ? fastest() : chooseKernel(name)
  return running
}

/** The kernel that was started, else the fastest. */
export function runningKernel(): Kernel {
  running ??= fastest()
  return running
}

/** All give the same bits; in this order they are faster. */
function fastest(): Kernel {
  return make('native') ?? make('wasm') ?? referenceKernel
}

function make(name: KernelName): Kernel | null {
  const known = made[name]
  if (known !== undefined) return known
  const kernel = name === 'native' ? makeNative() : createWasmKernel()
  made[name] = kernel
  return kernel
}

function makeNative(): Kernel | null {
  const addon = loadNativeAddon()
  return addon === null ? null : createNativeKernel(addon)
}
