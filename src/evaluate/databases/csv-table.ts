import { chooseSeparator, readCsvLines, splitCsv } from '../../recording/csv-text.js'

export interface CsvTable {
  readonly header: readonly string[]
  /** Fields of each row that is not empty, trimmed. */
  readonly rows: readonly (readonly string[])[]
}

/** A whole CSV file with a header row. Throws `recording-missing`. */
export async function readTable(file: string): Promise<CsvTable> {
  const all: string[] = []
  for await (const lines of readCsvLines(file)) for (const { text } of lines) if (text.trim() !== '') all.push(text)
  const separator = chooseSeparator(all[0] ?? '')
  const [header = [], ...rows] = all.map(line => splitCsv(line, separator))
  return { header, rows }
}

/** The field as a number; `otherwise` when it is none. */
export function numberOr(field: string | undefined, otherwise: number): number {
  if (field === undefined || field === '') return otherwise
  const value = Number(field)
  return Number.isFinite(value) ? value : otherwise
}
