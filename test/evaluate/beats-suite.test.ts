import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beatsSuite } from '../../src/evaluate/suites/beats.js'
import { classesSuite } from '../../src/evaluate/suites/classes.js'
import { noiseSuite } from '../../src/evaluate/suites/noise.js'
import { loadSuite } from '../../src/evaluate/suites/registry.js'
import { writeAnnotations } from '../../src/recording/wfdb-annotation-writer.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { quietContext, smallBeats, smallFs, smallRequest, writeSmallDatabase } from './small-database.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vitalwire-evaluate-'))
  await writeSmallDatabase(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Beats of both records from 30 s on. */
const counted = [0.8, 1].flatMap(interval => smallBeats(interval).filter(sample => sample >= 30 * smallFs)).length

describe('evaluate beats', () => {
  it('scores our own pipeline with latency and CPU time', async () => {
    const { document, annotations, parametersHash } = await beatsSuite.run(smallRequest(folder), quietContext)
    expect(document.records.map(({ record }) => record)).toEqual(['r1', 'r2'])
    expect(document.gross).toMatchObject({ tp: counted, fp: 0, fn: 0, se: 100, ppv: 100, f1: 100 })
    const latency = document.latencyMs as { p50: number; p95: number; p99: number }
    expect(latency.p50).toBeGreaterThan(0)
    expect(latency.p99).toBeGreaterThanOrEqual(latency.p50)
    expect(document.cpuSecondsPerSignalHour).toBeGreaterThan(0)
    expect(annotations.map(({ record }) => record)).toEqual(['r1', 'r2'])
    expect(parametersHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('counts the first samples only in the figures of whole records', async () => {
    const { document } = await beatsSuite.run(smallRequest(folder, { from: 100 }), quietContext)
    expect((document.whole as { tp: number }).tp).toBeGreaterThan((document.gross as { tp: number }).tp)
  })

  it('finds the same beats with other packets, and says them later with longer ones', async () => {
    const short = await beatsSuite.run(smallRequest(folder, { packetSeconds: 0.01 }), quietContext)
    const long = await beatsSuite.run(smallRequest(folder, { packetSeconds: 1 }), quietContext)
    expect(long.annotations).toEqual(short.annotations)
    expect((long.document.latencyMs as { p95: number }).p95).toBeGreaterThan((short.document.latencyMs as { p95: number }).p95 + 300)
  })

  it('scores annotation files: an early, a late, a missing and an extra beat', async () => {
    const places = smallBeats(0.8)
    const far = places.findIndex(sample => sample > 60 * smallFs)
    const said = places.filter((_, k) => k !== far)
    said[far + 3] = (said[far + 3] as number) + 38
    said[far + 6] = (said[far + 6] as number) - 39
    await writeAnnotations(
      path.join(folder, 'r1.own'),
      [...said, (places[far + 20] as number) + 100].map(sample => ({ sample, symbol: 'V' })),
    )
    const test = { kind: 'annotations', annotator: 'own', folder } as const
    const request = smallRequest(folder, { records: ['r1'], test })
    const { document, bxb } = await beatsSuite.run(request, quietContext)
    // 150 ms are 37.5 samples, which bxb takes as 38.
    expect(document.gross).toMatchObject({ fn: 2, fp: 2 })
    expect(document.latencyMs).toBeNull()
    expect(document.cpuSecondsPerSignalHour).toBeNull()
    expect(bxb).toMatch(/^Record Nn'/)
    const classes = await classesSuite.run(request, quietContext)
    const v = classes.document.gross.V as { tp: number; fp: number }
    expect([v.tp, v.fp > 100]).toEqual([0, true])
  })

  it('holds two annotators against each other', async () => {
    await writeAnnotations(
      path.join(folder, 'r2.half'),
      smallBeats(1)
        .filter((_, k) => k % 2 === 0)
        .map(sample => ({ sample, symbol: 'N' })),
    )
    const compare = { annotator: 'half', folder }
    const { document } = await beatsSuite.run(smallRequest(folder, { records: ['r2'], compare }), quietContext)
    const paired = document.paired as { beats: Record<string, number>; se: { difference: number } }
    expect(paired.beats.onlySecond).toBe(0)
    expect(Math.abs(paired.beats.onlyFirst! - paired.beats.both!)).toBeLessThanOrEqual(1)
    expect(paired.se.difference).toBeCloseTo((100 * paired.beats.onlyFirst!) / (paired.beats.both! + paired.beats.onlyFirst!), 4)
  })

  it('runs a stage from a module', async () => {
    const file = path.join(folder, 'every-second.mjs')
    writeFileSync(
      file,
      `export default spec => ({ name: 'every-second', latency: { min: 0, max: 0 }, parameters: { fs: spec.fs },
        push({ start, length }, emit) {
          const last = start + length - 1
          for (let i = start; i <= last; i++) if (i % 250 === 125) emit({ kind: 'beat', index: i, decided: last, channel: 0, beatClass: 'N' })
        }, flush() {}, save() {}, load() {} })`,
    )
    const { document } = await beatsSuite.run(smallRequest(folder, { test: { kind: 'stage', file }, records: ['r2'] }), quietContext)
    expect(document.gross).toMatchObject({ fn: 0, fp: 1 })
    expect(document.test).toBe('stage every-second.mjs')
  })

  it('holds fast beats against the reference: false ones that nothing confirms count', async () => {
    const file = path.join(folder, 'guesses.mjs')
    writeFileSync(
      file,
      `export default () => ({ name: 'guesses', latency: { min: 0, max: 0 }, parameters: {},
        push({ start, length }, emit) {
          const last = start + length - 1
          for (let i = start; i <= last; i++) {
            if (i % 125 === 0) emit({ kind: 'fast-beat', index: i, decided: last, channel: 0 })
            if (i % 250 === 125) emit({ kind: 'beat', index: i, decided: last, channel: 0, beatClass: 'N' })
          }
        }, flush() {}, save() {}, load() {} })`,
    )
    const { document } = await beatsSuite.run(smallRequest(folder, { test: { kind: 'stage', file }, records: ['r2'] }), quietContext)
    const fast = document.fastBeats as { tp: number; fp: number; fn: number }
    expect(fast.fn).toBe(0)
    // Two a second are said where one beats.
    expect(Math.abs(fast.fp - fast.tp)).toBeLessThanOrEqual(2)
    const own = await beatsSuite.run(smallRequest(folder), quietContext)
    expect(own.document.fastBeats).toMatchObject({ fn: 0, fp: 0, se: 100, ppv: 100 })
  })

  it('tells a stage that throws, and a module without a stage', async () => {
    const throwing = path.join(folder, 'throws.mjs')
    writeFileSync(throwing, `export default () => ({ name: 'x', push() { throw new Error('no luck') }, flush() {} })`)
    const run = (file: string) => beatsSuite.run(smallRequest(folder, { test: { kind: 'stage', file } }), quietContext)
    await expect(run(throwing)).rejects.toMatchObject({ code: 'detector-failed', message: expect.stringContaining('no luck') as string })
    const empty = path.join(folder, 'empty.mjs')
    writeFileSync(empty, 'export const x = 1')
    await expect(run(empty)).rejects.toMatchObject({ code: 'usage-option' })
    await expect(run(path.join(folder, 'absent.mjs'))).rejects.toMatchObject({ code: 'usage-option' })
  })

  it.each([
    ['a database that is not there', { database: '/nowhere/at-all' }, 'recording-missing'],
    ['a record that is not there', { records: ['r9'] }, 'recording-missing'],
    ['a reference that is not there', { records: ['r1'], reference: 'none' }, 'recording-missing'],
    ['a channel that is not there', { channels: ['V9'] }, 'usage-option'],
  ])('refuses %s', async (_, changes, code) => {
    await expect(beatsSuite.run(smallRequest(folder, changes), quietContext)).rejects.toMatchObject({ code })
  })

  it('warns of records whose reference has no beat where it is compared', async () => {
    const run = async (changes: { from: number }) => (await beatsSuite.run(smallRequest(folder, changes), quietContext)).document
    expect((await run({ from: 119.5 })).warnings).toEqual(['r1.atr has no beat from 119.5 s on', 'r2.atr has no beat from 119.5 s on'])
    expect((await run({ from: 100 })).warnings).toBeUndefined()
  })

  it('knows no suite of another name', async () => {
    await expect(loadSuite('no-such-suite')).rejects.toMatchObject({
      code: 'usage-option',
      message: expect.stringContaining('beats') as string,
    })
  })
})

describe.skipIf(!hasDataset('mitdb') || !hasDataset('reference-outputs'))('with mitdb and reference-outputs', () => {
  it('prints what bxb and sumstats print of OSEA, to the byte', async () => {
    const { readFileSync } = await import('node:fs')
    const test = { kind: 'annotations', annotator: 'osea', folder: datasetPath('reference-outputs', 'mitdb') } as const
    const { bxb } = await beatsSuite.run(smallRequest(datasetPath('mitdb'), { test, from: 300 }), quietContext)
    expect(`${bxb}\n`).toBe(readFileSync(datasetPath('reference-outputs', 'mitdb', 'bxb-osea-default.sum'), 'latin1'))
  })
})

describe.skipIf(!hasDataset('mitdb') || !hasDataset('nstdb'))('with mitdb and nstdb', () => {
  it('loses beats under noise, and fewer in the time that the quality index accepts', async () => {
    const noise = { folder: datasetPath('nstdb'), panels: [{ name: 'own', records: ['118'], kinds: ['em'], snrs: [0] }] }
    const request = smallRequest(datasetPath('mitdb'), { suite: 'noise', from: 300, channels: [0], noise })
    const { document } = await noiseSuite.run(request, quietContext)
    const [run] = document.records as unknown as {
      f1: number
      ppv: number
      accepted: { ppv: number }
      rejectedShare: { noisy: number; clean: number }
    }[]
    expect(run!.f1).toBeLessThan(99)
    expect(run!.accepted.ppv).toBeGreaterThan(run!.ppv)
    expect(run!.rejectedShare.noisy).toBeGreaterThan(run!.rejectedShare.clean)
  })
})
