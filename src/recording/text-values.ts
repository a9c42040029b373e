import { VitalwireError } from '../errors.js'

/**
 * How numbers and times of a text table are written, found from all its rows or not at all: what can be read in two ways is refused with
 * both, never guessed at. Times become microseconds since 1970 UTC.
 */
export type TimeFormat = 'iso-8601' | 's' | 'ms' | 'us' | 'ns'
export type NumberFormat = 'point' | 'comma'

/**
 * Epoch times from 1980 to 2100 in each unit. The decades do not overlap by unit (a second of 2100 is a millisecond of February 1970), so a
 * number tells its unit; what lies in none is no time of a recording.
 */
const earliestSecond = 315_532_800
const latestSecond = 4_102_444_800
const perSecond: Readonly<Record<Exclude<TimeFormat, 'iso-8601'>, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }

const isoTime = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/
/** 01/02/2026, 1.2.26, 2026/1/2: order of day and month, or century, are not told. */
const looseDate = /^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}(?:[T ].*)?$/

/** The one format of all times, which are no empty texts. Throws `recording-format` with what the first other one could be. */
export function findTimeFormat(times: readonly string[], where: string): TimeFormat {
  let format: TimeFormat | null = null
  for (const text of times) {
    const own = timeFormatOf(text, where)
    if (format !== null && own !== format)
      throw refuse(where, text, `is ${own} and a time before it is ${format}`, 'one format in all rows')
    format = own
  }
  if (format === null) throw refuse(where, '', 'has no time', 'ISO 8601 with its zone, or seconds, ms, us or ns since 1970')
  return format
}

/**
 * Microseconds since 1970 UTC, rounded; `format` as found. `optional`: only differences are asked for, and a time without a zone counts as
 * UTC. Throws `recording-format`.
 */
export function readTime(text: string, format: TimeFormat, where: string, zone: 'needed' | 'optional' = 'needed'): number {
  if (timeFormatOf(text, where, zone) !== format) throw refuse(where, text, `is not ${format}`, 'one format in all rows')
  if (format === 'iso-8601') return isoMicros(text, where)
  // Digits of a nanosecond do not fit a double: whole numbers are divided as such.
  if (/^\d+$/.test(text)) return divideRounded(BigInt(text) * 1_000_000n, BigInt(perSecond[format]))
  return Math.round((Number(text) * 1e6) / perSecond[format])
}

/**
 * Finds whether the point or the comma begins the decimals of a table, number by number. Only one that can be read in one way says so:
 * `36,6` the comma, `36.6` and `1,234.5` the point. `1,234` says nothing; when nothing else does, it is refused. `1.234` alone is read with
 * the point, which stands where nothing is said. Memory does not grow.
 */
export class NumberFormatFinder {
  #points: string | null = null
  #commas: string | null = null
  #unclear: string | null = null

  /** A field that is a number or may be one; others say nothing. */
  add(text: string): void {
    for (const reading of numberFormatsOf(text)) {
      if (reading === 'point') this.#points ??= text
      else if (reading === 'comma') this.#commas ??= text
      else if (reading === 'unclear' && text.includes(',')) this.#unclear ??= text
    }
  }

  /** Throws `recording-format` when both begin decimals, or nothing tells which. */
  found(where: string): NumberFormat {
    if (this.#points !== null && this.#commas !== null)
      throw refuse(where, this.#commas, `has a decimal comma and "${this.#points}" a decimal point`, 'one of the two in all rows')
    if (this.#points === null && this.#commas === null && this.#unclear !== null) {
      const two = `${this.#unclear.replaceAll(',', '')} or ${this.#unclear.replace(',', '.')}`
      throw refuse(where, this.#unclear, `can be ${two}`, 'a number that shows which, or "# decimal: comma" or "# decimal: point"')
    }
    return this.#commas === null ? 'point' : 'comma'
  }
}

/** NaN for what is no number in this format. */
export function readNumber(text: string, format: NumberFormat): number {
  const readings = numberFormatsOf(text)
  const fits = readings.some(reading => reading === 'both' || reading === 'unclear' || reading === format)
  if (!fits) return Number.NaN
  const [decimal, group] = format === 'comma' ? [',', '.'] : ['.', ',']
  return Number(text.replaceAll(group, '').replace(decimal, '.'))
}

function timeFormatOf(text: string, where: string, zone: 'needed' | 'optional' = 'needed'): TimeFormat {
  const iso = isoTime.exec(text)
  if (iso !== null) {
    if (iso[8] === undefined && zone === 'needed') throw refuse(where, text, 'does not tell its zone', 'a zone at its end: Z, +01:00')
    return 'iso-8601'
  }
  if (looseDate.test(text)) throw refuse(where, text, 'does not tell the order of day, month and year', '2026-01-02T03:04:05Z')
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw refuse(where, text, 'is not a time', 'ISO 8601 with its zone, or s, ms, us or ns since 1970')
  const unit = epochUnit(Number(text))
  if (unit === null) throw refuse(where, text, 'is no time from 1980 to 2100 in s, ms, us or ns since 1970', 'such a time')
  return unit
}

/** The unit in which a number is a time from 1980 to 2100; null: in none, so it counts from another beginning. */
export function epochUnit(value: number): Exclude<TimeFormat, 'iso-8601'> | null {
  const within = (unit: Exclude<TimeFormat, 'iso-8601'>): boolean =>
    value >= earliestSecond * perSecond[unit] && value < latestSecond * perSecond[unit]
  return (['s', 'ms', 'us', 'ns'] as const).find(within) ?? null
}

function isoMicros(text: string, where: string): number {
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = isoTime.exec(text) as unknown as string[]
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number]
  const date = new Date(Date.UTC(y, mo - 1, d, h, mi, s))
  const same = date.getUTCMonth() === mo - 1 && date.getUTCDate() === d && h < 24 && mi < 60 && s < 60
  if (!same) throw refuse(where, text, 'is no date or time of day', '2026-01-02T03:04:05Z')
  const digits = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)
  const offset = digits === null ? 0 : (digits[1] === '-' ? -1 : 1) * (Number(digits[2]) * 60 + Number(digits[3] ?? 0))
  if (Math.abs(offset) > 14 * 60) throw refuse(where, text, 'has no zone that there is', 'a zone from -14:00 to +14:00')
  const nanos = Number(fraction.padEnd(9, '0'))
  return date.getTime() * 1000 - offset * 60e6 + Math.round(nanos / 1000)
}

type Reading = NumberFormat | 'both' | 'unclear'

/** What a number's marks say: `both`: it has none; `unclear`: one mark with three digits behind it, which may be thousands. */
function numberFormatsOf(text: string): readonly Reading[] {
  if (/^[+-]?\d+(?:e[+-]?\d{1,3})?$/i.test(text)) return ['both']
  const single = /^[+-]?(\d*)([.,])(\d*)(e[+-]?\d{1,3})?$/i.exec(text)
  if (single !== null) {
    const [, before = '', mark, after = '', exponent] = single
    if (before === '' && after === '') return []
    const grouped = after.length === 3 && before.length >= 1 && before.length <= 3 && !/^0/.test(before) && exponent === undefined
    return [grouped ? 'unclear' : mark === ',' ? 'comma' : 'point']
  }
  if (/^[+-]?\d{1,3}(?:,\d{3})+\.\d*$/.test(text) || /^[+-]?\d{1,3}(?:,\d{3}){2,}$/.test(text)) return ['point']
  if (/^[+-]?\d{1,3}(?:\.\d{3})+,\d*$/.test(text) || /^[+-]?\d{1,3}(?:\.\d{3}){2,}$/.test(text)) return ['comma']
  return []
}

function divideRounded(value: bigint, by: bigint): number {
  return Number((value + by / 2n) / by)
}

function refuse(where: string, text: string, what: string, accepted: string): VitalwireError {
  return new VitalwireError('recording-format', `${where}${text === '' ? '' : `, ${JSON.stringify(text)}`} ${what}; accepted: ${accepted}`)
}
