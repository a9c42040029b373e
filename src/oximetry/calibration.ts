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

/** Names of the tables that a stream's `calibration` may carry. */
export function calibrationNames(): string[] {
  return [...tables.keys()]
}

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

/** Refuses a table whose knots do not ascend in R, or leave the range 0 to 100 %, or do not span the range it claims. */
function checkCalibration(table: CalibrationTable): void {
  const fault = (what: string): never => {
    throw new VitalwireError('usage-config', `oximeter calibration "${table.name}": ${what}`)
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

/** SpO2 in %; null outside the range the table holds for. */
export function saturationOf(table: CalibrationTable, r: number): number | null {
  if (!(r >= table.leastR && r <= table.mostR)) return null
  let i = 1
  while (i < table.knots.length - 1 && r > table.knots[i]![0]) i += 1
  const [r0, s0] = table.knots[i - 1]!
  const [r1, s1] = table.knots[i]!
  return s0 + ((s1 - s0) * (r - r0)) / (r1 - r0)
}
