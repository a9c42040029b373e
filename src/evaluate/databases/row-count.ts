import path from 'node:path'
import { VitalwireError } from '../../errors.js'

/**
 * Rows of a table of measurements: how many could be read, and where the first one is that could not. A row that cannot be read counts
 * as missing and is named; a file most of whose rows cannot be read is no such file.
 */
export class RowCount {
  readonly #file: string
  readonly #accepted: string
  #read = 0
  #unread = 0
  #firstLine = 0
  #firstText = ''

  /** `accepted`: what a row is, for messages. */
  constructor(file: string, accepted: string) {
    this.#file = file
    this.#accepted = accepted
  }

  /** `line` counts from 1. Returns `readable`. */
  take(readable: boolean, line: number, text: string): boolean {
    if (readable) this.#read += 1
    else {
      if (this.#unread === 0) [this.#firstLine, this.#firstText] = [line, printable(text)]
      this.#unread += 1
    }
    return readable
  }

  /** A line when some rows could not be read, else none. Throws `recording-format` when most could not, or when there is none. */
  warnings(): readonly string[] {
    const rows = this.#read + this.#unread
    if (rows === 0) throw new VitalwireError('recording-format', `${this.#file} has no row of values; accepted: ${this.#accepted}`)
    if (this.#read <= this.#unread) {
      throw new VitalwireError(
        'recording-format',
        `${this.#file}, line ${this.#firstLine}: ${JSON.stringify(this.#firstText)} cannot be read, nor can ${this.#unread} of ${rows} rows; accepted: ${this.#accepted}`,
      )
    }
    if (this.#unread === 0) return []
    return [
      `${path.basename(this.#file)}: ${this.#unread} of ${rows} rows cannot be read and count as missing, the first is line ${this.#firstLine}: ${JSON.stringify(this.#firstText)}`,
    ]
  }
}

/** The beginning of a line, without what a terminal would act on. */
export function printable(text: string): string {
  return text.slice(0, 40).replace(/\p{C}/gu, '?')
}

/** Whether a field is empty or a number in digits. */
export function isNumberOrEmpty(field: string | undefined): boolean {
  return field !== undefined && (field === '' || decimal.test(field))
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i

/** Whether a field is a number in digits. */
export function isNumber(field: string | undefined): field is string {
  return field !== undefined && decimal.test(field)
}
