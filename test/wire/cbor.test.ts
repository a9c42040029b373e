import * as other from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/signal/canonical-json.js'
import { decodeCbor, encodeCbor } from '../../src/wire/cbor.js'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

describe('CBOR (RFC 8949)', () => {
  it.each<[string, unknown]>([
    // RFC 8949, appendix A.
    ['00', 0],
    ['1864', 100],
    ['1b000000e8d4a51000', 1000000000000],
    ['20', -1],
    ['3903e7', -1000],
    ['f90000', 0],
    ['f93c00', 1],
    ['f93e00', 1.5],
    ['f97bff', 65504],
    ['f90001', 2 ** -24],
    ['f9c400', -4],
    ['fa47c35000', 100000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['6449455446', 'IETF'],
    ['62c3bc', 'ü'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c48221196ab3', 273.15],
  ])('decodes %s', (bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value)
  })

  it.each([
    ['', 'nothing'],
    ['18', 'a cut head'],
    ['9bffffffffffffffff', 'a list longer than the message'],
    ['9a7fffffff00', 'a list longer than the message'],
    ['5affffffff00', 'a string longer than the message'],
    ['62c328', 'bytes that are no UTF-8'],
    ['a2616101616102', 'a key twice'],
    ['c11a514b67b0', 'an unknown tag'],
    ['0000', 'more than one item'],
    ['ff', 'a break'],
    ['1c', 'reserved information'],
    ['1bffffffffffffffff', 'an integer above 2^53'],
    ['81'.repeat(40) + '00', 'deep nesting'],
  ])('refuses %s: %s', bytes => {
    expect(() => decodeCbor(hex(bytes))).toThrow()
  })

  it('never touches the prototype of an object', () => {
    const value = decodeCbor(hex('a1695f5f70726f746f5f5fa1617801')) as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('says the same as another implementation, both ways', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), value => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown
        expect(canonicalJson(decodeCbor(encodeCbor(plain)))).toBe(canonicalJson(plain))
        expect(canonicalJson(decodeCbor(other.encode(plain)))).toBe(canonicalJson(plain))
        expect(canonicalJson(other.decode(encodeCbor(plain)))).toBe(canonicalJson(plain))
      }),
    )
  })
})
