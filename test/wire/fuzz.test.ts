import { expect, it } from 'vitest'
import { recordReasons, refusalReasons } from '../../src/wire/reasons.js'
import { fuzz, median } from './fuzzer.js'

// The whole: VITALWIRE_FUZZ=200000 npx vitest run test/wire/fuzz.test.ts
const count = Number(process.env.VITALWIRE_FUZZ ?? 20_000)
const seed = Number(process.env.VITALWIRE_FUZZ_SEED ?? 20_260)

it(`survives ${count} mutated messages (seed ${seed}): every reason reached, ledger in balance, memory flat`, { timeout: 600_000 }, () => {
  const result = fuzz(count, seed)
  expect(result.repaired / result.chunks).toBeGreaterThanOrEqual(0.5)
  expect(result.accepted).toBeGreaterThan(count / 10)
  const missed = [...Object.keys(refusalReasons), ...Object.keys(recordReasons)].filter(reason => !result.reasons.has(reason))
  expect(missed).toEqual([])
  const third = Math.floor(result.heap.length / 3)
  const second = median(result.heap.slice(third, 2 * third))
  const last = median(result.heap.slice(2 * third))
  if (process.env.VITALWIRE_FUZZ !== undefined) {
    const shown = {
      repaired: result.repaired / result.chunks,
      second,
      last,
      ratio: last / second,
      reasons: Object.fromEntries(result.reasons),
    }
    process.stderr.write(`${JSON.stringify(shown)}\n`)
  }
  expect(Math.abs(last / second - 1)).toBeLessThan(0.05)
})
