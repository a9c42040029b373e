import { describe, expect, it } from 'vitest'
import { checkCalibrationsFile, parseCalibrationsFile } from '../../src/config/calibrations-file.js'

const knots = [
  [0.4, 100],
  [1, 85],
  [2, 60],
]
const read = (value: unknown) => checkCalibrationsFile(JSON.stringify(value))
const pathsOf = (value: unknown) => {
  const checked = read(value)
  return checked.ok ? [] : checked.problems.map(problem => problem.path)
}
const curve = (fields: object) => ({ curves: { clip: { knots, ...fields } } })

describe('a calibrations file', () => {
  it('gives each curve its name, and the range of its knots where it says none', () => {
    const dated = { sensor: 'clip', source: 'CAL-7', validFrom: '2026-01-01', validUntil: '2026-12-31', leastR: 0.5, mostR: 1.5 }
    expect(read({ default: 'plain', curves: { plain: { knots }, 'clip-7': { knots, ...dated } } })).toEqual({
      ok: true,
      oximetry: {
        calibration: 'plain',
        calibrations: [
          { name: 'plain', origin: 'device', description: '', leastR: 0.4, mostR: 2, knots },
          { name: 'clip-7', origin: 'device', description: '', ...dated, knots },
        ],
      },
    })
  })

  it('leaves streams that name no curve to the built-in one unless it says another', () => {
    expect(read({ curves: {} })).toEqual({ ok: true, oximetry: { calibrations: [] } })
    expect(read({ default: 'empirical-660-940', curves: {} })).toEqual({
      ok: true,
      oximetry: { calibrations: [], calibration: 'empirical-660-940' },
    })
  })

  it.each([
    ['a file without curves', {}, ['curves']],
    ['an unknown key', { curves: {}, tables: {} }, ['tables']],
    ['a default that there is not', { default: 'clip', curves: {} }, ['default']],
    ['a curve with the name of the built-in one', { curves: { 'empirical-660-940': { knots } } }, ['curves.empirical-660-940']],
    ['a curve that is no object', { curves: { clip: 3 } }, ['curves.clip']],
    ['a curve without knots', { curves: { clip: {} } }, ['curves.clip.knots']],
    ['one knot', curve({ knots: [[0.4, 100]] }), ['curves.clip.knots']],
    ['knots that are no pairs', curve({ knots: [[0.4, 100, 1], [2]] }), ['curves.clip.knots']],
    ['a saturation above 100 %', curve({ knots: [...knots.slice(0, 2), [2, 101]] }), ['curves.clip.knots.2']],
    ['R that does not ascend', curve({ knots: [...knots, [2, 50]] }), ['curves.clip.knots.3']],
    ['an unknown field', curve({ sensr: 'clip' }), ['curves.clip.sensr']],
    ['an origin that there is not', curve({ origin: 'book' }), ['curves.clip.origin']],
    ['a day that is none', curve({ validUntil: '30.6.2027' }), ['curves.clip.validUntil']],
    ['an end before the beginning', curve({ validFrom: '2026-02-01', validUntil: '2026-01-31' }), ['curves.clip.validUntil']],
    ['a range beyond its knots', curve({ mostR: 2.5 }), ['curves.clip.mostR']],
    ['a range without length', curve({ leastR: 1, mostR: 1 }), ['curves.clip.mostR']],
    ['several at once', { curves: { a: { knots: [] }, b: { knots, leastR: '0' } }, x: 1 }, ['x', 'curves.a.knots', 'curves.b.leastR']],
  ])('refuses %s', (_name, value, paths) => expect(pathsOf(value)).toEqual(paths))

  it('says what stands where, and what is accepted', () => {
    const text = JSON.stringify(curve({ knots: [...knots, [2, 50]] }))
    expect(() => parseCalibrationsFile(text, 'curves.json')).toThrow(
      'curves.json: curves.clip.knots.3: [2,50] is not accepted; accepted: an R above that of the knot before, 2',
    )
  })
})
