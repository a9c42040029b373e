import { type HrvResult, measureHrv } from '../../hrv/measure-hrv.js'
import type { HrvBeat } from '../../hrv/nn-series.js'
import type { BeatObservation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import { chooseAnnotatedRecords } from '../choose-records.js'
import { beatClass } from '../compare/annotation-classes.js'
import { bootstrapByRecord, quantileOfSorted } from '../compare/intervals.js'
import { findRecord, readRecordAnnotations, recordFiles } from '../database.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { bounds, round, roundOrNull } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { observeEcg } from '../observe-ecg.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** RMSSD and SDNN of own beats against those of the reference's beats, on NN intervals in windows of five minutes. */
export const hrvSuite: Suite = {
  name: 'hrv',
  says: 'RMSSD and SDNN from own beats against those from reference beats, windows of 300 s',
  layout: 'a folder of WFDB records with reference annotations of beats',
  fromSeconds: 0,
  takes: ['channels', 'reference', 'packet'],
  tests: ['pipeline'],
  run,
}

const windowSeconds = 300
const measures = ['rmssd', 'sdnn'] as const
type Measure = (typeof measures)[number]
type Errors = Readonly<Record<Measure, readonly number[]>>

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const names = await chooseAnnotatedRecords(request, request.reference)
  const records: { record: string; windows: number; fine: Errors; whole: Errors }[] = []
  const files: string[] = []
  const parameters = new Set<string>()
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const fsHz = hertz(record.fs)
    const reference = referenceBeats(await readRecordAnnotations(`${record.path}.${request.reference}`, record.fs), fsHz)
    const observed = await observeEcg(record, request.channels, request.packetSeconds, () => [])
    parameters.add(JSON.stringify(observed.parameters))
    const found = observed.observations.filter(one => one.kind === 'beat')
    const from = observed.firstSample / observed.fsHz
    const seconds = (observed.firstSample + observed.samples) / observed.fsHz
    const spans = windowsOf(request.from, Math.min(seconds, request.to ?? seconds))
    records.push({
      record: name,
      windows: spans.length,
      fine: errorsOf(reference, ownBeats(found, observed.fsHz, from, true), spans),
      whole: errorsOf(reference, ownBeats(found, observed.fsHz, from, false), spans),
    })
    files.push(...(await recordFiles(record, request.reference)))
  }
  const all = [...parameters].map(text => JSON.parse(text) as unknown)
  const windows = records.reduce((sum, record) => sum + record.windows, 0)
  const measured = (errors: Errors): number => errors.rmssd.length
  const gross = {
    windows,
    measuredShare: windows === 0 ? null : round(records.reduce((sum, { fine }) => sum + measured(fine), 0) / windows, 4),
    recordsWithoutFigure: records.filter(({ fine }) => measured(fine) === 0).map(({ record }) => record),
    ...summary(
      records.map(({ fine }) => fine),
      true,
    ),
    integerSamples: summary(
      records.map(({ whole }) => whole),
      true,
    ),
  }
  return {
    document: {
      suite: 'hrv',
      database: request.database,
      test: 'vitalwire',
      reference: request.reference,
      channels: request.channels,
      fromSeconds: request.from,
      toSeconds: request.to,
      windowSeconds,
      note: 'windows that both sides can measure: at least 80 % of NN coverage in own and in reference beats (docs/algorithms/hrv.md)',
      records: records.map(({ record, windows, fine, whole }) => ({
        record,
        windows,
        ...summary([fine]),
        integerSamples: summary([whole]),
      })),
      gross,
    },
    parametersHash: hashParameters(all),
    parameters: all,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      {
        title: 'Relative error of RMSSD in windows of 300 s, per cent: R peaks between samples, and as whole samples',
        columns: ['record', 'windows', 'median', 'p95', 'median, whole samples'],
        rows: [
          row(
            'gross',
            records.map(({ fine }) => fine),
            records.map(({ whole }) => whole),
          ),
          ...records.map(({ record, fine, whole }) => row(record, [fine], [whole])),
        ],
      },
    ],
    plots: [],
    bxb: null,
  }
}

/** Whole windows one after the other. */
function windowsOf(from: number, to: number): { from: number; to: number }[] {
  const count = Math.max(0, Math.floor((to - from) / windowSeconds))
  return Array.from({ length: count }, (_, i) => ({ from: from + i * windowSeconds, to: from + (i + 1) * windowSeconds }))
}

function referenceBeats(annotations: readonly { sample: number; symbol: string }[], fsHz: number): HrvBeat[] {
  const beats = annotations.filter(({ symbol }) => beatClass(symbol) !== undefined)
  return beats.map(({ sample, symbol }, i) => ({
    time: sample / fsHz,
    normal: beatClass(symbol) === 'N',
    rrSeconds: i === 0 ? null : (sample - (beats[i - 1] as { sample: number }).sample) / fsHz,
    quality: 1,
  }))
}

/** `fine`: R peaks between samples, as the chain places them; else as whole samples, as an annotation file holds them. */
function ownBeats(beats: readonly BeatObservation[], fsHz: number, from: number, fine: boolean): HrvBeat[] {
  return beats.map((beat, i) => {
    const { index, fraction, beatClass: own, rrSeconds, quality } = beat
    const before = beats[i - 1]
    const whole = rrSeconds === null || before === undefined ? null : (index - before.index) / fsHz
    return { time: from + (index + (fine ? fraction : 0)) / fsHz, normal: own === 'N', rrSeconds: fine ? rrSeconds : whole, quality }
  })
}

/** Relative errors of the windows in which both can be measured. */
function errorsOf(reference: readonly HrvBeat[], own: readonly HrvBeat[], windows: readonly { from: number; to: number }[]): Errors {
  const pairs = windows.map(window => [measureHrv(reference, window).time, measureHrv(own, window).time] as const)
  const of = (measure: Measure): number[] =>
    pairs.flatMap(([truth, test]: readonly [HrvResult['time'], HrvResult['time']]) => {
      const expected = truth?.[measure] ?? null
      const value = test?.[measure] ?? null
      return expected === null || value === null || expected === 0 ? [] : [Math.abs(value - expected) / expected]
    })
  return { rmssd: of('rmssd'), sdnn: of('sdnn') }
}

/** Shares (not per cent) of the relative error over all windows. */
function summary(records: readonly Errors[], intervals = false): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    measures.map(measure => {
      const sorted = records.flatMap(record => record[measure]).sort((a, b) => a - b)
      const at = (share: number) => (sorted.length === 0 ? null : roundOrNull(quantileOfSorted(sorted, share), 5))
      const median = (drawn: readonly Errors[]): number | null => {
        const errors = drawn.flatMap(record => record[measure]).sort((a, b) => a - b)
        return errors.length === 0 ? null : quantileOfSorted(errors, 0.5)
      }
      const ci95 = intervals ? { ci95: { median: bounds(bootstrapByRecord(records, median, { draws: 500 })) } } : {}
      return [measure, { windows: sorted.length, median: at(0.5), p95: at(0.95), ...ci95 }]
    }),
  )
}

function row(name: string, fine: readonly Errors[], whole: readonly Errors[]): (string | number | null)[] {
  const quantile = (records: readonly Errors[], share: number): string | null => {
    const sorted = records.flatMap(({ rmssd }) => rmssd).sort((a, b) => a - b)
    return sorted.length === 0 ? null : (100 * quantileOfSorted(sorted, share)).toFixed(2)
  }
  return [name, fine.reduce((sum, { rmssd }) => sum + rmssd.length, 0), quantile(fine, 0.5), quantile(fine, 0.95), quantile(whole, 0.5)]
}
