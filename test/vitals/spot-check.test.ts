import { describe, expect, it } from 'vitest'
import type { NumericSample } from '../../src/signal/numeric.js'
import { type SettledSpot, SpotCheck } from '../../src/vitals/spot-check.js'

const day = 86_400e6
const of = (name: NumericSample['name'], value: number, t = 0): NumericSample => ({ name, value, t, status: 'valid' })
const words = (settled: readonly SettledSpot[]) => settled.map(({ doubt, refused }) => (refused ? `refused: ${doubt}` : doubt))

/** All values, then the end. */
function run(samples: readonly NumericSample[]): SettledSpot[] {
  const spots = new SpotCheck()
  return [...samples.flatMap(sample => spots.take(sample, sample.t)), ...spots.settle()]
}

const cuff = (systolic: number, diastolic: number, mean: number) =>
  words(run([of('nibp-systolic', systolic), of('nibp-diastolic', diastolic), of('nibp-mean', mean)]))

describe('values held against each other', () => {
  it('take a mean where a cuff shows it, and doubt all three where it cannot be', () => {
    for (const mean of [92, 93, 98]) expect(cuff(120, 80, mean)).toEqual([null, null, null])
    expect(cuff(120, 80, 82)).toEqual(Array(3).fill('mean-out-of-place'))
    expect(cuff(140, 80, 125)).toEqual(Array(3).fill('mean-out-of-place'))
  })

  it('refuse pressures in the wrong order, and doubt equal or close ones', () => {
    expect(cuff(80, 120, 93)).toEqual(Array(3).fill('refused: pressure-order'))
    expect(cuff(120, 80, 121)).toEqual(Array(3).fill('refused: pressure-order'))
    expect(cuff(120, 80, 120)).toEqual(Array(3).fill('pressure-order'))
    expect(cuff(90, 81, 84)).toEqual(Array(3).fill('narrow-pulse-pressure'))
  })

  it('compare only what was measured together', () => {
    expect(words(run([of('nibp-systolic', 80, 0), of('nibp-diastolic', 120, 1)]))).toEqual([null, null])
    expect(words(run([of('nibp-mean', 93)]))).toEqual([null])
  })

  it('hold a pressure until its moment is over, and let all else go on at once', () => {
    const spots = new SpotCheck()
    expect(spots.take(of('nibp-systolic', 120, 5), 5)).toEqual([])
    expect(spots.take(of('temperature', 37, 5), 5)).toHaveLength(1)
    expect(spots.upTo(5)).toEqual([])
    expect(words(spots.upTo(6))).toEqual([null])
    expect(spots.upTo(7)).toEqual([])
    spots.take(of('nibp-systolic', 120, 8), 8)
    // A clock that goes back ends the moment, too.
    expect(spots.take(of('temperature', 37, 3), 3).map(({ sample }) => sample.name)).toEqual(['nibp-systolic', 'temperature'])
  })

  it('judge a pressure that follows after a silence by those of its moment, each said once', () => {
    const spots = new SpotCheck()
    spots.take(of('nibp-systolic', 90), 0)
    expect(words(spots.settle())).toEqual([null])
    expect(spots.settle()).toEqual([])
    spots.take(of('nibp-diastolic', 85), 0)
    expect(spots.settle().map(({ sample, doubt }) => [sample.name, doubt])).toEqual([['nibp-diastolic', 'narrow-pulse-pressure']])
  })

  it('refuse what belongs to pressures that were refused before, whichever came first', () => {
    const before = new SpotCheck()
    expect([...before.refuse(0), ...before.take(of('nibp-mean', 93), 0)]).toEqual([])
    expect(words(before.settle())).toEqual(['refused: pressure-order'])
    const after = new SpotCheck()
    expect([...after.take(of('nibp-mean', 93), 0), ...after.refuse(0)]).toEqual([])
    expect(words(after.upTo(1))).toEqual(['refused: pressure-order'])
    expect(words([...after.take(of('nibp-mean', 93, 2), 2), ...after.settle()])).toEqual([null])
  })

  it('hold no more than a device can measure at once, however long its clock stands still', () => {
    const spots = new SpotCheck()
    let settled = 0
    for (let k = 0; k < 1000; k += 1) settled += spots.take(of('nibp-systolic', 120), 0).length
    expect(settled).toBeGreaterThan(900)
  })

  it('doubt a weight that has jumped, and believe it when it comes again', () => {
    const weights = (...values: readonly number[]) => words(run(values.map((value, i) => of('body-weight', value, i * day))))
    expect(weights(80, 82, 84.5)).toEqual([null, null, null])
    expect(weights(80, 86, 86)).toEqual([null, 'weight-jump', null])
    expect(weights(80, 86, 92)).toEqual([null, 'weight-jump', 'weight-jump'])
    expect(words(run([of('body-weight', 80), of('body-weight', 86, 10 * day)]))).toEqual([null, null])
  })

  it('do not doubt the right weight behind a slip, nor forget what was before it', () => {
    const weights = (...values: readonly number[]) => words(run(values.map((value, i) => of('body-weight', value, i * day))))
    expect(weights(80, 86, 80)).toEqual([null, 'weight-jump', null])
    expect(weights(80, 86, 80, 86)).toEqual([null, 'weight-jump', null, 'weight-jump'])
    expect(weights(80, 95, 65, 80)).toEqual([null, 'weight-jump', 'weight-jump', null])
    const one = new SpotCheck()
    one.take(of('body-weight', 80), 0)
    one.take(of('body-weight', 90, day), day)
    const two = new SpotCheck()
    two.load(structuredClone(one.save()))
    expect(words(two.take(of('body-weight', 80, 2 * day), 2 * day))).toEqual([null])
    two.load(structuredClone(one.save()))
    expect(words(two.take(of('body-weight', 90, 2 * day), 2 * day))).toEqual([null])
  })

  it('go on from a saved state as if never stopped', () => {
    const one = new SpotCheck()
    one.take(of('body-weight', 80), 0)
    one.take(of('nibp-systolic', 90, 1), 1)
    const two = new SpotCheck()
    two.load(structuredClone(one.save()))
    one.take(of('nibp-diastolic', 85, 1), 1)
    expect(words(two.take(of('nibp-diastolic', 85, 1), 1))).toEqual([])
    expect(words(two.take(of('body-weight', 90, day), day))).toEqual(['narrow-pulse-pressure', 'narrow-pulse-pressure', 'weight-jump'])
    const fresh = new SpotCheck()
    fresh.load(new SpotCheck().save())
    expect(words(fresh.take(of('body-weight', 90), 0))).toEqual([null])
  })
})
