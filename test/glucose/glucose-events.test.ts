import { describe, expect, it } from 'vitest'
import { findGlucoseEvents } from '../../src/glucose/glucose-events.js'
import { toMilligrams, toMillimoles } from '../../src/glucose/glucose-units.js'
import { toCatalogueUnit } from '../../src/wire/ucum.js'

const every5 = (values: readonly number[], from = 0) => values.map((value, i) => ({ time: from + 300 * i, value }))

describe('events of glucose', () => {
  it('begin with 15 min beyond the limit and end with 15 min within it', () => {
    const values = [80, 69, 68, 60, 66, 71, 72, 75, 74, 100]
    expect(findGlucoseEvents(every5(values), 'low')).toEqual([{ level: 'low', from: 300, to: 1500, extreme: 60 }])
  })

  it('are none of 10 min, nor of readings on the limit', () => {
    expect(findGlucoseEvents(every5([80, 69, 68, 67, 75, 80, 80, 80]), 'low')).toEqual([])
    expect(findGlucoseEvents(every5([70, 70, 70, 70, 70]), 'low')).toEqual([])
    expect(findGlucoseEvents(every5([180, 180, 180, 180, 180]), 'high')).toEqual([])
  })

  it('take no short return for their end, and no broken beginning for one', () => {
    expect(findGlucoseEvents(every5([69, 68, 67, 66, 72, 73, 65, 64, 90, 90, 90, 90]), 'low')).toMatchObject([{ from: 0, to: 2400 }])
    expect(findGlucoseEvents(every5([69, 68, 72, 68, 69, 72, 90, 90]), 'low')).toEqual([])
  })

  it('above 180 and 250 have their highest reading', () => {
    const values = [170, 190, 255, 260, 255, 251, 200, 170, 170, 170, 170]
    expect(findGlucoseEvents(every5(values), 'high')).toEqual([{ level: 'high', from: 300, to: 2100, extreme: 260 }])
    expect(findGlucoseEvents(every5(values), 'very-high')).toEqual([{ level: 'very-high', from: 600, to: 1800, extreme: 260 }])
  })

  it('do not go on across a gap, and end with the data', () => {
    const readings = [...every5([60, 60, 60, 60]), ...every5([60, 60, 60, 60], 900 + 931)]
    expect(findGlucoseEvents(readings, 'low')).toEqual([
      { level: 'low', from: 0, to: 900, extreme: 60 },
      { level: 'low', from: 1831, to: 2731, extreme: 60 },
    ])
    expect(findGlucoseEvents([...every5([60, 60]), ...every5([60, 60], 300 + 931)], 'low')).toEqual([])
    expect(findGlucoseEvents([], 'low')).toEqual([])
  })
})

describe('units of glucose', () => {
  it('go there and back over the whole range, in order, as the wire takes them', () => {
    let before = 0
    for (let value = 10; value <= 1500; value += 0.5) {
      const there = toMillimoles(value)
      expect(toMilligrams(there)).toBeCloseTo(value, 9)
      expect(there).toBeGreaterThan(before)
      expect(toCatalogueUnit('glucose', there, 'mmol/L')).toBeCloseTo(value, 9)
      before = there
    }
  })

  it('agree with the table of the consensus: 54, 70, 180 and 250 mg/dL are 3.0, 3.9, 10.0 and 13.9 mmol/L', () => {
    expect([54, 70, 180, 250].map(value => toMillimoles(value).toFixed(1))).toEqual(['3.0', '3.9', '10.0', '13.9'])
  })
})
