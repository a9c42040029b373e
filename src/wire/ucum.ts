import type { VitalName } from '../signal/catalogue.js'
import { catalogue } from '../signal/catalogue.js'
import { temperatureUnits, type UnitConversion } from '../signal/temperature-units.js'

/**
 * Units that a signal is taken in besides its own (rule N1). The names without brackets
 * are those of the SenML registry (RFC 8428, section 12.1), which has no mm[Hg].
 */
const same: UnitConversion = { before: 0, factor: 1 }
const ratio: UnitConversion = { before: 0, factor: 100 }

const perMinute: Readonly<Record<string, UnitConversion>> = {
  'beat/min': same,
  'beats/min': same,
  '1/min': same,
  '{beat}/min': same,
  '{beats}/min': same,
  '{breath}/min': same,
  '{breaths}/min': same,
  Hz: { before: 0, factor: 60 },
  '1/s': { before: 0, factor: 60 },
  '/s': { before: 0, factor: 60 },
}
const share: Readonly<Record<string, UnitConversion>> = { '/': ratio, '1': ratio }
const rating: Readonly<Record<string, UnitConversion>> = { '1': same }
const pressure: Readonly<Record<string, UnitConversion>> = {
  mmHg: same,
  // 1 mm[Hg] is 133.322 Pa (UCUM, m[Hg] = 133.322 kPa).
  kPa: { before: 0, factor: 1000 / 133.322 },
  Pa: { before: 0, factor: 1 / 133.322 },
}

const conversions: Readonly<Partial<Record<VitalName, Readonly<Record<string, UnitConversion>>>>> = {
  'heart-rate': perMinute,
  'pulse-rate': perMinute,
  'respiratory-rate': perMinute,
  spo2: share,
  'perfusion-index': share,
  battery: { ...share, '%EL': same },
  temperature: temperatureUnits,
  'skin-temperature': temperatureUnits,
  'nibp-systolic': pressure,
  'nibp-diastolic': pressure,
  'nibp-mean': pressure,
  steps: { count: same, '{steps}': same, '1': same },
  // Molar mass of glucose: 180.156 g/mol.
  glucose: {
    'mmol/L': { before: 0, factor: 18.0156 },
    'mmol/l': { before: 0, factor: 18.0156 },
    'mg/dl': same,
    'g/L': { before: 0, factor: 100 },
  },
  // Avoirdupois pound: 0.45359237 kg (UCUM).
  'body-weight': { g: { before: 0, factor: 1e-3 }, '[lb_av]': { before: 0, factor: 0.45359237 }, lb: { before: 0, factor: 0.45359237 } },
  'peak-flow': { 'l/min': same, 'L/s': { before: 0, factor: 60 }, 'l/s': { before: 0, factor: 60 } },
  dyspnoea: rating,
  cough: rating,
  sputum: rating,
  swelling: rating,
}

/** `value` in the catalogue's unit, or null when `unit` is not known for this signal. */
export function toCatalogueUnit(name: VitalName, value: number, unit: string): number | null {
  if (unit === catalogue[name].unit) return value
  const known = conversions[name]
  if (known === undefined || !Object.hasOwn(known, unit)) return null
  const conversion = known[unit]!
  return (value + conversion.before) * conversion.factor
}
