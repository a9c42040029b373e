import { describe, expect, it } from 'vitest'
import { loadSuite } from '../../src/evaluate/suites/registry.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

function request(suite: string, database: string, records: readonly string[]) {
  const common = {
    test: { kind: 'pipeline' },
    compare: null,
    from: 300,
    to: null,
    windowSeconds: 0.15,
    packetSeconds: 0.04,
    noise: null,
  } as const
  return { suite, database, records, channels: [0], reference: 'atr', ...common }
}
const context = { onProgress: () => undefined, signal: new AbortController().signal }

describe('suites on recordings', () => {
  it.skipIf(!hasDataset('qtdb'))(
    'delineation: every QRS complex of sel100 is found, its bounds within 15 ms on average (needs qtdb)',
    async () => {
      const { document } = await (await loadSuite('delineation')).run(request('delineation', datasetPath('qtdb'), ['sel100']), context)
      const marks = document.gross as Record<string, { se: number; mean: number; count: number }>
      expect(marks.qrsOnset!.count).toBeGreaterThan(20)
      expect(marks.qrsOnset!.se).toBe(100)
      expect(Math.abs(marks.qrsOnset!.mean)).toBeLessThan(15)
      expect(Math.abs(marks.qrsEnd!.mean)).toBeLessThan(15)
    },
  )

  it.skipIf(!hasDataset('cudb'))('rhythm: tells the fibrillation of cu01 within 10 s, and its windows apart (needs cudb)', async () => {
    const { document } = await (await loadSuite('rhythm')).run(request('rhythm', datasetPath('cudb'), ['cu01']), context)
    const { ventricularFibrillation: vf } = document.gross as { ventricularFibrillation: Record<string, number> }
    expect(vf.auc).toBeGreaterThan(0.9)
    expect(vf.detectedWithin10s).toBe(vf.episodes)
  })

  it.skipIf(!hasDataset('cinc2017'))(
    'rhythm: labels recordings by a reference table, each by a model that has not seen it (needs cinc2017)',
    async () => {
      const records = ['A00001', 'A00004']
      const { document } = await (await loadSuite('rhythm')).run(request('rhythm', datasetPath('cinc2017'), records), context)
      expect(document.records.map(({ record }) => record)).toEqual(records)
      for (const { label } of document.records) expect(['N', 'A', 'O', '~', null]).toContain(label)
    },
  )

  it.skipIf(!hasDataset('mitdb'))('hrv: RMSSD of record 100 from own beats within 5 % of the reference (needs mitdb)', async () => {
    const { document } = await (await loadSuite('hrv')).run(request('hrv', datasetPath('mitdb'), ['100']), context)
    const { rmssd } = document.gross as { rmssd: { windows: number; median: number } }
    expect(rmssd.windows).toBe(6)
    expect(rmssd.median).toBeLessThan(0.05)
  })
})
