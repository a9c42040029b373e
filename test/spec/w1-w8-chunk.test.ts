import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, crc32cAround } from '../../src/signal/crc32c.js'
import { type ChunkFormat, type ChunkHeader, type Codec, decodeChunk } from '../../src/wire/chunk.js'
import { encodeChunk, missingCode, toDigital } from '../../src/wire/encode-chunk.js'
import { Bench, chunkOf } from '../wire/sample-device.js'

interface Vectors {
  crc32c: Record<string, string>
  chunks: {
    name: string
    bits: number[]
    fields: Record<string, string>
    decoded: Omit<ChunkHeader, 'n'> & { n: number; digital: (number | null)[][] }
  }[]
}
const vectors = JSON.parse(readFileSync(new URL('../wire/vectors.json', import.meta.url), 'utf8')) as Vectors

function formatOf(codec: Codec, bits: number[], gain = 1, baseline = 0): ChunkFormat {
  return { codec, bits, gain: bits.map(() => gain), baseline: bits.map(() => baseline) }
}

/** The bytes in the middle of a larger pool, at an odd offset, as an MQTT client hands them over. */
function pooled(bytes: Uint8Array): Uint8Array {
  const pool = new Uint8Array(bytes.length + 64).fill(0xa5)
  pool.set(bytes, 13)
  return pool.subarray(13, 13 + bytes.length)
}

function repair(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 40) new DataView(bytes.buffer, bytes.byteOffset).setUint32(36, crc32cAround(bytes, 36), true)
  return bytes
}

describe('CRC32C', () => {
  it('gives E3069283 for "123456789" and the values of RFC 3720, B.4', () => {
    expect(crc32c(new TextEncoder().encode('123456789')).toString(16)).toBe('e3069283')
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa')
    expect(crc32c(new Uint8Array(32).fill(255)).toString(16)).toBe('62a8ab43')
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, k) => k)).toString(16)).toBe('46dd794e')
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, k) => 31 - k)).toString(16)).toBe('113fdb5c')
  })

  it('is the same at every offset and length as bit by bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(8), (bytes, offset) => {
        let crc = 0xffffffff
        for (const byte of bytes) {
          crc ^= byte
          for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
        }
        const pool = new Uint8Array(bytes.length + offset)
        pool.set(bytes, offset)
        expect(crc32c(pool, offset)).toBe(~crc >>> 0)
      }),
    )
  })
})

describe('byte vectors', () => {
  it.each(vectors.chunks.map(vector => [vector.name, vector] as const))('%s', (_, { fields, bits, decoded }) => {
    const bytes = Uint8Array.from(Buffer.from(Object.values(fields).join(''), 'hex'))
    const { digital, ...header } = decoded
    const read = decodeChunk(pooled(bytes), formatOf(header.codec, bits))
    if ('reason' in read) throw new Error(read.reason)
    expect(read.ok).toMatchObject(header)
    const physical = digital.map(channel => channel.map(value => value ?? Number.NaN))
    expect(read.ok.channels.map(channel => [...channel])).toEqual(physical)
    expect(read.ok.invalid).toBe(digital.flat().filter(value => value === null).length)
    expect(Buffer.from(encodeChunk(header, physical, bits)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
  })
})

describe('W1: what is checked, in which order', () => {
  /** Each step makes one more thing right, from the last check to the first. */
  const steps: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['crc', b => set(b, 36, b[36]! ^ 1)],
    ['range', b => repair(set(set(b, 22, 0x20), 23, 0))],
    ['size', b => repair(b.slice(0, b.length - 1))],
    ['too-long', b => repair(grow(b, 70_000))],
    ['too-many-samples', b => repair(set(set(b, 32, 0xff), 33, 0xff))],
    ['empty', b => repair(set(set(b, 32, 0), 33, 0))],
    ['codec', b => repair(set(b, 3, 3))],
    ['channels', b => repair(set(b, 6, 2))],
  ]

  it.each(steps)('W1 refuses %s', (reason, spoil) => {
    const bytes = spoil(encodeChunk({ codec: 0, flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: 4 }, [[1, 2, 3, 4]], [16]))
    expect(decodeChunk(bytes, formatOf(0, [16]))).toEqual({ reason })
  })

  it('W1 names the first reason in its order when several apply', () => {
    let bytes = encodeChunk({ codec: 0, flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: 4 }, [[1, 2, 3, 4]], [16])
    const order = [
      set(bytes, 36, bytes[36]! ^ 1),
      (bytes = set(set(set(bytes, 22, 0xff), 23, 0xff), 36, 0)),
      (bytes = grow(bytes, bytes.length + 1)),
      (bytes = grow(bytes, 70_000)),
      (bytes = set(set(bytes, 32, 0xff), 33, 0xff)),
      set(set(bytes, 32, 0), 33, 0),
      (bytes = set(bytes, 3, 9)),
      (bytes = set(bytes, 6, 9)),
    ].map(b => decodeChunk(b, formatOf(0, [16])))
    const unknown = [decodeChunk(bytes, 'unknown-stream'), decodeChunk(bytes, 'unknown-boot')]
    const header = [
      (bytes = set(bytes, 34, 1)),
      (bytes = set(bytes, 5, 1)),
      (bytes = set(bytes, 2, 2)),
      (bytes = bytes.slice(0, 39)),
      set(bytes, 1, 0),
    ].map(b => decodeChunk(b, 'unknown-boot'))
    expect([...order, ...unknown, ...header].map(read => 'reason' in read && read.reason)).toEqual([
      'crc',
      'range',
      'size',
      'too-long',
      'too-many-samples',
      'empty',
      'codec',
      'channels',
      'unknown-stream',
      'unknown-boot',
      'reserved',
      'flags',
      'version',
      'short',
      'magic',
    ])
  })

  it('W1 wants exactly n x C varints of at most 5 bytes and 32 bits', () => {
    const good = chunkOf(0, { n: 3, value: 200 })
    for (const payload of [
      [0x80],
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 0x83],
      [1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      [1, 2, 0xff, 0xff, 0xff, 0xff, 0x10],
    ]) {
      const bytes = new Uint8Array(40 + payload.length)
      bytes.set(good.subarray(0, 40))
      bytes.set(payload, 40)
      expect(decodeChunk(repair(bytes), formatOf(1, [16]))).toEqual({ reason: 'size' })
    }
  })

  it('W1 lets codec 0 and 1 take turns, and no others', () => {
    const header = { flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: 1 }
    for (const born of [0, 1, 2, 3] as const) {
      for (const sent of [0, 1, 2, 3] as const) {
        const read = decodeChunk(encodeChunk({ ...header, codec: sent }, [[5]], [16]), formatOf(born, [16]))
        expect('ok' in read).toBe(born === sent || (born < 2 && sent < 2))
      }
    }
  })

  it('W1 takes n = 0 with the flag last only', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.say('w', chunkOf(1, { n: 0, flags: 8 }))
    expect(bench.ofType('close')).toHaveLength(1)
    expect(bench.receiver.ledger()).toMatchObject({ offered: 250, stored: 250 })
  })

  it('W1 counts what is refused by reason, in messages only, and hands the bytes on for quarantine', () => {
    const bench = new Bench()
    const spoiled = set(chunkOf(0), 36, 0)
    bench.say('w', spoiled)
    expect(bench.ofType('refused')).toEqual([{ type: 'refused', topic: 'w', stream: 'ecg', reason: 'crc', bytes: spoiled }])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 0, messages: { received: 2, accepted: 1, refused: { crc: 1 } } })
  })

  it('never throws and never accepts what a single changed byte spoils', () => {
    const bytes = chunkOf(3)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        expect(decodeChunk(pooled(set(bytes, at, bytes[at]! ^ flip)), formatOf(1, [16]))).toHaveProperty('reason')
      }),
    )
  })
})

describe('W5 and W6: clocks', () => {
  it('W5 takes the device clock as a hint: it orders nothing and is handed on', () => {
    const bench = new Bench()
    const clocks = [5_000_000, 1, 2 ** 52, 0]
    for (const [seq, t0] of clocks.entries()) bench.chunk(seq, { t0 })
    expect(bench.ofType('block').map(block => block.chunk.t0)).toEqual(clocks)
    expect(bench.released()).toEqual([0, 1, 2, 3])
  })

  it('W6 says a new boot, implied or born, in an action of its own', () => {
    const bench = new Bench()
    for (const value of [0, 1, 2]) bench.chunk(value)
    for (const value of [0, 1]) bench.chunk(value, { value: 99 })
    expect(bench.ofType('boot')).toMatchObject([{ boot: 2 ** 32 + 7, implied: true }])
  })
})

describe('W8: missing values', () => {
  it('W8 has a code for a missing value in every codec', () => {
    expect([0, 1, 2, 3].map(codec => missingCode(codec, 12))).toEqual([-32768, -2048, -8388608, Number.NaN])
  })

  it('W8 counts missing values as invalid and gives them as NaN in their channel only', () => {
    const bench = new Bench()
    bench.say('w', encodeChunk({ codec: 1, flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: 3 }, [[200, Number.NaN, 400]], [16]))
    expect([...bench.ofType('block')[0]!.chunk.channels[0]!]).toEqual([1, Number.NaN, 2])
    expect(bench.receiver.ledger()).toMatchObject({ stored: 3, invalid: 1 })
  })

  it('W8 takes an infinity for a missing value', () => {
    const read = decodeChunk(
      encodeChunk({ codec: 3, flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: 2 }, [[Number.POSITIVE_INFINITY, 1]], [32]),
      formatOf(3, [32]),
    )
    expect(read).toMatchObject({ ok: { invalid: 1 } })
  })

  it('B4 W8 reads what it writes with any codec, offset, gain and missing value', () => {
    const sample = fc.option(fc.integer({ min: -32767, max: 32767 }), { freq: 8 })
    const shape = fc.record({ count: fc.integer({ min: 1, max: 4 }), n: fc.integer({ min: 1, max: 40 }) })
    const input = shape.chain(({ count, n }) =>
      fc.array(fc.array(sample, { minLength: n, maxLength: n }), { minLength: count, maxLength: count }),
    )
    fc.assert(
      fc.property(input, fc.constantFrom(0, 1, 2, 3), fc.integer({ min: -50, max: 50 }), (digital, codec, baseline) => {
        const bits = digital.map(() => 16)
        const values = digital.map(channel => channel.map(value => value ?? Number.NaN))
        const header = { codec: codec as Codec, flags: 2, boot: 1, seq: 2, index: 3, t0: 4, n: values[0]!.length }
        const read = decodeChunk(pooled(encodeChunk(header, values, bits)), formatOf(codec as Codec, bits, 200, baseline))
        if ('reason' in read) throw new Error(read.reason)
        expect(read.ok.channels.map(channel => [...channel])).toEqual(values.map(channel => channel.map(value => (value - baseline) / 200)))
        for (const channel of read.ok.channels) {
          for (const value of channel) if (!Number.isNaN(value)) expect(Number.isInteger(toDigital(value, 200, baseline, 17, 0))).toBe(true)
        }
      }),
    )
  })
})

function set(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

function grow(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  copy.set(bytes)
  return copy
}
