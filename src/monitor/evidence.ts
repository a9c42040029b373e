import type { ReadingSource } from '../vitals/vital-reading.js'
import type { SampleRef } from './event.js'

/** How much of the signal before a decision belongs to its evidence. */
const evidenceSeconds = 10

export interface Evidence {
  readonly from: SampleRef
  readonly to: SampleRef
}

/** The stretch of a stream that ends with sample `to`, `evidenceSeconds` long, not before the stream's beginning. */
export function evidenceUpTo(stream: string, to: number, fsHertz: number): Evidence {
  const from = Math.max(0, to - Math.round(evidenceSeconds * fsHertz))
  return { from: { stream, index: from }, to: { stream, index: to } }
}

/** The samples that a reading was measured over; null for a device's own number. */
export function evidenceOf(source: ReadingSource | null): Evidence | null {
  if (source === null || source.from === undefined || source.to === undefined) return null
  return { from: { stream: source.stream, index: source.from }, to: { stream: source.stream, index: source.to } }
}
