/**
 * Beat-by-beat comparison after the rules that ANSI/AAMI EC57 prescribes and WFDB's `bxb` implements (written anew from
 * its manual page): one-to-one matching within 150 ms, from 5:00 on, nothing counted inside ventricular flutter.
 */
export interface BeatAnnotation {
  readonly sample: number
  readonly symbol: string
}

export interface BeatCounts {
  readonly matched: number
  readonly missed: number
  readonly extra: number
  /** Test minus reference in samples, of each matched pair. */
  readonly offsets: readonly number[]
}

const beatSymbols = new Set([...'NLRBAaJSVrFejn/fQ?E'])

/** Sample numbers of the annotations that mark a beat. */
export function beatSamples(annotations: readonly BeatAnnotation[]): number[] {
  return annotations.filter(({ symbol }) => beatSymbols.has(symbol)).map(({ sample }) => sample)
}

/** Stretches of ventricular flutter or fibrillation, from `[` to `]`. */
function flutterEpisodes(annotations: readonly BeatAnnotation[], end: number): [number, number][] {
  const episodes: [number, number][] = []
  let onset: number | null = null
  for (const { sample, symbol } of annotations) {
    if (symbol === '[') onset ??= sample
    if (symbol === ']' && onset !== null) {
      episodes.push([onset, sample])
      onset = null
    }
  }
  if (onset !== null) episodes.push([onset, end])
  return episodes
}

/**
 * @param reference annotations of the reference, in order
 * @param test samples of the beats to score, in order
 * @param options window in samples; only annotations from `from` to `to` (inclusive) count
 */
export function matchBeats(
  reference: readonly BeatAnnotation[],
  test: readonly number[],
  options: { readonly windowSamples: number; readonly from: number; readonly to: number },
): BeatCounts {
  const { windowSamples, from, to } = options
  const inside = (sample: number): boolean => sample >= from && sample <= to
  const truth = beatSamples(reference).filter(inside)
  const found = test.filter(inside)
  const episodes = flutterEpisodes(reference, to)
  const inFlutter = (sample: number): boolean => episodes.some(([onset, end]) => sample >= onset && sample <= end)
  const offsets: number[] = []
  let matched = 0
  let missed = 0
  let extra = 0
  let i = 0
  let j = 0
  while (i < truth.length || j < found.length) {
    const t = truth[i] ?? Number.POSITIVE_INFINITY
    const a = found[j] ?? Number.POSITIVE_INFINITY
    const distance = Math.abs(a - t)
    // The earlier of the two is paired with the later one unless its successor is nearer to that.
    const successor = t < a ? (truth[i + 1] ?? Number.POSITIVE_INFINITY) : (found[j + 1] ?? Number.POSITIVE_INFINITY)
    const later = Math.max(t, a)
    if (distance <= windowSamples && !(Math.abs(successor - later) < distance)) {
      matched++
      offsets.push(a - t)
      i++
      j++
    } else if (t < a) {
      if (!inFlutter(t)) missed++
      i++
    } else {
      if (!inFlutter(a)) extra++
      j++
    }
  }
  return { matched, missed, extra, offsets }
}

/** Gross sensitivity and positive predictivity in percent over several records. */
export function grossStatistics(counts: readonly BeatCounts[]): {
  se: number
  ppv: number
  matched: number
  missed: number
  extra: number
} {
  const total = { matched: 0, missed: 0, extra: 0 }
  for (const count of counts) {
    total.matched += count.matched
    total.missed += count.missed
    total.extra += count.extra
  }
  return {
    ...total,
    se: (100 * total.matched) / (total.matched + total.missed),
    ppv: (100 * total.matched) / (total.matched + total.extra),
  }
}
