import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import type { DevicePlan } from './plan.js'

/** A simulated patient's device with all that it will say. */
export interface OfferingDevice {
  readonly plan: DevicePlan
  readonly virtual: VirtualDevice
  readonly messages: readonly DeviceMessage[]
}

/** Called twice it says the same bytes. */
export async function makeDevice(plan: DevicePlan): Promise<OfferingDevice> {
  const { device, scenario, seed, seconds, clock, chunkSeconds, channels } = plan
  const onsetSeconds = clock === 'recorded' ? 12 : 3
  const source = makeSyntheticSource({ name: device, scenario, seed, durationSeconds: seconds, onsetSeconds })
  const virtual = createVirtualDevice({ source, boot: 1, clock, chunkSeconds, channels, model: 'vitalwire-fault-bench' })
  const messages: DeviceMessage[] = []
  for await (const message of virtual.messages()) messages.push({ ...message, payload: message.payload.slice() })
  return { plan, virtual, messages }
}
