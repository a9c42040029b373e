import type { PatientAttributes } from '../signal/patient.js'
import * as table from './news2-table.js'
import { roundTenth, roundWhole } from './round.js'

/** In the order of the chart. `heart-rate` is the chart's pulse: heart rate, or pulse rate where there is no ECG. */
export const news2ItemNames = [
  'respiratory-rate',
  'spo2',
  'supplemental-oxygen',
  'nibp-systolic',
  'heart-rate',
  'consciousness',
  'temperature',
] as const
export type News2ItemName = (typeof news2ItemNames)[number]

/** What is known of an item now; value null: never measured, or not measurable. */
export interface ScoreInput {
  readonly value: number | string | boolean | null
  readonly stale: boolean
  readonly ageSeconds: number | null
  /** Why there is no value. */
  readonly reason?: string | null
}

export type News2Inputs = Readonly<Record<News2ItemName, ScoreInput>>

export interface News2Item {
  readonly name: News2ItemName
  /** null unless `present`. */
  readonly points: 0 | 1 | 2 | 3 | null
  /** As measured, before rounding. */
  readonly value: number | string | boolean | null
  readonly ageSeconds: number | null
  readonly state: 'present' | 'missing' | 'stale'
  /** Why an item is not present, e.g. `never-measured`, `needs-supplemental-oxygen`. */
  readonly reason?: string
}

/**
 * Clinical risk by the RCP's thresholds: 0 to 4 `low`, a single 3 in that range `low-medium`, 5 to 6 `medium` (urgent),
 * 7 and more `high` (emergency).
 */
export type News2Band = 'low' | 'low-medium' | 'medium' | 'high'

export interface News2Result {
  readonly score: 'news2'
  readonly scale: 1 | 2
  /**
   * Sum of the items present. When not `complete` it is a lower bound, never a NEWS2: to be shown as "at least". null
   * when no item is present or the score is refused.
   */
  readonly total: number | null
  /** `total` plus the most that the items not present can bring; equals `total` when complete. null when refused. */
  readonly atMost: number | null
  readonly complete: boolean
  readonly items: readonly News2Item[]
  readonly missing: readonly News2ItemName[]
  readonly stale: readonly News2ItemName[]
  /** An item present has 3 points. */
  readonly single3: boolean
  /** null when refused, and when incomplete and no item or sum so far calls for a response: unknown is not low. */
  readonly band: News2Band | null
  /** What could not be checked before scoring. */
  readonly unverified: readonly ('age' | 'pregnancy')[]
  readonly refused?: 'age-below-16' | 'pregnant'
}

/** NEWS2 from rounded values; see docs/algorithms/news2.md. Never a 0 for something that was not measured. */
export function scoreNews2(inputs: News2Inputs, patient: PatientAttributes): News2Result {
  const refused = refuseNews2(patient)
  const unverified = findUnverified(patient)
  const oxygen = inputs['supplemental-oxygen']
  const onOxygen = oxygen.stale || typeof oxygen.value !== 'boolean' ? null : oxygen.value
  const items = news2ItemNames.map(name => scoreItem(name, inputs[name], patient.spo2Scale, onOxygen))
  const missing = items.filter(item => item.state === 'missing').map(item => item.name)
  const stale = items.filter(item => item.state === 'stale').map(item => item.name)
  const about = { score: 'news2', scale: patient.spo2Scale, missing, stale, unverified } as const
  if (refused !== null) {
    const unscored = items.map(item => ({ ...item, points: null }))
    return { ...about, items: unscored, total: null, atMost: null, complete: false, single3: false, band: null, refused }
  }
  let total = 0
  let atMost = 0
  for (const item of items) {
    total += item.points ?? 0
    atMost += item.points ?? table.mostPoints[item.name]
  }
  const present = items.length - missing.length - stale.length
  const complete = present === items.length
  const single3 = items.some(item => item.points === 3)
  return { ...about, items, total: present === 0 ? null : total, atMost, complete, single3, band: bandNews2(total, single3, complete) }
}

function refuseNews2(patient: PatientAttributes): 'age-below-16' | 'pregnant' | null {
  const { ageYears, ageBand } = patient
  const young = ageBand === 'neonate' || ageBand === 'infant' || ageBand === 'child' || ageBand === 'adolescent'
  if (young || (ageYears !== null && ageYears < table.youngestYears)) return 'age-below-16'
  return patient.pregnant === true ? 'pregnant' : null
}

function findUnverified(patient: PatientAttributes): readonly ('age' | 'pregnancy')[] {
  const unverified: ('age' | 'pregnancy')[] = []
  if (patient.ageYears === null && (patient.ageBand ?? null) === null) unverified.push('age')
  if (patient.pregnant === null) unverified.push('pregnancy')
  return unverified
}

function bandNews2(total: number, single3: boolean, complete: boolean): News2Band | null {
  if (total >= 7) return 'high'
  if (total >= 5) return 'medium'
  if (single3) return 'low-medium'
  return complete ? 'low' : null
}

function scoreItem(name: News2ItemName, input: ScoreInput, scale: 1 | 2, onOxygen: boolean | null): News2Item {
  const { value, ageSeconds } = input
  const shown = { name, value, ageSeconds }
  if (value === null) return { ...shown, points: null, state: 'missing', reason: input.reason ?? 'never-measured' }
  if (input.stale) return { ...shown, points: null, state: 'stale', reason: 'stale' }
  const points = name === 'spo2' ? pointsOfSpo2(value, scale, onOxygen) : pointsOf(name, value)
  if (points === 'needs-supplemental-oxygen' || points === null) {
    return { ...shown, points: null, state: 'missing', reason: points ?? 'not-a-value' }
  }
  return { ...shown, points, state: 'present' }
}

type Points = 0 | 1 | 2 | 3 | null

function pointsOf(name: Exclude<News2ItemName, 'spo2'>, value: number | string | boolean): Points {
  switch (name) {
    case 'supplemental-oxygen':
      if (typeof value !== 'boolean') return null
      return value ? table.supplementalOxygenPoints.oxygen : table.supplementalOxygenPoints.air
    case 'consciousness':
      return typeof value === 'string' && Object.hasOwn(table.consciousnessPoints, value) ? table.consciousnessPoints[value]! : null
    case 'respiratory-rate':
      return typeof value === 'number' ? findPoints(table.respiratoryRateBands, roundWhole(value)) : null
    case 'nibp-systolic':
      return typeof value === 'number' ? findPoints(table.systolicPressureBands, roundWhole(value)) : null
    case 'heart-rate':
      return typeof value === 'number' ? findPoints(table.pulseBands, roundWhole(value)) : null
    case 'temperature':
      return typeof value === 'number' ? findPoints(table.temperatureBands, roundTenth(value)) : null
  }
}

/** On scale 2 a saturation above the target counts only on oxygen; without knowing, it has no points. */
function pointsOfSpo2(value: number | string | boolean, scale: 1 | 2, onOxygen: boolean | null): Points | 'needs-supplemental-oxygen' {
  if (typeof value !== 'number') return null
  const saturation = roundWhole(value)
  if (scale === 1) return findPoints(table.spo2Scale1Bands, saturation)
  const points = findPoints(table.spo2Scale2Bands, saturation)
  if (points !== null || !Number.isFinite(saturation)) return points
  if (onOxygen === null) return 'needs-supplemental-oxygen'
  return findPoints(onOxygen ? table.spo2Scale2OxygenBands : table.spo2Scale2AirBands, saturation)
}

function findPoints(bands: readonly table.Band[], rounded: number): Points {
  if (!Number.isFinite(rounded)) return null
  return bands.find(band => rounded >= band.from && rounded <= band.to)?.points ?? null
}
