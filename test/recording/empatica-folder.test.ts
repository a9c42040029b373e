import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type EmpaticaRecording, openEmpaticaFolder } from '../../src/recording/empatica-folder.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { datasetPath } from './paths.js'

const session = {
  'BVP.csv': '1600000000.00\n64.00\n0\n-1.25\n3.5\n',
  'ACC.csv': '1600000001.00, 1600000001.00, 1600000001.00\n32.0, 32.0, 32.0\n-2,43,64\n-128,127,0\n',
  'TEMP.csv': '1600000000.00\n4.0\n28.39\n',
  'EDA.csv': '',
  'HR.csv': '1600000010.00\n1.0\n83.00\n84.50\n',
  'IBI.csv': '1600000000.00, IBI\n35.484375,0.890625\n',
  'tags.csv': '1600000002.50\n',
}

function make(files: Partial<Record<keyof typeof session, string>> = session): string {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'vitalwire-e4-')))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return folder
}

describe('the folder of an Empatica E4 session', () => {
  it('is a recording with each sensor at its own rate and start', async () => {
    const recording = await openRecording(`${make()}/`)
    expect(recording.startTime?.toISOString()).toBe('2020-09-13T12:26:40.000Z')
    expect(
      recording.signals.map(({ index, name, kind, unit, fs, length, startMicros }) => [
        index,
        name,
        kind,
        unit,
        fs.num,
        length,
        startMicros,
      ]),
    ).toEqual([
      [0, 'BVP', 'ppg', '1', 64, 3, 0],
      [1, 'ACC x', 'acceleration', '[g]', 32, 2, 1_000_000],
      [2, 'ACC y', 'acceleration', '[g]', 32, 2, 1_000_000],
      [3, 'ACC z', 'acceleration', '[g]', 32, 2, 1_000_000],
      [4, 'TEMP', 'temperature', 'Cel', 4, 1, 0],
    ])
    expect([...(await recording.readPhysical([0], 1, 9))[0]!]).toEqual([-1.25, 3.5])
    // 64 steps are the acceleration of gravity.
    expect((await recording.readPhysical([1, 2, 3], 0, 2)).map(values => [...values])).toEqual([
      [-2 / 64, -2],
      [43 / 64, 127 / 64],
      [1, 0],
    ])
    expect([...(await recording.readDigital([2], 0, 2))[0]!]).toEqual([43, 127])
  })

  it("has the device's own pulse rate, intervals and tags in the time of the recording", async () => {
    const recording: EmpaticaRecording = await openEmpaticaFolder(make())
    expect(recording.numerics?.map(({ name, unit, times, values }) => [name, unit, [...times], [...values]])).toEqual([
      ['pulse-rate', '/min', [10_000_000, 11_000_000], [83, 84.5]],
    ])
    expect(recording.interBeatIntervals).toEqual([{ time: 35.484375, interval: 0.890625 }])
    expect(recording.annotations).toEqual([{ onset: 2.5, duration: null, text: 'tag' }])
    expect(recording.durationSeconds).toBe(11)
  })

  it('may lack all files but one', async () => {
    const recording = await openEmpaticaFolder(make({ 'BVP.csv': session['BVP.csv'] }))
    expect([recording.signals.length, recording.numerics, recording.annotations, recording.interBeatIntervals]).toEqual([1, null, [], []])
  })

  it.each([
    ['a row of too few numbers', { 'ACC.csv': '1,1,1\n32,32,32\n1,2,3\n1,2\n' }, /ACC\.csv, row 4: has 2 numbers; accepted: 3/],
    ['a text for a number', { 'BVP.csv': '1\n64\n0\nx\n' }, /BVP\.csv, row 4: has "x"; accepted: a number/],
    ['no rate', { 'BVP.csv': '1\n' }, /BVP\.csv, row 2: has no rate/],
    ['no samples at all', { 'BVP.csv': '1\n64\n' }, /has no samples/],
  ])('refuses %s, with its place', async (_, files, message) => {
    await expect(openEmpaticaFolder(make(files))).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message),
    })
  })

  const set = datasetPath('empatica-e4', 'S01')
  it.skipIf(set === null)('is read whole: S01 (needs the dataset empatica-e4)', async () => {
    const recording = await openEmpaticaFolder(set as string)
    expect(recording.signals.map(signal => signal.length)).toEqual([208_703, 104_310, 104_310, 104_310, 13_032, 13_056])
    expect([recording.numerics?.[0]?.values.length, recording.interBeatIntervals.length, recording.annotations.length]).toEqual([
      3250, 1260, 10,
    ])
    expect(recording.annotations[0]?.onset).toBe(79)
  })
})
