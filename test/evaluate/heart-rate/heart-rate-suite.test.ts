import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { heartRateSuite } from '../../../src/evaluate/suites/heart-rate.js'
import { movingWrist } from '../../ppg/motion-rate/moving-wrist.js'
import { doubles, head, matrix } from '../../recording/make-mat.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'
import { quietContext, smallRequest } from '../small-database.js'

const fs = 125
const seconds = 60
const cadence = 150
const rate = 96

/** A recording with its reference under the names of the training part or of the test part; `ecg`: a first row that must not be read. */
function writeRecording(folder: string, signal: string, reference: string, { ecg = false, error = 0 } = {}): void {
  const { ppg, acceleration } = movingWrist({ seconds, fs, rateAt: () => rate, cadence, artefact: 2 })
  const rows = [...(ecg ? [Float64Array.from({ length: seconds * fs }, (_, i) => 1e6 * Math.sin(i))] : []), ...ppg, ...acceleration]
  const columns: number[] = []
  for (let i = 0; i < seconds * fs; i++) for (const row of rows) columns.push(row[i]!)
  const windows = Array.from({ length: (seconds - 8) / 2 + 1 }, () => rate + error)
  const sig = matrix('sig', 6, [rows.length, seconds * fs], 9, doubles(columns, true), true)
  const bpm = matrix('BPM0', 6, [windows.length, 1], 9, doubles(windows, true), true)
  writeFileSync(path.join(folder, signal), Buffer.concat([head(true), sig]))
  writeFileSync(path.join(folder, reference), Buffer.concat([head(true), bpm]))
}

const folder = () => mkdtempSync(path.join(tmpdir(), 'vitalwire-heart-rate-'))
const run = (database: string, changes: Parameters<typeof smallRequest>[1] = {}) =>
  heartRateSuite.run(smallRequest(database, { suite: 'heart-rate', from: 0, packetSeconds: 1, ...changes }), quietContext)

describe('the heart-rate suite', () => {
  it('scores recordings under both names, with and without an ECG row, window by window', async () => {
    const database = folder()
    writeRecording(database, 'DATA_01_TYPE01.mat', 'DATA_01_TYPE01_BPMtrace.mat', { ecg: true })
    writeRecording(database, 'TEST_S01_T01.mat', 'True_S01_T01.mat', { error: 10 })
    const { document, parametersHash, files, plots } = await run(database)
    const [data, test] = document.records as [Record<string, number>, Record<string, number>]
    expect(document.records.map(({ record }) => record)).toEqual(['DATA_01_TYPE01', 'TEST_S01_T01'])
    expect(data).toMatchObject({ windows: 27, coverage: 1, within5: 1 })
    expect(data.mae).toBeLessThan(2)
    // The reference of the second is 10 /min too high.
    expect(test.bias! - data.bias!).toBeCloseTo(-10, 3)
    expect(document.gross).toMatchObject({ windows: 54, mae: expect.any(Number), bias: expect.any(Number), coverage: 1 })
    expect(document.average).toMatchObject({ records: 2 })
    expect(Object.values(document.byMovement as Record<string, { windows: number }>).reduce((sum, { windows }) => sum + windows, 0)).toBe(
      54,
    )
    expect(document.delaySeconds).toBeLessThan(2)
    expect((document.late as { gross: { coverage: number } }).gross.coverage).toBeCloseTo(48 / 54, 3)
    expect(parametersHash).toMatch(/^[0-9a-f]{64}$/)
    expect(files).toHaveLength(4)
    expect(plots).toHaveLength(2)
  })

  it('gives the same whatever the packets, and takes one channel or a part when told', async () => {
    const database = folder()
    writeRecording(database, 'DATA_01_TYPE01.mat', 'DATA_01_TYPE01_BPMtrace.mat', { ecg: true })
    const whole = (await run(database)).document
    expect((await run(database, { packetSeconds: 0.2 })).document.records).toEqual(whole.records)
    const part = (await run(database, { channels: ['PPG2'], from: 20, to: 40 })).document
    expect(part.gross).toMatchObject({ windows: 7, coverage: 1 })
    await expect(run(database, { channels: ['II'] })).rejects.toMatchObject({ code: 'usage-option' })
  })

  it('says what is missing', async () => {
    const database = folder()
    await expect(run(database)).rejects.toMatchObject({
      code: 'recording-missing',
      message: expect.stringContaining('DATA_*.mat') as string,
    })
    writeRecording(database, 'DATA_01_TYPE01.mat', 'DATA_01_TYPE01_BPMtrace.mat')
    await expect(run(database, { records: ['DATA_02'] })).rejects.toMatchObject({ code: 'recording-missing' })
    writeFileSync(
      path.join(database, 'DATA_01_TYPE01.mat'),
      Buffer.concat([head(true), matrix('sig', 6, [1, 2], 9, doubles([1, 2], true), true)]),
    )
    await expect(run(database)).rejects.toMatchObject({ code: 'recording-format', message: expect.stringContaining('1 rows') as string })
  })

  it.skipIf(!hasDataset('troika'))('keeps its accuracy on three recordings of running people (needs troika)', async () => {
    const records = ['DATA_02_TYPE02', 'DATA_05_TYPE02', 'DATA_11_TYPE02']
    const { document } = await run(datasetPath('troika'), { records })
    const gross = document.gross as Record<string, number>
    expect(gross.mae).toBeLessThan(1.6)
    expect(gross.maeBest80).toBeLessThan(1.2)
    expect(gross.coverage).toBeGreaterThan(0.98)
    expect(gross.intervalCoverage).toBeGreaterThan(0.85)
  })
})
