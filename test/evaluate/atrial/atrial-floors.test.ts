import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EcgAnalyser } from '../../../src/ecg/ecg-analyser.js'
import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import { createRhythmAnalysers } from '../../../src/ecg/rhythm/rhythm-analysers.js'
import { RhythmSummary } from '../../../src/ecg/rhythm/rhythm-summary.js'
import { fibrillationAnnotations, scoreFibrillation } from '../../../src/evaluate/atrial/atrial-episodes.js'
import { readChallengeReferences, scoreChallenge2017 } from '../../../src/evaluate/atrial/challenge-2017.js'
import { challengeModelFor } from '../../../src/evaluate/atrial/challenge-models.js'
import { foldOfRecord } from '../../../src/evaluate/atrial/fold-models.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { readAnnotations } from '../../../src/recording/wfdb-annotation.js'
import type { RhythmObservation } from '../../../src/signal/observation.js'
import { hertz } from '../../../src/signal/rate.js'
import { datasetPath } from '../../recording/paths.js'

/** Runs the first lead of a record through the chain; returns the rhythms it said. */
async function observe(file: string, analysers: (options: { fsHz: number; leadCount: number }) => EcgAnalyser[]) {
  const recording = await openRecording(file)
  const signal = recording.signals[0]
  if (signal === undefined) throw new Error(`${file} has no signal`)
  const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: [signal.name], unit: signal.unit, fs: signal.fs }, { analysers })
  const said: RhythmObservation[] = []
  const step = Math.round(60 * hertz(signal.fs))
  for (let start = 0; start < signal.length; start += step) {
    const length = Math.min(step, signal.length - start)
    chain.push({ start, length, flags: 0, channels: await recording.readPhysical([0], start, length) }, o => {
      if (o.kind === 'rhythm') said.push(o)
    })
  }
  chain.flush(o => {
    if (o.kind === 'rhythm') said.push(o)
  })
  await recording.close()
  return { said, fs: hertz(signal.fs), endSample: signal.length }
}

describe('floors of the atrial rhythms', () => {
  const nsrdb = datasetPath('nsrdb')
  test.skipIf(!nsrdb)('no atrial fibrillation in 6.5 h of three healthy people (needs nsrdb)', async () => {
    for (const record of ['16265', '16273', '16795']) {
      const { said } = await observe(path.join(nsrdb as string, record), createRhythmAnalysers)
      expect(
        said.filter(o => o.rhythm === 'atrial-fibrillation'),
        record,
      ).toEqual([])
    }
  })

  const mitdb = datasetPath('mitdb')
  test.skipIf(!mitdb)(
    'mitdb half DS2: nine tenths of fibrillation found, at most one false episode (needs mitdb)',
    async () => {
      const records = []
      for (const name of '100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234'.split(' ')) {
        const { said, fs, endSample } = await observe(path.join(mitdb as string, name), createRhythmAnalysers)
        const { annotations } = await readAnnotations(path.join(mitdb as string, `${name}.atr`))
        records.push({ name, fs, endSample, reference: annotations, test: fibrillationAnnotations(said) })
      }
      const score = scoreFibrillation(records)
      console.info(
        `mitdb DS2 AF: episodes Se ${score.episodeSe} +P ${score.episodePpv}, duration Se ${score.durationSe} +P ${score.durationPpv}, false ${score.falseEpisodes} in ${score.freeHours} h`,
      )
      expect(score.durationSe).toBeGreaterThanOrEqual(0.9)
      expect(score.durationPpv).toBeGreaterThanOrEqual(0.85)
      expect(score.falseEpisodes).toBeLessThanOrEqual(1)
    },
    240_000,
  )

  const cinc2017 = datasetPath('cinc2017')
  test.skipIf(!cinc2017)(
    'cinc2017, one fold that its model never saw: mean F1 of N, A and O at least 0.7 (needs cinc2017)',
    async () => {
      const references = await readChallengeReferences(cinc2017 as string)
      const fold = new Map([...references].filter(([record]) => foldOfRecord[record] === 0))
      const predictions = []
      for (const record of fold.keys()) {
        let summary: RhythmSummary | undefined
        await observe(path.join(cinc2017 as string, record), ({ fsHz }) => {
          summary = new RhythmSummary({ fsHz, model: challengeModelFor(record) })
          return [summary]
        })
        if (summary?.report) predictions.push({ record, ...summary.report })
      }
      const score = scoreChallenge2017(predictions, fold)
      console.info(`cinc2017 fold 0: mean F1 ${score.meanF1}, ${JSON.stringify(score.ci95)}`)
      expect(score.unpredicted).toEqual([])
      expect(score.meanF1).toBeGreaterThanOrEqual(0.7)
    },
    120_000,
  )
})
