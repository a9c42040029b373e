import { describe, expect, it } from 'vitest'
import type { NumericSample } from '../../src/signal/numeric.js'
import { SpotCheck } from '../../src/vitals/spot-check.js'

const day = 86_400e6
const of = (name: NumericSample['name'], value: number, t = 0): NumericSample => ({ name, value, t, status: 'valid' })
const cuff = (systolic: number, diastolic: number, mean: number) =>
  new SpotCheck().check([of('nibp-systolic', systolic), of('nibp-diastolic', diastolic), of('nibp-mean', mean)])

describe('values held against each other', () => {
  it('take a mean where a cuff shows it, and doubt all three where it cannot be', () => {
    for (const mean of [92, 93, 98]) expect(cuff(120, 80, mean)).toEqual([null, null, null])
    expect(cuff(120, 80, 82)).toEqual(Array(3).fill('mean-out-of-place'))
    expect(cuff(140, 80, 125)).toEqual(Array(3).fill('mean-out-of-place'))
  })

  it('doubt pressures in the wrong order or too close', () => {
    expect(cuff(80, 120, 93)).toEqual(Array(3).fill('pressure-order'))
    expect(cuff(120, 80, 120)).toEqual(Array(3).fill('pressure-order'))
    expect(cuff(90, 81, 84)).toEqual(Array(3).fill('narrow-pulse-pressure'))
  })

  it('compare only what was measured together', () => {
    expect(new SpotCheck().check([of('nibp-systolic', 80, 0), of('nibp-diastolic', 120, 1)])).toEqual([null, null])
    expect(new SpotCheck().check([of('nibp-mean', 93)])).toEqual([null])
  })

  it('doubt a weight that has jumped, and believe it when it comes again', () => {
    const weights = (...values: readonly number[]) => new SpotCheck().check(values.map((value, i) => of('body-weight', value, i * day)))
    expect(weights(80, 82, 84.5)).toEqual([null, null, null])
    expect(weights(80, 86, 86)).toEqual([null, 'weight-jump', null])
    expect(new SpotCheck().check([of('body-weight', 80), of('body-weight', 86, 10 * day)])).toEqual([null, null])
  })

  it('go on from a saved state as if never stopped', () => {
    const one = new SpotCheck()
    one.check([of('body-weight', 80)])
    const two = new SpotCheck()
    two.load(structuredClone(one.save()))
    expect(two.check([of('body-weight', 90, day)])).toEqual(['weight-jump'])
    const fresh = new SpotCheck()
    fresh.load(new SpotCheck().save())
    expect(fresh.check([of('body-weight', 90)])).toEqual([null])
  })
})
