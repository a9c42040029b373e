import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { VirtualDevice } from '../../src/device/virtual-device.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import type { DevicePlan } from './plan.js'

/** The simulated patient and device of a plan; called twice it says the same bytes. */
export function makeVirtual(plan: DevicePlan): VirtualDevice {
  const { device, scenario, seed, seconds, clock, chunkSeconds, channels } = plan
  const onsetSeconds = clock === 'recorded' ? 12 : 3
  const source = makeSyntheticSource({ name: device, scenario, seed, durationSeconds: seconds, onsetSeconds })
  return createVirtualDevice({ source, boot: 1, clock, chunkSeconds, channels, model: 'vitalwire-fault-bench' })
}
