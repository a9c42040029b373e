import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { readMat5 } from '../../src/recording/mat5.js'
import { openRecording } from '../../src/recording/open-recording.js'
import type { Recording } from '../../src/recording/recording.js'
import { makeEdf } from './edf/make-edf.js'
import { doubles, head, matrix } from './make-mat.js'
import { datasetPath } from './paths.js'

const lists = new URL('../../datasets/', import.meta.url).pathname
const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-listed-'))
const opened: Recording[] = []
afterEach(async () => {
  for (const recording of opened.splice(0)) await recording.close()
})

async function openList(list: object): Promise<Recording> {
  const file = path.join(folder, 'made.recording.json')
  writeFileSync(file, JSON.stringify({ recording: 1, ...list }))
  const recording = await openRecording(file)
  opened.push(recording)
  return recording
}

const valuesOf = async (recording: Recording, signal: number, from = 0, length = 99): Promise<number[]> => [
  ...(await recording.readPhysical([signal], from, length))[0]!,
]

function writeMat(name: string, ...arrays: Buffer[]): void {
  writeFileSync(path.join(folder, name), Buffer.concat([head(true), ...arrays]))
}

describe('a matrix of a MATLAB file in a list', () => {
  // Two signals of three samples: columns one after the other.
  writeMat('wide.mat', matrix('sig', 6, [2, 3], 9, doubles([1, 10, 2, Number.NaN, 3, 30], true), true))
  writeMat('tall.mat', matrix('sig', 6, [3, 2], 9, doubles([1, 2, 3, 10, 20, 30], true), true))
  writeMat('two.mat', matrix('a', 6, [1, 2], 9, doubles([1, 2], true), true), matrix('b', 6, [1, 2], 9, doubles([3, 4], true), true))

  it('has its signals along the shorter side, time along the longer one', async () => {
    const wide = await openList({ waveforms: [{ record: 'wide.mat', fs: '12.5' }] })
    expect(wide.signals.map(({ name, fs, length, unit, kind }) => [name, fs, length, unit, kind])).toEqual([
      ['sig 0', { num: 25, den: 2 }, 3, '1', 'other'],
      ['sig 1', { num: 25, den: 2 }, 3, '1', 'other'],
    ])
    expect(await valuesOf(wide, 0)).toEqual([1, 2, 3])
    expect(await valuesOf(wide, 1)).toEqual([10, Number.NaN, 30])
    expect(await valuesOf(wide, 1, 2, 1)).toEqual([30])
    const tall = await openList({ waveforms: [{ record: 'tall.mat', fs: '1' }] })
    expect(tall.durationSeconds).toBe(3)
    expect(await valuesOf(tall, 1, 1)).toEqual([20, 30])
  })

  it('gives several streams, each with its kind, unit and gain', async () => {
    const recording = await openList({
      waveforms: [
        { record: 'wide.mat', fs: '100', stream: 'ecg', channels: [{ signal: 0, name: 'II', kind: 'ecg', unit: 'mV', gain: 200 }] },
        { record: 'wide.mat', fs: '100', stream: 'ppg', channels: [{ signal: 1, kind: 'ppg' }] },
      ],
    })
    expect(recording.signals.map(({ name, kind, unit, stream }) => [name, kind, unit, stream])).toEqual([
      ['II', 'ecg', 'mV', 'ecg'],
      ['sig 1', 'ppg', '1', 'ppg'],
    ])
    expect(await valuesOf(recording, 0)).toEqual([0.005, 0.01, 0.015])
    expect(await valuesOf(recording, 1, 0, 1)).toEqual([10])
  })

  it.each([
    [{ record: 'wide.mat' }, /does not say its rate; accepted: "fs"/],
    [{ record: 'wide.mat', fs: '1', variable: 'x' }, /has no matrix "x"; accepted: .*sig \(2 x 3\)/],
    [{ record: 'two.mat', fs: '1' }, /has 2 arrays to choose from; accepted: .*a \(1 x 2\), b \(1 x 2\)/],
    [{ record: 'wide.mat', fs: '1', names: ['a'] }, /wide\.mat is no table of text/],
    [{ record: 'table.csv', variable: 'sig' }, /table\.csv is no MATLAB file/],
    [{ record: 'wide.mat', fs: '1', channels: [{ signal: 0, gain: 0 }] }, /channels\[0\] has a wrong gain/],
    [{ record: 'x.edf', where: { a: '1' } }, /x\.edf is no table of text/],
  ])('is refused for %j', async (waveform, message) => {
    await expect(openList({ waveforms: [waveform] })).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message) as string,
    })
  })
})

it('an EDF file in a list keeps its rates, and takes names, kinds and offsets of the list', async () => {
  const signals = [
    { label: 'x', unit: 'g', physical: [-2, 2] as const, perRecord: 4, value: (record: number, i: number) => record * 4 + i },
    { label: 'T', unit: 'degC', physical: [0, 50] as const, perRecord: 1, value: () => 0 },
  ]
  writeFileSync(path.join(folder, 'listed.edf'), makeEdf({ records: 2, signals }))
  const recording = await openList({
    waveforms: [
      { record: 'listed.edf', stream: 'wrist', channels: [{ signal: 'x', name: 'ACC x', kind: 'acceleration' }] },
      { record: 'listed.edf', offset: { ticks: 3, perSecond: '2' }, channels: [{ signal: 1 }] },
    ],
  })
  expect(recording.signals.map(({ name, kind, unit, fs, startMicros }) => [name, kind, unit, fs.num, startMicros])).toEqual([
    ['ACC x', 'acceleration', '[g]', 4, 0],
    ['T', 'temperature', 'Cel', 1, 1_500_000],
  ])
  expect([...(await recording.readDigital([0], 0, 9))[0]!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect((await valuesOf(recording, 1))[0]).toBeCloseTo(25, 9)
})

describe('a table of text in a list', () => {
  it('without names has those of the list, its comments and the ends of its rows left out', async () => {
    writeFileSync(path.join(folder, 'bare.txt'), '% made\n# by hand\n  -9,-257, 25;\n   3,  ,-26;\n\n   1,2,7;\n')
    const recording = await openList({
      waveforms: [
        { record: 'bare.txt', fs: '200', names: ['x', 'y [mV]', 'z'], channels: [{ signal: 'z', unit: '[g]', gain: 4 }, { signal: 'y' }] },
      ],
    })
    expect(recording.signals.map(({ name, unit, length }) => [name, unit, length])).toEqual([
      ['z', '[g]', 3],
      ['y', 'mV', 3],
    ])
    expect(await valuesOf(recording, 0)).toEqual([6.25, -6.5, 1.75])
    expect(await valuesOf(recording, 1)).toEqual([-257, Number.NaN, 2])
  })

  it('has the rows of one sensor among those of several', async () => {
    writeFileSync(path.join(folder, 'mixed.csv'), 'x;sensor\n1;a\n2;b\n3;a\n4;b\n5;a\n')
    const of = (sensor: string) =>
      openList({ waveforms: [{ record: 'mixed.csv', fs: '20', where: { sensor }, channels: [{ signal: 'x' }] }] })
    expect(await valuesOf(await of('a'), 0)).toEqual([1, 3, 5])
    const b = await of('b')
    expect(b.durationSeconds).toBe(0.1)
    expect(await valuesOf(b, 0, 1, 1)).toEqual([4])
    await expect(openList({ waveforms: [{ record: 'mixed.csv', fs: '20', where: { nobody: 'a' } }] })).rejects.toThrow(
      /has no column "nobody"; accepted: x, sensor/,
    )
  })
})

describe('numerics in a list', () => {
  const read = async (text: string, time: object, column: string | number) => {
    writeFileSync(path.join(folder, 'numbers.psv'), text)
    const columns = [{ column, name: 'glucose', unit: 'mg/dL' }]
    return (await openList({ numerics: [{ csv: 'numbers.psv', time, columns }] })).numerics![0]!
  }

  it('have times with dates, across midnight', async () => {
    const { times, values } = await read(
      'id,at,mg\n1,2020-02-28 23:58:00,61\n2,2020-02-29 00:03:00,\n3,2020-03-01T00:08:00,58\n',
      { column: 'at', clock: true },
      'mg',
    )
    expect([[...times], [...values]]).toEqual([
      [0, 86_400e6 + 600e6],
      [61, 58],
    ])
  })

  it('have a row each hour, their columns between bars', async () => {
    const { times, values } = await read('HR|Glucose\n1|NaN\n2|5\n3|6\n', { perSecond: '1/3600' }, 'Glucose')
    expect([[...times], [...values]]).toEqual([
      [3600e6, 7200e6],
      [5, 6],
    ])
  })
})

describe('real recordings through lists', () => {
  it.skipIf(datasetPath('troika') === null)(
    'troika: ECG, two pulse waves and acceleration of one runner (needs the dataset troika)',
    async () => {
      const record = path.join(lists, 'troika/DATA_01_TYPE01.recording.json')
      const recording = await openRecording(record)
      opened.push(recording)
      const { values } = (await readMat5(datasetPath('troika', 'DATA_01_TYPE01.mat')!)).get('sig')!
      for (let signal = 0; signal < 6; signal++)
        expect(await valuesOf(recording, signal, 30_000, 50)).toEqual(
          Array.from({ length: 50 }, (_, i) => values[(30_000 + i) * 6 + signal]),
        )
      const analyze = (chunkSeconds: number) => analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds, to: 60 })
      const { document } = await analyze(1)
      expect(document.streams).toEqual(
        [
          ['ecg', 'ecg', ['ECG'], '1'],
          ['ppg', 'ppg', ['PPG 1', 'PPG 2'], '1'],
          ['acceleration', 'acceleration', ['x', 'y', 'z'], '[g]'],
        ].map(([id, kind, channels, unit]) => ({ id, kind, channels, unit, fs: [125, 1], samples: 7500, lostSamples: 0 })),
      )
      expect(document.beats.count).toBeGreaterThan(60)
      expect((await analyze(0.5)).document.eventHash).toBe(document.eventHash)
    },
  )

  it.skipIf(datasetPath('uw-hypoxia') === null)(
    'uw-hypoxia: the cameras of both hands with the numerics (needs the dataset uw-hypoxia)',
    async () => {
      const record = path.join(lists, 'uw-hypoxia/100001-camera.recording.json')
      const { document } = await analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds: 1, to: 60 })
      expect(document.streams.map(({ id, kind, channels, fs }) => [id, kind, channels, fs])).toEqual([
        ['left', 'ppg', ['green', 'red', 'blue'], [30, 1]],
        ['right', 'ppg', ['green', 'red', 'blue'], [30, 1]],
      ])
      expect(document.vitals.map(({ name }) => name)).toContain('spo2')
    },
  )

  it.skipIf(datasetPath('falls') === null)(
    'falls: both accelerometers of SisFall, the wrist of UMAFall (needs the dataset falls)',
    async () => {
      const names = ['ax', 'ay', 'az', 'gx', 'gy', 'gz', 'bx', 'by', 'bz']
      const axes = (axis: readonly string[], gain: number) => axis.map(signal => ({ signal, kind: 'acceleration', unit: '[g]', gain }))
      const list = {
        dataset: 'falls',
        waveforms: [
          { record: 'sisfall/SA01/F01_SA01_R01.txt', fs: '200', names, stream: 'adxl345', channels: axes(names.slice(0, 3), 256) },
          { record: 'sisfall/SA01/F01_SA01_R01.txt', fs: '200', names, stream: 'mma8451q', channels: axes(names.slice(6), 1024) },
          {
            record: 'umafall/UMAFall_Subject_02_ADL_Aplausing_1_2017-04-26_19-47-07.csv',
            fs: '20',
            names: ['clock', 'number', 'x', 'y', 'z', 'type', 'sensor'],
            where: { type: '0', sensor: '3' },
            stream: 'wrist',
            channels: axes(['x', 'y', 'z'], 1),
          },
        ],
      }
      const recording = await openList(list)
      expect(recording.signals.map(({ stream, fs, kind }) => [stream, fs.num, kind])).toEqual(
        ['adxl345', 'mma8451q']
          .flatMap(stream => Array(3).fill([stream, 200, 'acceleration']))
          .concat(Array(3).fill(['wrist', 20, 'acceleration'])),
      )
      // The first row of the file: -9,-257, -25, 84, 247, 27,-120,-987, 63;
      expect([await valuesOf(recording, 1, 0, 1), await valuesOf(recording, 4, 0, 1)]).toEqual([[-257 / 256], [-987 / 1024]])
      for (const signals of [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
      ]) {
        const length = recording.signals[signals[0]!]!.length
        const parts = await recording.readPhysical(signals, 0, length)
        const sizes = parts[0]!.map((_, i) => Math.hypot(...parts.map(part => part[i]!))).sort()
        // A fall or clapping of 15 s: 1 g most of the time.
        expect(Math.abs(sizes[length >> 1]! - 1)).toBeLessThan(0.15)
        expect(length / (signals[0] === 6 ? 20 : 200)).toBeGreaterThan(10)
      }
    },
  )

  it.skipIf(datasetPath('cinc2011') === null)('cinc2011: twelve leads without names (needs the dataset cinc2011)', async () => {
    const leads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
    const channels = leads.map(signal => ({ signal, unit: 'mV', gain: 200 }))
    const recording = await openList({
      dataset: 'cinc2011',
      waveforms: [{ record: '1002867.txt', fs: '500', names: ['row', ...leads], channels }],
    })
    expect(recording.signals.map(({ name, kind, length }) => [name, kind, length])).toEqual(leads.map(name => [name, 'ecg', 5000]))
    const [i, ii, iii] = await recording.readPhysical([0, 1, 2], 1000, 500)
    // Einthoven: II = I + III, but for the rounding of three converters.
    for (let k = 0; k < 500; k++) expect(Math.abs(ii![k]! - i![k]! - iii![k]!)).toBeLessThan(0.02)
  })

  it.skipIf(datasetPath('cgm') === null)('cgm: glucose by the clock (needs the dataset cgm)', async () => {
    const numerics = [
      {
        csv: 'Dexcom_001.csv',
        time: { column: 'timestamp', clock: true },
        columns: [{ column: 'glucose', name: 'glucose', unit: 'mg/dL' }],
      },
    ]
    const { numerics: series, durationSeconds } = await openList({ dataset: 'cgm', numerics })
    expect([series![0]!.values[0], series![0]!.times[1]! - series![0]!.times[0]!]).toEqual([61, 300e6])
    expect(series![0]!.values.length).toBeGreaterThan(2000)
    expect(durationSeconds).toBeGreaterThan(7 * 86_400)
  })

  it.skipIf(datasetPath('sepsis2019') === null)('sepsis2019: a row an hour (needs the dataset sepsis2019)', async () => {
    const columns = [
      { column: 'HR', name: 'heart-rate', unit: '/min' },
      { column: 'O2Sat', name: 'spo2', unit: '%' },
    ]
    const numerics = [{ csv: 'training_setB_first10000/p100001.psv', time: { perSecond: '1/3600' }, columns }]
    const [rate, saturation] = (await openList({ dataset: 'sepsis2019', numerics })).numerics!
    // The first row has neither.
    expect([rate!.times[0], rate!.values[0], saturation!.values[0]]).toEqual([3600e6, 93, 92.5])
  })
})
