import { VitalwireError } from '../../errors.js'
import { agreementCells, agreementColumns, agreementFigures, overallFigures } from '../agreement-figures.js'
import { chooseRecords } from '../choose-records.js'
import { agreementOf, errorByCertainty, type MeasuredPair } from '../compare/agreement.js'
import { listSignalCup, readSignalCup, type SignalCupRecording, signalCupHz, signalCupWindow } from '../databases/signal-cup-folder.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { round, roundOrNull } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { observeLate, observeWrist, type ToldRate, wristParameters } from '../heart-rate/observe-wrist.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** Pulse rate at the wrist, from light and acceleration, against the heart rate by ECG. */
export const heartRateSuite: Suite = {
  name: 'heart-rate',
  says: 'pulse rate at the wrist under motion, from light and acceleration, against heart rate by ECG, windows of 8 s',
  layout: 'a folder of DATA_*.mat with DATA_*_BPMtrace.mat, or of TEST_*.mat with True_*.mat (IEEE Signal Processing Cup 2015)',
  fromSeconds: 0,
  takes: ['channels', 'packet'],
  tests: ['pipeline'],
  run,
}

/** Waits so long in the figures that stand apart. */
const lagSeconds = 6
/** Movement: root mean square of the acceleration about its mean, g, over the window. */
const movements = [
  { name: 'little', below: 0.3 },
  { name: 'medium', below: 1 },
  { name: 'strong', below: Number.POSITIVE_INFINITY },
] as const

interface Window extends MeasuredPair {
  readonly held: boolean
  readonly movement: (typeof movements)[number]['name']
}

interface RecordWindows {
  readonly record: string
  readonly windows: readonly Window[]
  readonly late: readonly MeasuredPair[]
  readonly delaySeconds: number | null
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const found = await listSignalCup(request.database)
  const names = await chooseRecords(request, async () => [...found.keys()])
  const records: RecordWindows[] = []
  const files: string[] = []
  let channels = 0
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const recording = chooseChannels(await readSignalCup(name, found.get(name)!), request.channels)
    channels = recording.ppg.length
    records.push(scoreRecording(recording, request))
    files.push(...recording.files)
  }
  const parameters = wristParameters(channels)
  const windows = records.flatMap(record => record.windows)
  const { gross, average } = overallFigures(records.map(record => record.windows))
  const late = overallFigures(records.map(record => record.late))
  const delays = records.flatMap(({ delaySeconds }) => delaySeconds ?? [])
  const moving = movements.map(({ name }) => ({ name, agreement: agreementOf(windows.filter(({ movement }) => movement === name)) }))
  return {
    document: {
      suite: 'heart-rate',
      database: request.database,
      test: 'vitalwire',
      reference: 'BPM0',
      channels: request.channels,
      fromSeconds: request.from,
      toSeconds: request.to,
      windowSeconds: signalCupWindow.seconds,
      delaySeconds: delays.length === 0 ? null : round(Math.max(...delays), 3),
      records: records.map(record => ({
        record: record.record,
        ...agreementFigures(agreementOf(record.windows)),
        heldShare: heldShare(record.windows),
      })),
      gross: { ...gross, heldShare: heldShare(windows) },
      average,
      byMovement: Object.fromEntries(moving.map(({ name, agreement }) => [name, agreementFigures(agreement)])),
      byCertainty: errorByCertainty(windows).map(([share, mae]) => ({ share, mae: round(mae, 4) })),
      late: {
        lagSeconds,
        gross: late.gross,
        average: late.average,
        records: records.map(({ record, late: own }) => ({ record, ...agreementFigures(agreementOf(own)) })),
      },
    },
    parametersHash: hashParameters(parameters),
    parameters,
    files,
    annotations: [],
    tables: [
      {
        title: 'Pulse rate at the wrist, /min: told as soon as the window has ended',
        columns: ['record', ...agreementColumns],
        rows: [
          ...records.map(({ record, windows: own }) => [record, ...agreementCells(agreementOf(own))]),
          ['gross', ...agreementCells(agreementOf(windows))],
        ],
      },
      {
        title: 'By movement (root mean square of the acceleration: below 0.3 g, below 1 g, above)',
        columns: ['movement', ...agreementColumns],
        rows: moving.map(({ name, agreement }) => [name, ...agreementCells(agreement)]),
      },
      {
        title: `Told ${lagSeconds} s later, with what came since`,
        columns: ['record', ...agreementColumns],
        rows: [
          ...records.map(({ record, late: own }) => [record, ...agreementCells(agreementOf(own))]),
          ['gross', ...agreementCells(agreementOf(records.flatMap(({ late: own }) => own)))],
        ],
      },
    ],
    plots: [
      {
        kind: 'lines',
        title: 'Error of the windows that the method is surest of',
        xLabel: 'share of windows kept, by the width of their 90 % interval',
        yLabel: 'MAE, /min',
        lines: [{ name: 'all recordings', points: errorByCertainty(windows) }],
      },
      {
        kind: 'bars',
        title: 'Mean absolute error by recording',
        yLabel: 'MAE, /min',
        series: ['at once', `${lagSeconds} s later`],
        bars: records.map(({ record, windows: own, late: lateOwn }) => ({
          name: record,
          values: [agreementOf(own).mae, agreementOf(lateOwn).mae],
        })),
      },
    ],
    bxb: null,
  }
}

function scoreRecording(recording: SignalCupRecording, request: EvaluationRequest): RecordWindows {
  const told = observeWrist(recording, request.packetSeconds)
  const late = observeLate(recording, lagSeconds)
  const windows: Window[] = []
  const lateWindows: MeasuredPair[] = []
  for (const [k, reference] of recording.reference.entries()) {
    const end = signalCupWindow.step * k + signalCupWindow.seconds
    if (end - signalCupWindow.seconds < request.from || (request.to !== null && end > request.to)) continue
    const now = told.bySecond.get(end)
    windows.push({ ...pairOf(reference, now), held: now?.held ?? false, movement: movementAt(recording, end) })
    lateWindows.push(pairOf(reference, late.get(end)))
  }
  return { record: recording.record, windows, late: lateWindows, delaySeconds: told.delaySeconds }
}

function pairOf(reference: number, told: ToldRate | undefined): MeasuredPair {
  const { value = null, low, high } = told ?? {}
  return { reference, estimate: value, ...(low === undefined || high === undefined ? {} : { low, high }) }
}

function movementAt({ acceleration }: SignalCupRecording, end: number): Window['movement'] {
  let variance = 0
  for (const axis of acceleration) {
    const samples = axis.subarray((end - signalCupWindow.seconds) * signalCupHz, end * signalCupHz)
    const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length
    variance += samples.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / samples.length
  }
  const rms = Math.sqrt(variance)
  return movements.find(({ below }) => rms < below)?.name ?? 'strong'
}

function heldShare(windows: readonly Window[]): number | null {
  return windows.length === 0 ? null : roundOrNull(windows.filter(({ held }) => held).length / windows.length, 4)
}

/** Channels of light by number (0, 1) or name (PPG1, PPG2). */
function chooseChannels(recording: SignalCupRecording, channels: EvaluationRequest['channels']): SignalCupRecording {
  if (channels === null) return recording
  const ppg = channels.map(channel => {
    const chosen = recording.ppg[typeof channel === 'number' ? channel : Number(/^PPG(\d)$/i.exec(channel)?.[1]) - 1]
    if (chosen !== undefined) return chosen
    throw new VitalwireError('usage-option', `--channels ${channel} is not accepted; accepted: 0, 1, PPG1, PPG2`)
  })
  return { ...recording, ppg }
}
