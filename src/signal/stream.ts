import type { Rate } from './rate.js'

/** What a stream measures; decides which chain reads it. `other` is kept and shown, never interpreted. */
export const streamKinds = ['ecg', 'ppg', 'respiration', 'pressure', 'acceleration', 'eeg', 'temperature', 'other'] as const
export type StreamKind = (typeof streamKinds)[number]

/** A waveform stream as its device declared it at birth. */
export interface StreamSpec {
  /** `[a-z0-9-]{1,64}`, unique in the device. */
  readonly id: string
  readonly kind: StreamKind
  /** Channel (lead) names, in the order of the chunk payload. */
  readonly channels: readonly string[]
  /** UCUM unit of the physical values. */
  readonly unit: string
  readonly fs: Rate
  /** Where it is worn or fixed, in the device's words. */
  readonly site?: string
  /** ppg: wavelength of each channel in nanometres; red and infrared together make an oximeter. */
  readonly wavelengths?: readonly number[]
  /** oximetry: name of the calibration table. */
  readonly calibration?: string
}
