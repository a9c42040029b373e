import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { numberOr, readTable } from './csv-table.js'

/** Ticks of the monitor's clock in a second. */
const ticksPerSecond = 999.56

const columns = {
  'heart-rate': 'HR [bpm]',
  'pulse-rate': 'Pulse (SpO2) [bpm]',
  'respiratory-rate': 'RR [rpm]',
  spo2: 'SpO2 [%]',
} as const
export type MonitorNumber = keyof typeof columns

/** A number that the monitor showed, seconds after tick 0. */
export interface ShownNumber {
  readonly seconds: number
  readonly value: number
}

/** The file of a bedside monitor's numbers in a folder (`*n.csv` of MIMIC-IV Waveform); null when there is none. */
export async function findMonitorNumerics(folder: string): Promise<string | null> {
  const files = (await readdir(folder).catch(() => [] as string[])).filter(file => /^\d+n\.csv$/.test(file)).sort()
  return files[0] === undefined ? null : path.join(folder, files[0])
}

/** All that the monitor showed, in the order of the file. Throws `recording-missing` and `recording-format`. */
export async function readMonitorNumerics(file: string): Promise<Readonly<Record<MonitorNumber, readonly ShownNumber[]>>> {
  const { header, rows } = await readTable(file)
  if (header[0] !== 'time') {
    throw new VitalwireError('recording-format', `${file} begins with column ${JSON.stringify(header[0] ?? '')}; accepted: time`)
  }
  const numbersOf = (name: MonitorNumber): ShownNumber[] => {
    const column = header.indexOf(columns[name])
    if (column < 0) return []
    return rows.flatMap(row => {
      const value = numberOr(row[column], Number.NaN)
      return Number.isNaN(value) ? [] : [{ seconds: Number(row[0]) / ticksPerSecond, value }]
    })
  }
  return {
    'heart-rate': numbersOf('heart-rate'),
    'pulse-rate': numbersOf('pulse-rate'),
    'respiratory-rate': numbersOf('respiratory-rate'),
    spo2: numbersOf('spo2'),
  }
}
