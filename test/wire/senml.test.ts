import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { decodeSenml, encodeSenml, type RawRecord } from '../../src/wire/senml.js'

const json = (records: unknown) => decodeSenml(new TextEncoder().encode(JSON.stringify(records)))

/** RFC 8428, section 5.1.2 (second example) and section 6, whose CBOR bytes begin as given there. */
const volts: RawRecord[] = [
  { bn: 'urn:dev:ow:10e2073a0108006:', bt: 1.276020076001e9, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
  { n: 'current', t: -5, v: 1.2 },
  { n: 'current', t: -4, v: 1.3 },
  { n: 'current', v: 1.7 },
]
const voltsBegin =
  '84a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c7461676501615602fb405e066666666666'

describe('SenML (RFC 8428)', () => {
  it('section 5.1.1: a single value', () => {
    expect(json([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }])).toEqual({
      ok: [{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1, t: 0 }],
    })
  })

  it('section 5.1.2: base fields are worked in', () => {
    expect(json(volts)).toEqual({
      ok: [
        { n: 'urn:dev:ow:10e2073a0108006:voltage', u: 'V', v: 120.1, t: 1276020076.001 },
        { n: 'urn:dev:ow:10e2073a0108006:current', u: 'A', v: 1.2, t: 1276020071.001 },
        { n: 'urn:dev:ow:10e2073a0108006:current', u: 'A', v: 1.3, t: 1276020072.001 },
        { n: 'urn:dev:ow:10e2073a0108006:current', u: 'A', v: 1.7, t: 1276020076.001 },
      ],
    })
  })

  it('section 5.1.3: names may be all base, and values of several kinds', () => {
    expect(
      json([
        { bn: 'urn:dev:ow:10e2073a01080063', bt: 1.320067464e9, bu: '%RH', v: 20 },
        { u: 'lon', v: 24.30621 },
        { t: 60, v: 20.3 },
        { n: '/x', vb: false },
        { n: '/y', vs: 'abc' },
        { n: '/z', vd: 'aGk' },
      ]),
    ).toMatchObject({
      ok: [{ v: 20, u: '%RH' }, { u: 'lon' }, { t: 1320067524 }, { vb: false }, { vs: 'abc' }, { vd: 'aGk' }],
    })
  })

  it('section 4.1: base value and base sum are added', () => {
    expect(json([{ bn: 'a', bv: 10, bs: 100, v: 1, s: 2 }, { v: 2 }])).toEqual({
      ok: [
        { n: 'a', v: 11, s: 102, t: 0 },
        { n: 'a', v: 12, t: 0 },
      ],
    })
  })

  it('section 6: CBOR says the same, with the labels of its table 4', () => {
    const bytes = encodeSenml(volts, 'cbor')
    expect(decodeSenml(bytes)).toEqual(json(volts))
    const labels: Record<string, number> = { bver: -1, bn: -2, bt: -3, bu: -4, n: 0, u: 1, v: 2, t: 6 }
    const other = encode(volts.map(record => new Map(Object.entries(record).map(([field, value]) => [labels[field], value as unknown]))))
    expect(decodeSenml(other)).toEqual(json(volts))
    // The RFC's own bytes, whose records have their fields in the same order; its list has seven records, this one four.
    expect(Buffer.from(bytes.subarray(0, voltsBegin.length / 2)).toString('hex')).toBe(voltsBegin)
  })

  it.each<[string, unknown]>([
    ['not a list', {}],
    ['an empty list', []],
    ['a record that is no object', [5]],
    ['two values', [{ n: 'a', v: 1, vs: 'b' }]],
    ['no value', [{ n: 'a' }]],
    ['no name', [{ v: 1 }]],
    ['a name of other characters', [{ n: 'a b', v: 1 }]],
    ['a name that begins with a dot', [{ n: '.a', v: 1 }]],
    ['a field that must be understood', [{ n: 'a', v: 1, secret_: 1 }]],
    ['a value of the wrong kind', [{ n: 'a', v: '1' }]],
    ['a newer version', [{ bver: 11, n: 'a', v: 1 }]],
    [
      'two versions',
      [
        { bver: 10, n: 'a', v: 1 },
        { bver: 9, n: 'a', v: 1 },
      ],
    ],
  ])('refuses %s', (_, records) => {
    expect(json(records)).toEqual({ reason: 'pack-senml' })
  })

  it('leaves fields that it does not know alone', () => {
    expect(json([{ n: 'a', v: 1, colour: 'red' }])).toEqual({ ok: [{ n: 'a', v: 1, t: 0 }] })
  })
})
