import type { Annotation, Stretch } from './annotation.js'
import { beatClass } from './annotation-classes.js'
import type { TestPeriod } from './beat-track.js'
import { isFibrillation, isFlutter } from './rhythms.js'

/** Runs of ventricular beats, or of supraventricular ones. */
export type RunKind = 'ventricular' | 'supraventricular'

/** Beats in a run; all from `longRun` on are the same to the comparison. */
export const longRun = 6

export interface Run extends Stretch {
  /** 2 to `longRun`. */
  readonly length: number
}

/** What makes and ends runs: an ectopic beat, another beat, fibrillation that begins or ends. */
export interface RunEvent {
  readonly sample: number
  readonly kind: 'ectopic' | 'other' | 'onset' | 'offset'
}

/**
 * The events of an annotator, in order. Ventricular runs count V and F beats, and fibrillation `[` to `]`. Supraventricular
 * runs count S beats, and every normal beat in atrial fibrillation or flutter, `(AFIB` or `(AFL` to another rhythm.
 */
export function runEvents(annotations: readonly Annotation[], kind: RunKind): RunEvent[] {
  return kind === 'ventricular' ? ventricularEvents(annotations) : supraventricularEvents(annotations)
}

function ventricularEvents(annotations: readonly Annotation[]): RunEvent[] {
  const events: RunEvent[] = []
  let fibrillates = false
  for (const { sample, symbol } of annotations) {
    if (symbol === '[' || symbol === ']') {
      fibrillates = symbol === '['
      events.push({ sample, kind: fibrillates ? 'onset' : 'offset' })
    } else if (!fibrillates) {
      const found = beatClass(symbol)
      if (found !== undefined) events.push({ sample, kind: found === 'V' || found === 'F' ? 'ectopic' : 'other' })
    }
  }
  return events
}

function supraventricularEvents(annotations: readonly Annotation[]): RunEvent[] {
  const events: RunEvent[] = []
  let fibrillates = false
  for (const annotation of annotations) {
    const { sample, symbol } = annotation
    if (symbol === '+') {
      const begins = isFibrillation(annotation) || isFlutter(annotation)
      if (begins !== fibrillates) events.push({ sample, kind: begins ? 'onset' : 'offset' })
      fibrillates = begins
    } else {
      const found = beatClass(symbol)
      if (found !== undefined) events.push({ sample, kind: found === 'S' || (fibrillates && found === 'N') ? 'ectopic' : 'other' })
    }
  }
  return events
}

/**
 * Runs of at least two beats in the test period. Fibrillation that begins outside of a run, or is on when the period begins,
 * makes a long run at once; within a run it leaves the length to the beats.
 *
 * A run ends with its last ectopic beat. Ventricular fibrillation has no beats, so there its end counts as well; an atrial one
 * without a beat before the next ventricular one has no end (minus infinity) and so nothing can match it, as with `rxr`.
 */
export function findRuns(events: readonly RunEvent[], kind: RunKind, { from, to }: TestPeriod): Run[] {
  const runs: Run[] = []
  let length = fibrillatesAt(events, from) ? longRun : 0
  let start = from
  let end = Number.NEGATIVE_INFINITY
  const close = (): void => {
    if (length >= 2) runs.push({ start, end, length: Math.min(length, longRun) })
    length = 0
    end = Number.NEGATIVE_INFINITY
  }
  for (const { sample, kind: event } of events) {
    if (sample < from || sample > to) continue
    if (event === 'other') close()
    else if (event !== 'offset') {
      if (length === 0) start = sample
      if (event === 'ectopic') length++
      else if (length === 0) length = longRun
    }
    if (length > 0 && (event === 'ectopic' || kind === 'ventricular')) end = sample
  }
  close()
  return runs
}

/** Length of the longest run among what lies in `window`; `longRun` when fibrillation reaches into it. */
export function longestRun(events: readonly RunEvent[], window: Stretch): number {
  let longest = 0
  let length = 0
  let fibrillates = false
  for (const { sample, kind } of events) {
    if (sample > window.end) break
    if (fibrillates && sample > window.start) return longRun
    if (kind === 'onset' || kind === 'offset') {
      fibrillates = kind === 'onset'
      if (fibrillates && sample >= window.start) return longRun
    } else if (sample >= window.start) {
      length = kind === 'ectopic' ? length + 1 : 0
      longest = Math.max(longest, length)
    }
  }
  return fibrillates ? longRun : Math.min(longest, longRun)
}

function fibrillatesAt(events: readonly RunEvent[], sample: number): boolean {
  const last = events.filter(event => event.sample < sample && (event.kind === 'onset' || event.kind === 'offset')).at(-1)
  return last?.kind === 'onset'
}
