import { catalogue, type MeasurementName } from '../signal/catalogue.js'
import type { VitalReading } from './vital-reading.js'

/** The words of `consciousness`: alert, new confusion, voice, pain, unresponsive. */
const consciousnessLevels = ['A', 'C', 'V', 'P', 'U'] as const

export type ValueCheck = 'valid' | 'questionable' | 'impossible'

/**
 * Holds a value against the catalogue: outside the possible range, or of the wrong type, it is impossible and reaches
 * neither table nor score; outside the plausible range it is questionable, shown and scored with that mark.
 */
export function checkValue(name: MeasurementName, value: number | string | boolean): ValueCheck {
  if (name === 'consciousness') return consciousnessLevels.some(level => level === value) ? 'valid' : 'impossible'
  if (name === 'supplemental-oxygen') return typeof value === 'boolean' ? 'valid' : 'impossible'
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'impossible'
  const { possible, plausible } = catalogue[name]
  if (possible !== null && (value < possible[0] || value > possible[1])) return 'impossible'
  if (plausible !== null && (value < plausible[0] || value > plausible[1])) return 'questionable'
  return 'valid'
}

/** The reading with its status lowered to `questionable` where the value is implausible. */
export function flagImplausible(reading: VitalReading): VitalReading {
  if (reading.value === null || reading.status === 'questionable') return reading
  return checkValue(reading.name, reading.value) === 'questionable'
    ? { ...reading, status: 'questionable', reason: 'implausible' }
    : reading
}
