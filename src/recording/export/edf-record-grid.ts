import type { Rate } from '../../signal/rate.js'
import type { ExportTrack } from './export-track.js'

/** Length of the data records: in every one each signal has a whole number of samples, and the header has room for its decimals. */
export interface EdfRecordGrid {
  readonly seconds: number
  /** As the header has it. */
  readonly text: string
  readonly perRecord: readonly number[]
  readonly records: number
}

const fieldCharacters = 8
const longestSeconds = 3600
const mostTries = 100_000
/** So far a length is looked for that leaves no rest. */
const wholeSeconds = 10
/** Readers take no larger ones. */
const mostRecordBytes = 8 * 1024 * 1024

/** Near to a second, and without a rest at the end of the recording where there is such a length; null: there is none at all. */
export function chooseRecordGrid(tracks: readonly ExportTrack[], bytesPerSample: number): EdfRecordGrid | null {
  const unit = commonPeriod(tracks.map(track => track.fs))
  if (unit === null) return null
  const perUnit = tracks.map(({ fs }) => Number((unit.num * BigInt(fs.num)) / (unit.den * BigInt(fs.den))))
  const unitSeconds = Number(unit.num) / Number(unit.den)
  const unitBytes = perUnit.reduce((sum, count) => sum + count * bytesPerSample, 0)
  let chosen: EdfRecordGrid | null = null
  const first = Math.max(1, Math.ceil(1 / unitSeconds))
  for (let k = first; k * unitSeconds <= longestSeconds && k * unitBytes <= mostRecordBytes && k < first + mostTries; k++) {
    const text = decimalText(unit.num * BigInt(k), unit.den)
    if (text === null) continue
    const perRecord = perUnit.map(count => count * k)
    const records = Math.max(0, ...tracks.map((track, index) => Math.ceil(track.length / perRecord[index]!)))
    const grid = { seconds: k * unitSeconds, text, perRecord, records }
    if (tracks.every((track, index) => track.length === records * perRecord[index]!)) return grid
    chosen ??= grid
    if (k * unitSeconds > wholeSeconds) break
  }
  return chosen
}

interface Fraction {
  readonly num: bigint
  readonly den: bigint
}

/** The shortest time of a finite decimal in which every rate has a whole number of samples. */
function commonPeriod(rates: readonly Rate[]): Fraction | null {
  let num = 1n
  let den = 0n
  for (const rate of rates) {
    const divisor = greatestDivisor(BigInt(rate.num), BigInt(rate.den))
    const [period, per] = [BigInt(rate.den) / divisor, BigInt(rate.num) / divisor]
    num = den === 0n ? period : (num / greatestDivisor(num, period)) * period
    den = greatestDivisor(den, per)
  }
  if (den === 0n) return null
  let rest = den
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime
  const divisor = greatestDivisor(num * rest, den)
  return { num: (num * rest) / divisor, den: den / divisor }
}

/** A fraction as a finite decimal of at most 8 characters; null: it is none. */
function decimalText(num: bigint, den: bigint): string | null {
  for (let digits = 0; digits < fieldCharacters; digits++) {
    const scaled = num * 10n ** BigInt(digits)
    if (scaled % den !== 0n) continue
    const text = String(scaled / den).padStart(digits + 1, '0')
    const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
    return decimal.length <= fieldCharacters ? decimal : null
  }
  return null
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b]
  return a
}
