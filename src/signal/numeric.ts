import type { VitalName } from './catalogue.js'

/** A vital sign as a device or person sent it, already in the catalogue's unit. */
export interface NumericSample {
  readonly name: VitalName
  /** A number; for `consciousness` one of A C V P U; for `supplemental-oxygen` a boolean. */
  readonly value: number | string | boolean
  /** Device clock, microseconds. */
  readonly t: number
  readonly status: 'valid' | 'questionable'
  /** Who entered it, for manual entries. */
  readonly author?: string
  /** A correction of the unit changed it: its id, and the value as it was labelled, in the catalogue's unit. */
  readonly corrected?: { readonly id: string; readonly old: number }
  /** Of a cuff's pressures, where it was told. */
  readonly cuffSite?: CuffSite
  readonly cuffMethod?: CuffMethod
}

/** Where a cuff sat, and how its pressures were found. */
export const cuffSites = ['upper-arm', 'forearm', 'wrist', 'finger', 'thigh', 'ankle'] as const
export type CuffSite = (typeof cuffSites)[number]
export const cuffMethods = ['auscultatory', 'oscillometric'] as const
export type CuffMethod = (typeof cuffMethods)[number]

/** `e` topic of the wire protocol: something that a device says of itself. */
export interface DeviceEvent {
  /** Device clock, microseconds. */
  readonly t: number
  readonly event: 'lead-off' | 'sensor-off' | 'low-battery' | 'button' | 'self-test' | 'resend-failed'
  readonly on: boolean
  readonly stream?: string
  readonly channel?: string
  readonly index?: number
  readonly value?: number
  readonly unit?: string
}
