import { join } from 'node:path'
import { readJsonFile, writeJsonFile } from './atomic-file.js'

/**
 * What is known of segments that were deleted: without it a partition whose last record went with them would count from 0
 * again, and a consumer that comes from before would not see that something is missing.
 */
export interface KeptFrom {
  /** By partition the offset after the last one that was deleted. */
  readonly offsets: ReadonlyMap<number, number>
  /** By worker's log: number and bytes of the last segment that was deleted. */
  readonly logs: ReadonlyMap<number, { readonly number: number; readonly bytes: number }>
  /** The highest number of a segment that was ever taken away, from wherever in its log. */
  readonly highest: number
  /** Wall time of the newest deletion's last write, microseconds; null: nothing was deleted. */
  readonly until: number | null
}

interface Saved {
  version: 1
  offsets: [number, number][]
  logs: [number, { number: number; bytes: number }][]
  highest: number
  until: number | null
}

const file = 'kept-from.json'

export function readKeptFrom(dir: string): KeptFrom {
  const saved = readJsonFile(join(dir, file)) as Saved | null
  return { offsets: new Map(saved?.offsets), logs: new Map(saved?.logs), highest: saved?.highest ?? 0, until: saved?.until ?? null }
}

/** Throws `disk-write`. To be called before the segments go. */
export function writeKeptFrom(dir: string, { offsets, logs, highest, until }: KeptFrom): void {
  writeJsonFile(join(dir, file), { version: 1, offsets: [...offsets], logs: [...logs], highest, until } satisfies Saved)
}
