import { overlap, type Stretch } from '../compare/annotation.js'
import { type Interval, wilsonInterval } from '../compare/intervals.js'

/** An episode that a method told: it holds [start, end] and was told with sample `decided`. */
export interface ToldEpisode extends Stretch {
  readonly decided: number
}

export interface RecordEpisodes {
  readonly record: string
  readonly fsHz: number
  readonly truth: readonly Stretch[]
  readonly told: readonly ToldEpisode[]
  /** Annotated episodes that begin here and told ones that were told here count; default: all. */
  readonly range?: Stretch
}

export interface EpisodeFigures {
  /** Annotated episodes of 10 s or longer. */
  readonly episodes: number
  /** Of these, told not later than 10 s after their onset (also when an episode was on already). */
  readonly detectedWithin10s: number
  readonly detectedWithin10sShare: number | null
  readonly ci95: Interval | null
  /** Told at any time before their end. */
  readonly detected: number
  /** Seconds from onset to telling of each that was told, ascending; 0 when it was on already. */
  readonly delays: readonly number[]
  /** Told episodes that have nothing in common with an annotated one of any length. */
  readonly falseEpisodes: number
  readonly byRecord: readonly { readonly record: string; readonly delays: readonly (number | null)[]; readonly falseEpisodes: number }[]
}

const everything: Stretch = { start: 0, end: Number.POSITIVE_INFINITY }

/** Episodes shorter than this need not be told. */
const shortestSeconds = 10
const withinSeconds = 10

/** Episode by episode: an annotated one is detected with the first episode told that lasts into it. */
export function scoreEpisodes(records: readonly RecordEpisodes[]): EpisodeFigures {
  const byRecord = records.map(({ record, fsHz, truth, told, range = everything }) => ({
    record,
    delays: truth
      .filter(({ start, end }) => end - start >= shortestSeconds * fsHz && start >= range.start && start < range.end)
      .map(episode => delayOf(episode, told, fsHz)),
    falseEpisodes: told
      .filter(({ decided }) => decided >= range.start && decided < range.end)
      .filter(episode => !truth.some(stretch => overlap(stretch, episode) > 0)).length,
  }))
  const all = byRecord.flatMap(({ delays }) => delays)
  const delays = all.filter(delay => delay !== null).sort((a, b) => a - b)
  const inTime = delays.filter(delay => delay <= withinSeconds).length
  return {
    episodes: all.length,
    detectedWithin10s: inTime,
    detectedWithin10sShare: all.length === 0 ? null : inTime / all.length,
    ci95: wilsonInterval(inTime, all.length),
    detected: delays.length,
    delays,
    falseEpisodes: byRecord.reduce((sum, record) => sum + record.falseEpisodes, 0),
    byRecord,
  }
}

function delayOf(episode: Stretch, told: readonly ToldEpisode[], fsHz: number): number | null {
  const first = told
    .filter(({ decided, end }) => decided <= episode.end && end > episode.start)
    .reduce((least, { decided }) => Math.min(least, decided), Number.POSITIVE_INFINITY)
  return first === Number.POSITIVE_INFINITY ? null : Math.max(0, first - episode.start) / fsHz
}
