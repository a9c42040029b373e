import type { VirtualDevice } from './virtual-device.js'

/** A device as it is played: one life after another, each under the MQTT client of the same id. */
export interface PlayedDevice {
  readonly device: string
  /** Name of the recording or simulation. */
  readonly record: string
  /** The lives of round 0, 1, ... (with `loop`); boots grow from life to life and round to round. */
  lives(round: number): readonly DeviceLife[]
  /** Stretches, in seconds of the session, in which the link is down; what they hold is sent afterwards. */
  readonly outages?: readonly { readonly from: number; readonly to: number }[]
}

/** From a start of the device to its end: a recording has one. */
export interface DeviceLife {
  readonly virtual: VirtualDevice
  /** Seconds from the start of the session at which the device starts. */
  readonly startsAt: number
}
