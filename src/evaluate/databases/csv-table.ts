import { VitalwireError } from '../../errors.js'
import { chooseSeparator, readCsvLines, splitCsv } from '../../recording/csv-text.js'

export interface CsvRow {
  /** From 1. */
  readonly line: number
  readonly text: string
  /** Trimmed. */
  readonly fields: readonly string[]
}

export interface CsvTable {
  readonly header: readonly string[]
  /** Rows that are not empty. */
  readonly rows: readonly CsvRow[]
}

/** A whole CSV file with a header row. Throws `recording-missing`, and `recording-format` for an empty file. */
export async function readTable(file: string): Promise<CsvTable> {
  const all: { line: number; text: string }[] = []
  let line = 0
  for await (const lines of readCsvLines(file)) {
    for (const { text } of lines) {
      line += 1
      if (text.trim() !== '') all.push({ line, text })
    }
  }
  const [header, ...rows] = all
  if (header === undefined) {
    throw new VitalwireError('recording-format', `${file} is empty; accepted: a row of names, then rows of numbers`)
  }
  const separator = chooseSeparator(header.text)
  return { header: splitCsv(header.text, separator), rows: rows.map(row => ({ ...row, fields: splitCsv(row.text, separator) })) }
}

/** The field as a number; `otherwise` when it is none. */
export function numberOr(field: string | undefined, otherwise: number): number {
  if (field === undefined || field === '') return otherwise
  const value = Number(field)
  return Number.isFinite(value) ? value : otherwise
}
