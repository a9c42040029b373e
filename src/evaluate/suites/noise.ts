import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { openRecording } from '../../recording/open-recording.js'
import { hertz, type Rate } from '../../signal/rate.js'
import { chooseAnnotatedRecords } from '../choose-records.js'
import { type DatabaseRecord, findRecord, recordFiles } from '../database.js'
import type { EvaluationRequest, NoiseChoice, NoisePanel } from '../evaluation-request.js'
import { type BeatFigures, sumFigures } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { measureGains } from '../noise/noise-gains.js'
import { noiseBlocks } from '../noise/noise-recipe.js'
import { addTimes, type NoiseScore, rejectedShares, scoreNoise } from '../noise/noise-score.js'
import { type NoiseSignal, readNoise } from '../noise/noise-signal.js'
import { addNoise } from '../noise/noisy-source.js'
import { compareRecord, readReference } from '../score-record.js'
import { openTestSource } from '../sources/open-test-source.js'
import type { ResultPlot, ResultTable, RunContext, Suite, SuiteResult } from '../suite.js'
import type { TestInput, TestOutput, TestSource } from '../test-source.js'

/** Beat detection under noise: NSTDB's recipe on any record, at any signal-to-noise ratio. */
export const noiseSuite: Suite = {
  name: 'noise',
  says: 'beat detection with noise added by the recipe of the noise stress test, and what the quality index rejects',
  layout: 'a folder of WFDB records with reference annotations; noise recordings in --noise',
  fromSeconds: 300,
  takes: ['channels', 'reference', 'packet', 'window', 'noise'],
  tests: ['pipeline', 'annotations', 'program', 'stage'],
  run,
}

/** One record with one kind of noise at one level. */
interface NoiseRun {
  readonly panel: string
  readonly record: string
  readonly kind: string
  readonly snr: number
  readonly score: NoiseScore
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const { noise } = request
  if (noise === null) throw new VitalwireError('usage-option', 'evaluate noise needs noise recordings; accepted: --noise DIR')
  await chooseAnnotatedRecords({ ...request, records: noise.panels.flatMap(({ records }) => records) }, request.reference)
  const source = await openTestSource(request)
  const stress = new NoiseStress(request, noise, source)
  const runs: NoiseRun[] = []
  const total = noise.panels.reduce((sum, { records, kinds, snrs }) => sum + records.length * kinds.length * snrs.length, 0)
  try {
    for (const panel of noise.panels) {
      for (const name of panel.records) {
        const record = await findRecord(request.database, name)
        for (const kind of panel.kinds) {
          for (const snr of panel.snrs) {
            context.onProgress(noisyName(name, kind, snr), runs.length, total)
            context.signal.throwIfAborted()
            runs.push({ panel: panel.name, record: name, kind, snr, score: await stress.run(record, kind, snr) })
            await new Promise(resolve => setImmediate(resolve))
          }
        }
      }
    }
  } finally {
    await source.close()
  }
  return {
    document: {
      suite: 'noise',
      database: request.database,
      test: source.name,
      reference: request.reference,
      matchWindowSeconds: request.windowSeconds,
      fromSeconds: request.from,
      records: runs.map(({ panel, record, kind, snr, score }) => ({ record, panel, kind, snr, ...figuresOf([score]) })),
      gross: { ...figuresOf(runs.map(({ score }) => score)) },
      panels: noise.panels.map(panel => describePanel(panel, runs)),
    },
    parametersHash: hashParameters(source.parameters()),
    parameters: source.parameters(),
    files: stress.files(),
    annotations: stress.annotations,
    tables: noise.panels.map(panel => panelTable(panel, runs)),
    plots: noise.panels.flatMap(panel => panelPlots(panel, runs)),
    bxb: null,
  }
}

/** Mixes and scores; keeps what several levels of a record share. */
class NoiseStress {
  readonly annotations: { record: string; annotations: TestOutput['annotations'] }[] = []
  readonly #files = new Set<string>()
  readonly #noises = new Map<string, Promise<NoiseSignal>>()

  constructor(
    readonly request: EvaluationRequest,
    readonly noise: NoiseChoice,
    readonly source: TestSource,
  ) {}

  async run(record: DatabaseRecord, kind: string, snr: number): Promise<NoiseScore> {
    const reference = await readReference(this.request, record)
    const open = async (): ReturnType<TestInput['open']> => {
      const recording = await openRecording(record.path)
      const noise = await this.#noise(kind, recording.signals[0]?.fs ?? record.fs)
      const gains = await measureGains(recording, reference, noise)
      return addNoise(recording, noise, gains(snr))
    }
    const name = noisyName(record.name, kind, snr)
    const output = await this.source.read({ name, fs: record.fs, open })
    for (const file of await recordFiles(record, this.request.reference)) this.#files.add(file)
    for (const file of this.source.files(name)) this.#files.add(file)
    this.annotations.push({ record: name, annotations: output.annotations })
    const comparison = compareRecord({ record, reference, output }, this.request)
    return scoreNoise(comparison, output.rejected, noiseBlocks(hertz(record.fs), record.frames), record.frames)
  }

  files(): string[] {
    return [...this.#files]
  }

  #noise(kind: string, fs: Rate): Promise<NoiseSignal> {
    const key = `${kind} ${fs.num}/${fs.den}`
    const known = this.#noises.get(key)
    if (known !== undefined) return known
    const { folder } = this.noise
    for (const extension of ['hea', 'dat']) this.#files.add(path.join(folder, `${kind}.${extension}`))
    const noise = readNoise(folder, kind, fs)
    this.#noises.set(key, noise)
    return noise
  }
}

/** `118em06`, `118em_6`, as NSTDB names its own. */
function noisyName(record: string, kind: string, snr: number): string {
  const level = Math.abs(snr).toString()
  return `${record}${kind}${snr < 0 ? `_${level}` : level.padStart(2, '0')}`
}

type Figures = BeatFigures & {
  readonly accepted: BeatFigures | null
  readonly rejectedShare: { readonly noisy: number | null; readonly clean: number | null } | null
}

function figuresOf(scores: readonly NoiseScore[]): Figures {
  const accepted = scores.map(score => score.accepted)
  const known = accepted.every(figures => figures !== null)
  return {
    ...sumFigures(scores.map(score => score.all)),
    accepted: known ? sumFigures(accepted) : null,
    rejectedShare: known ? rejectedShares(addTimes(scores.map(score => score.time))) : null,
  }
}

function levelsOf(panel: NoisePanel, runs: readonly NoiseRun[]): { kind: string; snr: number; figures: Figures }[] {
  return panel.kinds.flatMap(kind =>
    panel.snrs.map(snr => ({
      kind,
      snr,
      figures: figuresOf(runs.filter(run => run.panel === panel.name && run.kind === kind && run.snr === snr).map(run => run.score)),
    })),
  )
}

function describePanel(panel: NoisePanel, runs: readonly NoiseRun[]): Readonly<Record<string, unknown>> {
  const own = runs.filter(run => run.panel === panel.name)
  return {
    panel: panel.name,
    records: panel.records,
    ...figuresOf(own.map(run => run.score)),
    bySnr: panel.snrs.map(snr => ({ snr, ...figuresOf(own.filter(run => run.snr === snr).map(run => run.score)) })),
    byKindAndSnr: levelsOf(panel, runs).map(({ kind, snr, figures }) => ({ kind, snr, ...figures })),
  }
}

function panelTable(panel: NoisePanel, runs: readonly NoiseRun[]): ResultTable {
  const row = (name: string, snr: string, figures: Figures): (string | number | null)[] => [
    name,
    snr,
    ...[figures.se, figures.ppv, figures.f1, figures.accepted?.se, figures.accepted?.ppv].map(value => value?.toFixed(2) ?? null),
    ...[figures.rejectedShare?.noisy, figures.rejectedShare?.clean].map(share => (share == null ? null : (100 * share).toFixed(2))),
  ]
  const own = runs.filter(run => run.panel === panel.name)
  return {
    title: `Panel ${panel.name}: ${panel.records.length} records`,
    columns: ['noise', 'dB', 'Se %', '+P %', 'F1 %', 'Se accepted %', '+P accepted %', 'rejected noisy %', 'rejected clean %'],
    rows: [
      ...levelsOf(panel, runs).map(({ kind, snr, figures }) => row(kind, String(snr), figures)),
      ...panel.snrs.map(snr => row('all', String(snr), figuresOf(own.filter(run => run.snr === snr).map(run => run.score)))),
      row('all', 'all', figuresOf(own.map(run => run.score))),
    ],
  }
}

function panelPlots(panel: NoisePanel, runs: readonly NoiseRun[]): ResultPlot[] {
  const levels = levelsOf(panel, runs)
  const lines = (pick: (figures: Figures) => number | null | undefined, name: string) =>
    panel.kinds.map(kind => ({
      name: `${kind}${name}`,
      points: levels
        .filter(level => level.kind === kind)
        .map(level => [level.snr, pick(level.figures) ?? Number.NaN] as const)
        .filter(point => Number.isFinite(point[1]))
        .sort((a, b) => a[0] - b[0]),
    }))
  const axis = { kind: 'lines', xLabel: 'signal-to-noise ratio (dB)' } as const
  return [
    {
      ...axis,
      title: `F1 by noise level, panel ${panel.name}`,
      yLabel: 'F1 (%)',
      lines: [...lines(figures => figures.f1, ''), ...lines(figures => figures.accepted?.f1, ', accepted time')],
    },
    {
      ...axis,
      title: `Time with noise that was rejected, panel ${panel.name}`,
      yLabel: 'share (%)',
      lines: lines(figures => (figures.rejectedShare?.noisy == null ? null : 100 * figures.rejectedShare.noisy), ''),
    },
  ]
}
