import { createReadStream } from 'node:fs'
import { VitalwireError } from '../errors.js'
import { type NumberFormat, readNumber } from './text-values.js'

export interface CsvLine {
  readonly text: string
  /** Byte offset of its first character. */
  readonly offset: number
}

const maxLineBytes = 1024 * 1024

/** Lines of a text file from a byte offset on, without line ends, a mebibyte at most each. Memory does not grow with the file. */
export async function* readCsvLines(path: string, from = 0, chunkBytes = 256 * 1024): AsyncGenerator<CsvLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = from
  try {
    for await (const chunk of createReadStream(path, { start: from, highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const lines: CsvLine[] = []
      let start = 0
      for (let end = data.indexOf(10, start); end >= 0; end = data.indexOf(10, start)) {
        lines.push({ text: lineText(data, start, end), offset: offset + start })
        start = end + 1
      }
      rest = data.subarray(start)
      offset += start
      if (rest.length > maxLineBytes) {
        throw new VitalwireError(
          'recording-format',
          `${path} has a line of more than ${maxLineBytes} bytes at byte ${offset}; accepted: CSV rows`,
        )
      }
      yield lines
    }
  } catch (cause) {
    if (cause instanceof VitalwireError) throw cause
    throw new VitalwireError('recording-missing', `${path} is not readable: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  if (rest.length > 0) yield [{ text: lineText(rest, 0, rest.length), offset }]
}

function lineText(data: Buffer, start: number, end: number): string {
  const text = data.toString('utf8', start, end > start && data[end - 1] === 13 ? end - 1 : end)
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

export type Separator = ',' | ';' | '\t' | '|'

/**
 * The separator of a header row: the first of tab, semicolon, comma, bar that stands in it outside quotes. A semicolon at its end
 * is the end of the row.
 */
export function chooseSeparator(header: string): Separator {
  const plain = header.replace(/"[^"]*"/g, '').replace(/\s*;\s*$/, '')
  return (['\t', ';', ',', '|'] as const).find(separator => plain.includes(separator)) ?? ','
}

/** Fields of a row, trimmed; a field may stand in double quotes, with `""` for a quote in it. A semicolon that ends the row is none of it. */
export function splitCsv(row: string, separator: Separator): string[] {
  const line = separator === ';' || !row.endsWith(';') ? row : row.slice(0, -1)
  if (!line.includes('"')) return line.split(separator).map(field => field.trim())
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string
    if (c === '"') {
      if (quoted && line[i + 1] === '"') field += line[++i] as string
      else quoted = !quoted
    } else if (c === separator && !quoted) {
      fields.push(field.trim())
      field = ''
    } else field += c
  }
  fields.push(field.trim())
  return fields
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i

/** Number of a field; NaN for an empty or other text, or one of the markers. */
export function parseCsvNumber(field: string, missing: ReadonlySet<string>, format: NumberFormat = 'point'): number {
  if (field === '' || missing.has(field)) return NaN
  const plain = decimal.test(field)
  if (!plain && !field.includes(',')) return NaN
  const value = plain && format === 'point' ? Number(field) : readNumber(field, format)
  return Number.isFinite(value) && !(missing.has('0') && value === 0) ? value : NaN
}
