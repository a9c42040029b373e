import type { AlertView } from '../../../server/feed-protocol.js'
import type { Stretch } from '../feed/api.js'

/** Around the onset, microseconds. */
const beforeOnset = 12e6
const afterOnset = 2e6
const leads = ['II', 'MLII', 'I', 'III', 'V', 'V5', 'V1', 'V2']

/** Where to ask for the samples that the alert rests on; null: it rests on no waveform. */
export function evidenceRange(alert: AlertView): { stream: string; from: number; to: number } | null {
  if (alert.evidence === null) return null
  return { stream: alert.evidence.to.stream, from: alert.onset - beforeOnset, to: alert.onset + afterOnset }
}

/** What a strip shows: one channel with its missing samples, and patient times (microseconds) of what is marked. */
export interface EvidenceStrip {
  readonly channel: string
  readonly unit: string
  readonly from: number
  readonly to: number
  readonly parts: readonly { readonly t: number; readonly stepMicros: number; readonly values: readonly (number | null)[] }[]
  /** The samples that the decision rests on; null where they lie outside. */
  readonly marked: { readonly from: number; readonly to: number } | null
  readonly onset: number
}

export function evidenceStrip(alert: AlertView, stretches: readonly Stretch[]): EvidenceStrip | null {
  const range = evidenceRange(alert)
  const withSamples = stretches.filter(stretch => stretch.values.some(value => value !== null))
  if (range === null || withSamples.length === 0) return null
  const channels = [...new Set(withSamples.map(stretch => stretch.channel))].sort((a, b) => leadRank(a) - leadRank(b))
  const own = withSamples.filter(stretch => stretch.channel === channels[0]).sort((a, b) => a.t - b.t)
  return {
    channel: channels[0]!,
    unit: own[0]!.unit,
    from: range.from,
    to: range.to,
    parts: own.map(({ t, fs, values }) => ({ t, stepMicros: stepOf(fs), values })),
    marked: markedOf(alert, own),
    onset: alert.onset,
  }
}

/** The newest sample that has come, to know whether to ask again. */
export function newestSample(stretches: readonly Stretch[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...stretches.map(({ t, fs, values }) => t + values.length * stepOf(fs)))
}

function markedOf(alert: AlertView, stretches: readonly Stretch[]): EvidenceStrip['marked'] {
  const stretch = stretches.at(-1)
  if (alert.evidence === null || stretch === undefined) return null
  const timeOf = (index: number) => stretch.t + (index - stretch.start) * stepOf(stretch.fs)
  const [from, to] = [timeOf(alert.evidence.from.index), timeOf(alert.evidence.to.index)]
  return to <= alert.onset - beforeOnset || from >= alert.onset + afterOnset ? null : { from, to }
}

function stepOf([num, den]: readonly [number, number]): number {
  return (1e6 * den) / num
}

function leadRank(channel: string): number {
  const at = leads.indexOf(channel)
  return at < 0 ? leads.length : at
}
