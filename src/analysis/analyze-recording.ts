import { createVirtualDevice } from '../device/create-virtual-device.js'
import type { PartitionOptions } from '../engine/partition-options.js'
import { VitalwireError } from '../errors.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { chooseKernel } from '../kernel/choose-kernel.js'
import { openRecording } from '../recording/open-recording.js'
import { version } from '../version.js'
import { decodeBirth } from '../wire/birth.js'
import { hashParameters } from './parameters.js'
import { runRecording } from './run-recording.js'
import { type AnalysisSummary, SummaryBuilder } from './summary.js'

export interface AnalysisRequest {
  readonly record: string
  readonly partitionOptions: PartitionOptions
  readonly chunkSeconds: number
  readonly channels?: readonly (string | number)[]
  readonly from?: number
  readonly to?: number
  /** Keep events and samples for a report. */
  readonly keepWaves?: boolean
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
    return { document, request, events, origin }
  } finally {
    await source.close()
  }
}
