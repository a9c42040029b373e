import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import type { NumericSeries, Recording } from '../../src/recording/recording.js'
import { parseSessionFile } from '../../src/recording/session-file.js'
import { catalogue, isVitalName } from '../../src/signal/catalogue.js'
import { datasetPath } from './paths.js'

const manifests = new URL('../../datasets/', import.meta.url).pathname
const sessions = readdirSync(manifests, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.recording.json'))
  .map(file => file.slice(0, -'.recording.json'.length))

function series(recording: Recording, name: string): NumericSeries {
  const found = recording.numerics?.find(item => item.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

describe('NAME.recording.json', () => {
  it('of the repository satisfies the schema, with vital names and units of the catalogue', async () => {
    const schema = JSON.parse(await readFile(join(manifests, 'recording.schema.json'), 'utf8')) as object
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema)
    expect(sessions.length).toBeGreaterThan(15)
    for (const session of sessions) {
      const text = await readFile(join(manifests, `${session}.recording.json`), 'utf8')
      expect(validate(JSON.parse(text)), `${session}: ${JSON.stringify(validate.errors)}`).toBe(true)
      for (const { columns } of parseSessionFile(text, session).numerics) {
        for (const { name, unit } of columns)
          expect(isVitalName(name) && catalogue[name].unit === unit, `${session} ${name} ${unit}`).toBe(true)
      }
    }
  })

  it('is refused with the path of what is wrong', () => {
    const wrong: [object, RegExp][] = [
      [{}, /"recording"/],
      [{ recording: 1 }, /neither waveforms nor numerics/],
      [{ recording: 1, waveforms: [{ record: 'a', chanels: [] }] }, /waveforms\[0\] has the unknown key "chanels"/],
      [{ recording: 1, waveforms: [{}] }, /waveforms\[0\] lacks "record"/],
      [{ recording: 1, dataset: '../x', waveforms: [{ record: 'a' }] }, /dataset/],
      [
        { recording: 1, waveforms: [{ record: 'a', channels: [{ signal: 0, kind: 'ekg' }] }] },
        /channels\[0\] has the kind "ekg"; accepted: ecg/,
      ],
      [
        {
          recording: 1,
          numerics: [{ csv: 'a', time: { column: 't', perSecond: 999.56 }, columns: [{ column: 1, name: 'spo2', unit: '%' }] }],
        },
        /perSecond/,
      ],
      [
        {
          recording: 1,
          numerics: [{ csv: 'a', time: { column: 't', perSecond: '1' }, columns: [{ column: 1, name: 'hart-rate', unit: '/min' }] }],
        },
        /numerics\[0\]\.columns\[0\] has the name "hart-rate"; accepted: heart-rate, /,
      ],
      [{ recording: 1, numerics: [{ csv: 'a', time: { clock: true, column: 1 }, columns: [] }] }, /numerics\[0\] has no columns/],
    ]
    for (const [value, message] of wrong) expect(() => parseSessionFile(JSON.stringify(value), 'x.recording.json')).toThrow(message)
    expect(() => parseSessionFile('{', 'x.recording.json')).toThrow(expect.objectContaining({ code: 'recording-format', exitCode: 3 }))
  })

  it.skipIf(datasetPath('mimic4wdb') === null)(
    '0001 of mimic4wdb aligns three rates and the numerics at tick 0 (needs the dataset mimic4wdb)',
    async () => {
      const recording = await openRecording(join(manifests, 'mimic4wdb/0001.recording.json'))
      expect(
        recording.signals.map(({ name, kind, unit, fs, stream, length }) => [name, kind, unit, fs.num, fs.den, stream, length]),
      ).toEqual([
        ['II', 'ecg', 'mV', 24989, 100, 'ecg', 3598416],
        ['V', 'ecg', 'mV', 24989, 100, 'ecg', 3598416],
        ['aVR', 'ecg', 'mV', 24989, 100, 'ecg', 3598416],
        ['Pleth', 'ppg', '1', 24989, 200, 'pleth', 1799208],
        ['Resp', 'respiration', 'Ohm', 24989, 400, 'resp', 899604],
      ])
      // 3598416 / 249.89 Hz
      expect(recording.durationSeconds).toBeCloseTo(14400, 3)
      const [v, pleth] = [await recording.readDigital([1], 1000, 500), await recording.readDigital([3], 500, 250)]
      expect([v[0]?.length, pleth[0]?.length]).toEqual([500, 250])
      const spo2 = series(recording, 'spo2')
      // First rows of the file: tick 3520 has SpO2 100 and Perf 0.39.
      expect([spo2.times[0], spo2.values[0]]).toEqual([Math.round((3520 / 999.56) * 1e6), 100])
      expect(series(recording, 'perfusion-index').values[0]).toBe(0.39)
      for (const { name, times, values } of recording.numerics ?? []) {
        expect(values.length, name).toBeGreaterThan(name.startsWith('nibp') ? 5 : 5000)
        expect(Math.min(...values), name).toBeGreaterThan(0)
        expect(
          times.every((t, i) => t >= 0 && t < 14_400_000_001 && (i === 0 || t >= (times[i - 1] ?? 0))),
          name,
        ).toBe(true)
      }
      await recording.close()
    },
  )

  for (const person of ['100001', '100002', '100003']) {
    it.skipIf(datasetPath('uw-hypoxia') === null)(
      `${person} of uw-hypoxia has its true columns at 1 Hz (needs the dataset uw-hypoxia)`,
      async () => {
        const recording = await openRecording(join(manifests, `uw-hypoxia/${person}.recording.json`))
        expect(recording.signals).toEqual([])
        const spo2 = series(recording, 'spo2')
        expect([spo2.times[0], spo2.times[1]]).toEqual([0, 1_000_000])
        // The protocol lowers SpO2 step by step towards 64 %, and nobody stays there.
        expect(Math.min(...spo2.values)).toBeLessThan(78)
        expect(Math.min(...spo2.values)).toBeGreaterThan(50)
        const ranges = { 'heart-rate': [40, 130], 'pulse-rate': [40, 130], 'respiratory-rate': [1, 45] } as const
        for (const [name, [low, high]] of Object.entries(ranges)) {
          const { values } = series(recording, name)
          expect(values.length, name).toBeGreaterThan(900)
          expect(Math.min(...values), name).toBeGreaterThanOrEqual(low)
          expect(Math.max(...values), name).toBeLessThanOrEqual(high)
        }
        expect(recording.durationSeconds).toBeGreaterThan(1000)
        await recording.close()
      },
    )
  }
})

describe('a session of own files', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitalwire-session-'))
    await writeFile(join(folder, 'wave.csv'), '# fs: 10\nred [1],infrared [1]\n1,2\n3,\n5,6\n')
    await writeFile(join(folder, 'numbers.csv'), 'row,note,SpO2\n0,ok,97\n1,ok,0\n2,ok,AS AO\n3,ok,95\n4,ok,94\n')
    const description = {
      recording: 1,
      start: '2026-01-01T00:00:00Z',
      waveforms: [
        {
          record: 'wave.csv',
          stream: 'ppg',
          offset: { ticks: 500, perSecond: '1000' },
          channels: [{ signal: 'infrared', name: 'ir', kind: 'ppg', wavelength: 940 }],
        },
      ],
      numerics: [
        { csv: 'numbers.csv', time: { perSecond: '5' }, missing: ['0', 'AS AO'], columns: [{ column: 3, name: 'spo2', unit: '%' }] },
      ],
    }
    await writeFile(join(folder, 'a.recording.json'), JSON.stringify(description))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('renames, offsets and cuts as it says, and sends no zero and no marker', async () => {
    const recording = await openRecording(join(folder, 'a.recording.json'))
    expect(recording.name).toBe('a')
    expect(recording.startTime?.toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(recording.signals[0]).toMatchObject({
      index: 0,
      name: 'ir',
      kind: 'ppg',
      wavelength: 940,
      startMicros: 500_000,
      stream: 'ppg',
      length: 3,
    })
    expect([...((await recording.readPhysical([0], 0, 9))[0] ?? [])]).toEqual([2, NaN, 6])
    // The waveform ends at 0.5 + 3 / 10 s, so the number at 0.8 s is left out.
    expect(recording.durationSeconds).toBe(0.8)
    expect(recording.numerics).toEqual([{ name: 'spo2', unit: '%', times: Float64Array.of(0, 600_000), values: Float64Array.of(97, 95) }])
    await recording.close()
  })

  it('names the file that it lacks', async () => {
    await writeFile(join(folder, 'b.recording.json'), JSON.stringify({ recording: 1, waveforms: [{ record: 'none' }] }))
    await expect(openRecording(join(folder, 'b.recording.json'))).rejects.toMatchObject({
      code: 'recording-missing',
      message: expect.stringContaining('none.hea'),
    })
    await writeFile(
      join(folder, 'c.recording.json'),
      JSON.stringify({ recording: 1, dataset: 'no-such-set', waveforms: [{ record: 'x' }] }),
    )
    await expect(openRecording(join(folder, 'c.recording.json'))).rejects.toMatchObject({ code: 'dataset-missing' })
    await writeFile(join(folder, 'd.recording.json'), JSON.stringify({ recording: 1, waveforms: [{ record: '../x' }] }))
    await expect(openRecording(join(folder, 'd.recording.json'))).rejects.toMatchObject({ code: 'recording-format' })
  })
})
