import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { writeReport } from '../../src/analysis/report.js'
import { printAnalysis } from '../../src/cli/print-analysis.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { pulseTrain } from '../ppg/synthetic-pulses.js'
import { hasDataset } from '../support/datasets.js'

const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-notes-'))
const seconds = 60

interface Made {
  readonly fs?: number
  readonly axes?: string
  readonly unit?: string
  /** Seconds of acceleration. */
  readonly until?: number
  readonly light?: boolean
}

/** A wrist that walks, with light beside it or without. */
async function analyze({ fs = 50, axes = 'xyz', unit = '[g]', until = seconds, light = true }: Made) {
  const peaks = Array.from({ length: 75 }, (_, k) => 0.4 + 0.8 * k)
  const pulses = pulseTrain({ fs, seconds, peaks, height: 1, level: 100, noise: 0.01 })
  const names = [...axes].map(axis => `ACC ${axis}`)
  const step = (t: number, phase: number) => 0.3 * Math.sin(2 * Math.PI * 1.9 * t + phase)
  const rows = Array.from({ length: fs * seconds }, (_, i) => {
    const t = i / fs
    const walk = names.map((_, axis) => (t < until ? (Number(axis === 1) + step(t, axis)).toFixed(4) : ''))
    return [...(light ? [pulses[i]!.toFixed(4)] : []), ...walk, '1'].join(',')
  })
  const told = names.flatMap(name => [`# kind ${name}: acceleration`, `# unit ${name}: ${unit}`])
  const head = [`# fs: ${fs}`, ...(light ? ['# kind PPG: ppg'] : []), ...told, [...(light ? ['PPG'] : []), ...names, 'else'].join(',')]
  const record = path.join(folder, 'wrist.csv')
  writeFileSync(record, `${[...head, ...rows].join('\n')}\n`)
  return analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds: 1 })
}
const notesOf = async (made: Made) => (await analyze(made)).document.notes

describe('notes on streams', () => {
  it('has none of light and acceleration that can be read', async () => {
    expect(await notesOf({})).toEqual([])
  })

  it.each([
    [{ axes: 'xy' }, /nothing is measured from it: stream acceleration: 2 channels are no acceleration; accepted: three axes/],
    [{ unit: 'V' }, /unit V is none for acceleration; accepted: \[g\]/],
    [{ unit: 'counts' }, /unit \S+ is none for acceleration/],
  ])('names acceleration that cannot be read, and that the pulse rate is of light alone: %j', async (made, message) => {
    const [light, acceleration, ...more] = await notesOf(made)
    expect(more).toEqual([])
    expect(acceleration).toMatchObject({ stream: 'acceleration', reason: 'not-readable', fromSeconds: 0, toSeconds: seconds })
    expect(acceleration!.message).toMatch(message)
    expect(light).toMatchObject({ stream: 'ppg', reason: 'no-acceleration' })
    expect(light!.message).toMatch(/the pulse rate is of light alone, which takes steps for pulses, in \d+ s between/)
  })

  it('names a rate that is too low, of any stream', async () => {
    expect((await notesOf({ fs: 5 })).map(({ stream, reason }) => [stream, reason])).toEqual([
      ['ppg', 'not-readable'],
      ['acceleration', 'not-readable'],
    ])
  })

  it('names acceleration without a sample, and that which stops in the middle, from when on', async () => {
    const silent = await notesOf({ until: 0 })
    expect(silent.map(({ stream, reason }) => [stream, reason])).toEqual([
      ['ppg', 'no-acceleration'],
      ['acceleration', 'no-data'],
    ])
    const [light, acceleration] = await notesOf({ until: 30 })
    expect(acceleration).toMatchObject({ reason: 'no-data', fromSeconds: 30, toSeconds: seconds })
    expect(acceleration!.message).toBe('has no samples from 30.0 s to its end')
    expect(light!.reason).toBe('no-acceleration')
    expect(light!.fromSeconds).toBeGreaterThanOrEqual(28)
    expect(light!.fromSeconds).toBeLessThanOrEqual(40)
    expect(light!.toSeconds).toBeGreaterThan(seconds - 2)
  })

  it('names acceleration alone that stops, and not the last seconds that a packet took', async () => {
    expect((await notesOf({ light: false, until: 30 })).map(({ reason }) => reason)).toEqual(['no-data'])
    expect(await notesOf({ until: seconds - 4 })).toEqual([])
  })

  it('stands in the summary and in the report', async () => {
    const analysis = await analyze({ unit: 'V' })
    expect(printAnalysis(analysis.document)).toContain('note on stream acceleration: nothing is measured from it')
    const file = path.join(folder, 'report.html')
    await writeReport(file, analysis)
    expect(readFileSync(file, 'utf8')).toContain('Stream acceleration: nothing is measured from it')
  })
})

describe.skipIf(!hasDataset('troika'))('a wrist that runs (needs dataset troika)', () => {
  it('has no notes', async () => {
    const record = path.resolve(import.meta.dirname, '../../datasets/troika/DATA_01_TYPE01.recording.json')
    const { document } = await analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds: 1, to: 120 })
    expect(document.notes).toEqual([])
  })
})
