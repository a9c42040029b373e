/**
 * NEWS2 as published, as data. Source: Royal College of Physicians, National Early Warning Score (NEWS) 2:
 * Standardising the assessment of acute-illness severity in the NHS, updated report, London 2017, chart 1 (the NEWS
 * scoring system). Bands are inclusive, in the catalogue's unit, and given for values that have been rounded: whole
 * numbers, and tenths of a degree for temperature.
 */
export interface Band {
  readonly from: number
  readonly to: number
  readonly points: 0 | 1 | 2 | 3
}

const below = Number.NEGATIVE_INFINITY
const beyond = Number.POSITIVE_INFINITY

export const respiratoryRateBands: readonly Band[] = [
  { from: below, to: 8, points: 3 },
  { from: 9, to: 11, points: 1 },
  { from: 12, to: 20, points: 0 },
  { from: 21, to: 24, points: 2 },
  { from: 25, to: beyond, points: 3 },
]

export const spo2Scale1Bands: readonly Band[] = [
  { from: below, to: 91, points: 3 },
  { from: 92, to: 93, points: 2 },
  { from: 94, to: 95, points: 1 },
  { from: 96, to: beyond, points: 0 },
]

/** Scale 2, for a prescribed target of 88 to 92 %: this part does not depend on oxygen. */
export const spo2Scale2Bands: readonly Band[] = [
  { from: below, to: 83, points: 3 },
  { from: 84, to: 85, points: 2 },
  { from: 86, to: 87, points: 1 },
  { from: 88, to: 92, points: 0 },
]

/** Scale 2 from 93 % up, breathing air. */
export const spo2Scale2AirBands: readonly Band[] = [{ from: 93, to: beyond, points: 0 }]

/** Scale 2 from 93 % up, on supplemental oxygen. */
export const spo2Scale2OxygenBands: readonly Band[] = [
  { from: 93, to: 94, points: 1 },
  { from: 95, to: 96, points: 2 },
  { from: 97, to: beyond, points: 3 },
]

export const supplementalOxygenPoints = { air: 0, oxygen: 2 } as const

export const systolicPressureBands: readonly Band[] = [
  { from: below, to: 90, points: 3 },
  { from: 91, to: 100, points: 2 },
  { from: 101, to: 110, points: 1 },
  { from: 111, to: 219, points: 0 },
  { from: 220, to: beyond, points: 3 },
]

export const pulseBands: readonly Band[] = [
  { from: below, to: 40, points: 3 },
  { from: 41, to: 50, points: 1 },
  { from: 51, to: 90, points: 0 },
  { from: 91, to: 110, points: 1 },
  { from: 111, to: 130, points: 2 },
  { from: 131, to: beyond, points: 3 },
]

/** Alert 0; new confusion, voice, pain, unresponsive 3. */
export const consciousnessPoints: Readonly<Record<string, 0 | 3>> = { A: 0, C: 3, V: 3, P: 3, U: 3 }

export const temperatureBands: readonly Band[] = [
  { from: below, to: 35, points: 3 },
  { from: 35.1, to: 36, points: 1 },
  { from: 36.1, to: 38, points: 0 },
  { from: 38.1, to: 39, points: 1 },
  { from: 39.1, to: beyond, points: 2 },
]

/** Most points that each item can bring; together 20. */
export const mostPoints = {
  'respiratory-rate': 3,
  spo2: 3,
  'supplemental-oxygen': 2,
  'nibp-systolic': 3,
  'heart-rate': 3,
  consciousness: 3,
  temperature: 2,
} as const

/** NEWS2 is not validated for, and not applied to, patients younger than this or pregnant. */
export const youngestYears = 16
