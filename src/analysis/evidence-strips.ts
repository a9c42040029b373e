import type { VirtualDevice } from '../device/virtual-device.js'
import type { Evidence } from '../monitor/evidence.js'
import type { Recording } from '../recording/recording.js'
import type { AlertSummary } from './summary.js'

/** The samples that an alert rests on, in the stream's first channel. */
export interface EvidenceStrip {
  readonly channel: string
  readonly unit: string
  /** Seconds into the analysed part. */
  readonly fromSeconds: number
  readonly stepSeconds: number
  /** NaN: missing. */
  readonly values: Float64Array
}

/** Under which a strip is found. */
export function stripKey(alert: AlertSummary): string {
  return `${alert.condition}|${alert.stream}|${alert.onsetSeconds}`
}

/** Reads the strips of all alerts that rest on samples; `startMicros`: device clock of the start of the analysed part. */
export async function readEvidenceStrips(
  source: Recording,
  device: VirtualDevice,
  alerts: readonly AlertSummary[],
  startMicros: number,
): Promise<Map<string, EvidenceStrip>> {
  const strips = new Map<string, EvidenceStrip>()
  for (const alert of alerts) {
    const evidence = alert.evidence as Evidence | null
    const stream = device.streams.find(candidate => candidate.spec.id === evidence?.from.stream)
    if (evidence === null || stream === undefined) continue
    const { spec, signals, firstSample, t0 } = stream
    const length = evidence.to.index - evidence.from.index + 1
    const [values = new Float64Array()] = await source.readPhysical(signals.slice(0, 1), firstSample + evidence.from.index, length)
    const stepSeconds = spec.fs.den / spec.fs.num
    strips.set(stripKey(alert), {
      channel: spec.channels[0] ?? '',
      unit: spec.unit,
      fromSeconds: (t0 - startMicros) / 1e6 + evidence.from.index * stepSeconds,
      stepSeconds,
      values,
    })
  }
  return strips
}
