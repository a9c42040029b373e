import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { VitalwireError } from '../errors.js'
import { byteRefusal } from './byte-refusal.js'
import { readSmallFile } from './file-pool.js'

/** A real numeric array; `values` in the order of the file: the first dimension runs fastest (columns). */
export interface MatlabArray {
  readonly dimensions: readonly number[]
  readonly values: Float64Array
}

const mostBytes = 1024 * 1024 * 1024
/** A gibibyte of doubles, however small their numbers are in the file. */
const mostValues = mostBytes / 8
const inflateAsync = promisify(inflate)

/** Numbers of the data types of the format, and how wide they are. */
const readers: Readonly<
  Record<number, { readonly width: number; readonly read: (view: DataView, at: number, little: boolean) => number }>
> = {
  1: { width: 1, read: (view, at) => view.getInt8(at) },
  2: { width: 1, read: (view, at) => view.getUint8(at) },
  3: { width: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { width: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { width: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { width: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { width: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { width: 8, read: (view, at, little) => view.getFloat64(at, little) },
  12: { width: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { width: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
}
const matrixType = 14
const compressedType = 15
/** Array classes double, single, and integers of 8 to 64 bits. */
const numericClasses = { first: 6, last: 15 }

/**
 * The real numeric arrays of a MATLAB file of version 5 to 7.2, by name; cells, structures, texts, sparse and complex arrays
 * are passed over. Source: MathWorks, "MAT-File Format", level 5. Throws `recording-missing`, or `recording-format` with the
 * byte position (within its array where that is compressed).
 */
export async function readMat5(path: string): Promise<Map<string, MatlabArray>> {
  const bytes = await readSmallFile(path, 'a MATLAB file', mostBytes)
  const little = byteOrder(bytes, path)
  const arrays = new Map<string, MatlabArray>()
  let at = 128
  while (at < bytes.length) {
    const element = new Elements(bytes, little, path, '').next(at)
    const found = element.type === compressedType ? await unpack(bytes, element, at, little, path) : { source: bytes, element, where: '' }
    if (found !== null && found.element.type === matrixType) {
      const named = readMatrix(new Elements(found.source, little, path, found.where), found.element)
      if (named !== null) arrays.set(named.name, named.array)
    }
    at = element.end
  }
  return arrays
}

interface Element {
  readonly type: number
  readonly from: number
  readonly length: number
  /** Where the next one begins. */
  readonly end: number
}

function byteOrder(bytes: Uint8Array, path: string): boolean {
  if (bytes.length === 0)
    throw new VitalwireError('recording-format', `${path}: byte 0: the file is empty; accepted: a MATLAB file of version 5 to 7.2`)
  const mark = Buffer.from(bytes.subarray(126, 128)).toString('latin1')
  if (bytes.length >= 128 && (mark === 'IM' || mark === 'MI')) {
    const major = bytes[mark === 'IM' ? 125 : 124]
    if (major === 1) return mark === 'IM'
    throw new VitalwireError(
      'recording-format',
      `${path}: byte 124: is a MATLAB file of version 7.3; accepted: version 5 to 7.2 (save -v7)`,
    )
  }
  throw new VitalwireError('recording-format', `${path}: byte 126: is no MATLAB file of version 5; accepted: IM or MI at this place`)
}

async function unpack(bytes: Uint8Array, element: Element, at: number, little: boolean, path: string) {
  const where = ` of the array at byte ${at}`
  let source: Uint8Array
  try {
    source = await inflateAsync(bytes.subarray(element.from, element.from + element.length), { maxOutputLength: mostBytes })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw byteRefusal(path, element.from, `a compressed array cannot be unpacked: ${reason}`, 'zlib data', { cause })
  }
  return { source, element: new Elements(source, little, path, where).next(0), where }
}

/** Null: not a real numeric array. */
function readMatrix(elements: Elements, matrix: Element): { name: string; array: MatlabArray } | null {
  const flags = elements.next(matrix.from)
  const word = elements.number(flags, 6, 0)
  const kind = word & 0xff
  const complex = (word & 0x0800) !== 0
  if (complex || kind < numericClasses.first || kind > numericClasses.last) return null
  const size = elements.next(flags.end)
  const dimensions = Array.from({ length: size.length / 4 }, (_, k) => elements.number(size, 5, k))
  const label = elements.next(size.end)
  const name = elements.text(label)
  const data = elements.next(label.end)
  const count = dimensions.reduce((product, length) => product * length, 1)
  const reader = readers[data.type]
  if (reader === undefined || dimensions.length < 2 || dimensions.some(length => length < 0) || data.length !== count * reader.width)
    elements.refuse(
      data.from,
      `array "${name}" of ${dimensions.join(' x ')} has ${data.length} bytes of type ${data.type}`,
      'as many numbers as its dimensions say',
    )
  if (count > mostValues) elements.refuse(size.from, `array "${name}" has ${count} numbers`, `at most ${mostValues}`)
  const values = new Float64Array(count)
  for (let k = 0; k < count; k++) values[k] = reader!.read(elements.view, data.from + k * reader!.width, elements.little)
  return { name, array: { dimensions, values } }
}

/** Tagged data elements in a run of bytes. */
class Elements {
  readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    readonly little: boolean,
    readonly path: string,
    /** Which part of the file the byte positions count in, for messages. */
    readonly where: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  next(at: number): Element {
    if (at + 8 > this.bytes.length) this.refuse(at, 'ends inside the tag of an element', '8 bytes')
    const first = this.view.getUint32(at, this.little)
    // Up to 4 bytes stand in the tag itself: then its upper half is their number.
    const small = first >>> 16
    if (small > 4) this.refuse(at, `has a tag with ${small} bytes in it`, 'up to 4')
    const length = small > 0 ? small : this.view.getUint32(at + 4, this.little)
    const from = small > 0 ? at + 4 : at + 8
    if (from + length > this.bytes.length)
      this.refuse(at, `has an element of ${length} bytes where ${this.bytes.length - from} are left`, 'an element that is there whole')
    // Elements begin at multiples of 8 bytes, but for compressed ones, which nothing fills up.
    const type = small > 0 ? first & 0xffff : first
    const end = small > 0 ? at + 8 : type === compressedType ? from + length : from + Math.ceil(length / 8) * 8
    return { type, from, length, end }
  }

  number(element: Element, type: number, k: number): number {
    const { width, read } = readers[type]!
    if (element.type !== type || (k + 1) * width > element.length)
      this.refuse(
        element.from,
        `has an element of type ${element.type} with ${element.length} bytes`,
        `type ${type} with ${(k + 1) * width} bytes or more`,
      )
    return read(this.view, element.from + k * width, this.little)
  }

  text({ from, length }: Element): string {
    return Buffer.from(this.bytes.subarray(from, from + length)).toString('latin1')
  }

  refuse(byte: number, what: string, accepted: string): never {
    throw new VitalwireError('recording-format', `${this.path}: byte ${byte}${this.where}: ${what}; accepted: ${accepted}`)
  }
}
