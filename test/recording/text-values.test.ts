import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import { findTimeFormat, NumberFormatFinder, readNumber, readTime } from '../../src/recording/text-values.js'

const refused = (message: RegExp) => expect.objectContaining({ code: 'recording-format', message: expect.stringMatching(message) })

/** 2026-01-02T03:04:05.678901234Z. */
const micros = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 678_901

describe('times of a text table', () => {
  it.each([
    ['2026-01-02T03:04:05.678901Z', 'iso-8601', micros],
    ['2026-01-02 03:04:05,678901Z', 'iso-8601', micros],
    ['2026-01-02T04:04:05.678901+01:00', 'iso-8601', micros],
    ['2026-01-01T22:34:05.678901-0430', 'iso-8601', micros],
    ['2026-01-02T03:04Z', 'iso-8601', Date.UTC(2026, 0, 2, 3, 4) * 1000],
    ['1767323045.678901', 's', micros],
    ['1767323045678', 'ms', micros - 901],
    ['1767323045678901', 'us', micros],
    ['1767323045678901234', 'ns', micros],
    ['1767323045678901678', 'ns', micros + 1],
    ['315532800', 's', 315_532_800e6],
    ['4102444799', 's', 4_102_444_799e6],
  ] as const)('%s is %s', (text, format, expected) => {
    expect(findTimeFormat([text], 'a.csv')).toBe(format)
    expect(readTime(text, format, 'a.csv')).toBe(expected)
  })

  it.each([
    ['01/02/2026 03:04:05', /order of day, month and year/],
    ['1.2.2026', /order of day, month and year/],
    ['2026/01/02', /order of day, month and year/],
    ['26-01-02 03:04', /order of day, month and year/],
    ['2026-01-02T03:04:05', /zone/],
    ['2026-02-30T03:04:05Z', /no date/],
    ['2026-01-02T24:00:00Z', /no date/],
    ['2026-01-02T03:04:05+19:00', /zone that there is/],
    ['315532799', /1980 to 2100/],
    ['4102444800', /1980 to 2100/],
    ['12345', /1980 to 2100/],
    ['-1767323045', /not a time/],
    ['0x69', /not a time/],
    ['noon', /not a time/],
  ])('%s is refused', (text, message) => {
    const read = () => readTime(text, findTimeFormat([text], 'a.csv'), 'a.csv')
    expect(read).toThrow(refused(message))
  })

  it('of two formats in one table are refused, and so are none', () => {
    expect(() => findTimeFormat(['1767323045', '1767323045678'], 'a.csv')).toThrow(refused(/is ms and a time before it is s/))
    expect(() => findTimeFormat([], 'a.csv')).toThrow(refused(/no time/))
  })
})

describe('numbers of a text table', () => {
  const formatOf = (...texts: readonly string[]): string => {
    const finder = new NumberFormatFinder()
    for (const text of texts) finder.add(text)
    return finder.found('a.csv')
  }

  it.each([
    [['36.6'], 'point'],
    [['36,6'], 'comma'],
    [['1,234.5'], 'point'],
    [['1.234,5'], 'comma'],
    [['0,123'], 'comma'],
    [['1234,567'], 'comma'],
    [['1,234', '36,6'], 'comma'],
    [['1,234', '36.6'], 'point'],
    [['1,234,567'], 'point'],
    [['1,5e3'], 'comma'],
    [['1.234'], 'point'],
    [['12', '-3', ''], 'point'],
  ])('%j begin their decimals with a %s', (texts, expected) => {
    expect(formatOf(...texts)).toBe(expected)
  })

  it.each([
    [['1,234'], /can be 1234 or 1\.234/],
    [['12', '-999,000'], /can be -999000 or -999\.000/],
    [['36,6', '36.6'], /decimal comma and "36.6" a decimal point/],
  ])('%j can be read in two ways and are refused', (texts, message) => {
    expect(() => formatOf(...texts)).toThrow(refused(message))
  })

  it.each([
    ['36,6', 'comma', 36.6],
    ['1.234,5', 'comma', 1234.5],
    ['1,234.5', 'point', 1234.5],
    ['-0,5e-3', 'comma', -0.0005],
    ['12', 'comma', 12],
    ['36,6', 'point', Number.NaN],
    ['1,2,3', 'point', Number.NaN],
    ['12,34.5', 'point', Number.NaN],
    ['.', 'point', Number.NaN],
    ['', 'comma', Number.NaN],
  ] as const)('%s with a %s is %d', (text, format, expected) => {
    expect(readNumber(text, format)).toBe(expected)
  })
})

describe('a CSV recording', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitalwire-text-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  let made = 0
  const read = async (text: string): Promise<{ fs: number; values: number[] }> => {
    const file = join(folder, `t${made++}.csv`)
    await writeFile(file, text)
    const recording = await openRecording(file)
    const values = await recording.readPhysical([0], 0, 100)
    const { num, den } = recording.signals[0]!.fs
    await recording.close()
    return { fs: num / den, values: [...values[0]!] }
  }

  it('with a decimal comma is read as what it says', async () => {
    expect((await read('# fs: 10\nII [mV];b\n0,5;1\n-1,25;2\n1.234,5;3\n')).values).toEqual([0.5, -1.25, 1234.5])
    expect((await read('# fs: 10\n# decimal: comma\nII [mV];b\n1,234;1\n')).values).toEqual([1.234])
    expect((await read('# fs: 10\n# decimal: point\nII [mV];b\n1,234;1\n')).values).toEqual([1234])
  })

  it('with numbers that can be read in two ways is refused, with both', async () => {
    await expect(read('# fs: 10\nII [mV];b\n1,234;1\n')).rejects.toMatchObject(refused(/can be 1234 or 1\.234/))
    await expect(read('# fs: 10\nII [mV];b\n0,5;1\n0.5;2\n')).rejects.toMatchObject(refused(/one of the two/))
    await expect(read('# decimal: dot\n# fs: 10\nII\n1\n')).rejects.toMatchObject(refused(/comma or point/))
  })

  it.each([
    ['s', ['1767323045.00', '1767323045.04']],
    ['ms', ['1767323045000', '1767323045040']],
    ['us', ['1767323045000000', '1767323045040000']],
    ['ns', ['1767323045000000000', '1767323045040000000']],
    ['ISO 8601', ['2026-01-02T03:04:05.00Z', '2026-01-02T03:04:05.04Z']],
    ['ISO 8601 without a zone, of which only differences count', ['2026-01-02 03:04:05.00', '2026-01-02 03:04:05.04']],
  ])('shows its rate by times in %s', async (_, [first, second]) => {
    expect((await read(`time,II\n${first},1\n${second},2\n`)).fs).toBe(25)
  })

  it('whose dates do not tell day from month is refused', async () => {
    await expect(read('time,II\n01/02/2026 03:04:05,1\n01/02/2026 03:04:06,2\n')).rejects.toMatchObject(refused(/order of day, month/))
  })
})
