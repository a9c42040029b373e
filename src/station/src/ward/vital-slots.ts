import type { WardVital } from '../feed/ward-types.js'
import { printReason } from '../words/reasons.js'
import { longName, notMeasurable, printUnit, printValue, shortName, validitySeconds } from '../words/vital-format.js'

/** One number of a tile as it is shown. */
export interface VitalSlot {
  readonly name: string
  readonly short: string
  readonly long: string
  readonly text: string
  readonly unit: string
  readonly ageSeconds: number
  readonly stale: boolean
  readonly measurable: boolean
  /** In words: why there is no number, that it is too old, or that it is questionable; empty when it may be believed. */
  readonly remark: string
  readonly quality: 'good' | 'fair' | 'poor' | 'unknown'
  readonly stream: string
}

const order = [
  'heart-rate',
  'pulse-rate',
  'spo2',
  'respiratory-rate',
  'nibp',
  'temperature',
  'skin-temperature',
  'perfusion-index',
  'glucose',
  'consciousness',
  'supplemental-oxygen',
  'body-weight',
  'peak-flow',
  'dyspnoea',
  'cough',
  'sputum',
  'swelling',
]
/** Shown large, in the first row of a tile. */
export const mainSlots = new Set(['heart-rate', 'pulse-rate', 'spo2', 'respiratory-rate'])

/** Numbers in their fixed order; `engineNow`: the engine's wall time, microseconds. */
export function vitalSlots(vitals: readonly WardVital[], engineNow: number): VitalSlot[] {
  const best = new Map<string, WardVital>()
  for (const vital of vitals) {
    const other = best.get(vital.name)
    if (!other || isBetter(vital, other, engineNow)) best.set(vital.name, vital)
  }
  const slots = [...best.values()].filter(vital => order.includes(vital.name)).map(vital => slotOf(vital, engineNow))
  const pressure = pressureSlot(best, engineNow)
  if (pressure) slots.push(pressure)
  return slots.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

/** Of two streams that measure the same: a number before none, a fresh one before a stale one, then quality, then stream id. */
function isBetter(a: WardVital, b: WardVital, engineNow: number): boolean {
  const rank = (vital: WardVital) => (isStale(vital, engineNow) ? 0 : 2) + (vital.value === null ? 0 : 1)
  const difference = rank(a) - rank(b) || (a.quality ?? 0) - (b.quality ?? 0)
  return difference > 0 || (difference === 0 && a.stream < b.stream)
}

function slotOf(vital: WardVital, engineNow: number): VitalSlot {
  const stale = isStale(vital, engineNow)
  return {
    name: vital.name,
    short: shortName(vital.name),
    long: longName(vital.name),
    text: printValue(vital.name, vital.value),
    unit: printUnit(vital.unit),
    ageSeconds: ageOf(vital, engineNow),
    stale,
    measurable: vital.value !== null,
    remark: remarkOf(vital, stale),
    quality: qualityWord(vital.quality),
    stream: vital.stream,
  }
}

/** Systolic over diastolic, with the mean; one number, one age: that of its oldest part. */
function pressureSlot(best: ReadonlyMap<string, WardVital>, engineNow: number): VitalSlot | null {
  const systolic = best.get('nibp-systolic')
  const diastolic = best.get('nibp-diastolic')
  if (!systolic && !diastolic) return null
  const parts = [systolic, diastolic].filter(part => part !== undefined)
  const oldest = parts.reduce((a, b) => (a.at <= b.at ? a : b))
  const mean = best.get('nibp-mean')
  const text = [systolic, diastolic].map(part => (part ? printValue(part.name, part.value) : notMeasurable)).join('/')
  const meanText = mean && mean.value !== null && Math.abs(mean.at - oldest.at) < 60e6 ? ` (${printValue(mean.name, mean.value)})` : ''
  const worst = parts.find(part => part.value === null) ?? parts.find(part => part.status !== 'valid') ?? oldest
  return {
    ...slotOf(worst, engineNow),
    name: 'nibp',
    short: 'NIBP',
    long: 'Cuff pressure',
    text: text + meanText,
    unit: 'mmHg',
    ageSeconds: ageOf(oldest, engineNow),
  }
}

function remarkOf(vital: WardVital, stale: boolean): string {
  if (vital.value === null) return `not measurable: ${printReason(vital.reason)}`
  if (stale) return 'too old'
  if (vital.status === 'questionable') return `questionable: ${printReason(vital.reason)}`
  return ''
}

function isStale(vital: WardVital, engineNow: number): boolean {
  return ageOf(vital, engineNow) > validitySeconds(vital.name)
}

function ageOf(vital: WardVital, engineNow: number): number {
  return Math.max(0, (engineNow - vital.at) / 1e6)
}

function qualityWord(quality: number | null): VitalSlot['quality'] {
  if (quality === null) return 'unknown'
  return quality >= 0.7 ? 'good' : quality >= 0.5 ? 'fair' : 'poor'
}
