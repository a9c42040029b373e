import { createVirtualDevice } from '../device/create-virtual-device.js'
import type { VirtualDevice } from '../device/virtual-device.js'
import type { PartitionOptions } from '../engine/partition-options.js'
import { VitalwireError } from '../errors.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { chooseKernel } from '../kernel/choose-kernel.js'
import { openRecording } from '../recording/open-recording.js'
import type { Recording } from '../recording/recording.js'
import { version } from '../version.js'
import { decodeBirth } from '../wire/birth.js'
import { hashParameters } from './parameters.js'
import { runRecording } from './run-recording.js'
import { type AlertSummary, type AnalysisSummary, SummaryBuilder } from './summary.js'

export interface AnalysisRequest {
  readonly record: string
  readonly partitionOptions: PartitionOptions
  readonly chunkSeconds: number
  readonly channels?: readonly (string | number)[]
  readonly from?: number
  readonly to?: number
  /** Read the evidence strip of each alert, for a report. */
  readonly keepStrips?: boolean
  readonly onProgress?: (seconds: number, total: number) => void
}

/** What `analyze --json` prints. */
export interface AnalysisDocument extends AnalysisSummary {
  readonly record: string
  readonly durationSeconds: number
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
  /** By stream id: sample of the recording's signal that is the stream's index 0. */
  readonly firstSamples: ReadonlyMap<string, number>
  /** By `stream/condition/onset`, when `keepStrips` was asked for. */
  readonly strips: ReadonlyMap<string, EvidenceStrip>
}

/** The samples that an alert rests on, in the stream's first channel. */
export interface EvidenceStrip {
  readonly channel: string
  readonly unit: string
  readonly fromSeconds: number
  readonly stepSeconds: number
  readonly values: Float64Array
}

/** One recording through the monitor. Throws VitalwireError for what is wrong with the recording or the request. */
export async function analyzeRecording(request: AnalysisRequest): Promise<Analysis> {
  const kernel = chooseKernel(process.env.VITALWIRE_KERNEL)
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
    if (!('ok' in read))
      throw new VitalwireError('recording-format', `${request.record} cannot be announced as a device: ${read.detail ?? read.reason}`)
    const birth = read.ok
    const epoch = birth.epoch ?? 0
    const starts = birth.streams.map(stream => epoch + stream.t0)
    if (birth.numerics !== undefined) starts.push(epoch + birth.numerics.t0)
    const origin = Math.min(...starts)
    const samples = new Map(device.streams.map(stream => [stream.spec.id, stream.samples]))
    const summary = new SummaryBuilder(birth, samples, origin)
    const events: LoggedEvent[] = []
    const run = await runRecording(
      device,
      request.partitionOptions,
      event => {
        summary.add(event)
        if (event.log === 'patient') events.push(event)
      },
      seconds => request.onProgress?.(seconds, device.durationSeconds),
    )
    if (run.eventHash === null) throw new VitalwireError('session-disordered', `${request.record} ran out of order and has no hash`)
    const document: AnalysisDocument = {
      record: source.name,
      durationSeconds: device.durationSeconds,
      ...summary.summary(),
      eventHash: run.eventHash,
      eventCount: run.eventCount,
      engine: { version, kernel: kernel.name, parametersHash: hashParameters(birth.streams, request.partitionOptions) },
      notice: 'Not a medical device; research and engineering use.',
    }
    const firstSamples = new Map(device.streams.map(stream => [stream.spec.id, stream.firstSample]))
    const strips = request.keepStrips === true ? await readStrips(source, device, document.alerts) : new Map<string, EvidenceStrip>()
    return { document, request, events, origin, firstSamples, strips }
  } finally {
    await source.close()
  }
}

async function readStrips(source: Recording, device: VirtualDevice, alerts: readonly AlertSummary[]): Promise<Map<string, EvidenceStrip>> {
  const strips = new Map<string, EvidenceStrip>()
  for (const alert of alerts) {
    const evidence = alert.evidence as { from: { stream: string; index: number }; to: { index: number } } | null
    const stream = device.streams.find(candidate => candidate.spec.id === evidence?.from.stream)
    if (evidence === null || stream === undefined) continue
    const { spec, signals, firstSample, t0 } = stream
    const length = evidence.to.index - evidence.from.index
    const [values = new Float64Array()] = await source.readPhysical(signals.slice(0, 1), firstSample + evidence.from.index, length)
    const stepSeconds = spec.fs.den / spec.fs.num
    strips.set(`${spec.id}/${alert.condition}/${alert.onsetSeconds}`, {
      channel: spec.channels[0] ?? '',
      unit: spec.unit,
      fromSeconds: t0 / 1e6 + evidence.from.index * stepSeconds,
      stepSeconds,
      values,
    })
  }
  return strips
}
