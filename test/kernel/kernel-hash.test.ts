import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { availableKernels, startKernel } from '../../src/kernel/choose-kernel.js'
import { datasetsRoot } from '../../src/recording/datasets.js'

const record = path.join(datasetsRoot(), 'mitdb', '208')

afterAll(() => {
  startKernel()
})

test.skipIf(!existsSync(`${record}.hea`))(
  'ten minutes of mitdb 208 come to one eventHash by every kernel that runs here (needs mitdb)',
  async () => {
    const hashes: (string | null)[] = []
    for (const name of availableKernels()) {
      process.env.VITALWIRE_KERNEL = name
      try {
        const { document } = await analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds: 1, to: 600 })
        expect(document.engine.kernel).toBe(name)
        hashes.push(document.eventHash)
      } finally {
        delete process.env.VITALWIRE_KERNEL
      }
    }
    expect(availableKernels()).toContain('wasm')
    expect(hashes.length).toBeGreaterThanOrEqual(2)
    expect(hashes).not.toContain(null)
    expect(new Set(hashes).size).toBe(1)
  },
  120_000,
)
