import { catalogue, isVitalName } from '../../../signal/catalogue.js'

/** Decimals that a clinician reads; the value itself is kept as it came. */
const decimals: Readonly<Record<string, number>> = { temperature: 1, 'skin-temperature': 1, 'perfusion-index': 1, 'body-weight': 1 }
const units: Readonly<Record<string, string>> = { '/min': '/min', Cel: '°C', 'mm[Hg]': 'mmHg', '1': '', '{count}': '', '{score}': '' }
const short: Readonly<Record<string, string>> = {
  'heart-rate': 'HR',
  'pulse-rate': 'PR',
  spo2: 'SpO2',
  'respiratory-rate': 'RR',
  temperature: 'Temp',
  'skin-temperature': 'Skin',
  'perfusion-index': 'PI',
  consciousness: 'ACVPU',
  'supplemental-oxygen': 'O2',
  glucose: 'Glucose',
  steps: 'Steps',
  'body-weight': 'Weight',
  'peak-flow': 'PEF',
  dyspnoea: 'Dyspnoea',
  cough: 'Cough',
  sputum: 'Sputum',
  swelling: 'Swelling',
}

/** Dash of a vital sign that is not measurable. */
export const notMeasurable = '—'

export function printValue(name: string, value: number | string | boolean | null): string {
  if (value === null) return notMeasurable
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return value
  if (!Number.isFinite(value)) return notMeasurable
  const places = decimals[name] ?? 0
  const scale = 10 ** places
  // Halves away from zero, as scores round them.
  const rounded = (Math.sign(value) * Math.floor(Math.abs(value) * scale + 0.5)) / scale
  return (rounded === 0 ? 0 : rounded).toFixed(places)
}

export function printUnit(unit: string): string {
  return units[unit] ?? unit
}

export function shortName(name: string): string {
  return short[name] ?? name
}

export function longName(name: string): string {
  return isVitalName(name) ? catalogue[name].display : name
}

/** Seconds after which a value of this name is stale; of an unknown name at once. */
export function validitySeconds(name: string): number {
  return isVitalName(name) ? catalogue[name].validitySeconds : 0
}
