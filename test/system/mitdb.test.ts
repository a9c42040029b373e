import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { type BeatCounts, beatSamples, grossStatistics, matchBeats } from '../support/beat-matcher.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { runCommand, scratchFolder } from '../support/running-server.js'
import { bootstrapByRecord } from './bootstrap.js'
import { printFigures } from './print-figures.js'

const present = hasDataset('mitdb')
const suffix = present ? '' : ' (needs dataset mitdb)'
const fs = 360

/** EC57: window 150 ms, the first 5 min are for learning. */
const scoring = { windowSamples: Math.round(0.15 * fs), from: 5 * 60 * fs, to: 650_000 }

describe('analyze on the MIT-BIH Arrhythmia Database', () => {
  const folder = scratchFolder('mitdb')
  const counts = new Map<string, BeatCounts>()
  let documents: { record: string; durationSeconds: number; beats: { count: number }; eventHash: string }[] = []
  let found = new Map<string, number[]>()

  beforeAll(async () => {
    if (!present) return
    const records = readdirSync(datasetPath('mitdb'))
      .filter(file => file.endsWith('.hea'))
      .map(file => file.slice(0, -4))
      .sort()
    const paths = records.map(record => datasetPath('mitdb', record))
    const result = await runCommand(['analyze', ...paths, '--channels', '0', '--annotate', folder.path, '--json'], { timeoutMs: 240_000 })
    expect(result.code, result.stderr).toBe(0)
    documents = result.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as (typeof documents)[number])
    found = new Map()
    for (const record of records) {
      const reference = await readAnnotations(datasetPath('mitdb', `${record}.atr`))
      const written = await readAnnotations(path.join(folder.path, `${record}.vw`))
      found.set(record, beatSamples(written.annotations))
      counts.set(record, matchBeats(reference.annotations, found.get(record) ?? [], scoring))
    }
  }, 300_000)
  afterAll(() => folder.remove())

  it.skipIf(!present)(`takes all 48 records in one call and writes the beats that it counted${suffix}`, () => {
    expect(documents).toHaveLength(48)
    for (const { record, beats, eventHash } of documents) {
      expect(found.get(record)?.length, record).toBe(beats.count)
      expect(eventHash).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it.skipIf(!present)(`finds at least 99.6 % of the beats, and of what it finds 99.6 % are beats (gross, EC57)${suffix}`, () => {
    const gross = grossStatistics([...counts.values()])
    const { se, ppv } = bootstrapByRecord([...counts.values()])
    printFigures('mitdb', [
      ...[...counts].map(([record, count]) => {
        const own = grossStatistics([count])
        return `| ${record} | ${own.matched} | ${own.missed} | ${own.extra} | ${own.se.toFixed(2)} | ${own.ppv.toFixed(2)} |`
      }),
      `| gross | ${gross.matched} | ${gross.missed} | ${gross.extra} | ${gross.se.toFixed(3)} | ${gross.ppv.toFixed(3)} |`,
      `95 % by record: Se ${se.map(value => value.toFixed(2)).join('..')}, +P ${ppv.map(value => value.toFixed(2)).join('..')}`,
    ])
    expect(gross.matched + gross.missed).toBe(91_285)
    expect(gross.se).toBeGreaterThanOrEqual(99.6)
    expect(gross.ppv).toBeGreaterThanOrEqual(99.6)
  })
})
