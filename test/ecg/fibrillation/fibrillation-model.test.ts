import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { TreeEnsemble } from '../../../src/dsp/tree-ensemble.js'
import { EcgHistory } from '../../../src/ecg/ecg-history.js'
import { fibrillationModel } from '../../../src/ecg/fibrillation/fibrillation-model.js'
import { createFibrillationWatch } from '../../../src/ecg/fibrillation/fibrillation-watch.js'
import { fibrillationFeatures } from '../../../src/ecg/fibrillation/waveform-features.js'
import { ventricularFibrillation } from '../../../src/evaluate/compare/stretches.js'
import { areaUnderCurve, type ScoredWindow } from '../../../src/evaluate/fibrillation/window-score.js'
import { fibrillationShare } from '../../../src/evaluate/fibrillation/window-truth.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { readAnnotations } from '../../../src/recording/wfdb-annotation.js'
import { hertz } from '../../../src/signal/rate.js'
import { datasetPath } from '../../recording/paths.js'
import { foldFibrillationModel } from './fold-fibrillation-model.js'

const cudb = datasetPath('cudb')

/** Log odds and truth (majority of 8 s) of every second of a record of cudb from the eighth on. */
async function watchRecord(record: string, model: TreeEnsemble): Promise<ScoredWindow[]> {
  const path = `${cudb}/${record}`
  const recording = await openRecording(path)
  const [signal] = recording.signals
  if (!signal) throw new Error(`${path} has no signal`)
  const fsHz = hertz(signal.fs)
  const stretches = ventricularFibrillation((await readAnnotations(`${path}.atr`)).annotations, signal.length)
  const channels = await recording.readPhysical([0], 0, signal.length)
  await recording.close()
  const history = new EcgHistory(1, fsHz, 1)
  const windows: ScoredWindow[] = []
  const watch = createFibrillationWatch({
    fsHz,
    leadCount: 1,
    model,
    onSecond: ({ to, logOdds }) => {
      if (to >= 8 * fsHz) windows.push({ truth: fibrillationShare(stretches, to - 8 * fsHz, to) > 0.5, value: logOdds })
    },
  })
  for (let from = 0; from + fsHz <= signal.length; from += fsHz) {
    history.push(from, channels, from, fsHz)
    history.end = from + fsHz
    const second = { lead: 0, from, to: from + fsHz, quality: 1, reason: 'good', chosen: 0 } as const
    watch.second(second, from + fsHz - 1, history, () => {})
  }
  return windows
}

describe('model of fibrillation', () => {
  test.each([
    ['src/ecg/fibrillation/fibrillation-model.ts', fibrillationModel],
    ['test/ecg/fibrillation/fold-fibrillation-model.ts', foldFibrillationModel],
  ])('%s is the one whose hash its header names', (file, model) => {
    const named = /Model: sha256 ([0-9a-f]{64})/.exec(readFileSync(file, 'utf8'))?.[1]
    expect(createHash('sha256').update(JSON.stringify(model)).digest('hex')).toBe(named)
    expect(model.features).toEqual(fibrillationFeatures)
  })

  test.skipIf(cudb === null)('set cudb: the fold that has not seen cu01, cu09 and cu17 tells their windows apart', async () => {
    const windows: ScoredWindow[] = []
    for (const record of ['cu01', 'cu09', 'cu17']) windows.push(...(await watchRecord(record, foldFibrillationModel)))
    expect(windows.length).toBeGreaterThan(1490)
    expect(areaUnderCurve(windows)).toBeGreaterThan(0.96)
  })
})
