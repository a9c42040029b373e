import { describe, expect, it } from 'vitest'
import { summaryModel } from '../../src/ecg/rhythm/summary-model.js'
import { challengeModelFor, wasFittedOn } from '../../src/evaluate/atrial/challenge-models.js'
import type { EvaluationRequest } from '../../src/evaluate/evaluation-request.js'
import { makeManifest } from '../../src/evaluate/output/manifest.js'
import { loadSuite } from '../../src/evaluate/suites/registry.js'
import { compareResult } from '../../src/evaluate/verify.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

function request(suite: string, database: string, records: readonly string[], changes: Partial<EvaluationRequest> = {}): EvaluationRequest {
  const common = { reference: 'atr', test: { kind: 'pipeline' }, compare: null, from: 0, to: null, noise: null } as const
  return { suite, database, records, channels: [0], ...common, windowSeconds: 0.15, packetSeconds: 0.04, ...changes }
}
async function evaluate(suite: string, set: string, records: readonly string[], changes: Partial<EvaluationRequest> = {}) {
  return (await loadSuite(suite)).run(request(suite, datasetPath(set), records, changes), context)
}
const context = { onProgress: () => undefined, signal: new AbortController().signal }

describe('suites on recordings', () => {
  it.skipIf(!hasDataset('qtdb'))(
    'delineation: every QRS complex of sel100 is found, its bounds within 15 ms on average (needs qtdb)',
    async () => {
      const { document } = await evaluate('delineation', 'qtdb', ['sel100'])
      const marks = document.gross as Record<string, { se: number; mean: number; count: number }>
      expect(marks.qrsOnset!.count).toBeGreaterThan(20)
      expect(marks.qrsOnset!.se).toBe(100)
      expect(Math.abs(marks.qrsOnset!.mean)).toBeLessThan(15)
      expect(Math.abs(marks.qrsEnd!.mean)).toBeLessThan(15)
    },
  )

  it.skipIf(!hasDataset('cudb'))('rhythm: tells the fibrillation of cu01 within 10 s, and its windows apart (needs cudb)', async () => {
    const { document } = await evaluate('rhythm', 'cudb', ['cu01'])
    const { ventricularFibrillation: vf } = document.gross as { ventricularFibrillation: Record<string, number> }
    expect(vf.auc).toBeGreaterThan(0.9)
    expect(vf.detectedWithin10s).toBe(vf.episodes)
  })

  it.skipIf(!hasDataset('cudb'))('rhythm: only episodes that begin between --from and --to count (needs cudb)', async () => {
    const figures = async (changes: Partial<EvaluationRequest>) => {
      const { document } = await evaluate('rhythm', 'cudb', ['cu01'], changes)
      return (document.gross as { ventricularFibrillation: Record<string, unknown> }).ventricularFibrillation
    }
    const all = await figures({})
    const before = await figures({ to: 60 })
    expect(all.episodes).toBeGreaterThan(0)
    expect(before).toMatchObject({ episodes: 0, auc: null, falseEpisodes: 0, delaySeconds: null })
    expect(all.ci95).toMatchObject({ detectedWithin10sShare: [expect.any(Number), 1] })
  })

  it.skipIf(!hasDataset('mitdb'))('rhythm: names what was fitted on, and tells it apart from the rest (needs mitdb)', async () => {
    const { document } = await evaluate('rhythm', 'mitdb', ['201', '202'], { to: 900 })
    expect(document.fitted).toEqual({ atrialFibrillation: ['201'], ventricularFibrillation: ['201'] })
    const gross = document.gross as Record<string, { records: number; durationSe: number | null }>
    expect(gross.atrialFibrillationFitted!.records).toBe(1)
    expect(gross.atrialFibrillationNotFitted!.records).toBe(1)
    expect(gross.atrialFibrillationFitted!.durationSe).toBeGreaterThan(50)
  })

  it.skipIf(!hasDataset('cinc2017'))('rhythm: labels recordings by models that have not seen them (needs cinc2017)', async () => {
    const records = ['A00001', 'A00004']
    const result = await evaluate('rhythm', 'cinc2017', records)
    const { document } = result
    expect(document.records.map(({ record }) => record)).toEqual(records)
    for (const { label } of document.records) expect(['N', 'A', 'O', '~', null]).toContain(label)
    for (const record of records) expect(wasFittedOn(record)).toBe(true)
    for (const record of records) expect(challengeModelFor(record)).not.toBe(summaryModel)
    expect(challengeModelFor('X00001')).toBe(summaryModel)
    expect(document.note).toMatch(/of 2 records 2 were fitted on and are labelled by the model of the fold that left them out/)
    expect(result.parametersHash).toMatch(/^[0-9a-f]{64}$/)
    expect(result.files.filter(file => file.endsWith('.mat'))).toHaveLength(2)
    await expect(evaluate('rhythm', 'cinc2017', records, { from: 10 })).rejects.toMatchObject({ code: 'usage-option' })
  })

  it.skipIf(!hasDataset('qtdb'))('delineation: counts marks between --from and --to; one lead is no choice (needs qtdb)', async () => {
    const counts = async (changes: Partial<EvaluationRequest>) => {
      const { document } = await evaluate('delineation', 'qtdb', ['sel100'], changes)
      expect(document.bestOfLeads).toBeUndefined()
      return (document.gross as Record<string, { count: number }>).qrsOnset!.count
    }
    const all = await counts({})
    // The marks of sel100 lie between 10:01 and 10:25.
    const first = await counts({ to: 613 })
    const second = await counts({ from: 613.001 })
    expect(first).toBeGreaterThan(5)
    expect(second).toBeGreaterThan(5)
    expect(first + second).toBe(all)
    const { document } = await evaluate('delineation', 'qtdb', ['sel100'], { channels: null })
    expect(document.bestOfLeads).toBeDefined()
  })

  it.skipIf(!hasDataset('mitdb'))(
    'hrv: takes whole windows between --from and --to, and says which records gave none (needs mitdb)',
    async () => {
      const { document } = await evaluate('hrv', 'mitdb', ['100', '217'], { from: 60, to: 700 })
      const gross = document.gross as { windows: number; recordsWithoutFigure: string[]; rmssd: { windows: number; ci95: unknown } }
      expect(gross.windows).toBe(4)
      expect(gross.rmssd.windows).toBe(2)
      expect(gross.recordsWithoutFigure).toEqual(['217'])
    },
  )

  it.skipIf(!hasDataset('mitdb'))('hrv: whole samples at 360 Hz err more than peaks between them (needs mitdb)', async () => {
    const { document } = await evaluate('hrv', 'mitdb', ['123'])
    const gross = document.gross as { rmssd: { median: number }; integerSamples: { rmssd: { median: number } } }
    expect(gross.integerSamples.rmssd.median).not.toBe(gross.rmssd.median)
  })

  it.skipIf(!hasDataset('cudb') || !hasDataset('qtdb'))('are the same again, as --verify asks (needs cudb, qtdb)', async () => {
    for (const [suite, set, record] of [
      ['rhythm', 'cudb', 'cu01'],
      ['delineation', 'qtdb', 'sel100'],
      ['hrv', 'cudb', 'cu02'],
    ] as const) {
      const manifest = await makeManifest(request(suite, datasetPath(set), [record]), await evaluate(suite, set, [record]))
      expect(compareResult(manifest, await evaluate(suite, set, [record]))).toEqual([])
    }
  })

  it.skipIf(!hasDataset('mitdb'))('hrv: RMSSD of record 100 from own beats within 5 % of the reference (needs mitdb)', async () => {
    const { document } = await evaluate('hrv', 'mitdb', ['100'])
    const { rmssd } = document.gross as { rmssd: { windows: number; median: number } }
    expect(rmssd.windows).toBe(6)
    expect(rmssd.median).toBeLessThan(0.05)
  })
})
