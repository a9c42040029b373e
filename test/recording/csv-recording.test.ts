import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCsvHeader } from '../../src/recording/csv-header.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { datasetPath } from './paths.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitalwire-csv-'))
})
afterAll(() => rm(folder, { recursive: true }))

let made = 0
async function open(text: string) {
  const path = join(folder, `c${made++}.csv`)
  await writeFile(path, text)
  return openRecording(path)
}

async function values(text: string): Promise<{ fs: number[]; columns: number[][] }> {
  const recording = await open(text)
  const read = await recording.readPhysical(
    recording.signals.map(signal => signal.index),
    0,
    1e6,
  )
  const fs = recording.signals[0]?.fs
  await recording.close()
  return { fs: [fs?.num ?? 0, fs?.den ?? 0], columns: read.map(item => [...item]) }
}

describe('CSV recording', () => {
  it('reads names, units, kinds and missing values by its header', async () => {
    const recording = await open(
      '\ufeff# fs: 62.4725\r\n# start: 2026-01-01T08:00:00Z\r\n# missing: -999, n/a\r\n# kind red: ppg\r\n# wavelength red: 660\r\n# made by hand\r\n"II [mV]";Pleth (NU);red\r\n1.5;2;-999\r\n;-3e1;n/a\r\n"2";oops;5\r\n',
    )
    expect(recording.startTime?.toISOString()).toBe('2026-01-01T08:00:00.000Z')
    expect(
      recording.signals.map(({ name, kind, unit, wavelength, encoding, length }) => [name, kind, unit, wavelength, encoding, length]),
    ).toEqual([
      ['II', 'ecg', 'mV', null, 'float', 3],
      ['Pleth', 'ppg', '1', null, 'float', 3],
      ['red', 'ppg', '1', 660, 'float', 3],
    ])
    expect(recording.signals[0]?.fs).toEqual({ num: 24989, den: 400 })
    expect((await recording.readPhysical([2, 0, 1], 0, 9)).map(item => [...item])).toEqual([
      [NaN, NaN, 5],
      [1.5, NaN, 2],
      [2, -30, NaN],
    ])
    await recording.close()
  })

  it('takes the rate from an exact time column, and rows that are not there are missing', async () => {
    expect(await values('time,x\n10.0,1\n10.0078125,2\n10.0234375,4\n')).toEqual({ fs: [128, 1], columns: [[1, 2, NaN, 4]] })
    expect(await values('t [ms],x\n0,1\n4,2\n16,5\n')).toEqual({ fs: [250, 1], columns: [[1, 2, NaN, NaN, 5]] })
    expect(await values('timestamp,x\n2026-01-01T00:00:00.000Z,1\n2026-01-01T00:00:00.040Z,2\n2026-01-01T00:00:00.120Z,3\n')).toEqual({
      fs: [25, 1],
      columns: [[1, 2, NaN, 3]],
    })
    // Seconds since 1970 keep their microseconds.
    expect(await values('time,x\n1700000000.000000,1\n1700000000.015625,2\n1700000000.031250,3\n')).toEqual({
      fs: [64, 1],
      columns: [[1, 2, 3]],
    })
  })

  it('puts rounded times on the grid of a given rate', async () => {
    expect(await values('# fs: 30\ntime,x\n0.00,1\n0.03,2\n0.07,3\n0.13,5\n')).toEqual({ fs: [30, 1], columns: [[1, 2, 3, NaN, 5]] })
    expect(await values('# fs: 10\n# time: when\n# time-unit: ms\nx,when\n1,100\n2,200\n')).toEqual({ fs: [10, 1], columns: [[1, 2]] })
  })

  it('refuses what it cannot place: no rate, times off the grid, backwards, or none', async () => {
    const wrong: [string, RegExp][] = [
      ['x\n1\n2\n', /# fs: RATE/],
      ['time,x\n0,1\n', /# fs: RATE/],
      ['time,x\n0,1\n0.007813,2\n0.015625,3\n', /row 3.*grid/],
      ['# fs: 10\ntime,x\n0,1\n0.15,2\n', /row 2.*quarter/],
      ['# fs: 10\ntime,x\n0,1\n0.2,2\n0.1,3\n', /row 3.*not after/],
      ['# fs: 10\ntime,x\n0,1\n0.1,2\n1000000000,3\n', /row 3.*11574 days.*up to 31 days/],
      ['# fs: 10\ntime,x\n0,1\nnoon,2\n', /row 2.*"noon" is not a time/],
      ['# fs: 0\nx\n1\n', /# fs: 0/],
      ['# fs: 10\n1,2\n3,4\n', /no row of column names/],
      ['# fs: 10\n# kind x: heart\nx\n1\n', /kind "heart"/],
      ['# fs: 10\n# time: u\nx\n1\n', /no time column "u"/],
      ['# fs: 10\n# time-unit: h\ntime,x\n1,1\n', /time unit "h"/],
      ['', /is empty/],
    ]
    for (const [text, message] of wrong)
      await expect(open(text), text).rejects.toMatchObject({ code: 'recording-format', message: expect.stringMatching(message) })
    await expect(openRecording(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'recording-missing' })
  })

  it('reads any window of a long file as it reads the whole, gaps included', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => i + (i >= 20_000 ? 7_000 : 0))
    const recording = await open(`time,x\n${rows.map(i => `${(i * 4) / 1000},${i}`).join('\n')}`)
    expect(recording.signals[0]?.length).toBe(37_000)
    const whole = (await recording.readPhysical([0], 0, 40_000))[0] ?? new Float64Array()
    for (const [i, value] of whole.entries()) expect(value).toBe(i >= 20_000 && i < 27_000 ? NaN : i)
    for (const from of [0, 4_095, 36_995, 19_990, 23_000, 26_999])
      expect((await recording.readPhysical([0], from, 11))[0]).toEqual(whole.slice(from, from + 11))
    // One after the other, as a device does.
    for (let from = 18_000; from < 29_000; from += 250)
      expect((await recording.readPhysical([0], from, 250))[0]).toEqual(whole.slice(from, from + 250))
    await recording.close()
  })

  it.skipIf(datasetPath('uw-hypoxia') === null)(
    'reads a camera recording by a session that gives its rate (needs the dataset uw-hypoxia)',
    async () => {
      await expect(openRecording(datasetPath('uw-hypoxia', '100001.ppg-left.csv') as string)).rejects.toMatchObject({
        code: 'recording-format',
      })
      const channels = [{ signal: 'R', kind: 'ppg', wavelength: 600 }]
      const session = {
        recording: 1,
        dataset: 'uw-hypoxia',
        waveforms: [{ record: '100001.ppg-left.csv', fs: '30', stream: 'camera', channels }],
      }
      const path = join(folder, 'camera.recording.json')
      await writeFile(path, JSON.stringify(session))
      const recording = await openRecording(path)
      // 32,728 lines, one of them the names; the first and the last row of the file.
      expect(recording.signals[0]).toMatchObject({ name: 'R', kind: 'ppg', length: 32_727, fs: { num: 30, den: 1 } })
      expect((await recording.readPhysical([0], 0, 2))[0]).toEqual(Float64Array.of(40.051925505050505, 39.95892518939394))
      await recording.close()
    },
  )
})

describe('a unit in a column name', () => {
  it('is every one that a temperature or an acceleration is read in, brackets of UCUM included', () => {
    const names = 'Temp [K],Temp 2 [[degF]],Temp 3 (degF),Temp 4 [degC],ACC [[g]],ABP [mm[Hg]]'
    const { columns } = parseCsvHeader([names], 'x.csv')
    expect(columns.map(({ unit }) => unit)).toEqual(['K', '[degF]', '[degF]', 'Cel', '[g]', 'mm[Hg]'])
    expect(columns.map(({ name }) => name)).toEqual(['Temp', 'Temp 2', 'Temp 3', 'Temp 4', 'ACC', 'ABP'])
  })
})
