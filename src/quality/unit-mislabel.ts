import { catalogue, type VitalName } from '../signal/catalogue.js'
import { toCatalogueUnit } from '../wire/ucum.js'
import type { CorrectionKind } from './correction.js'

/**
 * Signs whose units are so far apart that a number tells its unit. Pressure (kPa), weight (lb) and others are left to a person: a
 * diastolic pressure of 10.6 is possible in both.
 */
const units: Readonly<Partial<Record<VitalName, readonly string[]>>> = {
  temperature: ['Cel', 'degF', 'K'],
  glucose: ['mg/dL', 'mmol/L'],
  spo2: ['%', '1'],
}

/** So many numbers in a row, none of them possible as labelled. */
const inARow = 3

export const unitMislabel = { method: 'unit-mislabel', version: '1' } as const

/** The one unit in which a number that is impossible as labelled is plausible; null: none, or more than one. */
export function plausibleUnit(name: VitalName, value: number, label: string): string | null {
  const { possible, plausible } = catalogue[name]
  const candidates = units[name]
  if (candidates === undefined || !candidates.includes(label) || possible === null || plausible === null) return null
  const labelled = toCatalogueUnit(name, value, label)
  if (labelled === null || (labelled >= possible[0] && labelled <= possible[1])) return null
  const fitting = candidates.filter(unit => {
    const meant = toCatalogueUnit(name, value, unit)
    return meant !== null && meant >= plausible[0] && meant <= plausible[1]
  })
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}

interface Run {
  label: string
  unit: string
  count: number
}

/**
 * Finds a device that labels one sign with a wrong unit: three numbers in a row that are impossible as labelled and plausible in one
 * other unit only. A device that has sent a number of the sign that counted is believed: what comes besides are faults.
 */
export class MislabelWatch {
  #runs: Record<string, Run> = {}
  #believed: VitalName[] = []

  /** A number counted as labelled. */
  counted(name: VitalName): void {
    if (units[name] === undefined || this.#believed.includes(name)) return
    this.#believed.push(name)
    delete this.#runs[name]
  }

  /** A number that was refused as impossible; the correction that explains it and those before, or null. */
  refused(name: VitalName, value: number, label: string): CorrectionKind | null {
    if (this.#believed.includes(name)) return null
    const unit = plausibleUnit(name, value, label)
    if (unit === null) {
      delete this.#runs[name]
      return null
    }
    const before = this.#runs[name]
    const run = before?.label === label && before.unit === unit ? { ...before, count: before.count + 1 } : { label, unit, count: 1 }
    this.#runs[name] = run
    if (run.count < inARow) return null
    delete this.#runs[name]
    return { kind: 'unit', name, from: label, to: unit }
  }

  save(): unknown {
    return structuredClone({ runs: this.#runs, believed: this.#believed })
  }

  load(state: unknown): void {
    const { runs, believed } = structuredClone(state as { runs: Record<string, Run>; believed: VitalName[] })
    this.#runs = runs
    this.#believed = believed
  }
}
