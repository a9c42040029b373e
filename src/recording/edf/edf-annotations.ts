/** A note in a file: `onset` (from the first sample, can be negative) and `duration` in seconds. */
export interface EdfAnnotation {
  readonly onset: number
  /** null: not said. */
  readonly duration: number | null
  readonly text: string
}

export interface EdfAnnotationList {
  /** Onset of the data record itself (the first list without text); null: the list does not say it. */
  readonly recordOnset: number | null
  readonly annotations: readonly EdfAnnotation[]
}

/**
 * Reads the annotation lists (onsets from the start time of the header) of one data record: `+onset[0x15 duration]0x14 text 0x14 ... 0x14 0x00`, filled up with zero
 * bytes. What `problem` makes of the byte within
 * `bytes` at which a list is not of that form comes back instead.
 */
export function parseAnnotationLists<Problem>(
  bytes: Uint8Array,
  problem: (byte: number, what: string, accepted: string) => Problem,
): EdfAnnotationList | Problem {
  let recordOnset: number | null = null
  const annotations: EdfAnnotation[] = []
  let at = 0
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++
      continue
    }
    const found = bytes.indexOf(0, at)
    const end = found < 0 ? bytes.length : found
    const parts = Buffer.from(bytes.subarray(at, end)).toString('utf8').split('\u0014')
    const [onset = '', duration, ...rest] = (parts[0] ?? '').split('\u0015')
    const proper = /^[+-]\d+(\.\d*)?$/.test(onset) && (duration === undefined || /^\d+(\.\d*)?$/.test(duration))
    if (!proper || rest.length > 0 || parts.length < 2)
      return problem(at, 'has an annotation without a proper time', '+seconds or -seconds, 0x15 and a duration or not, then 0x14')
    const texts = parts.slice(1).filter(text => text !== '')
    if (texts.length === 0 && recordOnset === null && annotations.length === 0) recordOnset = Number(onset)
    for (const text of texts) annotations.push({ onset: Number(onset), duration: duration === undefined ? null : Number(duration), text })
    at = end + 1
  }
  return { recordOnset, annotations }
}
