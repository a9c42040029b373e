import { describe, expect, it } from 'vitest'
import { catalogue, intervalNames, isVitalName, vitalNames } from '../../src/signal/catalogue.js'

/** A LOINC code ends in a check digit, modulus 10 with doubled digits from the right. */
function loincCheckDigit(number: string): number {
  const digits = [...number].reverse()
  const sum = digits.reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return (10 - (sum % 10)) % 10
}

describe('the signal catalogue', () => {
  it('has an entry for each name and no other', () => {
    expect(Object.keys(catalogue).sort()).toEqual([...vitalNames, ...intervalNames].sort())
    expect(isVitalName('heart-rate')).toBe(true)
    expect(isVitalName('toString')).toBe(false)
  })

  it.each(vitalNames)('says all there is to say of %s', name => {
    const entry = catalogue[name]
    expect(entry.name).toBe(name)
    expect(entry.display).toMatch(/^[A-Z]/)
    expect(entry.unit).not.toBe('')
    expect(entry.validitySeconds).toBeGreaterThan(0)
    if (entry.loinc !== null) {
      const [number, check] = entry.loinc.split('-')
      expect(loincCheckDigit(number!)).toBe(Number(check))
    }
    if (entry.mdc !== null) expect(entry.mdc).toMatch(/^MDC_[A-Z0-9_]+$/)
    if (entry.possible === null || entry.plausible === null) {
      expect([entry.possible, entry.plausible]).toEqual([null, null])
    } else {
      expect(entry.possible[0]).toBeLessThan(entry.possible[1])
      expect(entry.plausible[0]).toBeGreaterThanOrEqual(entry.possible[0])
      expect(entry.plausible[1]).toBeLessThanOrEqual(entry.possible[1])
    }
  })
})
