import { writeFile } from 'node:fs/promises'
import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { formatRate } from './rate-text.js'
import { annotationCode, maxAnnotationCode } from './wfdb-codes.js'

/** What an annotation needs to be written; the rest defaults to 0 and ''. */
export interface NewAnnotation {
  readonly sample: number
  readonly symbol: string
  readonly subtype?: number
  readonly channel?: number
  readonly num?: number
  readonly aux?: string
}

export interface AnnotationOptions {
  /** Ticks a second, where times are not frames of the record; written as a note at the start. */
  readonly timeResolution?: Rate
}

/** Writes an annotation file in MIT format. Throws `disk-write`; RangeError for an annotation that the format cannot hold. */
export async function writeAnnotations(
  path: string,
  annotations: readonly NewAnnotation[],
  options: AnnotationOptions = {},
): Promise<void> {
  const bytes = encodeAnnotations(annotations, options)
  await writeFile(path, bytes).catch((cause: unknown) => {
    throw new VitalwireError(
      'disk-write',
      `annotation file ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  })
}

/** Bytes of an annotation file: annotations in the order of their samples (a stable sort), each with only what changes. */
export function encodeAnnotations(annotations: readonly NewAnnotation[], options: AnnotationOptions = {}): Uint8Array {
  const bytes: number[] = []
  const state = { sample: 0, channel: 0, num: 0 }
  if (options.timeResolution !== undefined) {
    encodeOne(bytes, { sample: 0, symbol: '"', aux: `## time resolution: ${formatRate(options.timeResolution)}` }, state)
  }
  const sorted = annotations.map((annotation, order) => ({ annotation, order }))
  sorted.sort((a, b) => a.annotation.sample - b.annotation.sample || a.order - b.order)
  for (const { annotation } of sorted) encodeOne(bytes, annotation, state)
  bytes.push(0, 0)
  return Uint8Array.from(bytes)
}

function encodeOne(bytes: number[], annotation: NewAnnotation, state: { sample: number; channel: number; num: number }): void {
  const { sample, symbol, subtype = 0, channel = 0, num = 0, aux = '' } = annotation
  const code = annotationCode(symbol)
  if (code === undefined || code < 1 || code > maxAnnotationCode)
    throw new RangeError(`annotation symbol "${symbol}" has no code from 1 to ${maxAnnotationCode}`)
  const note = Buffer.from(aux, 'latin1')
  if (note.length > 255) throw new RangeError(`aux of an annotation has ${note.length} bytes; at most 255`)
  if (!inRange(subtype, -128, 127) || !inRange(num, -128, 127) || !inRange(channel, 0, 255)) {
    throw new RangeError(`annotation at ${sample}: subtype ${subtype}, num ${num} or channel ${channel} does not fit a byte`)
  }
  if (!Number.isSafeInteger(sample)) throw new RangeError(`annotation at ${sample}: not a sample index`)
  let interval = sample - state.sample
  while (interval < 0 || interval > 0x3ff) {
    const skip = Math.max(-0x80000000, Math.min(0x7fffffff, interval))
    bytes.push(0, 59 << 2, (skip >> 16) & 0xff, (skip >> 24) & 0xff, skip & 0xff, (skip >> 8) & 0xff)
    interval -= skip
  }
  bytes.push(interval & 0xff, (code << 2) | (interval >> 8))
  if (num !== state.num) bytes.push(num & 0xff, 60 << 2)
  if (subtype !== 0) bytes.push(subtype & 0xff, 61 << 2)
  if (channel !== state.channel) bytes.push(channel, 62 << 2)
  if (note.length > 0) bytes.push(note.length, 63 << 2, ...note, ...(note.length % 2 === 1 ? [0] : []))
  state.sample = sample
  state.channel = channel
  state.num = num
}

function inRange(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}
