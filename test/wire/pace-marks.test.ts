import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32cAround } from '../../src/signal/crc32c.js'
import { type Codec, decodeChunk } from '../../src/wire/chunk.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'
import { Bench, chunkOf } from './sample-device.js'

const format = (codec: Codec) => ({ codec, gain: [1], baseline: [0], bits: [16] })
const header = { codec: 0 as Codec, flags: 2, boot: 7, seq: 0, index: 1000, t0: 0, n: 4 }

function repaired(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint32(36, crc32cAround(bytes, 36), true)
  return bytes
}

/** A chunk of four samples whose marks, and their count, are these 16-bit words. */
function withTrailer(words: readonly number[]): Uint8Array {
  const plain = encodeChunk(header, [[1, 2, 3, 4]], [16])
  const bytes = new Uint8Array(plain.length + 2 * words.length)
  bytes.set(plain)
  bytes[4] = 0x82
  words.forEach((word, k) => {
    new DataView(bytes.buffer).setUint16(plain.length + 2 * k, word, true)
  })
  return repaired(bytes)
}

describe('pace marks', () => {
  it('are read as they were written, with any codec, beside samples and flags', () => {
    const marks = fc
      .uniqueArray(fc.integer({ min: 0, max: 39 }), { minLength: 1 })
      .map(list => list.sort((a, b) => a - b).map(k => k + 1000))
    fc.assert(
      fc.property(marks, fc.constantFrom<Codec>(0, 1, 2, 3), (paceMarks, codec) => {
        const values = Array.from({ length: 40 }, (_, k) => k * k - 300)
        const read = decodeChunk(encodeChunk({ ...header, codec, n: 40, paceMarks }, [values], [16]), format(codec))
        expect(read).toMatchObject({ ok: { flags: 2, n: 40, paceMarks, channels: [Float64Array.from(values)] } })
      }),
    )
  })

  it('lie behind the samples: offsets, then how many', () => {
    const bytes = encodeChunk({ ...header, paceMarks: [1001, 1003] }, [[1, 2, 3, 4]], [16])
    expect([...bytes.subarray(48)]).toEqual([1, 0, 3, 0, 2, 0])
    expect(bytes[4]).toBe(0x82)
    expect(withTrailer([1, 3, 2])).toEqual(bytes)
  })

  it('change nothing in a chunk without any', () => {
    expect(encodeChunk({ ...header, paceMarks: [] }, [[1, 2, 3, 4]], [16])).toEqual(encodeChunk(header, [[1, 2, 3, 4]], [16]))
    expect(decodeChunk(withTrailer([0]), format(0))).toMatchObject({ ok: { n: 4 } })
  })

  it.each([
    ['that do not ascend', [2, 2, 2], 'pace-marks'],
    ['behind the samples', [4, 1], 'pace-marks'],
    ['more than the payload holds', [1, 9], 'size'],
    ['fewer than the payload holds', [1, 2, 1], 'size'],
    ['that are not there', [], 'size'],
  ] as const)('%s are refused', (_, words, reason) => {
    expect(decodeChunk(withTrailer(words), format(0))).toEqual({ reason })
  })

  it('outside of their chunk are an encoder’s mistake', () => {
    for (const paceMarks of [[999], [1004], [1002, 1001], [1000.5]]) {
      expect(() => encodeChunk({ ...header, paceMarks }, [[1, 2, 3, 4]], [16])).toThrow(RangeError)
    }
  })

  it('come with their samples, in order, late, and from JSON', () => {
    const bench = new Bench()
    bench.say('w', chunkOf(0, { paceMarks: [3, 200] }))
    bench.say('w', chunkOf(1))
    const json = { boot: 7, seq: 2, index: 500, t0: 0, paceMarks: [0, 2], values: [[1, 2, 3]] }
    bench.say('w', new TextEncoder().encode(JSON.stringify(json)))
    expect(bench.ofType('block').map(({ chunk }) => chunk.paceMarks)).toEqual([[3, 200], undefined, [500, 502]])
    for (const paceMarks of [[1, 1], [3], ['0'], [0.5]]) {
      const refused = bench.say('w', new TextEncoder().encode(JSON.stringify({ ...json, seq: 3, index: 503, paceMarks })))
      expect(refused).toMatchObject([{ type: 'refused', reason: 'pace-marks' }])
    }
  })
})
