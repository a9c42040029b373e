import { hertz } from '../../signal/rate.js'
import { chooseAnnotatedRecords } from '../choose-records.js'
import { bootstrapByRecord, type Interval } from '../compare/intervals.js'
import { type DatabaseRecord, findRecord, readRecordAnnotations, recordFiles } from '../database.js'
import { type RecordErrors, scoreRecord } from '../delineation/delineation-score.js'
import { type MarkSummary, summarizeMarks } from '../delineation/delineation-summary.js'
import { wavesOf } from '../delineation/observed-waves.js'
import { type BeatWaves, readBeatWaves } from '../delineation/wave-marks.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { type Bounds, bounds, percent, rangeText, roundOrNull } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { observeEcg } from '../observe-ecg.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** Places of P, QRS and T waves against marks by hand; conventions in docs/algorithms/ecg-delineation.md. */
export const delineationSuite: Suite = {
  name: 'delineation',
  says: 'places of P, QRS and T waves against marks by hand (.q1c unless --reference says another)',
  layout: 'a folder of WFDB records with annotations of waves, laid out as the QT database',
  fromSeconds: 0,
  takes: ['channels', 'reference', 'packet'],
  tests: ['pipeline', 'annotations'],
  run,
}

/** Both leads are looked at singly for "best of two", with the reference in sight. */
const mostLeads = 2

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  // Beats are `.atr`, which marks no waves.
  const reference = request.reference === 'atr' ? 'q1c' : request.reference
  const names = await chooseAnnotatedRecords(request, reference)
  const scored: { record: string; own: RecordErrors; best: RecordErrors | null }[] = []
  const files: string[] = []
  const parameters = new Set<string>()
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const fsHz = hertz(record.fs)
    const marked = readBeatWaves(await readRecordAnnotations(`${record.path}.${reference}`, record.fs), fsHz)
    const truth = marked.filter(({ beat }) => beat >= request.from * fsHz && (request.to === null || beat <= request.to * fsHz))
    const { own, leads } = await wavesOfTest(record, request, parameters)
    const best = leads.length > 1 ? scoreRecord(truth, leads, fsHz) : null
    scored.push({ record: name, own: scoreRecord(truth, [own], fsHz), best })
    files.push(...(await recordFiles(record, reference)))
  }
  const own = describe(scored.map(score => score.own))
  // Of records with one lead there is nothing to choose; they would say the same twice.
  const leads = scored.flatMap(({ best }) => best ?? [])
  const best = leads.length === 0 ? null : describe(leads)
  const all = [...parameters].map(text => JSON.parse(text) as unknown)
  return {
    document: {
      suite: 'delineation',
      database: request.database,
      test: request.test.kind === 'annotations' ? `annotator ${request.test.annotator}` : 'vitalwire',
      reference,
      channels: request.channels,
      fromSeconds: request.from,
      toSeconds: request.to,
      records: scored.map(score => ({ record: score.record, ...describe([score.own], false) })),
      gross: own,
      ...(best === null ? {} : { bestOfLeads: best }),
    },
    parametersHash: all.length === 0 ? null : hashParameters(all),
    parameters: all.length === 0 ? null : all,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      table('One lead, chosen without the reference', own),
      ...(best === null ? [] : [table(`Best of two leads, ${leads.length} records (looks at the reference)`, best)]),
    ],
    plots: [],
    bxb: null,
  }
}

async function wavesOfTest(
  record: DatabaseRecord,
  request: EvaluationRequest,
  parameters: Set<string>,
): Promise<{ own: readonly BeatWaves[]; leads: readonly (readonly BeatWaves[])[] }> {
  const { test } = request
  if (test.kind === 'annotations') {
    const file = `${test.folder}/${record.name}.${test.annotator}`
    const marks = readBeatWaves(await readRecordAnnotations(file, record.fs), hertz(record.fs))
    return { own: marks, leads: [marks] }
  }
  const waves = async (channels: EvaluationRequest['channels']): Promise<BeatWaves[]> => {
    const { observations, firstSample, parameters: used } = await observeEcg(record, channels, request.packetSeconds)
    parameters.add(JSON.stringify(used))
    return wavesOf(observations).map(beat => moved(beat, firstSample))
  }
  const own = await waves(request.channels)
  if (request.channels !== null && request.channels.length === 1) return { own, leads: [own] }
  const leads: BeatWaves[][] = []
  for (const channel of (request.channels ?? [0, 1]).slice(0, mostLeads)) leads.push(await waves([channel]))
  return { own, leads }
}

function moved(beat: BeatWaves, by: number): BeatWaves {
  return Object.fromEntries(Object.entries(beat).map(([mark, place]) => [mark, place === null ? null : place + by])) as unknown as BeatWaves
}

type Described = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** By mark: mean of record means and mean of the standard deviations within records, ms; sensitivity in per cent. */
function describe(records: readonly RecordErrors[], intervals = true): Described {
  const interval = (of: (summary: MarkSummary) => number | null, mark: string): Interval | null => {
    const figure = (drawn: readonly RecordErrors[]) => {
      const summary = summarizeMarks(drawn).find(one => one.mark === mark)
      return summary === undefined ? null : of(summary)
    }
    return bootstrapByRecord(records, figure, { draws: 500 })
  }
  return Object.fromEntries(
    summarizeMarks(records).map(summary => [
      summary.mark,
      {
        count: summary.references,
        se: percent(summary.sensitivity),
        mean: roundOrNull(summary.meanOfMeans, 3),
        sd: roundOrNull(summary.meanWithinSd, 3),
        sdOfMeans: roundOrNull(summary.sdOfMeans, 3),
        falseShare: roundOrNull(summary.falseShare, 4),
        ...(intervals
          ? {
              ci95: {
                se: bounds(
                  interval(one => one.sensitivity, summary.mark),
                  100,
                ),
                mean: bounds(interval(one => one.meanOfMeans, summary.mark)),
                sd: bounds(interval(one => one.meanWithinSd, summary.mark)),
              },
            }
          : {}),
      },
    ]),
  )
}

function table(title: string, marks: Described): SuiteResult['tables'][number] {
  const figure = (value: unknown, digits: number): string | null => (typeof value === 'number' ? value.toFixed(digits) : null)
  return {
    title,
    columns: ['mark', 'references', 'Se %', 'mean ms', '95 %', 'sd ms', '95 %', 'sd of means ms', 'false share'],
    rows: Object.entries(marks).map(([mark, { count, se, mean, sd, sdOfMeans, falseShare, ci95 }]) => {
      const interval = (of: 'mean' | 'sd') => {
        const found = (ci95 as Record<string, Bounds> | undefined)?.[of] ?? null
        return found === null ? null : rangeText(...found, 1)
      }
      return [
        mark,
        Number(count),
        figure(se, 2),
        figure(mean, 1),
        interval('mean'),
        figure(sd, 1),
        interval('sd'),
        figure(sdOfMeans, 1),
        figure(falseShare, 3),
      ]
    }),
  }
}
