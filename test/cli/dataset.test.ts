import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { defaultMinimum, type Readiness } from '../../src/quality/readiness.js'
import { runCommand, scratchFolder } from '../support/running-server.js'
import { syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250
const scratch = scratchFolder('dataset-check')

async function writeCsv(name: string, value: (ecg: number, second: number) => number | null): Promise<string> {
  const rows = [...syntheticEcg({ fs, seconds: 60 })].map((ecg, i) => value(ecg, i / fs)?.toFixed(4) ?? '')
  const file = path.join(scratch.path, `${name}.csv`)
  // A second column keeps rows without a value from being empty lines.
  await writeFile(file, `# fs: ${fs}\nII [mV],marker [NU]\n${rows.map(row => `${row},0`).join('\n')}\n`)
  return file
}

describe('dataset check', () => {
  const files: Record<string, string> = {}

  beforeAll(async () => {
    files.good = await writeCsv('good', ecg => ecg)
    files.holes = await writeCsv('holes', (ecg, second) => (Math.floor(second / 10) % 2 === 0 ? ecg : null))
    files.flat = await writeCsv('flat', () => 0.1)
  })
  afterAll(scratch.remove)

  const check = async (name: string): Promise<{ code: number | null; found: Readiness }> => {
    const { code, stdout } = await runCommand(['dataset', 'check', files[name]!, '--channels', 'II', '--json'])
    return { code, found: JSON.parse(stdout) as Readiness }
  }

  it('passes a whole recording of good signal, exit 0', async () => {
    expect(await check('good')).toMatchObject({ code: 0, found: { ready: true, reasons: [], coverage: 1, lost: 0 } })
  })

  it('fails one of which half is missing, with the coverage to the sample, exit 1', async () => {
    const { code, found } = await check('holes')
    expect(code).toBe(1)
    expect(found).toMatchObject({ ready: false, coverage: 0.5, lost: 30 * fs })
    expect(found.reasons).toContainEqual({ what: 'coverage', found: 0.5, accepted: 'at least 80 %' })
  })

  it('fails a flat line, with the quality as the reason', async () => {
    const { code, found } = await check('flat')
    expect(code).toBe(1)
    expect(found.reasons.map(reason => reason.what)).toEqual(['usable'])
    expect(found.coverage).toBe(1)
  })

  it('goes by the minimum that it is given, says it in words, and fails when one of several does', async () => {
    const lower = await runCommand([
      'dataset',
      'check',
      files.holes!,
      '--channels',
      'II',
      '--minimum-coverage',
      '50',
      '--minimum-usable',
      '40',
    ])
    expect(lower).toMatchObject({ code: 0 })
    const both = await runCommand(['dataset', 'check', files.good!, files.holes!, '--channels', 'II'])
    expect(both.code).toBe(1)
    expect(both.stdout).toMatch(/^pass {2}good\n[\s\S]*^FAIL {2}holes\n {2}coverage 50\.0 % \(accepted: at least 80 %\)$/m)
  })

  it('keeps scores from being made of what does not reach the minimum, and only then', async () => {
    const analyse = async (name: string, required: boolean) =>
      (
        await analyzeRecording({
          record: files[name]!,
          partitionOptions: defaultOptions,
          chunkSeconds: 1,
          channels: ['II'],
          ...(required ? { minimum: defaultMinimum } : {}),
        })
      ).document
    expect((await analyse('good', true)).scores.length).toBeGreaterThan(0)
    expect((await analyse('holes', false)).scores.length).toBeGreaterThan(0)
    const refused = await analyse('holes', true)
    expect(refused.scores).toEqual([])
    expect(refused.readiness.ready).toBe(false)
  })

  it('refuses a share that is none', async () => {
    expect((await runCommand(['dataset', 'check', files.good!, '--minimum-coverage', '101'])).code).toBe(2)
  })
})
