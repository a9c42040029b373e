import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRespirationChain } from '../../src/respiration/respiration-chain.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { compare, datasetFolder, readFormat16, readMonitor, say } from '../ppg/recordings.js'

const mimic = datasetFolder('mimic4wdb')

describe.skipIf(mimic === null)('impedance of an ICU patient (dataset mimic4wdb, segment 0001)', () => {
  const spec: StreamSpec = { id: 'r', kind: 'respiration', channels: ['Resp'], unit: 'Ohm', fs: { num: 624_725, den: 10_000 } }
  const said = mimic === null ? [] : say(createRespirationChain(spec), [readFormat16(join(mimic, '85594648_0001r.dat'), 4093, 2)])

  test.each([
    [20, 0.95, 1.5, 0.65],
    [240, 0.98, 0.3, 0.87],
  ])('the respiratory rate agrees with the monitor over the first %i min', (minutes, coverage, median, within2) => {
    const agreement = compare(said, 'respiratory-rate', 62.4725, readMonitor(mimic!, 'RR [rpm]', 60 * minutes))
    console.log(`respiratory rate, ${minutes} min`, agreement)
    expect(agreement.coverage).toBeGreaterThanOrEqual(coverage)
    expect(agreement.medianError).toBeLessThanOrEqual(median)
    expect(agreement.within2).toBeGreaterThanOrEqual(within2)
  })
})
