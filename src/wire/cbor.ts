/**
 * CBOR (RFC 8949), the part that JSON can say plus byte strings, and decimal fractions (tag 4), which SenML allows. Written
 * here because what devices send is hostile until checked: nothing is allocated by a length that the bytes do not bear
 * out, nesting is bounded, no other tags, no duplicate keys, no state between messages.
 */
const maxDepth = 16

class Reader {
  at = 0
  readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(depth: number): unknown {
    if (depth > maxDepth) throw new RangeError(`nested deeper than ${maxDepth}`)
    const initial = this.view.getUint8(this.at++)
    const major = initial >> 5
    const info = initial & 31
    if (major === 7) return this.simple(info)
    if (info === 31) return this.indefinite(major, depth)
    const argument = this.argument(info)
    switch (major) {
      case 0:
        return argument
      case 1:
        return -1 - argument
      case 2:
        return this.take(argument).slice()
      case 3:
        return this.utf8.decode(this.take(argument))
      case 4: {
        const list: unknown[] = []
        for (let k = 0; k < argument; k++) list.push(this.value(depth + 1))
        return list
      }
      case 5: {
        const map = emptyMap()
        for (let k = 0; k < argument; k++) this.member(map, depth)
        return map
      }
      default:
        return this.decimalFraction(argument, depth)
    }
  }

  private argument(info: number): number {
    const { view } = this
    const at = this.at
    if (info < 24) return info
    if (info === 24) {
      this.at += 1
      return view.getUint8(at)
    }
    if (info === 25) {
      this.at += 2
      return view.getUint16(at)
    }
    if (info === 26) {
      this.at += 4
      return view.getUint32(at)
    }
    if (info !== 27) throw new RangeError('reserved additional information')
    this.at += 8
    const value = view.getUint32(at) * 4294967296 + view.getUint32(at + 4)
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('integer above 2^53 - 1')
    return value
  }

  private simple(info: number): unknown {
    const at = this.at
    if (info === 20) return false
    if (info === 21) return true
    if (info === 22) return null
    if (info === 25) {
      this.at += 2
      return halfFloat(this.view.getUint16(at))
    }
    if (info === 26) {
      this.at += 4
      return this.view.getFloat32(at)
    }
    if (info === 27) {
      this.at += 8
      return this.view.getFloat64(at)
    }
    throw new RangeError('simple value that JSON has not')
  }

  private indefinite(major: number, depth: number): unknown {
    if (major === 4) {
      const list: unknown[] = []
      while (!this.atBreak()) list.push(this.value(depth + 1))
      return list
    }
    if (major === 5) {
      const map = emptyMap()
      while (!this.atBreak()) this.member(map, depth)
      return map
    }
    if (major !== 3) throw new RangeError('indefinite length of this type')
    let text = ''
    while (!this.atBreak()) {
      const initial = this.view.getUint8(this.at++)
      if (initial >> 5 !== 3 || (initial & 31) === 31) throw new RangeError('a text string in pieces holds only text strings')
      text += this.utf8.decode(this.take(this.argument(initial & 31)))
    }
    return text
  }

  private atBreak(): boolean {
    if (this.view.getUint8(this.at) !== 0xff) return false
    this.at++
    return true
  }

  private member(map: Record<string, unknown>, depth: number): void {
    const key = this.value(depth + 1)
    if (typeof key !== 'string' && typeof key !== 'number') throw new RangeError('a key that is neither text nor number')
    const name = String(key)
    if (name in map) throw new RangeError(`key ${name} twice`)
    map[name] = this.value(depth + 1)
  }

  private decimalFraction(tag: number, depth: number): number {
    if (tag !== 4) throw new RangeError(`tag ${tag}`)
    const pair = this.value(depth + 1)
    if (!Array.isArray(pair) || pair.length !== 2) throw new RangeError('decimal fraction')
    const [exponent, mantissa] = pair as unknown[]
    if (!Number.isInteger(exponent) || !Number.isInteger(mantissa)) throw new RangeError('decimal fraction')
    return Number(`${mantissa as number}e${exponent as number}`)
  }

  private take(length: number): Uint8Array {
    const end = this.at + length
    if (end > this.bytes.length) throw new RangeError('string longer than the message')
    const part = this.bytes.subarray(this.at, end)
    this.at = end
    return part
  }
}

function emptyMap(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

function halfFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return (sign * fraction) / 16777216
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * 2 ** (exponent - 25) * (1024 + fraction)
}

/** Decodes one item that fills all of `bytes`. Maps become objects without prototype, number keys their decimal text. Throws RangeError or TypeError. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (reader.at !== bytes.length) throw new RangeError('bytes behind the item')
  return value
}

/** A map whose keys are given as they are: SenML labels are numbers, which object keys cannot be. */
export type CborMap = ReadonlyMap<string | number, unknown>

/** Encodes JSON values, byte strings and maps, in definite lengths; whole numbers as integers, others as float64. */
export function encodeCbor(value: unknown): Uint8Array {
  const bytes: number[] = []
  write(bytes, value)
  return Uint8Array.from(bytes)
}

function write(bytes: number[], value: unknown): void {
  if (value === null || value === undefined) bytes.push(0xf6)
  else if (typeof value === 'boolean') bytes.push(value ? 0xf5 : 0xf4)
  else if (typeof value === 'number') writeNumber(bytes, value)
  else if (typeof value === 'string') writeString(bytes, 3, new TextEncoder().encode(value))
  else if (value instanceof Uint8Array) writeString(bytes, 2, value)
  else if (Array.isArray(value)) {
    writeHead(bytes, 4, value.length)
    for (const item of value) write(bytes, item)
  } else {
    const entries = value instanceof Map ? [...(value as CborMap)] : Object.entries(value as object).filter(([, v]) => v !== undefined)
    writeHead(bytes, 5, entries.length)
    for (const [key, item] of entries) {
      write(bytes, key)
      write(bytes, item)
    }
  }
}

function writeNumber(bytes: number[], value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(bytes, 0, value)
    else writeHead(bytes, 1, -1 - value)
    return
  }
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  bytes.push(0xfb)
  for (let k = 0; k < 8; k++) bytes.push(view.getUint8(k))
}

function writeString(bytes: number[], major: number, content: Uint8Array): void {
  writeHead(bytes, major, content.length)
  for (const byte of content) bytes.push(byte)
}

function writeHead(bytes: number[], major: number, argument: number): void {
  const high = major << 5
  if (argument < 24) bytes.push(high | argument)
  else if (argument < 256) bytes.push(high | 24, argument)
  else if (argument < 65536) bytes.push(high | 25, argument >> 8, argument & 255)
  else {
    const wide = argument > 0xffffffff
    bytes.push(high | (wide ? 27 : 26))
    for (let shift = wide ? 7 : 3; shift >= 0; shift--) bytes.push(Math.floor(argument / 256 ** shift) % 256)
  }
}
