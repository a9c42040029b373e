import { describe, expect, it } from 'vitest'
import { collectNews2 } from '../../src/score/collect-news2.js'
import { type News2Inputs, type News2ItemName, news2ItemNames, type ScoreInput, scoreNews2 } from '../../src/score/news2.js'
import { roundTenth, roundWhole } from '../../src/score/round.js'
import type { VitalName } from '../../src/signal/catalogue.js'
import { type PatientAttributes, unknownPatient } from '../../src/signal/patient.js'
import { VitalTable } from '../../src/vitals/vital-table.js'

/**
 * The chart as it hangs on the ward (RCP 2017, chart 1), written down a second time: columns 3 2 1 0 1 2 3, cells as
 * printed. Everything below is generated from these lines, not from the program's bands.
 */
const columns = [3, 2, 1, 0, 1, 2, 3]
const chart: Record<string, string[]> = {
  'respiratory-rate': ['<=8', '', '9-11', '12-20', '', '21-24', '>=25'],
  'spo2 scale 1': ['<=91', '92-93', '94-95', '>=96', '', '', ''],
  'spo2 scale 2 air': ['<=83', '84-85', '86-87', '>=88', '', '', ''],
  'spo2 scale 2 oxygen': ['<=83', '84-85', '86-87', '88-92', '93-94', '95-96', '>=97'],
  'nibp-systolic': ['<=90', '91-100', '101-110', '111-219', '', '', '>=220'],
  'heart-rate': ['<=40', '', '41-50', '51-90', '91-110', '111-130', '>=131'],
  temperature: ['<=35.0', '', '35.1-36.0', '36.1-38.0', '38.1-39.0', '>=39.1', ''],
}

interface Cell {
  readonly least: number
  readonly most: number
  readonly points: number
}

function cellsOf(row: string, floor: number, ceiling: number): Cell[] {
  return chart[row]!.flatMap((text, column) => {
    const points = columns[column]!
    if (text === '') return []
    if (text.startsWith('<=')) return [{ least: floor, most: Number(text.slice(2)), points }]
    if (text.startsWith('>=')) return [{ least: Number(text.slice(2)), most: ceiling, points }]
    const [least, most] = text.split('-').map(Number)
    return [{ least: least!, most: most!, points }]
  })
}

const adult: PatientAttributes = { ageYears: 70, pregnant: false, spo2Scale: 1, limitProfile: 'adult' }
const known = (value: ScoreInput['value']): ScoreInput => ({ value, stale: false, ageSeconds: 1 })
const normal: News2Inputs = {
  'respiratory-rate': known(16),
  spo2: known(97),
  'supplemental-oxygen': known(false),
  'nibp-systolic': known(120),
  'heart-rate': known(70),
  consciousness: known('A'),
  temperature: known(37),
}

function pointsWith(name: News2ItemName, value: ScoreInput['value'], scale: 1 | 2 = 1, oxygen = false): number | null | undefined {
  const inputs = { ...normal, 'supplemental-oxygen': known(oxygen), [name]: known(value) }
  return scoreNews2(inputs, { ...adult, spo2Scale: scale }).items.find(item => item.name === name)?.points
}

describe('every band edge of the published chart', () => {
  const rows: { row: string; name: News2ItemName; step: number; range: [number, number]; scale?: 2; oxygen?: boolean }[] = [
    { row: 'respiratory-rate', name: 'respiratory-rate', step: 1, range: [1, 60] },
    { row: 'spo2 scale 1', name: 'spo2', step: 1, range: [50, 100] },
    { row: 'spo2 scale 2 air', name: 'spo2', step: 1, range: [50, 100], scale: 2, oxygen: false },
    { row: 'spo2 scale 2 oxygen', name: 'spo2', step: 1, range: [50, 100], scale: 2, oxygen: true },
    { row: 'nibp-systolic', name: 'nibp-systolic', step: 1, range: [40, 300] },
    { row: 'heart-rate', name: 'heart-rate', step: 1, range: [20, 220] },
    { row: 'temperature', name: 'temperature', step: 0.1, range: [30, 43] },
  ]
  for (const { row, name, step, range, scale, oxygen } of rows) {
    it(`scores ${row} as printed, at each edge and up to the half step where rounding turns`, () => {
      const cells = cellsOf(row, range[0], range[1])
      let covered = 0
      for (const { least, most, points } of cells) {
        // Just inside both ends before rounding: half a step below `least` rounds up into the band, just under half above `most` down.
        const lowest = least === range[0] ? least : Number((least - step / 2).toFixed(4))
        const highest = most === range[1] ? most : Number((most + step * 0.499).toFixed(5))
        for (const value of [least, most, lowest, highest]) {
          expect([row, value, pointsWith(name, value, scale ?? 1, oxygen ?? false)]).toEqual([row, value, points])
        }
        covered += Math.round((most - least) / step) + 1
      }
      // The cells of a row leave no value out and share none.
      expect(covered).toBe(Math.round((range[1] - range[0]) / step) + 1)
    })

    it(`scores every ${step} of ${row} between the edges as printed`, () => {
      const steps = Math.round((range[1] - range[0]) / step)
      for (let i = 0; i <= steps; i++) {
        const value = Number((range[0] + i * step).toFixed(1))
        const cell = cellsOf(row, range[0], range[1]).find(({ least, most }) => value >= least && value <= most)
        expect([value, pointsWith(name, value, scale ?? 1, oxygen ?? false)]).toEqual([value, cell?.points])
      }
    })
  }

  it('scores air 0 and oxygen 2, alert 0 and new confusion, voice, pain and unresponsive 3', () => {
    expect(pointsWith('supplemental-oxygen', false)).toBe(0)
    expect(pointsWith('supplemental-oxygen', true)).toBe(2)
    expect(['A', 'C', 'V', 'P', 'U'].map(level => pointsWith('consciousness', level))).toEqual([0, 3, 3, 3, 3])
  })

  it('reaches 20 points and no more', () => {
    const worst: News2Inputs = {
      'respiratory-rate': known(30),
      spo2: known(80),
      'supplemental-oxygen': known(true),
      'nibp-systolic': known(80),
      'heart-rate': known(150),
      consciousness: known('U'),
      temperature: known(34),
    }
    expect(scoreNews2(worst, adult)).toMatchObject({ total: 20, atMost: 20, complete: true, band: 'high' })
    const nothing = Object.fromEntries(news2ItemNames.map(name => [name, known(null)])) as unknown as News2Inputs
    expect(scoreNews2(nothing, adult).atMost).toBe(3 + 3 + 2 + 3 + 3 + 3 + 2 + 0)
  })
})

describe('rounding before banding', () => {
  it('takes halves away from zero, in decimal as a person reads them', () => {
    expect([8.5, 24.5, 90.5, 8.49, -0.5, -1.5].map(roundWhole)).toEqual([9, 25, 91, 8, -1, -2])
    expect([36.05, 35.05, 38.05, 39.05, 36.049, -36.05].map(roundTenth)).toEqual([36.1, 35.1, 38.1, 39.1, 36, -36.1])
  })

  it('rounds every decimal half of a tenth from 30 to 43 degrees up, also when it comes by way of kelvin', () => {
    let short = 0
    for (let tenths = 300; tenths < 430; tenths++) {
      const half = Number(`${Math.floor(tenths / 10)}.${tenths % 10}5`)
      const converted = half + 273.15 - 273.15
      if (converted < half) short++
      expect([half, roundTenth(half), roundTenth(converted)]).toEqual([half, (tenths + 1) / 10, (tenths + 1) / 10])
    }
    expect(short).toBeGreaterThan(0)
  })
})

describe('what is not known', () => {
  it.each(news2ItemNames)('names a missing %s, gives it no points and calls the total partial', name => {
    const result = scoreNews2({ ...normal, [name]: { value: null, stale: false, ageSeconds: null } }, adult)
    expect(result).toMatchObject({ complete: false, missing: [name], stale: [], total: 0, band: null })
    expect(result.items.find(item => item.name === name)).toMatchObject({ points: null, state: 'missing', reason: 'never-measured' })
    expect(result.atMost).toBeGreaterThan(0)
  })

  it.each(news2ItemNames)('names a stale %s, keeps its value to show and gives it no points', name => {
    const result = scoreNews2({ ...normal, [name]: { ...normal[name], stale: true, ageSeconds: 1e5 } }, adult)
    expect(result).toMatchObject({ complete: false, missing: [], stale: [name], total: 0 })
    expect(result.items.find(item => item.name === name)).toMatchObject({ points: null, state: 'stale', value: normal[name].value })
  })

  it('has no total when no item is present', () => {
    const nothing = Object.fromEntries(news2ItemNames.map(name => [name, known(null)])) as unknown as News2Inputs
    expect(scoreNews2(nothing, adult)).toMatchObject({ total: null, band: null, complete: false, missing: news2ItemNames })
  })

  it('gives saturation above the target of scale 2 no points while the oxygen is unknown, and below it its own', () => {
    const unknownOxygen = { ...normal, 'supplemental-oxygen': known(null) }
    const scale2 = { ...adult, spo2Scale: 2 } as const
    const high = scoreNews2({ ...unknownOxygen, spo2: known(95) }, scale2)
    expect(high.missing).toEqual(['spo2', 'supplemental-oxygen'])
    expect(high.items[1]).toMatchObject({ points: null, value: 95, reason: 'needs-supplemental-oxygen' })
    expect(scoreNews2({ ...unknownOxygen, spo2: known(85) }, scale2).items[1]).toMatchObject({ points: 2, state: 'present' })
  })

  it('takes a value of the wrong type for missing', () => {
    expect(scoreNews2({ ...normal, consciousness: known('X'), temperature: known('37') }, adult).missing).toEqual([
      'consciousness',
      'temperature',
    ])
  })
})

describe('bands', () => {
  const totals: [News2Inputs, object][] = [
    [normal, { total: 0, band: 'low', single3: false }],
    [
      { ...normal, 'respiratory-rate': known(21), 'heart-rate': known(111) },
      { total: 4, band: 'low', single3: false },
    ],
    [
      { ...normal, 'respiratory-rate': known(25) },
      { total: 3, band: 'low-medium', single3: true },
    ],
    [
      { ...normal, 'respiratory-rate': known(25), 'heart-rate': known(91) },
      { total: 4, band: 'low-medium', single3: true },
    ],
    [
      { ...normal, 'respiratory-rate': known(25), 'heart-rate': known(111) },
      { total: 5, band: 'medium', single3: true },
    ],
    [
      { ...normal, 'respiratory-rate': known(25), 'heart-rate': known(131) },
      { total: 6, band: 'medium', single3: true },
    ],
    [
      { ...normal, 'respiratory-rate': known(25), 'heart-rate': known(131), spo2: known(95) },
      { total: 7, band: 'high', single3: true },
    ],
  ]
  it.each(totals.map(([inputs, expected]) => ({ inputs, expected })))('holds at $expected', ({ inputs, expected }) => {
    expect(scoreNews2(inputs, adult)).toMatchObject({ ...expected, complete: true })
  })

  it('says a band of a partial score only when what is known already calls for a response', () => {
    const partial = { ...normal, temperature: known(null) }
    expect(scoreNews2(partial, adult).band).toBeNull()
    expect(scoreNews2({ ...partial, 'respiratory-rate': known(30) }, adult).band).toBe('low-medium')
    expect(scoreNews2({ ...partial, 'respiratory-rate': known(30), 'heart-rate': known(140), spo2: known(80) }, adult).band).toBe('high')
  })
})

describe('whom it is for', () => {
  it.each([
    [{ ageYears: 15.99 }, 'age-below-16'],
    [{ ageYears: null, ageBand: 'adolescent' as const }, 'age-below-16'],
    [{ ageYears: null, ageBand: 'neonate' as const }, 'age-below-16'],
    [{ pregnant: true }, 'pregnant'],
  ])('is refused for %j', (attributes, refused) => {
    expect(scoreNews2(normal, { ...adult, ...attributes })).toMatchObject({
      refused,
      total: null,
      atMost: null,
      band: null,
      complete: false,
    })
  })

  it('is scored from 16 years on, and with unknown age or pregnancy, which it says', () => {
    expect(scoreNews2(normal, { ...adult, ageYears: 16 })).toMatchObject({ total: 0, unverified: [] })
    expect(scoreNews2(normal, { ...adult, ageYears: null, ageBand: 'adult' }).unverified).toEqual([])
    expect(scoreNews2(normal, unknownPatient)).toMatchObject({ total: 0, unverified: ['age', 'pregnancy'] })
  })
})

describe('collecting from the vital table', () => {
  it('takes the pulse rate where no heart rate is at hand, and says when both are stale', () => {
    const table = new VitalTable()
    const take = (name: VitalName, value: number, t: number) =>
      table.take({ name, value, t, quality: 1, status: 'valid', source: { stream: 'n', kind: 'numeric', algorithm: 'device' } })
    take('pulse-rate', 135, 0)
    const at = (now: number) =>
      scoreNews2(
        collectNews2(name => table.current(name, now)),
        adult,
      )
    expect(at(1e6).items[4]).toMatchObject({ name: 'heart-rate', value: 135, points: 3, state: 'present' })
    take('heart-rate', 70, 2e6)
    expect(at(2e6).items[4]).toMatchObject({ value: 70, points: 0 })
    expect(at(60e6)).toMatchObject({ stale: ['heart-rate'], total: null })
  })
})
