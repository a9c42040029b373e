import { expect, test } from 'vitest'
import { exp } from '../../src/dsp/math.js'
import { RateTracker } from '../../src/dsp/rate-tracker.js'
import { seededRandom } from '../laws/random.js'

/** The recursion as its formula is written: what lies at one rate goes to those around it, one after the other. */
function plainStep(before: Float64Array, logLikelihood: Float64Array, { spacing, drift, jump }: typeof options): Float64Array {
  const count = before.length
  const reach = Math.ceil((4 * drift) / spacing)
  const spread = (from: number, to: number) => {
    const z = (Math.abs(to - from) * spacing) / drift
    return exp(-0.5 * z * z)
  }
  const after = new Float64Array(count).fill(jump / count)
  for (let from = 0; from < count; from++) {
    const [low, high] = [Math.max(0, from - reach), Math.min(count - 1, from + reach)]
    let whole = 0
    for (let to = low; to <= high; to++) whole += spread(from, to)
    const share = ((1 - jump) * before[from]!) / whole
    for (let to = low; to <= high; to++) after[to]! += share * spread(from, to)
  }
  let total = 0
  for (let k = 0; k < count; k++) {
    after[k]! *= exp(logLikelihood[k]!)
    total += after[k]!
  }
  return after.map(value => value / total)
}

const options = { first: 4, spacing: 0.25, drift: 0.5, jump: 0.001 }

// Shorter than the spread, odd, even, and long.
test.each([1, 2, 5, 9, 16, 17, 18, 19, 20, 239])('a grid of %i rates takes each step as the formula does, bit for bit', count => {
  const random = seededRandom(count)
  const tracker = new RateTracker({ ...options, count })
  let wanted: Float64Array = new Float64Array(count).fill(1 / count)
  for (let step = 0; step < 12; step++) {
    const seen = Float64Array.from({ length: count }, (_, k) => (k > count / 2 ? -7 : 2 * random() - 1))
    wanted = plainStep(wanted, seen, options)
    tracker.step(seen)
    expect((tracker.save() as { probability: Float64Array }).probability).toEqual(wanted)
  }
})
