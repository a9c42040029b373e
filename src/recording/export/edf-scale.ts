import { VitalwireError } from '../../errors.js'
import type { StoredForm } from './stored-form.js'

/** The four numbers by which an EDF header scales a signal, the physical ones as its texts of 8 characters have them. */
export interface EdfScale {
  readonly digitalMin: number
  readonly digitalMax: number
  readonly physicalMin: string
  readonly physicalMax: string
  /** Largest difference that the texts make within the stored range, in the unit. */
  readonly error: number
}

const fieldCharacters = 8
/** Places that are tried for each end of the range. */
const mostTries = 65_536

/**
 * Ends of the digital range whose physical values have short decimals, so that a reader gets the gain back exactly where that
 * can be. The code below `-most` stays outside the range: it marks what is missing.
 */
export function chooseEdfScale({ gain, baseline, low, high }: StoredForm, most: number, name: string): EdfScale {
  const physical = (digital: number): number => (digital - baseline) / gain
  const lowEnd = shortestEnd(-most, Math.min(low, 0), 1, physical)
  const highEnd = shortestEnd(most, Math.max(high, 0, lowEnd?.digital ?? 0), -1, physical)
  if (lowEnd === null || highEnd === null || lowEnd.digital >= highEnd.digital || lowEnd.text === highEnd.text)
    throw new VitalwireError(
      'recording-format',
      `signal "${name}" reaches from ${physical(low)} to ${physical(high)}, which an EDF header has no room for; accepted: --format wfdb`,
    )
  const back = (Number(highEnd.text) - Number(lowEnd.text)) / (highEnd.digital - lowEnd.digital)
  const differs = (digital: number): number => Math.abs(Number(lowEnd.text) + (digital - lowEnd.digital) * back - physical(digital))
  const error = Math.max(differs(low), differs(high))
  // What doubles lose is no difference.
  const noise = 1e-12 * Math.max(Math.abs(physical(low)), Math.abs(physical(high)), 1 / Math.abs(gain))
  return {
    digitalMin: lowEnd.digital,
    digitalMax: highEnd.digital,
    physicalMin: lowEnd.text,
    physicalMax: highEnd.text,
    error: error <= noise ? 0 : error,
  }
}

/** From `outermost` towards `innermost` the first place whose physical value its text has exactly, else that with the smallest error. */
function shortestEnd(outermost: number, innermost: number, step: 1 | -1, physical: (digital: number) => number) {
  let best: { digital: number; text: string } | null = null
  let smallest = Infinity
  for (let digital = outermost, tries = 0; (innermost - digital) * step >= 0 && tries < mostTries; digital += step, tries++) {
    const value = physical(digital)
    const text = decimalField(value)
    if (text === null) continue
    const error = Math.abs(Number(text) - value)
    if (error < smallest) {
      smallest = error
      best = { digital, text }
    }
    // A value such as 163.835 comes out of a division a last bit off.
    if (error <= 1e-15 * Math.abs(value)) return { digital, text }
  }
  return best
}

/** The decimal of at most 8 characters nearest to a value; null: it is too large. */
function decimalField(value: number): string | null {
  for (let digits = fieldCharacters; digits >= 0; digits--) {
    const text = value.toFixed(digits)
    const short = digits === 0 ? text : text.replace(/\.?0+$/, '')
    if (short.length <= fieldCharacters) return short === '-0' ? '0' : short
  }
  return null
}
