import { describe, expect, it } from 'vitest'
import { parseWfdbHeader } from '../../src/recording/wfdb-header.js'

const parse = (text: string) => parseWfdbHeader(text, 'x.hea')
const formatFault = expect.objectContaining({ code: 'recording-format', exitCode: 3 })

describe('header(5), record line', () => {
  it('gives name, number of signals, frequency, counter, length, time and date', () => {
    const header = parse('n16 0 100/24000(5.5) 3080000 22:34:47.25 01/02/2006\n')
    expect(header).toMatchObject({
      record: 'n16',
      fs: { num: 100, den: 1 },
      counterFrequency: 24000,
      baseCounter: 5.5,
      length: 3080000,
      segments: null,
    })
    expect(header.timeOfDay).toBe(((22 * 60 + 34) * 60 + 47) * 1000 + 250)
    expect(header.date).toBe(Date.UTC(2006, 1, 1))
  })

  it('takes 250 Hz and an unknown length when only name and signals are given', () => {
    expect(parse('r 0')).toMatchObject({ fs: { num: 250, den: 1 }, length: null, timeOfDay: null, date: null, counterFrequency: null })
    expect(parse('r 0 360 0')).toMatchObject({ length: null })
  })

  it('keeps a fractional frequency exactly as its text says', () => {
    expect(parse('r 0 249.89 10').fs).toEqual({ num: 24989, den: 100 })
    expect(parse('r 0 62.4725/999.56 14400').fs).toEqual({ num: 24989, den: 400 })
    expect(parse('r 0 360.0 10').fs).toEqual({ num: 360, den: 1 })
    expect(parse('r 0 0.0166666666667/125 72').fs).toEqual({ num: 166666666667, den: 10000000000000 })
    expect(parse('r 0 1e-1 72').fs).toEqual({ num: 1, den: 10 })
  })

  it('reads a time of minutes and seconds', () => {
    expect(parse('r 0 125 0    31:25.894').timeOfDay).toBe(31 * 60_000 + 25_894)
    expect(parse('r 0 125 10 25').timeOfDay).toBe(25_000)
    expect(parse('r 0 125 10 25:61:00').timeOfDay).toBeNull()
    expect(parse('r 0 125 10 1:00:00 31/02/2020').date).toBeNull()
  })

  it('refuses a frequency that is none, a missing count and an empty file', () => {
    for (const text of ['', '# only a comment\n', 'r', 'r x', 'r 0 0', 'r 0 -5', 'r 0 abc', 'r 0 250 ten', 'r 1 250', 'r/2 1 250\na 5']) {
      expect(() => parse(text), text).toThrow(formatFault)
    }
  })
})

describe('header(5), signal specification lines', () => {
  const signal = (line: string) => parse(`r 1 250\n${line}\n`).signals[0]

  it('gives format, samples per frame, skew and byte offset', () => {
    expect(signal('a.dat 16x2:3+24 100/mV')).toMatchObject({ file: 'a.dat', format: 16, samplesPerFrame: 2, skew: 3, byteOffset: 24 })
    expect(signal('a.mat 16+24 7247/mV')).toMatchObject({ format: 16, samplesPerFrame: 1, skew: 0, byteOffset: 24 })
    expect(signal('a.dat 212:3 200')).toMatchObject({ format: 212, skew: 3 })
  })

  it('gives gain, baseline and units', () => {
    expect(signal('a.dat 16 30061.27(-161790)/mV 16 0')).toMatchObject({ gain: 30061.27, baseline: -161790, units: 'mV' })
    expect(signal('a.dat 16 1.052e+04/mV 16 0')).toMatchObject({ gain: 10520, baseline: 0 })
    expect(signal('a.dat 16 -19.3447902992(3064)/degC 11 2048')).toMatchObject({ gain: -19.3447902992, baseline: 3064, units: 'degC' })
    expect(signal('a.dat 16 10/% 16 0')).toMatchObject({ gain: 10, units: '%' })
    expect(signal('a.dat 24 2.4011e-11/nV')).toMatchObject({ gain: 2.4011e-11, units: 'nV' })
  })

  it('takes a gain of 0 or none as 200, the ADC zero as baseline, no units as none given', () => {
    expect(signal('a.dat 16 0 12 1024 5')).toMatchObject({ gain: 200, baseline: 1024, units: null })
    expect(signal('a.dat 16')).toMatchObject({ gain: 200, baseline: 0, units: null, checksum: null, description: '' })
    expect(signal('a.dat 16 0/mV')).toMatchObject({ gain: 200, units: 'mV' })
  })

  it('gives ADC resolution, ADC zero, initial value, checksum, block size and description', () => {
    expect(signal('a.dat 212 200 11 1024 995 -22131 512 ECG lead  II ')).toMatchObject({
      adcResolution: 11,
      adcZero: 1024,
      initialValue: 995,
      checksum: -22131,
      blockSize: 512,
      description: 'ECG lead  II',
    })
    // As header(5) says: the initial value defaults to the ADC zero.
    expect(signal('a.dat 8 200 11 1024')).toMatchObject({ initialValue: 1024 })
  })

  it('refuses lines without a format, and frames of no or absurdly many samples', () => {
    for (const line of ['a.dat', 'a.dat x', 'a.dat 16x0', 'a.dat 16x9999999', 'a.dat 16 1e999/mV'])
      expect(() => signal(line), line).toThrow(formatFault)
  })
})

describe('header(5), comments and line ends', () => {
  it('skips comments before the record line, blank lines between signal lines, and reads CRLF', () => {
    const header = parse(
      '# unnecessary\n100 2 360 650000\r\n100.dat 212 200 11 1024 995 -22131 0 MLII\r\n\r\n100.dat 212 200 11 1024 1011 20052 0 V5\r\n# 69 M\r\n',
    )
    expect(header.signals.map(item => item.description)).toEqual(['MLII', 'V5'])
    expect(header.comments).toEqual([' unnecessary', ' 69 M'])
  })
})

describe('header(5), segment specification lines', () => {
  it('gives names and lengths, a null segment by its tilde', () => {
    const header = parse('p/3 4 125 5750 16:57:09\np_layout 0\n~ 3750\np_0001 2000\n')
    expect(header.segments).toEqual([
      { record: 'p_layout', length: 0 },
      { record: '~', length: 3750 },
      { record: 'p_0001', length: 2000 },
    ])
    expect(header.signals).toEqual([])
  })
})
