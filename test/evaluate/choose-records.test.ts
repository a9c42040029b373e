import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadSuite } from '../../src/evaluate/suites/registry.js'
import { quietContext, smallRequest, writeSmallDatabase } from './small-database.js'

const scratch = mkdtempSync(path.join(tmpdir(), 'vitalwire-choose-'))
const at = (...parts: string[]): string => path.join(scratch, ...parts)
const run = async (suite: string, database: string, records: readonly string[] | null) => {
  const noise = { folder: database, panels: [{ name: 'own', records: records ?? ['r1'], kinds: ['em'], snrs: [0] }] }
  const changes = { suite, records, from: 0, ...(suite === 'noise' ? { noise } : {}) }
  return (await loadSuite(suite)).run(smallRequest(database, changes), quietContext)
}

beforeAll(async () => {
  mkdirSync(at('wfdb', 'below'), { recursive: true })
  await writeSmallDatabase(at('wfdb'))
  cpSync(at('wfdb', 'r1.hea'), at('wfdb', 'without-reference.hea'))
  mkdirSync(at('labelled'))
  writeFileSync(at('labelled', 'REFERENCE.csv'), Array.from({ length: 9 }, (_, i) => `A0000${i},N`).join('\n'))
  mkdirSync(at('hypoxia'))
  writeFileSync(at('hypoxia', 'p1.reference.csv'), 'x')
  mkdirSync(at('icu'))
  writeFileSync(at('icu', '7n.csv'), 'time,RR [rpm]\n0,15\n')
  writeFileSync(at('icu', '7_0001r.hea'), '7_0001r 1 62 100\n')
  mkdirSync(at('wrist'))
  for (const name of ['DATA_01_TYPE01.mat', 'DATA_01_TYPE01_BPMtrace.mat']) writeFileSync(at('wrist', name), '')
  mkdirSync(at('falls', 'SA09'), { recursive: true })
  writeFileSync(at('falls', 'SA09', 'D01_SA09_R01.txt'), '')
  mkdirSync(at('cgm'))
  writeFileSync(at('cgm', 'one.csv'), 'id,time,gl\nanna,2026-01-01 08:00:00,100\nanna,2026-01-01 08:05:00,105\n')
  writeFileSync(at('a-file'), 'x')
})

const everySuite = [
  ['beats', 'wfdb', 'r1, r2'],
  ['classes', 'wfdb', 'r1, r2'],
  ['rhythm', 'wfdb', 'r1, r2'],
  ['rhythm', 'labelled', 'A00000, A00001, A00002, A00003, A00004, A00005 and 3 more'],
  ['hrv', 'wfdb', 'r1, r2'],
  ['noise', 'wfdb', 'r1, r2'],
  ['pulse', 'wfdb', 'r1, r2, without-reference'],
  ['pulse', 'hypoxia', 'p1'],
  ['respiration', 'hypoxia', 'p1'],
  ['respiration', 'icu', '7_0001'],
  ['heart-rate', 'wrist', 'DATA_01_TYPE01'],
  ['falls', 'falls', 'D01_SA09_R01'],
  ['glucose', 'cgm', 'one/anna'],
] as const

describe('--records', () => {
  it.each(everySuite)('evaluate %s of %s names a record that is not there, the folder, and what is there', async (suite, folder, there) => {
    await expect(run(suite, at(folder), ['nobody'])).rejects.toMatchObject({
      code: 'recording-missing',
      message: `record "nobody" is not in ${at(folder)} as evaluate ${suite} reads it; accepted for --records: ${there}`,
    })
  })

  it('refuses a record without the annotations that are asked for, before any is read', async () => {
    await expect(run('beats', at('wfdb'), ['r1', 'without-reference'])).rejects.toThrow(/record "without-reference" is not in/)
    await expect(run('delineation', at('wfdb'), ['r1'])).rejects.toThrow(/reference annotations \(.q1c\)/)
  })

  it('takes records of folders below, and a segment by the name of one of its records', async () => {
    await writeSmallDatabase(at('wfdb', 'below'))
    const { document } = await run('hrv', at('wfdb'), ['below/r1'])
    expect(document.records.map(({ record }) => record)).toEqual(['below/r1'])
    // It is found; what is not there is its signal.
    await expect(run('respiration', at('icu'), ['7_0001r'])).rejects.not.toThrow(/as evaluate respiration reads it/)
  })
})

describe('--database', () => {
  it.each([...new Set(everySuite.map(([suite]) => suite)), 'delineation', 'spo2'])('evaluate %s tells a file from nothing', async suite => {
    for (const records of suite === 'spo2' ? [null] : [null, ['r1']]) {
      await expect(run(suite, at('a-file'), records)).rejects.toMatchObject({
        code: 'recording-missing',
        message: `${at('a-file')} is a file; accepted for --database: a folder of recordings`,
      })
      await expect(run(suite, at('absent'), records)).rejects.toThrow(`${at('absent')} is not there`)
    }
  })
})
