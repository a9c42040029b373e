import type { EdfAnnotation } from '../edf/edf-annotations.js'

/** Annotation signal of a file: what each data record has of it. */
export interface NoteLists {
  /** Bytes of each record. */
  readonly bytes: number
  /** Of the record at a place in the file. */
  of(place: number): Uint8Array
}

/**
 * Spreads annotations over the data records, each with its own time first. `onsets`: seconds of the records, `late`: what is
 * added to the onset of an annotation to count from the start time of the header.
 */
export function layNotes(onsets: readonly number[], notes: readonly EdfAnnotation[], late: number): NoteLists {
  const texts = notes.map(note => Buffer.from(noteText(note.onset + late, note.duration, note.text), 'utf8'))
  const times = onsets.map(onset => Buffer.from(noteText(onset, null, ''), 'utf8'))
  const longest = (list: readonly Buffer[]): number => list.reduce((most, { length }) => Math.max(most, length), 0)
  const total = texts.reduce((sum, { length }) => sum + length, 0)
  // A record takes annotations until the next one has no room: at most one annotation's length stays empty in each.
  const bytes = longest(times) + longest(texts) + Math.ceil(total / Math.max(1, onsets.length))
  const lists: Buffer[] = []
  let next = 0
  for (const time of times) {
    const list = Buffer.alloc(bytes)
    let at = time.copy(list)
    while (next < texts.length && at + texts[next]!.length <= bytes) at += texts[next++]!.copy(list, at)
    lists.push(list)
  }
  return { bytes, of: place => lists[place]! }
}

/** `+onset[0x15 duration]0x14 text 0x14 0x00`; without a text the time of a data record. */
function noteText(onset: number, duration: number | null, text: string): string {
  const seconds = decimal(onset)
  const lasting = duration === null ? '' : `\u0015${decimal(duration)}`
  // The marks of the format, control characters all of them, cannot stand in a text.
  const plain = text.replace(/\p{Cc}/gu, ' ')
  return `${onset < 0 ? '' : '+'}${seconds}${lasting}\u0014${plain}\u0014\0`
}

function decimal(value: number): string {
  const text = value.toFixed(7)
  return text.replace(/\.?0+$/, '')
}
