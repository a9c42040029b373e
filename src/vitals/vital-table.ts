import { catalogue, type VitalName } from '../signal/catalogue.js'
import { checkValue, flagImplausible } from './reading-check.js'
import { sourceRank } from './source-priority.js'
import { type ReadingSource, type ReadingStatus, usableQuality, type VitalReading } from './vital-reading.js'

/** A source of better rank, or clearly better quality, takes over after having been usable for this long. */
const takeoverSeconds = 10
/** By how much the quality of a source of equal rank must be better before it takes over. */
const takeoverQuality = 0.2

/** A vital sign as of a moment. `value` null: never seen (`source` null too), or not measurable now. */
export interface CurrentVital {
  readonly name: VitalName
  readonly value: number | string | boolean | null
  readonly unit: string
  /** Patient time of the reading in microseconds; null when there is none. */
  readonly t: number | null
  readonly ageSeconds: number | null
  /** Older than the catalogue's validity period. The last value is still given. */
  readonly stale: boolean
  readonly source: ReadingSource | null
  readonly quality: number | null
  readonly status: ReadingStatus | null
  /** Why it is not measurable, stale or questionable: `never-measured`, `stale`, `poor-quality`, or the source's own word. */
  readonly reason: string | null
}

/** `late`: the same source has said something newer; `impossible`: outside the catalogue's possible range. */
export type TakeResult = 'taken' | 'late' | 'impossible'

/** The newest reading of one source and since when, without a break, its readings have been usable (null: it is not). */
interface SourceEntry {
  readonly reading: VitalReading
  readonly usableSince: number | null
}

interface VitalEntry {
  readonly sources: Map<string, SourceEntry>
  chosen: string | null
  /** Newest time of any reading of this vital sign. */
  newest: number
}

/** As saved: plain data, sources in the order of their first reading. */
export interface VitalTableState {
  readonly vitals: readonly {
    readonly name: VitalName
    readonly chosen: string | null
    readonly newest: number
    readonly sources: readonly { readonly key: string; readonly reading: VitalReading; readonly usableSince: number | null }[]
  }[]
}

/**
 * The newest reading of each vital sign from each source, and the choice among them. The choice changes in `take()`
 * only, so it depends on the readings and not on how often someone looks. A usable source is kept until a better one
 * has been usable for `takeoverSeconds`; an unusable or stale one is left at once for the best that is usable.
 */
export class VitalTable {
  readonly #vitals = new Map<VitalName, VitalEntry>()

  take(offered: VitalReading): TakeResult {
    if (offered.value !== null && checkValue(offered.name, offered.value) === 'impossible') return 'impossible'
    const reading = flagImplausible(offered)
    const key = sourceKey(reading.source)
    let entry = this.#vitals.get(reading.name)
    if (entry === undefined) {
      entry = { sources: new Map(), chosen: null, newest: reading.t }
      this.#vitals.set(reading.name, entry)
    }
    const before = entry.sources.get(key)
    if (before !== undefined && reading.t < before.reading.t) return 'late'
    const unbroken = before !== undefined && before.usableSince !== null && !isStale(before.reading, reading.t)
    entry.sources.set(key, { reading, usableSince: isUsable(reading) ? (unbroken ? before.usableSince : reading.t) : null })
    if (reading.t > entry.newest) entry.newest = reading.t
    entry.chosen = chooseSource(entry, entry.newest)
    return 'taken'
  }

  /** The vital sign at patient time `now` (microseconds). */
  current(name: VitalName, now: number): CurrentVital {
    const entry = this.#vitals.get(name)
    const shown = entry === undefined ? undefined : shownReading(entry, now)
    if (shown === undefined) {
      const unit = catalogue[name].unit
      const nothing = { value: null, t: null, ageSeconds: null, source: null, quality: null, status: null }
      return { name, unit, ...nothing, stale: false, reason: 'never-measured' }
    }
    const stale = isStale(shown, now)
    const poor = shown.value !== null && shown.quality < usableQuality
    return {
      name,
      value: poor ? null : shown.value,
      unit: catalogue[name].unit,
      t: shown.t,
      ageSeconds: Math.max(0, now - shown.t) / 1e6,
      stale,
      source: shown.source,
      quality: shown.quality,
      status: shown.status,
      reason: stale ? 'stale' : (shown.reason ?? (poor ? 'poor-quality' : shown.value === null ? 'not-measurable' : null)),
    }
  }

  /** When the chosen reading becomes stale, if nothing newer comes; null without a reading or when it is stale at `now`. */
  staleAt(name: VitalName, now: number): number | null {
    const entry = this.#vitals.get(name)
    const shown = entry === undefined ? undefined : shownReading(entry, now)
    if (shown === undefined || isStale(shown, now)) return null
    return shown.t + catalogue[name].validitySeconds * 1e6 + 1
  }

  /** Names that have a reading, in the order of their first one. */
  names(): readonly VitalName[] {
    return [...this.#vitals.keys()]
  }

  /** Lets go of all readings of one stream of a device, e.g. when it is handed over to another patient. */
  forget(stream: string, device?: string): void {
    for (const [name, entry] of this.#vitals) {
      for (const [key, { reading }] of entry.sources) {
        if (reading.source.stream === stream && reading.source.device === device) entry.sources.delete(key)
      }
      if (entry.sources.size === 0) this.#vitals.delete(name)
      else entry.chosen = chooseSource(entry, entry.newest)
    }
  }

  save(): VitalTableState {
    const vitals = [...this.#vitals].map(([name, { chosen, newest, sources }]) => ({
      name,
      chosen,
      newest,
      sources: [...sources].map(([key, { reading, usableSince }]) => ({ key, reading: copyReading(reading), usableSince })),
    }))
    return { vitals }
  }

  load(state: VitalTableState): void {
    this.#vitals.clear()
    for (const { name, chosen, newest, sources } of state.vitals) {
      const entries = sources.map(({ key, reading, usableSince }): [string, SourceEntry] => [
        key,
        { reading: copyReading(reading), usableSince },
      ])
      this.#vitals.set(name, { chosen, newest, sources: new Map(entries) })
    }
  }
}

function sourceKey(source: ReadingSource): string {
  return `${source.kind} ${source.stream} ${source.algorithm} ${source.device ?? ''}`
}

function copyReading(reading: VitalReading): VitalReading {
  return { ...reading, source: { ...reading.source } }
}

function isUsable(reading: VitalReading): boolean {
  return reading.value !== null && reading.quality >= usableQuality
}

function isStale(reading: VitalReading, now: number): boolean {
  return now - reading.t > catalogue[reading.name].validitySeconds * 1e6
}

/** Positive when `a` is the better reading: rank, then quality, then time; ties fall to the source's name. */
function compareReadings(a: VitalReading, b: VitalReading): number {
  const rank = sourceRank(b.name, b.source.kind) - sourceRank(a.name, a.source.kind)
  if (rank !== 0) return rank
  if (a.quality !== b.quality) return a.quality - b.quality
  if (a.t !== b.t) return a.t - b.t
  return sourceKey(a.source) < sourceKey(b.source) ? 1 : -1
}

/**
 * Rank of the best fresh source that says that there is nothing to measure, which is more than not being able to: while
 * breaths stay away, what lesser sources make of the last half minute is old or noise. Infinite without one.
 */
function denyingRank(entry: VitalEntry, now: number): number {
  let best = Number.POSITIVE_INFINITY
  for (const { reading } of entry.sources.values()) {
    if (reading.value !== null || reading.reason !== 'apnea' || isStale(reading, now)) continue
    best = Math.min(best, sourceRank(reading.name, reading.source.kind))
  }
  return best
}

function usableSources(entry: VitalEntry, now: number): (source: SourceEntry) => boolean {
  const denying = denyingRank(entry, now)
  return ({ reading, usableSince }) =>
    usableSince !== null && !isStale(reading, now) && sourceRank(reading.name, reading.source.kind) <= denying
}

function bestKey(entry: VitalEntry, accept: (source: SourceEntry) => boolean): string | null {
  let best: string | null = null
  let reading: VitalReading | undefined
  for (const [key, source] of entry.sources) {
    if (accept(source) && (reading === undefined || compareReadings(source.reading, reading) > 0)) {
      best = key
      reading = source.reading
    }
  }
  return best
}

function chooseSource(entry: VitalEntry, now: number): string | null {
  const usable = usableSources(entry, now)
  const chosen = entry.chosen === null ? undefined : entry.sources.get(entry.chosen)
  if (chosen === undefined || !usable(chosen)) return bestKey(entry, usable)
  const challenger = bestKey(entry, source => usable(source) && now - source.usableSince! >= takeoverSeconds * 1e6 && beats(source, chosen))
  return challenger ?? entry.chosen
}

function beats(a: SourceEntry, b: SourceEntry): boolean {
  const rank = sourceRank(b.reading.name, b.reading.source.kind) - sourceRank(a.reading.name, a.reading.source.kind)
  return rank > 0 || (rank === 0 && a.reading.quality >= b.reading.quality + takeoverQuality)
}

/** The chosen reading while it is good; else the best usable; else the best fresh one, which says why not; else the last. */
function shownReading(entry: VitalEntry, now: number): VitalReading | undefined {
  const usable = usableSources(entry, now)
  const chosen = entry.chosen === null ? undefined : entry.sources.get(entry.chosen)
  if (chosen !== undefined && usable(chosen)) return chosen.reading
  const key = bestKey(entry, usable) ?? bestKey(entry, source => !isStale(source.reading, now))
  if (key !== null) return entry.sources.get(key)?.reading
  let last: VitalReading | undefined
  for (const { reading } of entry.sources.values()) {
    if (last === undefined || reading.t > last.t || (reading.t === last.t && compareReadings(reading, last) > 0)) last = reading
  }
  return last
}
