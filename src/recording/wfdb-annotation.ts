import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { readSmallFile } from './file-pool.js'
import { parseRate } from './rate-text.js'
import { annotationSymbol } from './wfdb-codes.js'

/** One annotation of a WFDB annotation file, MIT format, as annot(5) describes it. */
export interface WfdbAnnotation {
  /** Frame index from the start of the record (or ticks of `timeResolution`). */
  readonly sample: number
  /** 1 to 49. */
  readonly code: number
  readonly symbol: string
  /** -128 to 127. */
  readonly subtype: number
  /** 0 to 255. */
  readonly channel: number
  /** -128 to 127. */
  readonly num: number
  /** Bytes as characters of the same code (Latin-1), without trailing NULs; '' when there is none. */
  readonly aux: string
}

export interface WfdbAnnotations {
  readonly annotations: readonly WfdbAnnotation[]
  /** Ticks a second, where the file says that its times are not frames of the record. */
  readonly timeResolution: Rate | null
  /** Codes that the file defines itself. */
  readonly definitions: ReadonlyMap<number, { readonly symbol: string; readonly description: string }>
}

const skipCode = 59
const numCode = 60
const subCode = 61
const channelCode = 62
const auxCode = 63
const noteCode = 22
const maxFileBytes = 512 * 1024 * 1024

/** Reads `RECORD.ANNOTATOR`. Throws `recording-missing`, `recording-short` or `recording-format`. */
export async function readAnnotations(path: string): Promise<WfdbAnnotations> {
  return parseAnnotations(await readSmallFile(path, 'a WFDB annotation file', maxFileBytes), path)
}

/** `where` names the file in messages. */
export function parseAnnotations(bytes: Uint8Array, where: string): WfdbAnnotations {
  const all = decodeAnnotations(bytes, where)
  const definitions = new Map<number, { symbol: string; description: string }>()
  let timeResolution: Rate | null = null
  let defining = false
  const annotations: WfdbAnnotation[] = []
  for (const annotation of all) {
    if (annotation.sample !== 0 || annotation.code !== noteCode || !(defining || annotation.aux.startsWith('## '))) {
      annotations.push(annotation)
      continue
    }
    const resolution = /^## time resolution: (\S+)$/.exec(annotation.aux)
    if (resolution !== null) timeResolution ??= parseRate(resolution[1] ?? '')
    else if (annotation.aux === '## annotation type definitions') defining = true
    else if (annotation.aux === '## end of definitions') defining = false
    else if (defining) addDefinition(definitions, annotation.aux)
  }
  const named = annotations.map(item => ({ ...item, symbol: definitions.get(item.code)?.symbol ?? item.symbol }))
  return { annotations: definitions.size > 0 ? named : annotations, timeResolution, definitions }
}

function addDefinition(definitions: Map<number, { symbol: string; description: string }>, aux: string): void {
  const parts = /^(\d{1,2}) (\S+)(?: (.*))?$/.exec(aux)
  if (parts?.[2] !== undefined) definitions.set(Number(parts[1]), { symbol: parts[2], description: parts[3] ?? '' })
}

function decodeAnnotations(bytes: Uint8Array, where: string): WfdbAnnotation[] {
  const annotations: WfdbAnnotation[] = []
  const word = (at: number): number => {
    const high = bytes[at + 1]
    if (high === undefined) {
      throw new VitalwireError(
        'recording-short',
        `annotation file ${where} ends at byte ${bytes.length} within an annotation; expected an end mark (two zero bytes)`,
      )
    }
    return (bytes[at] as number) | (high << 8)
  }
  let at = 0
  let sample = 0
  let channel = 0
  let num = 0
  for (;;) {
    let head = word(at)
    // Only a zero word in the place of an annotation ends the file: after a SKIP it is an annotation of code 0.
    if (head === 0) return annotations
    at += 2
    while (head >> 10 === skipCode) {
      // A 32-bit two's complement interval, high word first.
      sample += (word(at) << 16) | word(at + 2)
      head = word(at + 4)
      at += 6
    }
    const code = head >> 10
    sample += head & 0x3ff
    let subtype = 0
    let aux = ''
    for (let modifier = word(at); modifier >> 10 > skipCode; modifier = word(at)) {
      at += 2
      const value = modifier & 0xff
      if (modifier >> 10 === numCode) num = (value << 24) >> 24
      else if (modifier >> 10 === subCode) subtype = (value << 24) >> 24
      else if (modifier >> 10 === channelCode) channel = value
      else if (modifier >> 10 === auxCode) {
        if (at + value > bytes.length) word(bytes.length)
        aux = Buffer.from(bytes.subarray(at, at + value))
          .toString('latin1')
          .replace(/\0+$/, '')
        at += value + (value & 1)
      }
    }
    // Code 0 only carries time on (and what modifies what follows).
    if (code !== 0) annotations.push({ sample, code, symbol: annotationSymbol(code), subtype, channel, num, aux })
  }
}
