import { VitalwireError } from '../../errors.js'
import { planStream } from '../../monitor/plan.js'
import type { StreamSpec } from '../../signal/stream.js'
import { agreementCells, agreementColumns, agreementFigures, overallFigures } from '../agreement-figures.js'
import { chooseRecords } from '../choose-records.js'
import { agreementOf, type MeasuredPair } from '../compare/agreement.js'
import { bootstrapByRecord } from '../compare/intervals.js'
import { hypoxiaPpgHz, isHypoxiaFolder, listHypoxiaPeople, readHypoxiaPerson } from '../databases/hypoxia-folder.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { beatFigures, bounds, round, roundOrNull, sumFigures } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { agreeBeats, type BeatAgreement, beatTrack, matchSeconds, referenceQuality } from '../pulse/beat-agreement.js'
import { hasEcgWithLight, listEcgWithLight, observeEcgWithLight } from '../pulse/ecg-with-light.js'
import { observeSamples } from '../pulse/observe-stream.js'
import { ratePairs, ratesBySecond } from '../pulse/rate-pairs.js'
import { refuseChannels } from '../refuse-channels.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** Pulses and pulse rate by light against ECG. */
export const pulseSuite: Suite = {
  name: 'pulse',
  says: 'pulses by light against beats of our own ECG chain, in accepted time; with the hypoxia set, pulse rate against the heart rate by ECG',
  layout: 'WFDB records with ECG and pleth (also as siblings NAMEe and NAMEp), or PERSON.reference.csv with PERSON.ppg-left.csv',
  fromSeconds: null,
  takes: ['packet'],
  tests: ['pipeline'],
  run: async (request, context) => {
    refuseChannels(request)
    return (await isHypoxiaFolder(request.database)) ? runRates(request, context) : runBeats(request, context)
  },
}

/**
 * Seconds by which the ECG of the hypoxia set lags: its monitor averages, and shows whole numbers. One lag for all; figures at others
 * stand beside.
 */
const ecgLagSeconds = 6
const otherLags = [0, 2, 4, 6, 8, 10]

interface RecordBeats extends BeatAgreement {
  readonly record: string
  /** The same where the ECG need only be usable. */
  readonly withUsable: BeatAgreement
  readonly pairs: readonly MeasuredPair[]
}

async function runBeats(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const names = await chooseRecords(
    request,
    () => listEcgWithLight(request.database),
    name => hasEcgWithLight(request.database, name),
  )
  const records: RecordBeats[] = []
  const without: string[] = []
  const files: string[] = []
  const parameters = new Map<string, unknown>()
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const observed = await observeEcgWithLight(request.database, name, request.packetSeconds)
    if (observed === null) {
      without.push(name)
      continue
    }
    const pulses = beatTrack(observed.light, 'pulse')
    const agreement = agreeBeats(beatTrack(observed.ecg, 'beat', referenceQuality), pulses)
    const withUsable = agreeBeats(beatTrack(observed.ecg, 'beat'), pulses)
    const heartRate = ratesBySecond(observed.ecg, 'heart-rate')
    const shown = Array.from({ length: Math.floor(observed.light.seconds) }, (_, second) => heartRate.get(second + 1)?.value ?? null)
    const pairs = ratePairs(ratesBySecond(observed.light, 'pulse-rate'), shown)
    records.push({ record: name, ...agreement, withUsable, pairs })
    for (const { chain } of [observed.ecg, observed.light]) parameters.set(JSON.stringify(chain), chain)
    files.push(...observed.files)
  }
  if (records.length === 0) {
    const accepted = 'accepted: records with ECG and a pleth'
    throw new VitalwireError('recording-missing', `no record of ${request.database} has both ECG and light; ${accepted}`)
  }
  const gross = figuresOf(records)
  const rates = overallFigures(records.map(({ pairs }) => pairs))
  const rows = records.map(each => {
    const { se, ppv, f1, coverage } = figuresOf([each])
    return [
      each.record,
      each.tp,
      each.fp,
      each.fn,
      roundOrNull(se, 2),
      roundOrNull(ppv, 2),
      roundOrNull(f1, 2),
      coverage,
      each.delaySeconds,
    ]
  })
  return {
    document: {
      suite: 'pulse',
      database: request.database,
      test: 'vitalwire',
      reference: 'beats of our own ECG chain',
      matchWindowSeconds: matchSeconds,
      withoutBoth: without,
      records: records.map(each => ({ ...figuresOf([each]), record: each.record, delaySeconds: roundOrNull(each.delaySeconds, 3) })),
      gross: {
        ...gross,
        ci95: {
          f1: bounds(bootstrapByRecord(records, drawn => figuresOf(drawn).f1)),
          coverage: bounds(bootstrapByRecord(records, drawn => figuresOf(drawn).coverage)),
        },
      },
      average: averageOf(records),
      usableEcg: figuresOf(records.map(({ withUsable }) => withUsable)),
      rate: rates,
    },
    parametersHash: hashParameters([...parameters.values()]),
    parameters: [...parameters.values()],
    files,
    annotations: [],
    tables: [
      {
        title: 'Pulses against beats, in seconds in which both signals are good',
        columns: ['record', 'TP', 'FP', 'FN', 'Se', '+P', 'F1', 'coverage', 'delay, s'],
        rows: [
          ...rows,
          [
            'gross',
            gross.tp,
            gross.fp,
            gross.fn,
            roundOrNull(gross.se, 2),
            roundOrNull(gross.ppv, 2),
            roundOrNull(gross.f1, 2),
            gross.coverage,
            null,
          ],
        ],
      },
      {
        title: 'Pulse rate against heart rate, /min',
        columns: ['record', ...agreementColumns],
        rows: [
          ...records.map(({ record, pairs }) => [record, ...agreementCells(agreementOf(pairs))]),
          ['gross', ...agreementCells(agreementOf(records.flatMap(({ pairs }) => pairs)))],
        ],
      },
    ],
    plots: [],
    bxb: null,
  }
}

/** Coverage: accepted share of the seconds in which the ECG is good. */
function figuresOf(records: readonly BeatAgreement[]) {
  const clean = records.reduce((sum, { cleanSeconds }) => sum + cleanSeconds, 0)
  const accepted = records.reduce((sum, { acceptedSeconds }) => sum + acceptedSeconds, 0)
  const beats = records.length === 1 ? beatFigures(records[0] as BeatAgreement) : sumFigures(records)
  return { ...beats, coverage: clean === 0 ? null : round(accepted / clean, 4), cleanSeconds: clean, acceptedSeconds: accepted }
}

/** Means of the records' figures. */
function averageOf(records: readonly BeatAgreement[]) {
  const each = records.map(record => figuresOf([record]))
  const mean = (name: 'se' | 'ppv' | 'f1' | 'coverage'): number | null => {
    const values = each.map(figures => figures[name]).filter(value => value !== null)
    return values.length === 0 ? null : round(values.reduce((sum, value) => sum + value, 0) / values.length, 4)
  }
  return { records: records.length, se: mean('se'), ppv: mean('ppv'), f1: mean('f1'), coverage: mean('coverage') }
}

async function runRates(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const people = await chooseRecords(request, () => listHypoxiaPeople(request.database))
  const records: { record: string; at: (lag: number) => MeasuredPair[]; pairs: MeasuredPair[] }[] = []
  const files: string[] = []
  const warnings: string[] = []
  let parameters: unknown = null
  for (const [done, name] of people.entries()) {
    context.onProgress(name, done, people.length)
    context.signal.throwIfAborted()
    const person = await readHypoxiaPerson(request.database, name)
    warnings.push(...person.warnings)
    if (person.seconds.every(({ ecgHeartRate }) => ecgHeartRate === null))
      warnings.push(`${name}: the reference shows no heart rate by ECG`)
    for (const [hand, channels] of Object.entries(person.hands)) {
      const spec: StreamSpec = { id: 'camera', kind: 'ppg', channels: ['R', 'G', 'B'], unit: '1', fs: { num: hypoxiaPpgHz, den: 1 } }
      const light = observeSamples(planStream(spec).chain, hypoxiaPpgHz, channels, request.packetSeconds)
      const shown = person.seconds.slice(0, Math.floor(light.seconds)).map(({ ecgHeartRate }) => ecgHeartRate)
      const rates = ratesBySecond(light, 'pulse-rate')
      const at = (lag: number) => ratePairs(rates, shown, lag)
      records.push({ record: `${name}-${hand}`, at, pairs: at(ecgLagSeconds) })
      parameters = light.chain
    }
    files.push(...person.files)
  }
  const { gross, average } = overallFigures(records.map(({ pairs }) => pairs))
  return {
    document: {
      suite: 'pulse',
      database: request.database,
      test: 'vitalwire',
      reference: `heart rate by ECG, each second, ${ecgLagSeconds} s later`,
      records: records.map(({ record, pairs }) => ({ record, ...agreementFigures(agreementOf(pairs)) })),
      lagSeconds: ecgLagSeconds,
      gross: { ...gross, medianAbsoluteWhole: medianOfWhole(records.flatMap(({ pairs }) => pairs)) },
      average,
      byLag: otherLags.map(lag => ({ lagSeconds: lag, ...agreementFigures(agreementOf(records.flatMap(({ at }) => at(lag)))) })),
      ...warningsField(warnings),
    },
    parametersHash: hashParameters([parameters]),
    parameters: [parameters],
    files,
    annotations: [],
    tables: [
      {
        title: `Pulse rate by camera against heart rate by ECG ${ecgLagSeconds} s later, /min, each second`,
        columns: ['person and hand', ...agreementColumns],
        rows: [
          ...records.map(({ record, pairs }) => [record, ...agreementCells(agreementOf(pairs))]),
          ['gross', ...agreementCells(agreementOf(records.flatMap(({ pairs }) => pairs)))],
        ],
      },
    ],
    plots: [],
    bxb: null,
  }
}

/** Median absolute error of rates rounded as the reference is shown, to whole numbers. */
function medianOfWhole(pairs: readonly MeasuredPair[]): number | null {
  const whole = pairs.map(pair => ({ ...pair, estimate: pair.estimate === null ? null : Math.round(pair.estimate) }))
  return agreementOf(whole).medianAbsolute
}
