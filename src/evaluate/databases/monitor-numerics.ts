import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { numberOr, readTable } from './csv-table.js'
import { isNumber, isNumberOrEmpty, printable, RowCount } from './row-count.js'

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

export interface MonitorNumerics {
  /** In the order of the file; nothing of a number whose column is not there. */
  readonly numbers: Readonly<Record<MonitorNumber, readonly ShownNumber[]>>
  /** Rows that cannot be read. */
  readonly warnings: readonly string[]
}

/** All that the monitor showed. Throws `recording-missing` and `recording-format`. */
export async function readMonitorNumerics(file: string): Promise<MonitorNumerics> {
  const { header, rows } = await readTable(file)
  if (header[0] !== 'time') {
    throw new VitalwireError('recording-format', `${file} begins with column ${JSON.stringify(printable(header[0] ?? ''))}; accepted: time`)
  }
  const count = new RowCount(file, 'ticks of the clock, then numbers or nothing, one field a column')
  const read = rows.filter(({ fields, line, text }) =>
    count.take(fields.length === header.length && isNumber(fields[0]) && fields.every(isNumberOrEmpty), line, text),
  )
  const numbersOf = (name: MonitorNumber): ShownNumber[] => {
    const column = header.indexOf(columns[name])
    if (column < 0) return []
    return read.flatMap(({ fields }) => {
      const value = numberOr(fields[column], Number.NaN)
      return Number.isNaN(value) ? [] : [{ seconds: Number(fields[0]) / ticksPerSecond, value }]
    })
  }
  return {
    numbers: {
      'heart-rate': numbersOf('heart-rate'),
      'pulse-rate': numbersOf('pulse-rate'),
      'respiratory-rate': numbersOf('respiratory-rate'),
      spo2: numbersOf('spo2'),
    },
    warnings: count.warnings(),
  }
}

/** The numbers of one column. Throws `recording-format` when the monitor showed none. */
export function requireNumbers(file: string, { numbers }: MonitorNumerics, name: MonitorNumber): readonly ShownNumber[] {
  if (numbers[name].length > 0) return numbers[name]
  throw new VitalwireError('recording-format', `${file} shows no ${name}; accepted: numbers in a column ${JSON.stringify(columns[name])}`)
}
