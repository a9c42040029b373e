import { describe, expect, it } from 'vitest'
import { agreeBeats } from '../../src/evaluate/pulse/beat-agreement.js'
import { pulseSuite } from '../../src/evaluate/suites/pulse.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

const common = { suite: 'pulse', channels: null, reference: 'atr', test: { kind: 'pipeline' }, compare: null, from: 0, to: null } as const
const context = { onProgress: () => undefined, signal: new AbortController().signal }

async function evaluate(set: string, records: readonly string[] | null) {
  const request = { ...common, database: datasetPath(set), records, windowSeconds: 0.15, packetSeconds: 0.04, noise: null }
  return (await pulseSuite.run(request, context)).document
}

describe('pulses against beats', () => {
  const good = new Array<boolean>(60).fill(true)
  const beats = Float64Array.from({ length: 60 }, (_, k) => 0.4 + 0.9 * k + 0.1 * Math.sin(k))

  it('finds the delay, and counts what is missed and what is extra', () => {
    const kept = beats.filter((_, k) => k !== 20 && k !== 41)
    const pulses = Float64Array.from([...kept.map(time => time + 1.23), 30.05]).sort()
    const { tp, fp, fn, delaySeconds } = agreeBeats({ times: beats, good }, { times: pulses, good })
    expect(delaySeconds).toBeCloseTo(1.23, 2)
    expect(fn).toBe(2)
    expect(fp).toBe(1)
    expect(tp).toBeGreaterThan(54)
  })

  it('does not count what lies in seconds that either signal spoils', () => {
    const half = good.map((_, second) => second < 30)
    const pulses = beats.map(time => time + 0.3).filter(time => time < 30 || time % 2 < 1)
    const agreement = agreeBeats({ times: beats, good }, { times: pulses, good: half })
    expect(agreement).toMatchObject({ fp: 0, fn: 0, cleanSeconds: 60, acceptedSeconds: 30 })
  })
})

describe('suite pulse', () => {
  it.skipIf(!hasDataset('uw-hypoxia'))('keeps near the heart rate by ECG at every hand (needs dataset uw-hypoxia)', async () => {
    const { gross, records } = await evaluate('uw-hypoxia', null)
    expect(records).toHaveLength(6)
    expect(gross.coverage).toBeGreaterThan(0.95)
    expect(gross.medianAbsolute).toBeLessThan(1.15)
    expect(gross.medianAbsoluteWhole).toBeLessThanOrEqual(1)
  })

  it.skipIf(!hasDataset('cinc2015'))(
    'finds the pulses of five records of an ICU, whose light comes late (needs dataset cinc2015)',
    async () => {
      const { gross, records } = await evaluate('cinc2015', ['v102s', 'b231l', 'a161l', 'v111l', 'b228s'])
      expect(records).toHaveLength(5)
      expect(gross.f1).toBeGreaterThan(98)
      expect(gross.coverage).toBeGreaterThan(0.75)
    },
  )
})
