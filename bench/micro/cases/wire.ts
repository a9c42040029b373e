import { crc32c } from '../../../src/signal/crc32c.js'
import { ChunkBuffers as Buffers, type ChunkBuffers, type ChunkFormat, decodeChunk } from '../../../src/wire/chunk.js'
import { encodeChunk } from '../../../src/wire/encode-chunk.js'
import { decodeJsonChunk } from '../../../src/wire/json-chunk.js'
import type { BenchCase, CaseMaker } from '../bench-case.js'
import { ecgSamples } from '../signals.js'

const fs = 250
const gain = 1000
const physical = ecgSamples(fs, 1)
const digital = Float64Array.from(physical, value => Math.round(value * gain))
const header = { codec: 1, flags: 0, boot: 7, seq: 12, index: 12 * fs, t0: 12_000_000, n: fs } as const
const format: ChunkFormat = { codec: 1, gain: [gain], baseline: [0], bits: [16] }
const work = { count: 1, of: `chunk of ${fs} samples` }

/** One second of one lead as the wire has it: 40 bytes of header and delta varints. */
const binary = encodeChunk(header, [digital], [16])

function json(): Uint8Array {
  const { boot, seq, index, t0 } = header
  return Buffer.from(JSON.stringify({ boot, seq, index, t0, values: [Array.from(digital, code => code / gain)] }))
}

function crc(): BenchCase {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    return value
  })
  return {
    work: { count: binary.length, of: 'byte' },
    expected: bitwiseCrc(binary),
    candidate: { name: 'crc32c, 8 bytes a step', run: () => crc32c(binary) },
    baseline: {
      name: 'one table, 1 byte a step',
      run() {
        let value = -1
        for (let at = 0; at < binary.length; at++) value = (value >>> 8) ^ table[(value ^ binary[at]!) & 255]!
        return ~value >>> 0
      },
    },
  }
}

/** Straight from the polynomial. */
function bitwiseCrc(bytes: Uint8Array): number {
  let value = -1
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  }
  return ~value >>> 0
}

function decode(): BenchCase {
  const text = json()
  const buffers: ChunkBuffers = new Buffers()
  const sumOf = (read: ReturnType<typeof decodeChunk>) => {
    if (!('ok' in read)) throw new Error(`not decoded: ${read.reason}`)
    const [samples] = read.ok.channels
    let sum = read.ok.seq
    for (let k = 0; k < samples!.length; k++) sum += samples![k]!
    return sum
  }
  return {
    work,
    expected: header.seq + digital.reduce((sum, code) => sum + code, 0) / gain,
    tolerance: 1e-9,
    candidate: { name: 'decodeChunk, delta varint', run: () => sumOf(decodeChunk(binary, format, buffers)) },
    baseline: { name: 'decodeJsonChunk', run: () => sumOf(decodeJsonChunk(text, format, buffers)) },
  }
}

function encode(): BenchCase {
  // The CRC over all bytes is the fingerprint; the baseline checks its own text by length.
  const expected = (binary[36]! | (binary[37]! << 8) | (binary[38]! << 16) | (binary[39]! << 24)) >>> 0
  const textLength = json().length
  return {
    work,
    expected,
    candidate: {
      name: 'encodeChunk, delta varint',
      run() {
        const bytes = encodeChunk(header, [digital], [16])
        return (bytes[36]! | (bytes[37]! << 8) | (bytes[38]! << 16) | (bytes[39]! << 24)) >>> 0
      },
    },
    baseline: { name: 'JSON.stringify of the same samples', run: () => (json().length === textLength ? expected : -1) },
  }
}

export const wireCases: Readonly<Record<string, CaseMaker>> = { crc32c: crc, 'chunk-decode': decode, 'chunk-encode': encode }
