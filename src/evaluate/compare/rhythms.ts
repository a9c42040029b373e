import type { Annotation, Stretch } from './annotation.js'

/** Whether a `+` annotation begins atrial fibrillation, `(AFIB`. */
export function isFibrillation({ symbol, aux = '' }: Annotation): boolean {
  return symbol === '+' && aux.startsWith('(AFIB')
}

/** Whether a `+` annotation begins atrial flutter, `(AFL`. */
export function isFlutter({ symbol, aux = '' }: Annotation): boolean {
  return symbol === '+' && aux.startsWith('(AFL')
}

/** Stretches of one rhythm: from a `+` that begins it to the next `+` that does not, or to `end`. */
export function rhythmStretches(annotations: readonly Annotation[], begins: (annotation: Annotation) => boolean, end: number): Stretch[] {
  const stretches: Stretch[] = []
  let start: number | null = null
  for (const annotation of annotations) {
    if (annotation.symbol !== '+') continue
    if (begins(annotation)) start ??= annotation.sample
    else if (start !== null) {
      stretches.push({ start, end: annotation.sample })
      start = null
    }
  }
  if (start !== null) stretches.push({ start, end: Math.max(start, end) })
  return stretches
}
