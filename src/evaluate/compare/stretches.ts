import type { Annotation, Stretch } from './annotation.js'
import { beatClass } from './annotation-classes.js'

/** Stretches of ventricular flutter or fibrillation, `[` to `]`; one that is not closed lasts to `end`. */
export function ventricularFibrillation(annotations: readonly Annotation[], end: number): Stretch[] {
  const stretches: Stretch[] = []
  let start: number | null = null
  for (const { sample, symbol } of annotations) {
    if (symbol === '[') start ??= sample
    if (symbol === ']' && start !== null) {
      stretches.push({ start, end: sample })
      start = null
    }
  }
  if (start !== null) stretches.push({ start, end: Math.max(start, end) })
  return stretches
}

/** Both bits of the subtype of `~` say that no signal is readable (ESC and MIT convention). */
const unreadableBits = 0x30

/**
 * Stretches that an annotator calls unreadable or in which it had shut down: from a `~` with both bits 4 and 5 of the
 * subtype set to the next `~` with another subtype. A `~` that a beat follows before any such end marks a stretch by its
 * middle (AHA convention): it lasts from `window` after the beat before it to `window` before the beat after it.
 */
export function unreadableStretches(annotations: readonly Annotation[], window: number, end: number): Stretch[] {
  const marks = annotations.filter(({ symbol }) => symbol === '~' || beatClass(symbol) !== undefined)
  const isShutdown = ({ symbol, subtype = 0 }: Annotation): boolean => symbol === '~' && (subtype & unreadableBits) === unreadableBits
  const stretches: Stretch[] = []
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i] as Annotation
    if (!isShutdown(mark)) continue
    let next = i + 1
    while (next < marks.length && isShutdown(marks[next] as Annotation)) next++
    const after = marks[next]
    const before = marks[i - 1]
    const byItsMiddle = after !== undefined && after.symbol !== '~'
    const stretch = byItsMiddle
      ? { start: before === undefined ? 0 : before.sample + window, end: after.sample - window }
      : { start: mark.sample, end: after?.sample ?? end }
    if (stretch.end > stretch.start) stretches.push(stretch)
    i = next - 1
  }
  return stretches
}
