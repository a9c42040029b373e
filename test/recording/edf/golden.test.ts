import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openEdfRecording } from '../../../src/recording/edf/edf-recording.js'
import { hertz } from '../../../src/signal/rate.js'
import { datasetPath } from '../paths.js'

// Made by scripts/edf-golden.py with the pyedflib of the version that stands in the file.
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as {
  pyedflib: string
  files: Record<string, [label: string, rate: number, length: number, sha256: string][]>
}

describe.skipIf(datasetPath('edf') === null)(`signals equal what pyedflib ${golden.pyedflib} reads (needs the dataset edf)`, () => {
  it.each(Object.entries(golden.files))('%s', async (name, expected) => {
    const recording = await openEdfRecording(datasetPath('edf', name) as string)
    const found: unknown[] = []
    for (const { index, name: label, fs, length } of recording.signals) {
      const samples = new Int32Array(length)
      // Windows of an odd length, put together.
      for (let from = 0; from < length; from += 9973) samples.set((await recording.readDigital([index], from, 9973))[0]!, from)
      found.push([label, hertz(fs), length, createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex')])
    }
    await recording.close()
    expect(found).toEqual(expected)
  })

  it('are those of most files of the set', () => {
    expect(Object.values(golden.files).filter(signals => signals.length > 0).length).toBeGreaterThan(5)
  })
})
