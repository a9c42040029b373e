import { createVirtualDevice } from '../device/create-virtual-device.js'
import type { VirtualDevice } from '../device/virtual-device.js'
import type { PartitionOptions } from '../engine/partition-options.js'
import { dayOfPatientTime } from '../engine/patient-day.js'
import { VitalwireError } from '../errors.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { startKernel } from '../kernel/choose-kernel.js'
import type { Aside } from '../monitor/aside.js'
import { addReports, type QualityReport } from '../quality/quality-report.js'
import { judgeReadiness, type Readiness, type ReadinessMinimum } from '../quality/readiness.js'
import { openRecording } from '../recording/open-recording.js'
import type { Rate } from '../signal/rate.js'
import { notice, version } from '../version.js'
import { decodeBirth, firstClock } from '../wire/birth.js'
import { type EvidenceStrip, readEvidenceStrips } from './evidence-strips.js'
import { hashParameters } from './parameters.js'
import { runRecording } from './run-recording.js'
import { type StreamNote, StreamNotes } from './stream-notes.js'
import { type AnalysisSummary, SummaryBuilder } from './summary.js'

export interface AnalysisRequest {
  readonly record: string
  readonly partitionOptions: PartitionOptions
  readonly chunkSeconds: number
  readonly channels?: readonly (string | number)[]
  readonly from?: number
  readonly to?: number
  /** Read the evidence strip of each alert, for a report. */
  readonly keepStrips?: boolean
  /** Keep the waves of each beat, for annotations. */
  readonly keepWaves?: boolean
  /** What the data must at least be to be scored; left out: scored in any case. */
  readonly minimum?: ReadinessMinimum
  readonly onProgress?: (seconds: number, total: number) => void
  /** Ends the analysis, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** What `analyze --json` prints. */
export interface AnalysisDocument extends AnalysisSummary {
  readonly record: string
  readonly durationSeconds: number
  /** Whether the data is good enough to be scored; when a minimum was asked for and it is not, `scores` is empty. */
  readonly readiness: Readiness
  /** Streams that say less than one would think. */
  readonly notes: readonly StreamNote[]
  readonly eventHash: string | null
  readonly eventCount: number
  readonly engine: { readonly version: string; readonly kernel: string; readonly parametersHash: string }
  readonly notice: string
}

export interface Analysis {
  readonly document: AnalysisDocument
  readonly request: AnalysisRequest
  /** Patient log in the order in which it was said. */
  readonly events: readonly LoggedEvent[]
  /** Patient time of the session's start, microseconds. */
  readonly origin: number
  /** Waves of each beat in the order in which they were said, when `keepWaves` was asked for. */
  readonly waves: readonly Aside[]
  /** Where each stream lies in the recording. */
  readonly streams: VirtualDevice['streams']
  /** Of every signal of the recording, also of those that were not analysed. */
  readonly rates: readonly Rate[]
  /** Under `stripKey`, when `keepStrips` was asked for. */
  readonly strips: ReadonlyMap<string, EvidenceStrip>
}

/** One recording through the monitor. Throws VitalwireError for what is wrong with the recording or the request. */
export async function analyzeRecording(request: AnalysisRequest): Promise<Analysis> {
  const { partitionOptions: options, signal } = request
  const kernel = startKernel(process.env.VITALWIRE_KERNEL)
  const source = await openRecording(request.record)
  try {
    const device = createVirtualDevice({
      source,
      boot: 1,
      chunkSeconds: request.chunkSeconds,
      ...(request.channels === undefined ? {} : { channels: request.channels }),
      ...(request.from === undefined ? {} : { from: request.from }),
      ...(request.to === undefined ? {} : { to: request.to }),
    })
    const read = decodeBirth(device.birth())
    if (!('ok' in read)) {
      throw new VitalwireError('recording-format', `${request.record} cannot be announced as a device: ${read.detail ?? read.reason}`)
    }
    const birth = read.ok
    const start = firstClock(birth)
    const origin = (birth.epoch ?? 0) + start
    const day = dayOfPatientTime(birth, origin)
    const samples = new Map(device.streams.map(stream => [stream.spec.id, stream.samples]))
    const summary = new SummaryBuilder(birth, samples, origin)
    const notes = new StreamNotes(birth, samples, origin)
    const events: LoggedEvent[] = []
    const waves: Aside[] = []
    const hours: QualityReport[] = []
    const run = await runRecording(
      device,
      options,
      event => {
        summary.add(event)
        notes.add(event)
        if (event.log === 'patient') events.push(event)
        else if (event.type === 'quality-report') hours.push(event.body as unknown as QualityReport)
      },
      {
        onProgress: seconds => request.onProgress?.(seconds, device.durationSeconds),
        ...(request.keepWaves === true ? { onAside: aside => aside.observation.kind === 'delineation' && waves.push(aside) } : {}),
        ...(signal === undefined ? {} : { signal }),
      },
    )
    if (run.eventHash === null) throw new VitalwireError('session-disordered', `${request.record} ran out of order and has no hash`)
    const [first, ...rest] = hours
    const readiness = judgeReadiness(first === undefined ? null : addReports(first, ...rest), request.minimum)
    const document: AnalysisDocument = {
      record: source.name,
      durationSeconds: device.durationSeconds,
      readiness,
      ...summary.summary(),
      ...(request.minimum !== undefined && !readiness.ready ? { scores: [] } : {}),
      notes: notes.notes(),
      eventHash: run.eventHash,
      eventCount: run.eventCount,
      engine: { version, kernel: kernel.name, parametersHash: hashParameters(birth.streams, options, device.device, day) },
      notice,
    }
    const strips = request.keepStrips === true ? await readEvidenceStrips(source, device, document.alerts, start) : new Map()
    return { document, request, events, waves, origin, streams: device.streams, rates: source.signals.map(({ fs }) => fs), strips }
  } finally {
    await source.close()
  }
}
