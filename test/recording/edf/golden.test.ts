import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { datasetsRoot } from '../../../src/recording/datasets.js'
import { openEdfRecording } from '../../../src/recording/edf/edf-recording.js'
import { hertz } from '../../../src/signal/rate.js'
import { datasetPath } from '../paths.js'

type Digest = [label: string, rate: number, length: number, sha256: string]

// Made by scripts/edf-golden.py with the pyedflib and mne of the versions that stand in the file.
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as {
  pyedflib: string
  mne: string
  files: Record<string, Digest[]>
  notes: Record<string, [onset: number, duration: number, text: string][]>
  mneFiles: Record<string, Digest[]>
}

async function read(name: string) {
  const recording = await openEdfRecording(datasetPath('edf', name) as string)
  const found: Digest[] = []
  for (const { index, name: label, fs, length } of recording.signals) {
    const samples = new Int32Array(length)
    // Windows of an odd length, put together.
    for (let from = 0; from < length; from += 9973) samples.set((await recording.readDigital([index], from, 9973))[0]!, from)
    found.push([label, hertz(fs), length, createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex')])
  }
  await recording.close()
  const notes = recording.annotations.map(({ onset, duration, text }) => [onset, duration ?? -1, text])
  return { found, notes, warnings: recording.warnings }
}

describe.skipIf(datasetPath('edf') === null)('the files of the dataset edf (needs it)', () => {
  it.each(Object.entries(golden.files))(`%s equals what pyedflib ${golden.pyedflib} reads`, async (name, expected) => {
    expect(await read(name)).toEqual({ found: expected, notes: golden.notes[name], warnings: [] })
  })

  it.each(Object.entries(golden.mneFiles))(
    `%s, which pyedflib refuses, equals what mne ${golden.mne} reads, and is told to be damaged`,
    async (name, expected) => {
      const { found, warnings } = await read(name)
      expect(found).toEqual(expected)
      expect(warnings.join()).toMatch(/byte \d+: .*as after a transfer as text/)
    },
  )

  it('are all compared, most of them with signals', () => {
    const all = readdirSync(datasetPath('edf') as string).filter(name => /\.(edf|bdf)$/.test(name))
    expect([...Object.keys(golden.files), ...Object.keys(golden.mneFiles)].sort()).toEqual(all.sort())
    expect(Object.values(golden.files).filter(signals => signals.length > 0).length).toBeGreaterThan(5)
    expect(golden.notes['SC4001EC-Hypnogram.edf']!.length).toBe(154)
    expect(Object.values(golden.mneFiles).map(signals => signals.length)).toEqual([64, 64])
  })
})

const python = process.env.VITALWIRE_PYTHON ?? 'python3'
const hasReaders = (() => {
  try {
    const ask = 'import pyedflib, mne; print(pyedflib.__version__, mne.__version__)'
    const found = execFileSync(python, ['-c', ask], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return found.trim() === `${golden.pyedflib} ${golden.mne}`
  } catch {
    return false
  }
})()

it.skipIf(datasetPath('edf') === null || !hasReaders)(
  `golden.json is what scripts/edf-golden.py makes (needs Python with pyedflib ${golden.pyedflib} and mne ${golden.mne}, and the dataset edf)`,
  () => {
    const script = new URL('../../../scripts/edf-golden.py', import.meta.url).pathname
    const made = execFileSync(python, [script, datasetsRoot()], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 })
    expect(JSON.parse(made)).toEqual(golden)
  },
  120_000,
)
