import { createVirtualDevice, defaultDeviceId, type VirtualDeviceOptions } from '../device/create-virtual-device.js'
import type { PlayedDevice } from '../device/played-device.js'

/**
 * A recording as a device to be played. Each round (`loop`) is a boot and a session of its own; `boot` is that of the
 * first. UTC seconds make one that grows from run to run (B2).
 */
export function playRecording(options: VirtualDeviceOptions): PlayedDevice {
  const device = options.device ?? defaultDeviceId(options.source.name)
  // Made once before anything is connected, so that a wrong option is told at once.
  const first = createVirtualDevice({ ...options, device })
  const again = (round: number) => {
    const session = options.session === undefined ? {} : { session: `${options.session}-${round}` }
    return createVirtualDevice({ ...options, ...session, device, boot: options.boot + round })
  }
  return {
    device,
    record: options.source.name,
    lives: round => [{ virtual: round === 0 ? first : again(round), startsAt: 0 }],
  }
}

/**
 * A boot counter for a device without memory: UTC in tenths of a second, so that two runs, however short, have different
 * ones. Modulo 2^32 it begins anew in January 2038.
 */
export function bootFromTime(milliseconds: number): number {
  return Math.floor(milliseconds / 100) % 4294967296
}
