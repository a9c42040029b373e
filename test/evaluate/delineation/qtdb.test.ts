import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import { type RecordErrors, scoreRecord } from '../../../src/evaluate/delineation/delineation-score.js'
import { type MarkSummary, mean, summarizeMarks } from '../../../src/evaluate/delineation/delineation-summary.js'
import { wavesOf } from '../../../src/evaluate/delineation/observed-waves.js'
import { scoreQt } from '../../../src/evaluate/delineation/qt-score.js'
import { readBeatWaves, type WaveMark } from '../../../src/evaluate/delineation/wave-marks.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { readAnnotations } from '../../../src/recording/wfdb-annotation.js'
import type { MeasurementObservation, Observation } from '../../../src/signal/observation.js'
import { hertz } from '../../../src/signal/rate.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

/** The whole record through the chain with its default parameters, both leads. */
async function observe(path: string): Promise<{ out: Observation[]; fs: number }> {
  const recording = await openRecording(path)
  const [first] = recording.signals
  if (first === undefined) throw new Error(`${path} has no signal`)
  const channels = recording.signals.map(signal => signal.index)
  const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: recording.signals.map(s => s.name), unit: first.unit, fs: first.fs })
  const out: Observation[] = []
  const keep = (observation: Observation): void => {
    if (observation.kind === 'delineation' || observation.kind === 'measurement') out.push(observation)
  }
  const step = 2500
  for (let start = 0; start < first.length; start += step) {
    const length = Math.min(step, first.length - start)
    chain.push({ start, length, flags: 0, channels: await recording.readPhysical(channels, start, length) }, keep)
  }
  chain.flush(keep)
  await recording.close()
  return { out, fs: hertz(first.fs) }
}

describe.skipIf(!hasDataset('qtdb'))('delineation of qtdb against the cardiologist (needs qtdb)', () => {
  test('marks of the lead that was chosen by quality are as near as the card says', { timeout: 240_000 }, async () => {
    const folder = datasetPath('qtdb')
    const records = readdirSync(folder)
      .filter(file => file.endsWith('.q1c'))
      .map(file => file.slice(0, -4))
    const errors: RecordErrors[] = []
    const qt: number[] = []
    const qtSpread: number[] = []
    for (const record of records) {
      const { out, fs } = await observe(`${folder}/${record}`)
      const reference = readBeatWaves((await readAnnotations(`${folder}/${record}.q1c`)).annotations, fs)
      errors.push(scoreRecord(reference, [wavesOf(out)], fs))
      const scored = scoreQt(
        reference,
        out.filter((o): o is MeasurementObservation => o.kind === 'measurement'),
        fs,
      )
      const centre = mean(scored.qt)
      if (centre === null) continue
      qt.push(centre)
      qtSpread.push(Math.sqrt(mean(scored.qt.map(value => (value - centre) ** 2)) as number))
    }
    const summary = summarizeMarks(errors)
    for (const s of summary) {
      console.info(
        `${s.mark}: n ${s.references} Se ${percent(s.sensitivity)} mean ${fixed(s.meanOfMeans)} sd ${fixed(s.meanWithinSd)} ms, sd of means ${fixed(s.sdOfMeans)}`,
      )
    }
    console.info(`QT every 10 s: mean ${fixed(mean(qt))}, sd within records ${fixed(mean(qtSpread))} ms`)
    const of = (mark: WaveMark): MarkSummary => summary.find(item => item.mark === mark) as MarkSummary
    // A little wider than the card: another R peak or quality of some beats moves the deviations by a millisecond or so.
    const floors: [WaveMark, number, number, number][] = [
      ['pOnset', 0.96, 5, 14],
      ['pEnd', 0.96, 5, 13],
      ['qrsOnset', 0.999, 3, 8],
      ['qrsEnd', 0.999, 3, 10],
      ['tEnd', 0.97, 5, 20],
    ]
    for (const [mark, sensitivity, bias, sd] of floors) {
      expect.soft(of(mark).sensitivity, `Se of ${mark}`).toBeGreaterThanOrEqual(sensitivity)
      expect.soft(Math.abs(of(mark).meanOfMeans as number), `mean of ${mark}`).toBeLessThanOrEqual(bias)
      expect.soft(of(mark).meanWithinSd, `sd of ${mark}`).toBeLessThanOrEqual(sd)
    }
    expect.soft(mean(qtSpread)).toBeLessThanOrEqual(15)
  })
})

const fixed = (value: number | null): string => (value === null ? '-' : value.toFixed(1))
const percent = (share: number | null): string => (share === null ? '-' : (100 * share).toFixed(2))
