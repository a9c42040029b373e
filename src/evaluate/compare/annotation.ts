/** What the comparisons read of an annotation; `WfdbAnnotation` is one. */
export interface Annotation {
  /** Sample (frame) index from the start of the record. */
  readonly sample: number
  /** Mnemonic of the annotation code, as WFDB prints it: `N`, `V`, `+`, `~`, `[`, … */
  readonly symbol: string
  /** Meaning depends on the symbol: bits of noise for `~`, the number of the measurement for `=`. */
  readonly subtype?: number
  /** Signal that it belongs to. */
  readonly channel?: number
  /** Free text: the rhythm of `+`, the value of `=`. */
  readonly aux?: string
}

/** A stretch of a record in samples, both ends included. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

export function contains({ start, end }: Stretch, sample: number): boolean {
  return sample >= start && sample <= end
}

/** Length in samples of what two stretches have in common; 0 when they do not meet. */
export function overlap(a: Stretch, b: Stretch): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start))
}
