import { VitalwireError } from '../errors.js'
import { chooseSeparator, parseCsvNumber, readCsvLines, splitCsv } from './csv-text.js'
import { fileSize } from './file-pool.js'
import type { NumericSeries } from './recording.js'
import type { SessionNumerics } from './session-file.js'

interface Collected {
  readonly times: number[]
  readonly values: number[]
}

/**
 * Reads the numerics of a session from a CSV file, row by row. `endMicros` is where the session ends: rows before its
 * start and from its end on are left out. Values that are missing are left out, never 0. Throws `recording-missing` or
 * `recording-format`.
 */
export async function readNumerics(path: string, item: SessionNumerics, endMicros: number): Promise<NumericSeries[]> {
  await fileSize(path, 'a CSV file of numerics')
  const missing = new Set(item.missing)
  const collected: Collected[] = item.columns.map(() => ({ times: [], values: [] }))
  let separator: ReturnType<typeof chooseSeparator> | null = null
  let columns: readonly number[] = []
  let timeColumn = -1
  let row = 0
  let timed = 0
  const clock = new ClockTime()
  for await (const lines of readCsvLines(path)) {
    for (const { text } of lines) {
      if (text.trim() === '') continue
      if (separator === null) {
        separator = chooseSeparator(text)
        const names = splitCsv(text, separator)
        columns = item.columns.map(({ column }) => findColumn(names, column, path))
        timeColumn = item.time.from === 'rows' ? -1 : findColumn(names, item.time.column, path)
        continue
      }
      const fields = splitCsv(text, separator)
      const micros = rowTime(fields[timeColumn] ?? '', row++, item, clock)
      // A row without a time, such as a closing remark, says nothing.
      if (micros === null) continue
      timed += 1
      if (micros < 0 || micros >= endMicros) continue
      for (const [i, column] of columns.entries()) {
        const value = parseCsvNumber(fields[column] ?? '', missing)
        if (Number.isNaN(value)) continue
        collected[i]?.times.push(micros)
        collected[i]?.values.push(value)
      }
    }
  }
  if (separator === null) throw new VitalwireError('recording-format', `${path} is empty; accepted: a row of names, then rows of numbers`)
  if (timed === 0) {
    const accepted = item.time.from === 'clock' ? 'rows with a clock time HH:MM:SS' : 'rows with a number of ticks'
    throw new VitalwireError('recording-format', `${path} has no row with a time among ${row}; accepted: ${accepted}`)
  }
  return item.columns.map(({ name, unit }, i) => ({ name, unit, ...inOrder(collected[i] ?? { times: [], values: [] }) }))
}

function findColumn(names: readonly string[], column: string | number, path: string): number {
  const index = typeof column === 'number' ? column - 1 : names.indexOf(column)
  if (index < 0 || (typeof column === 'string' && names.indexOf(column, index + 1) >= 0)) {
    const shown = names.slice(0, 20).join(', ').slice(0, 300)
    throw new VitalwireError('recording-format', `${path} has no single column "${column}"; accepted: ${shown}, or a number from 1`)
  }
  return index
}

function rowTime(field: string, row: number, item: SessionNumerics, clock: ClockTime): number | null {
  const { time } = item
  if (time.from === 'clock') {
    const micros = clock.read(field)
    return micros === null ? null : micros + item.offsetMicros
  }
  const ticks = time.from === 'rows' ? row : field === '' ? NaN : Number(field)
  return Number.isFinite(ticks) ? Math.round((ticks * 1e6 * time.perSecond.den) / time.perSecond.num) + item.offsetMicros : null
}

/**
 * Clock times `HH:MM:SS`, alone or after a date `YYYY-MM-DD`, as microseconds since the first one; without dates a jump back by more
 * than half a day is midnight.
 */
class ClockTime {
  #first: number | null = null
  #last = 0

  read(field: string): number | null {
    const parts = /^(?:(\d{4})-(\d{2})-(\d{2})[ T])?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,6})?)$/.exec(field)
    if (parts === null) return null
    let seconds = Number(parts[4]) * 3600 + Number(parts[5]) * 60 + Number(parts[6])
    if (parts[1] !== undefined) seconds += Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) / 1000
    else while (seconds < this.#last - 43_200) seconds += 86_400
    this.#first ??= seconds
    this.#last = seconds
    return Math.round((seconds - this.#first) * 1e6)
  }
}

function inOrder({ times, values }: Collected): { times: Float64Array; values: Float64Array } {
  const order = times.map((_, i) => i)
  if (times.some((time, i) => i > 0 && time < (times[i - 1] ?? 0))) order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
  return { times: Float64Array.from(order, i => times[i] ?? 0), values: Float64Array.from(order, i => values[i] ?? NaN) }
}
