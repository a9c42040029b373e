import { VitalwireError } from '../errors.js'

/** `recording-format` of a binary file: where in it, what is wrong there, and what is accepted. */
export function byteRefusal(path: string, byte: number, what: string, accepted: string, options?: { cause?: unknown }): VitalwireError {
  return new VitalwireError('recording-format', `${path}: byte ${byte}: ${what}; accepted: ${accepted}`, options)
}
