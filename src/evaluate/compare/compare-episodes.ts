import { type Annotation, contains, overlap, type Stretch } from './annotation.js'
import { type ComparisonOptions, testPeriod } from './compare-beats.js'
import { isFibrillation, isFlutter, rhythmStretches } from './rhythms.js'
import { type Episode, stEpisodes } from './st-episodes.js'
import { ventricularFibrillation } from './stretches.js'

/** Ventricular fibrillation or flutter, atrial fibrillation, ischemic ST change. */
export type EpisodeKind = 'VF' | 'AF' | 'ST'

export interface EpisodeOptions extends ComparisonOptions {
  /** Reference stretches of atrial flutter take nothing from the positive predictivity of AF (`epicmp -x`). Default false. */
  readonly excludeFlutter?: boolean
  /** Signal whose ST episodes count; undefined: any. */
  readonly stSignal?: number
}

export interface EpisodeComparison {
  /** Reference episodes that the test meets, and all of them. */
  readonly found: number
  readonly referenceEpisodes: number
  /** Test episodes that meet the reference, and all of them. */
  readonly right: number
  readonly testEpisodes: number
  /** Samples in both, in the reference, in the test. */
  readonly commonDuration: number
  readonly referenceDuration: number
  readonly testDuration: number
}

/**
 * Compares episodes as EC57 and WFDB's `epicmp` do. VF and AF episodes match by any overlap; ST episodes when half of the
 * episode, or its marked extremum, is in the other's. Episodes are cut to the test period.
 */
export function compareEpisodes(
  reference: readonly Annotation[],
  test: readonly Annotation[],
  kind: EpisodeKind,
  options: EpisodeOptions,
): EpisodeComparison {
  const { from, to } = testPeriod(reference, test, options)
  const cut = (episodes: readonly Episode[]): Episode[] =>
    episodes
      .map(episode => ({ ...episode, start: Math.max(episode.start, from), end: Math.min(episode.end, to) }))
      .filter(({ start, end }) => end > start)
  const truth = cut(findEpisodes(reference, kind, to, options.stSignal))
  const all = cut(findEpisodes(test, kind, to, options.stSignal))
  const ignored = kind === 'AF' && options.excludeFlutter === true ? cut(rhythmStretches(reference, isFlutter, to)) : []
  const meets = kind === 'ST' ? meetsEnough : (episode: Episode, others: readonly Episode[]) => common([episode], others) > 0
  // What lies wholly in ignored flutter is neither right nor wrong.
  const counted = all.filter(episode => meets(episode, truth) || common([episode], ignored) < duration([episode]))
  return {
    found: truth.filter(episode => meets(episode, all)).length,
    referenceEpisodes: truth.length,
    right: counted.filter(episode => meets(episode, truth)).length,
    testEpisodes: counted.length,
    commonDuration: common(truth, all),
    referenceDuration: duration(truth),
    testDuration: duration(all) - common(all, ignored),
  }
}

function findEpisodes(annotations: readonly Annotation[], kind: EpisodeKind, end: number, signal: number | undefined): readonly Episode[] {
  if (kind === 'VF') return ventricularFibrillation(annotations, end)
  return kind === 'AF' ? rhythmStretches(annotations, isFibrillation, end) : stEpisodes(annotations, end, signal)
}

function meetsEnough(episode: Episode, others: readonly Episode[]): boolean {
  const { extremum } = episode
  if (extremum !== undefined && others.some(other => contains(other, extremum))) return true
  return 2 * common([episode], others) >= duration([episode])
}

function common(a: readonly Stretch[], b: readonly Stretch[]): number {
  let sum = 0
  for (const one of a) for (const other of b) sum += overlap(one, other)
  return sum
}

function duration(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { start, end }) => sum + end - start, 0)
}
