import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/signal/canonical-json.js'

/** RFC 8785 said the slow way: JSON.stringify of a copy whose keys were inserted in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]))
}

describe('canonical JSON (RFC 8785)', () => {
  it('prints the example of section 3.2.3 in the order of its keys', () => {
    const example = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      1: 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const values = [...canonicalJson(example).matchAll(/:"([^"]*)"/g)].map(match => match[1])
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  it.each([
    [0, '0'],
    [-0, '0'],
    [1e21, '1e+21'],
    [Number('333333333.33333329'), '333333333.3333333'],
    [4.5, '4.5'],
    [2e-3, '0.002'],
    [1e-27, '1e-27'],
  ])('prints %d as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('escapes what JSON escapes, and nothing else', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  it('says what JSON.stringify says of sorted keys', () => {
    const noIntegerKeys = fc.jsonValue({ maxDepth: 4 }).filter(value => !/"\d+":/.test(JSON.stringify(value)))
    fc.assert(
      fc.property(noIntegerKeys, value => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown
        expect(canonicalJson(plain)).toBe(JSON.stringify(sorted(plain)))
      }),
    )
  })

  it('leaves out undefined members and refuses NaN, infinities and functions', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}')
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1]) expect(() => canonicalJson({ value })).toThrow(TypeError)
  })
})
