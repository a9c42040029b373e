import { describe, expect, it } from 'vitest'
import { fallsSuite } from '../../src/evaluate/suites/falls.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

const suffix = hasDataset('falls') ? '' : ' (needs dataset falls)'

describe.skipIf(!hasDataset('falls'))(`suite falls${suffix}`, () => {
  it('judges each person of SisFall by a model that has not seen that person', async () => {
    const request = { suite: 'falls', records: null, channels: null, reference: 'atr', test: { kind: 'pipeline' }, compare: null } as const
    const span = { from: 0, to: null, windowSeconds: 0.15, packetSeconds: 0.04, noise: null } as const
    const context = { onProgress: () => undefined, signal: new AbortController().signal }
    const { document } = await fallsSuite.run({ ...request, ...span, database: datasetPath('falls') }, context)
    const gross = document.gross as { falls: number; daily: number; se: number; sp: number; falseAlarmsPerHour: number }
    expect(document.leftOut).toEqual(['SA01', 'SA02', 'SA03', 'SE01'])
    expect(gross).toMatchObject({ falls: 225, daily: 296 })
    expect(gross.se).toBeGreaterThanOrEqual(97)
    expect(gross.sp).toBeGreaterThanOrEqual(0.98)
    expect((document.older as typeof gross).falseAlarmsPerHour).toBe(0)
    // The wrist stands beside.
    expect((document.wrist as typeof gross).falls).toBe(19)
  }, 60_000)
})
