import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { readPartitionOptions } from '../../src/cli/read-files.js'
import type { AveragingSeconds } from '../../src/oximetry/oximetry-chain.js'
import { writeWfdbRecord } from '../../src/recording/wfdb-writer.js'
import { simulateOximeter } from '../../src/simulate/oximeter/simulate-oximeter.js'
import { scratchFolder } from '../support/running-server.js'

const scratch = scratchFolder('calibrated')
afterAll(scratch.remove)
const at = (name: string) => path.join(scratch.path, name)

beforeAll(async () => {
  const { spec, channels } = simulateOximeter({ seed: 7, seconds: 60, course: 'steady', motion: 'none' })
  // Raw counts go beyond 16 bits; quarters of them, from the first one on, do not.
  const signals = channels.map((channel, i) => {
    const baseline = -Math.round(channel[0]! / 4)
    const samples = Int32Array.from(channel, value => Math.round(value / 4) + baseline)
    return { name: spec.channels[i]!, unit: 'adu', gain: 0.25, baseline, samples }
  })
  await writeWfdbRecord(scratch.path, 'light', { fs: spec.fs, format: 16, signals })
  const waveform = {
    record: 'light',
    channels: spec.channels.map((signal, i) => ({ signal, kind: 'ppg', wavelength: spec.wavelengths![i] })),
  }
  const session = { recording: 1, waveforms: [waveform] }
  writeFileSync(at('undated.recording.json'), JSON.stringify(session))
  writeFileSync(at('dated.recording.json'), JSON.stringify({ ...session, start: '2026-11-25T08:00:00Z' }))
})

/** 110 - 25 R, moved down by `down` %; dates as given. */
function curveFile(name: string, down: number, dates: object = {}): string {
  const knots = [
    [0.4, 100 - down],
    [2, 60 - down],
  ]
  writeFileSync(at(name), JSON.stringify({ default: 'clip', curves: { clip: { knots, ...dates } } }))
  return at(name)
}

async function analyze(record: string, calibrations?: string, averaging: AveragingSeconds = 8) {
  const partitionOptions = await readPartitionOptions(calibrations === undefined ? {} : { calibrations }, averaging)
  const { document, events } = await analyzeRecording({ record: at(record), partitionOptions, chunkSeconds: 1 })
  const spo2 = events.filter(({ type, body }) => type === 'measurement' && body.name === 'spo2').map(({ body }) => body)
  return {
    hash: document.engine.parametersHash,
    values: spo2.flatMap(({ value }) => (typeof value === 'number' ? [value] : [])),
    reasons: spo2.flatMap(({ value, reason }) => (value === null ? [reason] : [])),
  }
}

describe('analyze with a calibration of its own', () => {
  it('shows the numbers of the curve, and another hash of parameters', async () => {
    const plain = await analyze('undated.recording.json')
    const lower = await analyze('undated.recording.json', curveFile('lower.json', 3))
    expect(plain.values.length).toBeGreaterThan(40)
    expect(lower.values).toHaveLength(plain.values.length)
    for (const [i, value] of lower.values.entries()) expect(value).toBeCloseTo(plain.values[i]! - 3, 6)
    expect(lower.hash).not.toBe(plain.hash)
  })

  it('averages as long as it is told', async () => {
    const [eight, sixteen] = [await analyze('undated.recording.json'), await analyze('undated.recording.json', undefined, 16)]
    expect(sixteen.hash).not.toBe(eight.hash)
    expect(sixteen.values).not.toEqual(eight.values)
  })

  it('holds a curve with dates against the day of the recording', async () => {
    const until = (day: string) => curveFile('until.json', 3, { validUntil: day })
    const good = await analyze('dated.recording.json', until('2026-11-25'))
    expect(good.values.length).toBeGreaterThan(40)
    const expired = await analyze('dated.recording.json', until('2026-11-24'))
    expect([expired.values, expired.reasons]).toEqual([[], ['calibration-expired']])
    const early = await analyze('dated.recording.json', curveFile('from.json', 3, { validFrom: '2026-11-26' }))
    expect([early.values, early.reasons]).toEqual([[], ['calibration-not-yet-valid']])
    const undated = await analyze('undated.recording.json', until('2026-11-25'))
    expect([undated.values, undated.reasons]).toEqual([[], ['calibration-undated']])
  })
})
