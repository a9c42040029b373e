import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { EdfRecording } from '../../../src/recording/edf/edf-recording.js'
import {
  type ConvertedRecord,
  convertRecording,
  type ExportFormat,
  exportFormats,
} from '../../../src/recording/export/convert-recording.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import type { Recording } from '../../../src/recording/recording.js'
import { readAnnotations } from '../../../src/recording/wfdb-annotation.js'
import { makeEdf, writeTemporary } from '../edf/make-edf.js'
import { datasetPath } from '../paths.js'

const opened: Recording[] = []
afterEach(async () => {
  for (const recording of opened.splice(0)) await recording.close()
})

async function open(file: string): Promise<Recording> {
  const recording = await openRecording(file)
  opened.push(recording)
  return recording
}

interface Converted {
  readonly result: ConvertedRecord
  readonly recording: Recording
  readonly folder: string
}

async function convert(source: Recording, format: ExportFormat, window = {}): Promise<Converted> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-export-'))
  const result = await convertRecording({ recording: source, signals: source.signals, window, format, folder })
  const file = format === 'wfdb' ? result.files[0]!.replace(/\.hea$/, '') : result.files[0]!
  return { result, recording: await open(path.join(folder, file)), folder }
}

async function physical(recording: Recording, index: number): Promise<Float64Array> {
  const [samples] = await recording.readPhysical([index], 0, recording.signals[index]!.length)
  return samples!
}

function csv(rows: readonly string[], head = '# fs: 250\nII,Pleth'): string {
  return writeTemporary(Buffer.from(`${head}\n${rows.join('\n')}\n`), 'made.csv')
}

const twoRates = makeEdf({
  records: 8,
  signals: [
    {
      label: 'ECG II',
      unit: 'mV',
      physical: [-5, 5],
      digital: [-2000, 2000],
      perRecord: 250,
      value: (r, i) => ((r * 250 + i) * 37) % 1999,
    },
    { label: 'Resp', unit: 'Ohm', physical: [-100, 200], digital: [-32768, 32767], perRecord: 25, value: (r, i) => (r * 25 + i) * 9 - 900 },
  ],
  notes: record => `+${record}\u0014\u0014\0${record === 3 ? '+3.5\u00152\u0014ectopic\u0014\0' : ''}`,
})

describe.each(exportFormats)('a recording as %s', format => {
  it('has the rates, units and values of the recording', async () => {
    const source = await open(writeTemporary(twoRates))
    const { result, recording } = await convert(source, format)
    expect(recording.signals.map(({ name, unit, fs, length }) => ({ name, unit, fs, length }))).toEqual([
      { name: 'ECG II', unit: 'mV', fs: { num: 250, den: 1 }, length: 2000 },
      { name: 'Resp', unit: 'Ohm', fs: { num: 25, den: 1 }, length: 200 },
    ])
    expect(recording.startTime).toEqual(source.startTime)
    for (const index of [0, 1]) {
      const [before, after] = [await physical(source, index), await physical(recording, index)]
      const most = result.signals[index]!.rounding + 1e-10
      for (let i = 0; i < before.length; i++) expect(Math.abs(before[i]! - after[i]!)).toBeLessThanOrEqual(most)
    }
    expect(result.signals[0]!.rounding).toBeLessThan(1e-9)
  })

  it('keeps what is missing missing, and where it was', async () => {
    const rows = Array.from({ length: 2600 }, (_, i) =>
      i < 30 || (i > 600 && i < 1800) ? ',' : i % 7 === 0 ? `,${i / 100}` : `${i / 1000},${i / 100}`,
    )
    const source = await open(csv(rows))
    const { recording } = await convert(source, format)
    for (const index of [0, 1]) {
      const [before, after] = [await physical(source, index), await physical(recording, index)]
      expect([...after.subarray(0, before.length)].map(Number.isNaN)).toEqual([...before].map(Number.isNaN))
      expect(after.subarray(before.length).every(Number.isNaN)).toBe(true)
      for (let i = 0; i < before.length; i++) if (!Number.isNaN(before[i]!)) expect(after[i]).toBeCloseTo(before[i]!, 9)
    }
  })

  it('says how far values are off that it has no integers for', async () => {
    const source = await open(csv(Array.from({ length: 500 }, (_, i) => `${Math.sin(i)},${1000 + Math.sin(i / 7) / 3}`)))
    const { result, recording } = await convert(source, format)
    for (const index of [0, 1]) {
      const { rounding } = result.signals[index]!
      expect(rounding).toBeGreaterThan(0)
      const [before, after] = [await physical(source, index), await physical(recording, index)]
      const worst = before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0)
      expect(worst).toBeLessThanOrEqual(rounding * 1.0001 + 1e-12)
      expect(worst).toBeGreaterThan(rounding / 10)
    }
  })

  it.each([
    'ACC x [mg]',
    'ACC y [g]',
    'ACC z [m/s2]',
    'TEMP [degC]',
    'Skin temperature [C]',
    'Pleth [NU]',
    'ABP [mmHg]',
    'Resp [Ohm]',
    'EEG Fpz-Cz [uV]',
    'II [mV]',
    'EDA [uS]',
  ])('keeps kind, unit and values of %s', async title => {
    const source = await open(
      csv(
        Array.from({ length: 80 }, (_, i) => `${i === 7 ? 'none' : (i - 40) / 8}`),
        `# fs: 4\n${title}`,
      ),
    )
    const { recording } = await convert(source, format)
    const [before, after] = [source.signals[0]!, recording.signals[0]!]
    expect([after.name, after.kind, after.unit, after.fs]).toEqual([before.name, before.kind, before.unit, before.fs])
    expect((await physical(recording, 0)).subarray(0, 80)).toEqual(await physical(source, 0))
  })

  it('takes a part, with its time and its annotations', async () => {
    const source = await open(writeTemporary(twoRates))
    const { recording, folder } = await convert(source, format, { from: 2, to: 6 })
    expect(recording.startTime?.toISOString()).toBe('2024-03-02T04:05:08.000Z')
    expect(recording.signals.map(signal => signal.length)).toEqual([1000, 100])
    const [before, after] = [await physical(source, 0), await physical(recording, 0)]
    for (let i = 0; i < 1000; i++) expect(after[i]).toBeCloseTo(before[500 + i]!, 9)
    if (format === 'wfdb') {
      const { annotations } = await readAnnotations(path.join(folder, 'made.note'))
      // 25 frames a second.
      expect(annotations.map(({ sample, symbol, aux }) => [sample, symbol, aux])).toEqual([[37 + 1, '"', 'ectopic']])
    } else expect((recording as EdfRecording).annotations).toEqual([{ onset: 1.5, duration: 2, text: 'ectopic' }])
  })

  it('leaves no half-written file behind when it is stopped', async () => {
    const source = await open(writeTemporary(twoRates))
    const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-export-'))
    const request = {
      recording: source,
      signals: source.signals,
      window: {},
      format,
      folder,
      signal: AbortSignal.abort(new Error('stopped')),
    }
    await expect(convertRecording(request)).rejects.toThrow('stopped')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused a second time under one name', async () => {
    const source = await open(writeTemporary(twoRates))
    const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-export-'))
    const request = { recording: source, signals: source.signals, window: {}, format, folder, taken: new Set(['made']) }
    await expect(convertRecording(request)).rejects.toMatchObject({ code: 'usage-option' })
  })
})

describe('EDF+D', () => {
  it('leaves out data records in which nothing was measured, and begins with the first that is there', async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => (i < 600 || (i >= 1000 && i < 2010) ? ',' : `${i},${-i}`))
    const source = await open(csv(rows, '# fs: 250\n# start: 2026-01-02T03:04:05.250Z\nII,Pleth'))
    const { result, recording, folder } = await convert(source, 'edf')
    const text = readFileSync(path.join(folder, result.files[0]!)).toString('latin1')
    expect(text.slice(192, 197)).toBe('EDF+D')
    // Of the ten seconds those from 2 to 4 and from 8 on.
    expect(Number(text.slice(236, 244))).toBe(4)
    expect(recording.startTime?.toISOString()).toBe('2026-01-02T03:04:07.250Z')
    const after = await physical(recording, 1)
    expect(after.length).toBe(2000)
    expect(after[99]).toBeNaN()
    expect([after[100], after[499], after[1510], after[1999]]).toEqual([-600, -999, -2010, -2499])
    expect(after.subarray(500, 1510).every(Number.isNaN)).toBe(true)
  })

  it('refuses rates that no data record has a whole number of samples of', async () => {
    const source = await open(csv(['1', '2'], '# fs: 99999.9989\nII'))
    await expect(convert(source, 'edf')).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(/--format wfdb/),
    })
  })
})

const python = process.env.VITALWIRE_PYTHON ?? 'python3'
const readers = (() => {
  try {
    execFileSync(python, ['-c', 'import wfdb, pyedflib'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Values of a file as wfdb or pyedflib read it: float64, signal after signal, each behind its length as a float64. */
const reader = `
import sys, numpy as np, wfdb, pyedflib
path, out = sys.argv[1:]
if path.endswith(".edf") or path.endswith(".bdf"):
    with pyedflib.EdfReader(path) as file:
        signals = []
        for k in range(file.signals_in_file):
            values = file.readSignal(k).astype("<f8")
            values[file.readSignal(k, digital=True) == (-32768 if path.endswith(".edf") else -8388608)] = np.nan
            signals.append(values)
else:
    signals = wfdb.rdrecord(path, smooth_frames=False).e_p_signal
with open(out, "wb") as file:
    for values in signals:
        file.write(np.array([len(values)], "<f8").tobytes() + np.asarray(values, "<f8").tobytes())
`

function readByPython(file: string): Float64Array[] {
  const out = path.join(mkdtempSync(path.join(tmpdir(), 'vitalwire-export-')), 'values')
  writeFileSync(`${out}.py`, reader)
  execFileSync(python, [`${out}.py`, file, out], { stdio: ['ignore', 'ignore', 'pipe'] })
  const bytes = readFileSync(out)
  const all = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  const signals: Float64Array[] = []
  for (let at = 0; at < all.length; at += all[at]! + 1) signals.push(all.subarray(at + 1, at + 1 + all[at]!))
  return signals
}

describe.each(exportFormats)('wfdb and pyedflib read back equal what is written as %s', format => {
  const lists = new URL('../../../datasets/', import.meta.url).pathname
  const records = [
    ['mitdb', '100'],
    ['wfdb-samples', 'mixedsignals'],
    ['wfdb-samples', '310derive'],
    ['cinc2015', 'a103l'],
    ['edf', 'test_subsecond.edf'],
    // Acceleration at 32 Hz, temperature and skin conductance at 4 Hz, pulse waves at 64 Hz.
    ['empatica-e4', 'S01'],
    // ECG, pulse waves and acceleration out of a MATLAB file.
    ['troika', 'DATA_01_TYPE01.recording.json'],
  ] as const
  for (const [set, name] of records) {
    const there = datasetPath(set, name)
    const at = there !== null && name.endsWith('.json') ? path.join(lists, set, name) : there
    it.skipIf(at === null || !readers)(`${set}/${name} (needs the dataset ${set}, and Python with wfdb and pyedflib)`, async () => {
      const source = await open(at as string)
      const { result, folder, recording } = await convert(source, format)
      if (source.signals.every(signal => signal.encoding === 'float'))
        expect(recording.signals.map(signal => signal.kind)).toEqual(source.signals.map(signal => signal.kind))
      const found = readByPython(path.join(folder, result.files[0]!.replace(/\.hea$/, '')))
      expect(found.length).toBe(source.signals.length)
      for (const { index, gain, encoding } of source.signals) {
        const before = await physical(source, index)
        const after = found[index]!
        let worst = 0
        for (let i = 0; i < before.length; i++) {
          if (Number.isNaN(before[i]!) !== Number.isNaN(after[i]!))
            throw new Error(`sample ${i} of signal ${index} is missing in one of the two`)
          if (!Number.isNaN(before[i]!)) worst = Math.max(worst, Math.abs(before[i]! - after[i]!))
        }
        // Far below a step of the recording, and no more than was said.
        if (encoding === 'digital') expect(worst).toBeLessThan(1e-3 / Math.abs(gain))
        expect(worst).toBeLessThanOrEqual(result.signals[index]!.rounding + 1e-10)
      }
    })
  }
})
