import { type BeatWaves, type WaveMark, waveMarks } from './wave-marks.js'

/** Errors of one mark in one record, in milliseconds (found minus reference), in the order of the reference beats. */
export interface MarkErrors {
  readonly errors: readonly number[]
  /** Reference beats that carry this mark. */
  readonly references: number
  /** Matched reference beats without this mark for which one was found. */
  readonly extra: number
  /** Matched reference beats without this mark. */
  readonly absent: number
}

export type RecordErrors = Readonly<Record<WaveMark, MarkErrors>>

/** A found beat is the reference beat's when it is the nearest and not further than this: EC57's window. */
const beatWindowSeconds = 0.15

/**
 * Compares the waves of one record. Each reference beat takes the nearest found beat within 150 ms (each found beat is
 * taken once, the closest pair first); a mark's error is that of the same mark of that beat, however large. A reference mark
 * is found when its beat was found and the mark is not null.
 * @param leads found beats, one list a lead: with several the smallest error of each mark counts ("best of two leads",
 *   optimistic: it looks at the reference). Each list ascending.
 */
export function scoreRecord(reference: readonly BeatWaves[], leads: readonly (readonly BeatWaves[])[], fsHz: number): RecordErrors {
  const pairs = leads.map(found => matchWaves(reference, found, fsHz))
  return Object.fromEntries(waveMarks.map(mark => [mark, scoreMark(mark, reference, pairs, fsHz)])) as unknown as RecordErrors
}

function scoreMark(
  mark: WaveMark,
  reference: readonly BeatWaves[],
  pairs: readonly (readonly (BeatWaves | null)[])[],
  fsHz: number,
): MarkErrors {
  const errors: number[] = []
  let references = 0
  let extra = 0
  let absent = 0
  reference.forEach((beat, i) => {
    const truth = beat[mark]
    const found = pairs.flatMap(list => list[i]?.[mark] ?? [])
    if (truth === null) {
      if (pairs.some(list => list[i])) absent += 1
      if (found.length > 0) extra += 1
      return
    }
    references += 1
    if (found.length === 0) return
    const all = found.map(value => ((value - truth) * 1000) / fsHz)
    errors.push(all.reduce((best, error) => (Math.abs(error) < Math.abs(best) ? error : best)))
  })
  return { errors, references, extra, absent }
}

/** For each reference beat the found beat that is its own, or null. */
export function matchWaves(reference: readonly BeatWaves[], found: readonly BeatWaves[], fsHz: number): (BeatWaves | null)[] {
  const window = beatWindowSeconds * fsHz
  const pairs: { i: number; j: number; distance: number }[] = []
  let first = 0
  reference.forEach((beat, i) => {
    while (first < found.length && (found[first] as BeatWaves).beat < beat.beat - window) first++
    for (let j = first; j < found.length; j++) {
      const distance = Math.abs((found[j] as BeatWaves).beat - beat.beat)
      if ((found[j] as BeatWaves).beat > beat.beat + window) break
      pairs.push({ i, j, distance })
    }
  })
  pairs.sort((a, b) => a.distance - b.distance || a.i - b.i || a.j - b.j)
  const matched: (BeatWaves | null)[] = reference.map(() => null)
  const taken = new Set<number>()
  for (const { i, j } of pairs) {
    if (matched[i] !== null || taken.has(j)) continue
    matched[i] = found[j] as BeatWaves
    taken.add(j)
  }
  return matched
}
