import { access } from 'node:fs/promises'
import path from 'node:path'
import { createFibrillationWatch, type FibrillationSecond } from '../../ecg/fibrillation/fibrillation-watch.js'
import { createRhythmAnalysers } from '../../ecg/rhythm/rhythm-analysers.js'
import { RhythmSummary } from '../../ecg/rhythm/rhythm-summary.js'
import { VitalwireError } from '../../errors.js'
import type { RhythmObservation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import { type FibrillationRecord, type FibrillationScore, fibrillationAnnotations, scoreFibrillation } from '../atrial/atrial-episodes.js'
import { type ChallengePrediction, readChallengeReferences, scoreChallenge2017 } from '../atrial/challenge-2017.js'
import { challengeModelFor, wasFittedOn } from '../atrial/challenge-models.js'
import { chooseAnnotatedRecords, chooseRecords } from '../choose-records.js'
import type { Stretch } from '../compare/annotation.js'
import { type Interval, quantileOfSorted } from '../compare/intervals.js'
import { ventricularFibrillation } from '../compare/stretches.js'
import { findRecord, readRecordAnnotations, recordFiles } from '../database.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { type RecordEpisodes, scoreEpisodes, type ToldEpisode } from '../fibrillation/episode-score.js'
import { type RecordWindows, scoreWindows } from '../fibrillation/window-score.js'
import { fibrillationShare } from '../fibrillation/window-truth.js'
import { bounds, percent, rangeText, round, roundOrNull } from '../figures.js'
import { atrialTrainingRecords, ventricularTrainingRecords } from '../fitted-records.js'
import { hashParameters } from '../hash-parameters.js'
import { observeEcg } from '../observe-ecg.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** Atrial and ventricular fibrillation against rhythm annotations, or the label of whole recordings as in CinC 2017. */
export const rhythmSuite: Suite = {
  name: 'rhythm',
  says: 'fibrillation of atria and ventricles against rhythm annotations; N, A, O of recordings with a REFERENCE.csv',
  layout: 'a folder of WFDB records with rhythm annotations, or one laid out as the training set of CinC 2017',
  fromSeconds: 0,
  takes: ['channels', 'reference', 'packet'],
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
  if (request.from !== 0 || request.to !== null) {
    throw new VitalwireError(
      'usage-option',
      'evaluate rhythm: recordings with a label in REFERENCE.csv are judged whole; accepted: no --from and --to',
    )
  }
  const references = await readChallengeReferences(request.database)
  const names = await chooseRecords(request, async () => [...references.keys()].sort())
  const predictions: ChallengePrediction[] = []
  const files: string[] = [path.join(request.database, 'REFERENCE.csv')]
  const parameters = new Set<string>()
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const model = challengeModelFor(name)
    let summary: RhythmSummary | null = null
    const { parameters: used } = await observeEcg(record, request.channels, request.packetSeconds, ({ fsHz }) => {
      summary = new RhythmSummary({ fsHz, model })
      return [summary]
    })
    const report = (summary as RhythmSummary | null)?.report
    if (report) predictions.push({ record: name, label: report.label, probabilities: report.probabilities })
    parameters.add(JSON.stringify(used))
    files.push(...(await recordFiles(record, '')))
  }
  const all = [...parameters].map(text => JSON.parse(text) as unknown)
  const fitted = names.filter(wasFittedOn).length
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
      channels: request.channels,
      note: `cross-validated: of ${names.length} records ${fitted} were fitted on and are labelled by the model of the fold that left them out, the others by the shipped model`,
      records: names.map(name => ({
        record: name,
        reference: references.get(name) ?? null,
        label: predictions.find(({ record }) => record === name)?.label ?? null,
      })),
      gross: {
        score: percent(plain.meanF1),
        scoreReweighted: percent(weighted.meanF1),
        ci95Reweighted: { score: bounds(weighted.ci95, 100) },
        labels: Object.fromEntries(
          Object.entries(weighted.labels).map(([label, { records, f1, f1Interval, auc, aucInterval }]) => [
            label,
            { records, f1: percent(f1), auc: roundOrNull(auc, 4), ci95: { f1: bounds(f1Interval, 100), auc: bounds(aucInterval) } },
          ]),
        ),
        confusion: weighted.confusion,
      },
    },
    parametersHash: hashParameters(all),
    parameters: all,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      {
        title: 'Labels, re-weighted to the prevalence of the database',
        columns: ['label', 'records', 'F1 %', '95 %', 'AUC', '95 %'],
        rows: Object.entries(weighted.labels).map(([label, { records, f1, f1Interval, auc, aucInterval }]) => [
          label,
          records,
          f1 === null ? null : (100 * f1).toFixed(1),
          interval(f1Interval, 100, 1),
          auc === null ? null : auc.toFixed(3),
          interval(aucInterval, 1, 3),
        ]),
      },
    ],
    plots: [],
    bxb: null,
  }
}

async function followRhythms(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const names = await chooseAnnotatedRecords(request, request.reference)
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
    const range = { start: request.from * fsHz, end: request.to === null ? Number.POSITIVE_INFINITY : request.to * fsHz }
    const part = { fromSeconds: request.from, ...(request.to === null ? {} : { toSeconds: request.to }) }
    atrial.push({ name, fs: hertz(record.fs), endSample: end, ...part, reference, test: fibrillationAnnotations(rhythms) })
    const inRange = seconds.filter(({ to }) => firstSample + to > range.start && firstSample + to <= range.end)
    windows.push({ record: name, windows: inRange.map(second => scoredWindow(second, truth, fsHz, firstSample)) })
    episodes.push({ record: name, fsHz, truth, told: toldEpisodes(rhythms, end), range })
    files.push(...(await recordFiles(record, request.reference)))
  }
  const fitted = fittedOn(names)
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
      fromSeconds: request.from,
      toSeconds: request.to,
      fitted,
      records: names.map((name, i) => ({
        record: name,
        atrialFibrillation: pick(af.records[i], ['referenceEpisodes', 'found', 'testEpisodes', 'right']),
        ventricularFibrillation: vf.byRecord[i] ?? null,
        episodes: told.byRecord[i] ?? null,
      })),
      gross: {
        atrialFibrillation: atrialFigures(af),
        ventricularFibrillation: {
          auc: roundOrNull(vf.auc, 4),
          seAtSp98: percent(vf.seAtSp98),
          episodes: told.episodes,
          detected: told.detected,
          detectedWithin10s: told.detectedWithin10s,
          detectedWithin10sShare: roundOrNull(told.detectedWithin10sShare, 4),
          delaySeconds: delayFigures(told.delays),
          falseEpisodes: told.falseEpisodes,
          ci95: { auc: bounds(vf.ci95.auc), seAtSp98: bounds(vf.ci95.seAtSp98, 100), detectedWithin10sShare: bounds(told.ci95) },
        },
        ...byPart(atrial),
      },
    },
    parametersHash: hashParameters(all),
    parameters: all,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      {
        title: 'Fibrillation, all records',
        columns: ['what', 'figure', '95 %'],
        rows: [
          ['AF episodes found, %', text(af.episodeSe, 100, 2), null],
          ['AF episodes right, %', text(af.episodePpv, 100, 2), null],
          ['AF duration Se, %', text(af.durationSe, 100, 2), interval(af.durationSeInterval, 100, 2)],
          ['AF duration +P, %', text(af.durationPpv, 100, 2), interval(af.durationPpvInterval, 100, 2)],
          ['AF episodes in records without AF and flutter', af.falseEpisodes, null],
          ['VF windows of 8 s, AUC', text(vf.auc, 1, 4), interval(vf.ci95.auc, 1, 4)],
          ['VF windows, Se at Sp 98 %, %', text(vf.seAtSp98, 100, 2), interval(vf.ci95.seAtSp98, 100, 2)],
          ['VF episodes of 10 s or longer', told.episodes, null],
          ['of these told within 10 s, %', text(told.detectedWithin10sShare, 100, 1), interval(told.ci95, 100, 1)],
          ['false VF episodes', told.falseEpisodes, null],
          [
            'records that the AF / the VF model was fitted on',
            `${fitted.atrialFibrillation.length} / ${fitted.ventricularFibrillation.length}`,
            null,
          ],
        ],
      },
    ],
    plots: [],
    bxb: null,
  }
}

function atrialFigures(af: FibrillationScore): Readonly<Record<string, unknown>> {
  return {
    episodeSe: percent(af.episodeSe),
    episodePpv: percent(af.episodePpv),
    durationSe: percent(af.durationSe),
    durationPpv: percent(af.durationPpv),
    falseEpisodes: af.falseEpisodes,
    falsePerHour: roundOrNull(af.falsePerHour, 4),
    ci95: { durationSe: bounds(af.durationSeInterval, 100), durationPpv: bounds(af.durationPpvInterval, 100) },
  }
}

/** Records that a shipped model was fitted on, of those that were run: their figures say how it fits, not how it does elsewhere. */
function fittedOn(names: readonly string[]): Readonly<Record<'atrialFibrillation' | 'ventricularFibrillation', readonly string[]>> {
  return {
    atrialFibrillation: names.filter(name => atrialTrainingRecords.includes(name)),
    ventricularFibrillation: names.filter(name => ventricularTrainingRecords.includes(name)),
  }
}

/** Atrial fibrillation apart in records that were fitted on and in the others, where there are both. */
function byPart(atrial: readonly FibrillationRecord[]): Readonly<Record<string, unknown>> {
  const [fitted, others] = [true, false].map(part => atrial.filter(({ name }) => atrialTrainingRecords.includes(name) === part))
  if (fitted!.length === 0 || others!.length === 0) return {}
  return {
    atrialFibrillationFitted: { records: fitted!.length, ...atrialFigures(scoreFibrillation(fitted!)) },
    atrialFibrillationNotFitted: { records: others!.length, ...atrialFigures(scoreFibrillation(others!)) },
  }
}

/** Seconds from onset to telling of the episodes that were told; 0 when one was on already. */
function delayFigures(delays: readonly number[]): { p50: number; p95: number; max: number } | null {
  if (delays.length === 0) return null
  const at = (share: number): number => round(quantileOfSorted(delays, share), 3)
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}

function text(value: number | null, scale: number, digits: number): string | null {
  return value === null ? null : (scale * value).toFixed(digits)
}

function interval(of: Interval | null, scale: number, digits: number): string | null {
  return of === null ? null : rangeText(scale * of.low, scale * of.high, digits)
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
