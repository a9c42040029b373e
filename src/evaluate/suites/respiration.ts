import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { createEcgChain } from '../../ecg/ecg-chain.js'
import { VitalwireError } from '../../errors.js'
import { createPpgChain } from '../../ppg/ppg-chain.js'
import { createRespirationChain } from '../../respiration/respiration-chain.js'
import { canonicalJson } from '../../signal/canonical-json.js'
import type { StreamKind } from '../../signal/stream.js'
import { agreementCells, agreementColumns, agreementFigures, overallFigures } from '../agreement-figures.js'
import { chooseRecords } from '../choose-records.js'
import { agreementOf, errorByCertainty, type MeasuredPair } from '../compare/agreement.js'
import { requireDatabase } from '../database.js'
import { hypoxiaPpgHz, isHypoxiaFolder, listHypoxiaPeople, readHypoxiaPerson } from '../databases/hypoxia-folder.js'
import { findMonitorNumerics, readMonitorNumerics, requireNumbers } from '../databases/monitor-numerics.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { round } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { refuseChannels } from '../refuse-channels.js'
import { type BreathingSource, observeBreathing, observeRecordBreathing } from '../respiration/breathing-source.js'
import { pairWindows, type RateWindows, type ReferenceAt, ratesOfSource, ratesOfTable } from '../respiration/shown-rates.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** Respiratory rate from light, ECG and impedance against a capnograph or a bedside monitor. */
export const respirationSuite: Suite = {
  name: 'respiration',
  says: 'respiratory rate from light, ECG and impedance against a capnograph or a bedside monitor, windows of 32 s',
  layout:
    'a folder of PERSON.reference.csv with PERSON.ppg-left.csv and -right.csv, or of NUMBER_0001e, p, r with the NUMBERn.csv of a monitor',
  fromSeconds: 0,
  takes: ['packet'],
  tests: ['pipeline'],
  run,
}

const windowSeconds = 32
const everySeconds = 2
/**
 * Of the reference's number behind the end of our window, seconds; one for each kind of instrument, whatever the record. A
 * capnograph draws its sample through a tube and shows the mean of several breaths past, so its number is older than a
 * window of 32 s that ends with it; the monitor's impedance is averaged much like ours.
 */
const lags = { capnograph: 15, monitor: 0 } as const
/** Other lags are shown beside, so that nobody need believe in that one. */
const otherLags = [0, 5, 10, 15, 20, 30]
/** A number of the monitor stands until the next one, at most so long. */
const monitorStands = 3

/** One series of rates with its reference. */
interface Scored {
  readonly record: string
  readonly source: string
  readonly pairsAt: (lagSeconds: number) => MeasuredPair[]
  readonly pairs: readonly MeasuredPair[]
  /** Counts for the gross figures. */
  readonly counts: boolean
}

interface Layout {
  readonly reference: keyof typeof lags
  readonly names: readonly string[]
  read(name: string): Promise<{
    readonly scored: readonly Omit<Scored, 'pairs'>[]
    readonly files: readonly string[]
    readonly warnings: readonly string[]
  }>
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  await requireDatabase(request.database)
  refuseChannels(request)
  const parameters = new Set<string>()
  const layout = (await isHypoxiaFolder(request.database)) ? await hypoxia(request, parameters) : await monitored(request, parameters)
  const lagSeconds = lags[layout.reference]
  const all: Scored[] = []
  const files: string[] = []
  const warnings: string[] = []
  for (const [done, name] of layout.names.entries()) {
    context.onProgress(name, done, layout.names.length)
    context.signal.throwIfAborted()
    const { scored, files: read, warnings: said } = await layout.read(name)
    warnings.push(...said)
    all.push(...scored.map(one => ({ ...one, pairs: one.pairsAt(lagSeconds) })))
    files.push(...read)
  }
  const counted = all.filter(({ counts }) => counts)
  const { gross, average } = overallFigures(counted.map(({ pairs }) => pairs))
  const sources = [...new Set(all.map(({ source }) => source))]
  const bySource = sources.map(source => ({
    source,
    agreement: agreementOf(all.filter(one => one.source === source).flatMap(one => one.pairs)),
  }))
  const byLag = otherLags.map(lag => ({ lag, agreement: agreementOf(counted.flatMap(one => one.pairsAt(lag))) }))
  const used = [...parameters].map(text => JSON.parse(text) as unknown)
  return {
    document: {
      suite: 'respiration',
      database: request.database,
      test: 'vitalwire',
      reference: layout.reference,
      lagSeconds,
      windowSeconds,
      everySeconds,
      fromSeconds: request.from,
      toSeconds: request.to,
      records: all.map(({ record, source, pairs }) => ({ record, source, ...agreementFigures(agreementOf(pairs)) })),
      gross,
      average,
      bySource: Object.fromEntries(bySource.map(({ source, agreement }) => [source, agreementFigures(agreement)])),
      byLag: byLag.map(({ lag, agreement }) => ({ lagSeconds: lag, ...agreementFigures(agreement) })),
      byCertainty: errorByCertainty(counted.flatMap(({ pairs }) => pairs)).map(([share, mae]) => ({ share, mae: round(mae, 4) })),
      ...warningsField(warnings),
    },
    parametersHash: hashParameters(used),
    parameters: used,
    files: [...new Set(files)],
    annotations: [],
    tables: [
      {
        title: `Respiratory rate, /min: windows of ${windowSeconds} s against the ${layout.reference} ${lagSeconds} s after their end`,
        columns: ['record', 'source', ...agreementColumns],
        rows: [
          ...all.map(({ record, source, pairs }) => [record, source, ...agreementCells(agreementOf(pairs))]),
          ['gross', counted[0]?.source ?? null, ...agreementCells(agreementOf(counted.flatMap(({ pairs }) => pairs)))],
        ],
      },
      {
        title: 'The same by the lag of the reference',
        columns: ['lag, s', ...agreementColumns],
        rows: byLag.map(({ lag, agreement }) => [lag, ...agreementCells(agreement)]),
      },
    ],
    plots: [
      {
        kind: 'lines',
        title: 'Error of the windows that the method is surest of',
        xLabel: 'share of windows kept, by the width of their 90 % interval',
        yLabel: 'MAE, /min',
        lines: [{ name: 'gross', points: errorByCertainty(counted.flatMap(({ pairs }) => pairs)) }],
      },
      {
        kind: 'bars',
        title: 'Mean absolute error by record and source',
        yLabel: 'MAE, /min',
        series: ['MAE'],
        bars: all.map(({ record, source, pairs }) => ({ name: `${record} ${source}`, values: [agreementOf(pairs).mae] })),
      },
    ],
    bxb: null,
  }
}

/** People with light from both hands: each hand a record of its own. */
async function hypoxia(request: EvaluationRequest, parameters: Set<string>): Promise<Layout> {
  const names = await chooseRecords(request, () => listHypoxiaPeople(request.database))
  const read: Layout['read'] = async name => {
    const { hands, seconds, files, warnings } = await readHypoxiaPerson(request.database, name)
    const silent = seconds.every(({ respiratoryRate }) => respiratoryRate === null)
    const said = silent ? [`${name}: the reference shows no respiratory rate`] : []
    const reference: ReferenceAt = t => seconds[Math.floor(t)]?.respiratoryRate ?? null
    const scored: Omit<Scored, 'pairs'>[] = []
    for (const hand of ['left', 'right'] as const) {
      const channels = hands[hand]
      if (channels === undefined) continue
      const fs = { num: hypoxiaPpgHz, den: 1 }
      const spec = { id: 'ppg', kind: 'ppg', channels: ['red', 'green', 'blue'], unit: 'adu', fs } as const
      const pull = async (from: number, length: number) => channels.map(channel => channel.subarray(from, from + length))
      const source = await observeBreathing(createPpgChain(spec), spec, request.packetSeconds, pull)
      parameters.add(canonicalJson(source.parameters))
      const ends = windowsIn(request, channels[0]!.length / hypoxiaPpgHz)
      scored.push({
        record: `${name} ${hand}`,
        source: 'ppg',
        counts: true,
        pairsAt: pairsOf(ends, reference, () => ratesOfSource(source)),
      })
    }
    return { scored, files, warnings: [...warnings, ...said] }
  }
  return { reference: 'capnograph', names, read }
}

const siblings = [
  { letter: 'r', kind: 'respiration', create: createRespirationChain },
  { letter: 'e', kind: 'ecg', create: createEcgChain },
  { letter: 'p', kind: 'ppg', create: createPpgChain },
] as const
/** Of the segments of such a record, only the first stands in step with the monitor's numbers. */
const alignedSegment = /^(\d+_0001)[erp]\.hea$/

/** Impedance, ECG and pleth of one patient; what the patient's table shows of all three counts. */
async function monitored(request: EvaluationRequest, parameters: Set<string>): Promise<Layout> {
  const numerics = await findMonitorNumerics(request.database)
  if (numerics === null)
    throw new VitalwireError('recording-missing', `${request.database} has neither layout; accepted: ${respirationSuite.layout}`)
  const present = new Set(await readdir(request.database))
  const segments = [...present].flatMap(file => alignedSegment.exec(file)?.[1] ?? [])
  if (segments.length === 0) {
    throw new VitalwireError(
      'recording-missing',
      `${request.database} has no segment in step with the monitor; accepted: NUMBER_0001 with e, p or r`,
    )
  }
  // A segment may be asked for by the name of one of its records.
  const asked = request.records?.map(name => name.replace(/^(\d+_\d+)[erp]$/, '$1')) ?? null
  const records = asked === null ? null : [...new Set(asked)]
  const names = await chooseRecords({ ...request, records }, async () => [...new Set(segments)].sort())
  const shown = await readMonitorNumerics(numerics)
  const numbers = requireNumbers(numerics, shown, 'respiratory-rate')
  const bySecond = new Map(numbers.map(({ seconds, value }) => [Math.floor(seconds), value]))
  const reference: ReferenceAt = t => {
    for (let second = Math.floor(t); second > t - monitorStands; second -= 1) {
      const value = bySecond.get(second)
      if (value !== undefined) return value
    }
    return null
  }
  const read: Layout['read'] = async name => {
    const sources: { kind: StreamKind; source: BreathingSource }[] = []
    const files = [numerics]
    let seconds = 0
    for (const { letter, kind, create } of siblings) {
      if (!present.has(`${name}${letter}.hea`)) continue
      const file = path.join(request.database, `${name}${letter}`)
      const source = await observeRecordBreathing(file, kind, create, request.packetSeconds)
      parameters.add(canonicalJson(source.parameters))
      sources.push({ kind, source })
      files.push(`${file}.hea`, `${file}.dat`)
      seconds = Math.max(seconds, source.seconds)
    }
    const ends = windowsIn(request, seconds)
    const each = sources.map(({ kind, source }) => {
      return { record: name, source: kind, counts: false, pairsAt: pairsOf(ends, reference, () => ratesOfSource(source)) }
    })
    const together = pairsOf(ends, reference, () => ratesOfTable(sources.map(({ source }) => source)))
    return { scored: [...each, { record: name, source: 'together', counts: true, pairsAt: together }], files, warnings: shown.warnings }
  }
  return { reference: 'monitor', names, read }
}

function windowsIn(request: EvaluationRequest, seconds: number): Omit<RateWindows, 'lagSeconds'> {
  return { from: request.from + windowSeconds, to: Math.min(seconds, request.to ?? seconds), everySeconds }
}

function pairsOf(
  windows: Omit<RateWindows, 'lagSeconds'>,
  reference: ReferenceAt,
  rates: () => ReturnType<typeof ratesOfSource>,
): Scored['pairsAt'] {
  return lagSeconds => pairWindows({ ...windows, lagSeconds }, reference, rates())
}
