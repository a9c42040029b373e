import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { compare, datasetFolder, readFormat16, readMonitor, say } from './recordings.js'

const mimic = datasetFolder('mimic4wdb')
const hypoxia = datasetFolder('uw-hypoxia')

describe.skipIf(mimic === null)('pleth of an ICU patient (dataset mimic4wdb, segment 0001)', () => {
  const spec: StreamSpec = { id: 'p', kind: 'ppg', channels: ['Pleth'], unit: 'NU', fs: { num: 124_945, den: 1000 } }
  const fs = 124.945
  const said = mimic === null ? [] : say(createPpgChain(spec), [readFormat16(join(mimic, '85594648_0001p.dat'), 4096, 0)])

  test.each([
    [20, 0.8, 0.7],
    [240, 0.9, 0.88],
  ])('the pulse rate agrees with the monitor over the first %i min', (minutes, coverage, within2) => {
    const agreement = compare(said, 'pulse-rate', fs, readMonitor(mimic!, 'Pulse (SpO2) [bpm]', 60 * minutes))
    console.log(`pulse rate, ${minutes} min`, agreement)
    expect(agreement.coverage).toBeGreaterThanOrEqual(coverage)
    expect(agreement.medianError).toBeLessThanOrEqual(0.6)
    expect(agreement.within2).toBeGreaterThanOrEqual(within2)
  })

  test('the breathing seen in the pulses agrees with the monitor where it is said', () => {
    const agreement = compare(said, 'respiratory-rate', fs, readMonitor(mimic!, 'RR [rpm]', 4 * 3600), 5)
    console.log('respiratory rate from the pulses, 240 min', agreement)
    expect(agreement.coverage).toBeGreaterThanOrEqual(0.4)
    expect(agreement.medianError).toBeLessThanOrEqual(0.4)
  })
})

describe.skipIf(hypoxia === null)('camera PPG at 30 Hz (dataset uw-hypoxia)', () => {
  const spec: StreamSpec = { id: 'c', kind: 'ppg', channels: ['R', 'G', 'B'], unit: 'adu', fs: { num: 30, den: 1 } }
  const columns = (path: string) =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split(',').map(Number))

  test.each(['100001', '100002', '100003'])('the pulse rate of %s agrees with the oximeters', person => {
    const rows = columns(join(hypoxia!, `${person}.ppg-left.csv`))
    const channels = [0, 1, 2].map(c => Float64Array.from(rows, row => row[c]!))
    // Pulse 1, 2, 4 and 5 of the reference; the median of those that show a number.
    const reference = columns(join(hypoxia!, `${person}.reference.csv`)).flatMap((row, t) => {
      const shown = [6, 7, 9, 10]
        .map(c => row[c]!)
        .filter(value => value > 20)
        .sort((a, b) => a - b)
      return shown.length > 0 ? [{ t, value: shown[shown.length >> 1]! }] : []
    })
    const agreement = compare(say(createPpgChain(spec), channels), 'pulse-rate', 30, reference.slice(0, Math.floor(rows.length / 30)))
    console.log(`camera ${person}`, agreement)
    expect(agreement.coverage).toBeGreaterThanOrEqual(0.95)
    expect(agreement.medianError).toBeLessThanOrEqual(1)
    expect(agreement.within2).toBeGreaterThanOrEqual(0.78)
  })
})
