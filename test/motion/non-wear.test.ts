import { expect, it } from 'vitest'
import { NonWear } from '../../src/motion/non-wear.js'

/** Quarters of an hour at a sample a second; `moving`: by half a g. */
function follow(wear: NonWear, from: number, quarters: readonly boolean[]): ({ on: boolean; index: number } | null)[] {
  return quarters.map((moving, k) => {
    for (let i = 0; i < 900; i += 1) wear.add([0, moving ? (i % 2) / 2 : 0, moving ? 1 + (i % 3) / 4 : 1])
    return wear.close(from + 900 * k, from + 900 * (k + 1))
  })
}

it('non-wear ends with the first quarter that moves behind a loss, not an hour later', () => {
  const wear = new NonWear()
  expect(follow(wear, 0, [false, false, false, false])).toEqual([null, null, null, { on: true, index: 0 }])
  wear.interrupt()
  expect(follow(wear, 1e6, [true, true])).toEqual([{ on: false, index: 1e6 }, null])
})

it('non-wear goes on behind a loss while nothing moves, and a worn sensor is not told off sooner than after an hour', () => {
  const wear = new NonWear()
  follow(wear, 0, [false, false, false, false])
  wear.interrupt()
  expect(follow(wear, 1e6, [false, false, true])).toEqual([null, null, { on: false, index: 1e6 + 1800 }])
  const worn = new NonWear()
  worn.interrupt()
  expect(follow(worn, 0, [false, false, false])).toEqual([null, null, null])
})
