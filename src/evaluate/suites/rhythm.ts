import { access } from 'node:fs/promises'
import path from 'node:path'
import { createFibrillationWatch, type FibrillationSecond } from '../../ecg/fibrillation/fibrillation-watch.js'
import { createRhythmAnalysers } from '../../ecg/rhythm/rhythm-analysers.js'
import { RhythmSummary } from '../../ecg/rhythm/rhythm-summary.js'
import type { RhythmObservation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import { type FibrillationRecord, fibrillationAnnotations, scoreFibrillation } from '../atrial/atrial-episodes.js'
import { type ChallengePrediction, readChallengeReferences, scoreChallenge2017 } from '../atrial/challenge-2017.js'
import { challengeModelFor } from '../atrial/challenge-models.js'
import type { Stretch } from '../compare/annotation.js'
import { ventricularFibrillation } from '../compare/stretches.js'
import { findRecord, listRecords, readRecordAnnotations, recordFiles } from '../database.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { type RecordEpisodes, scoreEpisodes, type ToldEpisode } from '../fibrillation/episode-score.js'
import { type RecordWindows, scoreWindows } from '../fibrillation/window-score.js'
import { fibrillationShare } from '../fibrillation/window-truth.js'
import { percent, roundOrNull } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { observeEcg } from '../observe-ecg.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** Atrial and ventricular fibrillation against rhythm annotations, or the label of whole recordings as in CinC 2017. */
export const rhythmSuite: Suite = {
  name: 'rhythm',
  says: 'fibrillation of atria and ventricles against rhythm annotations; N, A, O of recordings with a REFERENCE.csv',
  layout: 'a folder of WFDB records with rhythm annotations, or one laid out as the training set of CinC 2017',
  tests: ['pipeline'],
  run,
}

/** A window of fibrillation is that of the watch: it ends with the second that was told. */
const fibrillationWindowSeconds = 8

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const labelled = await access(path.join(request.database, 'REFERENCE.csv')).then(
    () => true,
    () => false,
  )
  return labelled ? labelRecordings(request, context) : followRhythms(request, context)
}

/** Each record by a model that has not seen it: that of its fold, or for any other record the one that is shipped. */
async function labelRecordings(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const references = await readChallengeReferences(request.database)
  const names = request.records ?? [...references.keys()].sort()
  const predictions: ChallengePrediction[] = []
  const files: string[] = [path.join(request.database, 'REFERENCE.csv')]
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const model = challengeModelFor(name)
    let summary: RhythmSummary | null = null
    await observeEcg(record, request.channels, request.packetSeconds, ({ fsHz }) => {
      summary = new RhythmSummary({ fsHz, model })
      return [summary]
    })
    const report = (summary as RhythmSummary | null)?.report
    if (report) predictions.push({ record: name, label: report.label, probabilities: report.probabilities })
    files.push(`${record.path}.hea`)
  }
  const chosen = new Map(names.flatMap(name => (references.has(name) ? [[name, references.get(name)!] as const] : [])))
  const equal = { N: 1, A: 1, O: 1, '~': 1 } as const
  const counts = { N: 0, A: 0, O: 0, '~': 0 }
  for (const label of chosen.values()) counts[label] += 1
  const present = Object.values(counts).every(count => count > 0)
  const weighted = scoreChallenge2017(predictions, chosen)
  const plain = scoreChallenge2017(predictions, chosen, present ? counts : equal)
  return {
    document: {
      suite: 'rhythm',
      database: request.database,
      test: 'vitalwire',
      records: names.map(name => ({
        record: name,
        reference: references.get(name) ?? null,
        label: predictions.find(({ record }) => record === name)?.label ?? null,
      })),
      gross: {
        score: percent(plain.meanF1),
        scoreReweighted: percent(weighted.meanF1),
        ci95Reweighted: weighted.ci95,
        labels: weighted.labels,
        confusion: weighted.confusion,
      },
    },
    parametersHash: null,
    files,
    annotations: [],
    tables: [
      {
        title: 'Labels, re-weighted to the prevalence of the database',
        columns: ['label', 'records', 'F1', 'AUC'],
        rows: Object.entries(weighted.labels).map(([label, { records, f1, auc }]) => [
          label,
          records,
          roundOrNull(f1, 3),
          roundOrNull(auc, 3),
        ]),
      },
    ],
    plots: [],
    bxb: null,
  }
}

async function followRhythms(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const names = request.records ?? (await listRecords(request.database, request.reference))
  const atrial: FibrillationRecord[] = []
  const windows: RecordWindows[] = []
  const episodes: RecordEpisodes[] = []
  const files: string[] = []
  const parameters = new Set<string>()
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const reference = await readRecordAnnotations(`${record.path}.${request.reference}`, record.fs)
    const seconds: FibrillationSecond[] = []
    const { observations, fsHz, firstSample, samples, ...observed } = await observeEcg(
      record,
      request.channels,
      request.packetSeconds,
      options => [
        ...createRhythmAnalysers(options),
        createFibrillationWatch({ ...options, onSecond: second => void seconds.push(second) }),
      ],
    )
    parameters.add(JSON.stringify(observed.parameters))
    const rhythms = observations.filter(one => one.kind === 'rhythm').map(one => movedRhythm(one, firstSample))
    const end = firstSample + samples
    const truth = ventricularFibrillation(reference, end)
    atrial.push({ name, fs: hertz(record.fs), endSample: end, reference, test: fibrillationAnnotations(rhythms) })
    windows.push({ record: name, windows: seconds.map(second => scoredWindow(second, truth, fsHz, firstSample)) })
    episodes.push({ record: name, fsHz, truth, told: toldEpisodes(rhythms, end) })
    files.push(...(await recordFiles(record, request.reference)))
  }
  const af = scoreFibrillation(atrial)
  const vf = scoreWindows(windows)
  const told = scoreEpisodes(episodes)
  const all = [...parameters].map(text => JSON.parse(text) as unknown)
  return {
    document: {
      suite: 'rhythm',
      database: request.database,
      test: 'vitalwire',
      reference: request.reference,
      channels: request.channels,
      note: 'with the shipped models; cudb, mitdb DS1 and cinc2017 records here were fitted on: cross-validated figures by training/run.js',
      records: names.map((name, i) => ({
        record: name,
        atrialFibrillation: pick(af.records[i], ['referenceEpisodes', 'found', 'testEpisodes', 'right']),
        ventricularFibrillation: vf.byRecord[i] ?? null,
        episodes: told.byRecord[i] ?? null,
      })),
      gross: {
        atrialFibrillation: {
          episodeSe: percent(af.episodeSe),
          episodePpv: percent(af.episodePpv),
          durationSe: percent(af.durationSe),
          durationPpv: percent(af.durationPpv),
          falseEpisodes: af.falseEpisodes,
          falsePerHour: roundOrNull(af.falsePerHour, 4),
        },
        ventricularFibrillation: {
          auc: roundOrNull(vf.auc, 4),
          seAtSp98: percent(vf.seAtSp98),
          ci95: vf.ci95,
          episodes: told.episodes,
          detectedWithin10s: told.detectedWithin10s,
          detectedWithin10sShare: roundOrNull(told.detectedWithin10sShare, 4),
          falseEpisodes: told.falseEpisodes,
        },
      },
    },
    parametersHash: hashParameters(all),
    parameters: all,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      {
        title: 'Fibrillation, all records',
        columns: ['what', 'figure'],
        rows: [
          ['AF episodes found, %', percent(af.episodeSe)],
          ['AF episodes right, %', percent(af.episodePpv)],
          ['AF duration Se, %', percent(af.durationSe)],
          ['AF duration +P, %', percent(af.durationPpv)],
          ['AF episodes in records without AF and flutter', af.falseEpisodes],
          ['VF windows of 8 s, AUC', roundOrNull(vf.auc, 4)],
          ['VF windows, Se at Sp 98 %, %', percent(vf.seAtSp98)],
          ['VF episodes of 10 s or longer', told.episodes],
          ['of these told within 10 s', told.detectedWithin10s],
          ['false VF episodes', told.falseEpisodes],
        ],
      },
    ],
    plots: [],
    bxb: null,
  }
}

/** The window's majority decides; one that straddles an onset or offset counts like all others. */
function scoredWindow(
  { to, logOdds }: FibrillationSecond,
  truth: readonly Stretch[],
  fsHz: number,
  firstSample: number,
): RecordWindows['windows'][number] {
  const end = firstSample + to
  return { truth: fibrillationShare(truth, Math.max(0, end - fibrillationWindowSeconds * fsHz), end) > 0.5, value: logOdds }
}

function movedRhythm(rhythm: RhythmObservation, by: number): RhythmObservation {
  return { ...rhythm, index: rhythm.index + by, decided: rhythm.decided + by }
}

function toldEpisodes(rhythms: readonly RhythmObservation[], end: number): ToldEpisode[] {
  const told: ToldEpisode[] = []
  let on: RhythmObservation | null = null
  for (const rhythm of rhythms) {
    if (rhythm.rhythm !== 'ventricular-fibrillation') continue
    if (rhythm.on) on = rhythm
    else if (on !== null) {
      told.push({ start: on.index, end: rhythm.index, decided: on.decided })
      on = null
    }
  }
  if (on !== null) told.push({ start: on.index, end, decided: on.decided })
  return told
}

function pick<Value extends object, Key extends keyof Value>(value: Value | undefined, keys: readonly Key[]): Pick<Value, Key> | null {
  return value === undefined ? null : (Object.fromEntries(keys.map(key => [key, value[key]])) as Pick<Value, Key>)
}
