import { describe, expect, it } from 'vitest'
import { parseAnnotations } from '../../src/recording/wfdb-annotation.js'
import { encodeAnnotations, type NewAnnotation } from '../../src/recording/wfdb-annotation-writer.js'

/** Words as annot(5) draws them: code in the upper six bits, interval or value in the lower ten. */
function words(...items: (readonly [code: number, value: number] | string)[]): Uint8Array {
  const bytes: number[] = []
  for (const item of items) {
    if (typeof item === 'string') for (const c of item) bytes.push(c.charCodeAt(0))
    else bytes.push(item[1] & 0xff, (item[0] << 2) | (item[1] >> 8))
  }
  return Uint8Array.from(bytes)
}
const end = [0, 0] as const
const parse = (bytes: Uint8Array) => parseAnnotations(bytes, 'x.atr')

describe('annot(5), MIT format', () => {
  it('adds up intervals, and begins at 0', () => {
    const { annotations } = parse(words([1, 18], [5, 1023], [28, 0], end))
    expect(annotations.map(({ sample, symbol }) => [sample, symbol])).toEqual([
      [18, 'N'],
      [1041, 'V'],
      [1041, '+'],
    ])
  })

  it('SKIP: a signed 32-bit interval, high word first, also negative and repeated', () => {
    const skip = (value: number) =>
      [
        [59, 0],
        [(value >> 26) & 63, (value >> 16) & 1023],
        [(value >> 10) & 63, value & 1023],
      ] as const
    const { annotations } = parse(
      words(...skip(70_000), [1, 5], ...skip(-60_000), [1, 0], ...skip(2_000_000_000), ...skip(2_000_000_000), [1, 1], end),
    )
    expect(annotations.map(item => item.sample)).toEqual([70_005, 10_005, 4_000_010_006])
  })

  it('a code-0 annotation after a SKIP is not the end mark, and only moves time on', () => {
    const { annotations } = parse(words([59, 0], [0, 0], [0, 500], [0, 0], [1, 10], [0, 7], [1, 1], end))
    expect(annotations.map(item => item.sample)).toEqual([510, 518])
  })

  it('NUM and CHN last until they change, SUB and AUX are of their annotation alone', () => {
    const bytes = words([1, 1], [60, 2], [61, 255], [62, 3], [63, 3], 'abc\0', [1, 1], [1, 1], [60, 0x80], [62, 200], end)
    expect(parse(bytes).annotations.map(({ num, subtype, channel, aux }) => [num, subtype, channel, aux])).toEqual([
      [2, -1, 3, 'abc'],
      [2, 0, 3, ''],
      [-128, 0, 200, ''],
    ])
  })

  it('AUX: an odd length is padded, trailing NULs are not text', () => {
    expect(parse(words([28, 5], [63, 3], '(N\0\0', [22, 1], [63, 2], 'TS', end)).annotations.map(item => [item.symbol, item.aux])).toEqual([
      ['+', '(N'],
      ['"', 'TS'],
    ])
  })

  it('takes notes at 0 that define the file apart: time resolution and own codes', () => {
    const note = (text: string) => [[22, 0], [63, text.length], text.length % 2 === 1 ? `${text}\0` : text] as const
    const file = parse(
      words(
        ...note('## time resolution: 999.56'),
        ...note('## annotation type definitions'),
        ...note('42 Nx strange beat'),
        ...note('## end of definitions'),
        [42, 9],
        [22, 0],
        [63, 2],
        'hi',
        end,
      ),
    )
    expect(file.timeResolution).toEqual({ num: 24989, den: 25 })
    expect(file.definitions.get(42)).toEqual({ symbol: 'Nx', description: 'strange beat' })
    expect(file.annotations.map(({ sample, symbol, aux }) => [sample, symbol, aux])).toEqual([
      [9, 'Nx', ''],
      [9, '"', 'hi'],
    ])
  })

  it('refuses a file that ends without its end mark, at every length', () => {
    const whole = words([1, 18], [59, 0], [0, 1], [0, 500], [5, 2], [60, 1], [63, 3], 'abc\0', end)
    expect(parse(whole).annotations).toHaveLength(2)
    for (let length = 0; length < whole.length; length++) {
      expect(() => parse(whole.subarray(0, length)), String(length)).toThrow(expect.objectContaining({ code: 'recording-short' }))
    }
  })
})

describe('annotation writer', () => {
  it('gives back every field, in the order of time, whatever the intervals', () => {
    const annotations: NewAnnotation[] = [
      { sample: -5, symbol: 'N' },
      { sample: 0, symbol: '+', aux: '(AFIB' },
      { sample: 1023, symbol: 'N', channel: 1 },
      { sample: 1023, symbol: 'V', channel: 255, num: -128, subtype: -128 },
      { sample: 2047, symbol: '[15]', num: 127, subtype: 127, aux: 'é' },
      { sample: 5_000_000_000, symbol: '~', aux: 'x'.repeat(255) },
    ]
    const read = parse(
      encodeAnnotations(
        [...annotations].reverse().sort((a, b) => (a.sample === b.sample ? -1 : 0)),
        { timeResolution: { num: 24989, den: 100 } },
      ),
    )
    const full = annotations.map(item => ({ subtype: 0, channel: 0, num: 0, aux: '', ...item }))
    const key = (item: { sample: number; symbol: string }) => `${item.sample} ${item.symbol}`
    const sort = <T extends { sample: number; symbol: string }>(items: readonly T[]) =>
      [...items].sort((a, b) => key(a).localeCompare(key(b)))
    expect(sort(read.annotations.map(({ code: _, ...item }) => item))).toEqual(sort(full))
    expect(read.annotations.map(item => item.sample)).toEqual([-5, 0, 1023, 1023, 2047, 5_000_000_000])
    expect(read.timeResolution).toEqual({ num: 24989, den: 100 })
  })

  it('refuses what the format cannot hold', () => {
    const wrong: NewAnnotation[] = [
      { sample: 0, symbol: 'nope' },
      { sample: 0, symbol: '[50]' },
      { sample: 0.5, symbol: 'N' },
      { sample: 0, symbol: 'N', channel: 256 },
      { sample: 0, symbol: 'N', num: 128 },
      { sample: 0, symbol: 'N', aux: 'x'.repeat(256) },
    ]
    for (const annotation of wrong) expect(() => encodeAnnotations([annotation]), JSON.stringify(annotation)).toThrow(RangeError)
  })
})
