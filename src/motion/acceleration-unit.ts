import { VitalwireError } from '../errors.js'
import type { StreamSpec } from '../signal/stream.js'

/** Gravity in each accepted unit (UCUM): standard gravity, its thousandth, metres a second squared. */
const perGravity: Readonly<Record<string, number>> = { '[g]': 1, g: 1, 'm[g]': 1000, 'm/s2': 9.80665 }

/** By what the values of a stream are multiplied to be in g. Throws `usage-config` for a unit that is no acceleration. */
export function gravitiesPerUnit(spec: StreamSpec): number {
  const gravity = perGravity[spec.unit]
  if (gravity !== undefined) return 1 / gravity
  const accepted = `accepted: ${Object.keys(perGravity).join(', ')}`
  throw new VitalwireError('usage-config', `stream ${spec.id}: unit ${spec.unit} is none for acceleration; ${accepted}`)
}
