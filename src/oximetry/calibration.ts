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

const defaultCalibration = empirical.name

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

/** Refuses a table whose knots do not ascend in R, or leave the range 0 to 100 %, or do not span the range it claims. */
function checkCalibration(table: CalibrationTable): void {
  const fault = (what: string): never => {
    throw new VitalwireError('usage-config', `oximeter calibration "${table.name}": ${what}`)
  }
  for (const day of [table.validFrom, table.validUntil]) {
    if (day !== undefined && !dayPattern.test(day)) fault(`${JSON.stringify(day)} is no day; accepted: YYYY-MM-DD`)
  }
  if (table.validFrom !== undefined && table.validUntil !== undefined && table.validUntil < table.validFrom) {
    fault('must be valid until no earlier than it is valid from')
  }
  if (table.knots.length < 2) fault('needs at least two knots [R, SpO2]')
  for (let i = 0; i < table.knots.length; i += 1) {
    const [r, spo2] = table.knots[i]!
    if (!(r > 0 && spo2 >= 0 && spo2 <= 100)) fault(`knot ${i} must have R > 0 and SpO2 from 0 to 100 %`)
    if (i > 0 && !(r > table.knots[i - 1]![0])) fault(`knot ${i} must have a larger R than the one before`)
  }
  const first = table.knots[0]![0]
  const last = table.knots[table.knots.length - 1]![0]
  if (!(table.leastR >= first && table.mostR <= last && table.leastR < table.mostR)) {
    fault(`range ${table.leastR} to ${table.mostR} must lie within its knots, ${first} to ${last}`)
  }
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
