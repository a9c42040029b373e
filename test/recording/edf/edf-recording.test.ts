import { afterEach, describe, expect, it } from 'vitest'
import { type EdfRecording, openEdfRecording } from '../../../src/recording/edf/edf-recording.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { missingSample } from '../../../src/recording/recording.js'
import { datasetPath } from '../paths.js'
import { type MadeEdf, makeEdf, writeTemporary } from './make-edf.js'

const opened: EdfRecording[] = []
afterEach(async () => {
  for (const recording of opened.splice(0)) await recording.close()
})

async function openMade(bytes: Uint8Array): Promise<EdfRecording> {
  const recording = await openEdfRecording(writeTemporary(bytes))
  opened.push(recording)
  return recording
}

const ramp: MadeEdf = {
  records: 3,
  signals: [
    { label: 'ECG II', unit: 'mV', physical: [-5, 5], perRecord: 4, value: (record, i) => record * 4 + i },
    { label: 'Resp belt', perRecord: 2, value: (record, i) => -(record * 2 + i) },
  ],
}

describe('an EDF file', () => {
  it('gives each signal its own rate, unit, kind and scale', async () => {
    const recording = await openRecording(writeTemporary(makeEdf(ramp)))
    expect(recording.name).toBe('made')
    expect(recording.durationSeconds).toBe(3)
    expect(recording.startTime?.toISOString()).toBe('2024-03-02T04:05:06.000Z')
    expect(recording.signals.map(({ name, kind, unit, fs, length, bits }) => ({ name, kind, unit, fs, length, bits }))).toEqual([
      { name: 'ECG II', kind: 'ecg', unit: 'mV', fs: { num: 4, den: 1 }, length: 12, bits: 16 },
      { name: 'Resp belt', kind: 'respiration', unit: 'uV', fs: { num: 2, den: 1 }, length: 6, bits: 16 },
    ])
    expect([...(await recording.readDigital([0], 0, 99))[0]!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    // 2000 steps for 10 mV.
    expect((await recording.readPhysical([0], 3, 2))[0]![0]).toBeCloseTo(0.015, 12)
    expect([...(await recording.readDigital([1], 3, 2))[0]!]).toEqual([-3, -4])
    await recording.close()
  })

  it('of a BioSemi cap has no ECG in the places D1, D2, D3', async () => {
    const labels = 'ABCDE'.split('').flatMap(letter => [1, 2, 3, 4].map(number => `${letter}${number}`))
    const { signals } = await openMade(makeEdf({ records: 1, signals: labels.map(label => ({ label, perRecord: 2, value: () => 0 })) }))
    expect(new Set(signals.map(({ kind }) => kind))).toEqual(new Set(['eeg']))
  })

  it('has the rate of records of a fraction of a second exactly', async () => {
    const { signals } = await openMade(makeEdf({ ...ramp, duration: '0.3' }))
    expect(signals[0]!.fs).toEqual({ num: 40, den: 3 })
  })

  it('of more than ten years is refused with the place of its record duration', async () => {
    for (const [duration, records] of [
      ['1e9', 1],
      ['99999999', 4],
    ] as const) {
      const refusal = { code: 'recording-format', message: expect.stringMatching(/\.edf: byte 244: .*ten years/) }
      await expect(openMade(makeEdf({ ...ramp, duration, records }))).rejects.toMatchObject(refusal)
    }
  })

  it('that was not ended has the data records that are there whole', async () => {
    const bytes = makeEdf({ ...ramp, said: -1 })
    const recording = await openMade(bytes.subarray(0, bytes.length - 3))
    expect(recording.signals[0]!.length).toBe(8)
  })

  it('keeps bytes beyond the records of its header out', async () => {
    const { signals } = await openMade(makeEdf({ ...ramp, said: 2 }))
    expect(signals[0]!.length).toBe(8)
  })

  it('with a lowest code that is a stored value asks for more bits, so that it is not taken for missing', async () => {
    const lowest = { label: 'x', digital: [-32768, 32767] as const, perRecord: 2, value: () => -32768 }
    const recording = await openMade(makeEdf({ records: 1, signals: [lowest] }))
    expect(recording.signals[0]!.bits).toBe(24)
    expect((await recording.readPhysical([0], 0, 1))[0]![0]).toBeCloseTo(-100, 9)
  })
})

const timed = (onset: (record: number) => string): MadeEdf => ({
  ...ramp,
  reserved: 'EDF+D',
  notes: record => `+${onset(record)}\x14\x14\0${record === 1 ? '+7.5\x152\x14apnoea\x14\0' : ''}`,
})

describe('an EDF+D file', () => {
  it('keeps its gaps, in every window', async () => {
    const recording = await openMade(makeEdf(timed(record => ['0.5', '1.5', '5.75'][record]!)))
    expect(recording.durationSeconds).toBe(6.25)
    expect(recording.startTime?.toISOString()).toBe('2024-03-02T04:05:06.500Z')
    const x = missingSample
    const whole = [0, 1, 2, 3, 4, 5, 6, 7, ...new Array(13).fill(x), 8, 9, 10, 11]
    expect([...(await recording.readDigital([0], 0, 99))[0]!]).toEqual(whole)
    for (let from = 0; from < whole.length; from++)
      for (const length of [1, 3, 14]) {
        expect([...(await recording.readDigital([0], from, length))[0]!]).toEqual(whole.slice(from, from + length))
      }
    expect((await recording.readPhysical([0], 8, 1))[0]![0]).toBeNaN()
  })

  it('tells annotations from its first sample on', async () => {
    const { annotations } = await openMade(makeEdf(timed(record => String(record + 0.5))))
    expect(annotations).toEqual([{ onset: 7, duration: 2, text: 'apnoea' }])
  })

  it.each([
    ['does not say the time of a record', { ...timed(String), notes: () => '' }, /byte 1036: does not say the time of data record 0/],
    ['goes back in time', timed(record => ['0', '4', '3'][record]!), /byte 1180: has data record 2 begin before the end/],
    [
      'has a list of another form',
      { ...timed(String), notes: () => 'zero\x14\x14\0' },
      /byte 1036: has an annotation without a proper time/,
    ],
    ['has no annotation signal', { ...ramp, reserved: 'EDF+D' }, /byte 192: says EDF\+D without an annotation signal/],
  ])('that %s is refused with the byte', async (_, made, message) => {
    await expect(openMade(makeEdf(made))).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('a file that is not as the specification says is refused with the byte', () => {
  const bytes = makeEdf(ramp)
  it.each([
    [0, 'x', /byte 0: has the version "x"; accepted: "0" \(EDF\), or 0xFF BIOSEMI/],
    [184, '700', /byte 184: has a header length of 70/],
    [236, 'many', /byte 236: has "many" for the number of data records; accepted: an integer/],
    [236, '-2', /byte 236: has -2 data records/],
    [244, '-1', /byte 244: has data records of "-1" s/],
    [244, '0', /byte 244: has data records of 0 s/],
    [252, '0', /byte 252: has 0 signals/],
    [256 + 2 * 104, '5', /byte 464: has no physical range of signal 0 "ECG II"/],
    [256 + 2 * 104 + 8, 'NaN', /byte 472: has "NaN" for the physical minimum of signal 1 "Resp belt"/],
    [256 + 2 * 120, '1000', /byte 496: has the digital range 1000 to 1000/],
    [256 + 2 * 120, '-40000', /byte 496: has the digital range -40000/],
    [256 + 2 * 216, '0', /byte 688: has 0 samples a data record/],
    [256 + 2 * 216, '99999999', /byte 688: has a data record of too many bytes/],
  ])('%i %s', async (at, text, message) => {
    const wrong = Buffer.from(bytes)
    wrong.write(text.padEnd(at === 252 ? 4 : 8), at, 'latin1')
    await expect(openMade(wrong)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })

  it.each([
    ['inside the first 256', 100, 'recording-format', /byte 100: ends inside its header/],
    ['inside the header', 400, 'recording-format', /byte 400: ends inside its header/],
    ['inside a data record', bytes.length - 1, 'recording-short', /byte 803: ends in data record 2 of 3; accepted: 804 bytes/],
  ])('ends %s', async (_, length, code, message) => {
    await expect(openMade(bytes.subarray(0, length))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })

  it('with any byte of its header changed, or is read to its end', async () => {
    for (let at = 0; at < 768; at += 7) {
      const wrong = Buffer.from(bytes)
      wrong[at] = (wrong[at]! * 31 + 7) & 0xff
      try {
        const recording = await openMade(wrong)
        for (const { index, length } of recording.signals) await recording.readPhysical([index], 0, Math.min(length, 1000))
        await recording.close()
      } catch (error) {
        expect(error).toMatchObject({ name: 'VitalwireError', message: expect.stringMatching(/byte \d+: .+; accepted: /) as string })
      }
    }
  })
})

describe.skipIf(datasetPath('edf') === null)('files changed by a transfer as text (needs the dataset edf)', () => {
  it('are read as they stand, with a warning', async () => {
    const recording = await openEdfRecording(datasetPath('edf', 'S001R03.edf')!)
    expect(recording.signals).toHaveLength(64)
    expect(recording.signals[0]).toMatchObject({ fs: { num: 160, den: 1 }, length: 20000, kind: 'eeg', unit: 'uV' })
    expect(recording.annotations).toEqual([])
    expect(recording.warnings[0]).toMatch(/byte 37376: .*every line feed has a carriage return before it/)
    await recording.close()
  })
})
