import { VitalwireError } from '../errors.js'
import type { Kernel, KernelName } from './kernel.js'
import { referenceKernel } from './reference-kernel.js'

const available: Partial<Record<KernelName, Kernel>> = { reference: referenceKernel }

/** Names of the kernels that can run here. */
export function availableKernels(): KernelName[] {
  return Object.keys(available) as KernelName[]
}

/** The kernel of that name; throws `usage-option` for one that is unknown or not available here. */
export function chooseKernel(name = 'reference'): Kernel {
  const kernel = Object.hasOwn(available, name) ? available[name as KernelName] : undefined
  if (!kernel) {
    throw new VitalwireError('usage-option', `kernel: "${name}" is not available here; accepted: ${availableKernels().join(', ')}`)
  }
  return kernel
}
