import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { respirationSuite } from '../../../src/evaluate/suites/respiration.js'
import { writeWfdbRecord } from '../../../src/recording/wfdb-writer.js'
import { seededNormal } from '../../laws/random.js'
import { pulseTrain } from '../../ppg/synthetic-pulses.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'
import { syntheticBreathing } from '../../support/synthetic-breathing.js'
import { quietContext, smallRequest } from '../small-database.js'

const seconds = 100
const rate = 15

const folder = () => mkdtempSync(path.join(tmpdir(), 'vitalwire-respiration-'))
const run = (database: string, changes: Parameters<typeof smallRequest>[1] = {}) =>
  respirationSuite.run(smallRequest(database, { suite: 'respiration', from: 0, packetSeconds: 1, ...changes }), quietContext)

/** Light of one hand: pulses of 75 /min whose height breathes at `rate`, or none at all. */
function light(fs: number, breathing: boolean): Float64Array {
  const peaks = Array.from({ length: 125 }, (_, k) => 0.4 + 0.8 * k)
  const height = breathing ? peaks.map(t => 1 + 0.15 * Math.sin((2 * Math.PI * rate * t) / 60)) : 1
  return pulseTrain({ fs, seconds, peaks, height, level: 100, noise: 0.01 })
}

/** A person of the hypoxia set: the left hand breathes as the capnograph says, the right one does not breathe. */
function writePerson(database: string, reference: number): void {
  const normal = seededNormal(2)
  for (const hand of ['left', 'right'] as const) {
    const samples = light(30, hand === 'left')
    const rows = [...samples].map(value => [0.3, 1, 0.6].map(share => (share * value + 0.002 * normal()).toFixed(5)).join(','))
    writeFileSync(path.join(database, `p1.ppg-${hand}.csv`), `R,G,B\n${rows.join('\n')}\n`)
  }
  const unnamed = [0, 0, 0, 0, 0, 75, 21, 5, 38, reference]
  const second = ['09:00:00', 98, 98, 0, 98, 98, 1, ...unnamed].join(',')
  const header = 'Time,SpO2 1,SpO2 2,SpO2 3,SpO2 4,SpO2 5,AC Gain 5'
  writeFileSync(path.join(database, 'p1.reference.csv'), `${header}\n${Array(seconds).fill(second).join('\n')}\n`)
}

describe('the respiration suite', () => {
  it('scores each hand against the capnograph 15 s later, with what it covers', async () => {
    const database = folder()
    writePerson(database, rate + 2)
    const { document, parametersHash, files, tables, plots } = await run(database)
    const [left, right] = document.records as [Record<string, number>, Record<string, number>]
    expect([left.record, right.record]).toEqual(['p1 left', 'p1 right'])
    // Windows end at 32, 34, ... 84 s: the reference of 15 s later must be there.
    expect(left.windows).toBe(27)
    expect(left.coverage).toBeGreaterThan(0.7)
    expect(Math.abs(left.bias! + 2)).toBeLessThan(0.5)
    expect(right.coverage).toBe(0)
    expect(right.mae).toBeNull()
    expect(document.gross).toMatchObject({ windows: 54, mae: left.mae, bias: left.bias })
    expect(document.gross.coverage).toBeCloseTo(left.coverage! / 2, 3)
    expect(document).toMatchObject({ suite: 'respiration', reference: 'capnograph', lagSeconds: 15, windowSeconds: 32 })
    expect((document.byLag as unknown[]).length).toBe(6)
    expect(parametersHash).toMatch(/^[0-9a-f]{64}$/)
    expect(files).toHaveLength(3)
    expect(tables).toHaveLength(2)
    expect(plots).toHaveLength(2)
  })

  it('scores impedance and pleth of a monitored patient alone, and what a patient table shows of them together', async () => {
    const database = folder()
    const signals = [
      {
        name: '7_0001r',
        fs: 62,
        signal: 'Resp',
        unit: 'Ohm',
        samples: syntheticBreathing({ fs: 62, seconds, perMinute: rate, depth: () => 1 }),
      },
      { name: '7_0001p', fs: 125, signal: 'Pleth', unit: 'NU', samples: light(125, true) },
    ]
    for (const { name, fs, signal, unit, samples } of signals) {
      const counts = Int32Array.from(samples, value => Math.round(200 * value))
      const told = { name: signal, unit, gain: 200, baseline: 0, samples: counts }
      await writeWfdbRecord(database, name, { fs: { num: fs, den: 1 }, format: 16, signals: [told] })
    }
    const rows = Array.from({ length: seconds }, (_, second) => `${Math.round((second + 0.5) * 999.56)},${rate}`)
    writeFileSync(path.join(database, '7n.csv'), `"time","RR [rpm]"\n${rows.join('\n')}\n`)
    const { document } = await run(database)
    expect(document).toMatchObject({ reference: 'monitor', lagSeconds: 0 })
    expect(document.records.map(({ source }) => source)).toEqual(['respiration', 'ppg', 'together'])
    for (const { windows, mae, coverage } of document.records as Record<string, number>[]) {
      expect(windows).toBe(35)
      expect(mae).toBeLessThan(0.5)
      expect(coverage).toBeGreaterThan(0.7)
    }
    expect(document.gross).toMatchObject({ windows: 35 })
    await expect(run(database, { records: ['7_0005'] })).rejects.toMatchObject({ code: 'recording-missing' })
  })

  it('refuses channels and a folder of neither layout', async () => {
    await expect(run(folder(), { channels: [0] })).rejects.toMatchObject({ code: 'usage-option' })
    await expect(run(folder())).rejects.toMatchObject({ code: 'recording-missing' })
  })
})

describe.skipIf(!hasDataset('uw-hypoxia'))('respiratory rate from light (needs dataset uw-hypoxia)', () => {
  it('is within 1.5 /min of the capnograph on three quarters of the windows', async () => {
    const { document } = await run(datasetPath('uw-hypoxia', '.'))
    const { mae, coverage, intervalCoverage } = document.gross as Record<string, number>
    expect(mae).toBeLessThanOrEqual(1)
    expect(coverage).toBeGreaterThanOrEqual(0.8)
    expect(intervalCoverage).toBeGreaterThan(0.85)
    expect(intervalCoverage).toBeLessThan(0.95)
  }, 60_000)
})

describe.skipIf(!hasDataset('mimic4wdb'))('respiratory rate of an ICU patient (needs dataset mimic4wdb)', () => {
  it('is within 1 /min of the monitor by impedance on 85 % of the windows, and by ECG too', async () => {
    const { document } = await run(datasetPath('mimic4wdb', '.'))
    const bySource = document.bySource as Record<string, Record<string, number>>
    for (const source of ['respiration', 'ecg', 'together']) {
      expect(bySource[source]!.mae).toBeLessThanOrEqual(0.7)
      expect(bySource[source]!.coverage).toBeGreaterThanOrEqual(0.88)
    }
    expect(bySource.ppg!.mae).toBeLessThanOrEqual(0.7)
  }, 120_000)
})
