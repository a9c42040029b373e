import { VitalwireError } from '../errors.js'

/**
 * From the ratio of ratios R to SpO2 in per cent. A curve belongs to the optics of a device and to the measurements on
 * people that it was fitted to; it holds between `leastR` and `mostR` only.
 */
export interface CalibrationTable {
  readonly name: string
  /** `empirical`: a textbook curve, never fitted to the device at hand. `device`: from the device's maker. */
  readonly origin: 'empirical' | 'device'
  readonly description: string
  /** Where the curve comes from: paper, or the maker's document and its revision. */
  readonly source?: string
  /** The sensor that it belongs to, as its device calls it. */
  readonly sensor?: string
  /** First and last day that it holds for, `YYYY-MM-DD`; left out: without end on that side. */
  readonly validFrom?: string
  readonly validUntil?: string
  readonly leastR: number
  readonly mostR: number
  /** Knots (R ascending, SpO2 in %), joined by straight lines. */
  readonly knots: readonly (readonly [r: number, spo2: number])[]
}

/**
 * SpO2 = 110 - 25 R: the linear rule of thumb for 660 and 940 nm found throughout the literature (e.g. Webster, Design of
 * Pulse Oximeters, 1997). No device's own; good for showing a trend.
 */
const empirical: CalibrationTable = {
  name: 'empirical-660-940',
  origin: 'empirical',
  source: 'Webster (ed.), Design of Pulse Oximeters, 1997',
  description: 'rule of thumb 110 - 25 R for 660 and 940 nm; fitted to no device',
  leastR: 0.4,
  mostR: 2,
  knots: [
    [0.4, 100],
    [2, 60],
  ],
}

export const defaultCalibration = empirical.name

const tables: ReadonlyMap<string, CalibrationTable> = new Map([[empirical.name, empirical]])

/** The table of a stream; no name means the empirical curve. An unknown name is a person's mistake. */
export function findCalibration(name: string | undefined, more: readonly CalibrationTable[] = []): CalibrationTable {
  const wanted = name ?? defaultCalibration
  const table = more.find(candidate => candidate.name === wanted) ?? tables.get(wanted)
  if (table === undefined) {
    const accepted = [...more.map(candidate => candidate.name), ...tables.keys()].join(', ')
    throw new VitalwireError('usage-config', `oximeter calibration "${wanted}" is not known; accepted: ${accepted}`)
  }
  checkCalibration(table)
  return table
}

/** Why a calibration gives no numbers. */
export type CalibrationFault = 'calibration-unknown' | 'calibration-expired' | 'calibration-not-yet-valid' | 'calibration-undated'

export interface ChosenCalibration {
  /** Where there is a fault it must not be used. */
  readonly table: CalibrationTable
  readonly fault: CalibrationFault | null
}

/**
 * The table of a stream, and whether it may be used on `day` (`YYYY-MM-DD`, null: not known). The device's word is no
 * person's mistake: an unknown name is a fault, not an error. Throws `usage-config` for a table that is no curve.
 */
export function chooseCalibration(name: string | undefined, more: readonly CalibrationTable[], day: string | null): ChosenCalibration {
  const known = name === undefined || tables.has(name) || more.some(candidate => candidate.name === name)
  if (!known) return { table: empirical, fault: 'calibration-unknown' }
  const table = findCalibration(name, more)
  return { table, fault: calibrationFault(table, day) }
}

function calibrationFault(table: CalibrationTable, day: string | null): CalibrationFault | null {
  const { validFrom, validUntil } = table
  if (validFrom === undefined && validUntil === undefined) return null
  if (day === null) return 'calibration-undated'
  if (validFrom !== undefined && day < validFrom) return 'calibration-not-yet-valid'
  return validUntil !== undefined && day > validUntil ? 'calibration-expired' : null
}

const dayPattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

function checkCalibration(table: CalibrationTable): void {
  const mistake = calibrationMistake(table)
  if (mistake === null) return
  const { path, value, accepted } = mistake
  throw new VitalwireError(
    'usage-config',
    `oximeter calibration "${table.name}": ${path}: ${JSON.stringify(value)} is not accepted; accepted: ${accepted}`,
  )
}

export interface CalibrationMistake {
  /** Field of the table, e.g. `knots.1`. */
  readonly path: string
  readonly value: unknown
  readonly accepted: string
}

/** First mistake of a table: days that are none, knots that do not ascend in R or leave 0 to 100 %, a range beyond its knots. */
export function calibrationMistake(table: CalibrationTable): CalibrationMistake | null {
  const { validFrom, validUntil, knots, leastR, mostR } = table
  for (const [path, day] of Object.entries({ validFrom, validUntil })) {
    if (day !== undefined && !dayPattern.test(day)) return { path, value: day, accepted: 'a day, YYYY-MM-DD' }
  }
  if (validFrom !== undefined && validUntil !== undefined && validUntil < validFrom) {
    return { path: 'validUntil', value: validUntil, accepted: `a day no earlier than validFrom, ${validFrom}` }
  }
  if (knots.length < 2) return { path: 'knots', value: knots, accepted: 'at least two knots [R, SpO2 in %]' }
  for (const [i, knot] of knots.entries()) {
    const path = `knots.${i}`
    if (!(knot[0] > 0 && knot[1] >= 0 && knot[1] <= 100)) {
      return { path, value: knot, accepted: '[R, SpO2] with R above 0 and SpO2 from 0 to 100 %' }
    }
    const before = knots[i - 1]
    if (before !== undefined && !(knot[0] > before[0]))
      return { path, value: knot, accepted: `an R above that of the knot before, ${before[0]}` }
  }
  const first = knots[0]![0]
  const last = knots[knots.length - 1]![0]
  if (!(leastR >= first && leastR < last))
    return { path: 'leastR', value: leastR, accepted: `an R of the knots' range, ${first} to ${last}` }
  if (!(mostR <= last && mostR > leastR))
    return { path: 'mostR', value: mostR, accepted: `an R above leastR, at most that of the last knot, ${last}` }
  return null
}

/** Change of SpO2 by R at `r` within the range, % a unit of R, without its sign. */
export function slopeOf(table: CalibrationTable, r: number): number {
  const i = segmentOf(table, r)
  const [r0, s0] = table.knots[i - 1]!
  const [r1, s1] = table.knots[i]!
  return Math.abs(s1 - s0) / (r1 - r0)
}

/** SpO2 in %; null outside the range the table holds for. */
export function saturationOf(table: CalibrationTable, r: number): number | null {
  if (!(r >= table.leastR && r <= table.mostR)) return null
  const i = segmentOf(table, r)
  const [r0, s0] = table.knots[i - 1]!
  const [r1, s1] = table.knots[i]!
  return s0 + ((s1 - s0) * (r - r0)) / (r1 - r0)
}

function segmentOf(table: CalibrationTable, r: number): number {
  let i = 1
  while (i < table.knots.length - 1 && r > table.knots[i]![0]) i += 1
  return i
}
