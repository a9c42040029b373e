import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beatClass } from '../../src/evaluate/compare/annotation-classes.js'
import { type BeatComparison, compareBeats } from '../../src/evaluate/compare/compare-beats.js'
import { bootstrapByRecord, type Interval } from '../../src/evaluate/compare/intervals.js'
import { summariseBeats } from '../../src/evaluate/compare/summarise.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { runCommand, scratchFolder } from '../support/running-server.js'
import { printFigures } from './print-figures.js'

const present = hasDataset('mitdb')
const suffix = present ? '' : ' (needs dataset mitdb)'
/** EC57: window 150 ms, the first 5 min are for learning. */
const scoring = { fs: 360, fromSeconds: 300, endSample: 650_000 }

/** Gross figures in per cent. */
function grossOf(comparisons: readonly BeatComparison[]): { tp: number; fn: number; fp: number; se: number; ppv: number } {
  const { gross } = summariseBeats(comparisons.map(comparison => ({ record: '', comparison })))
  return { ...gross.counts.Q, se: 100 * (gross.Q.se ?? Number.NaN), ppv: 100 * (gross.Q.ppv ?? Number.NaN) }
}

describe('analyze on the MIT-BIH Arrhythmia Database', () => {
  const folder = scratchFolder('mitdb')
  const counts = new Map<string, BeatComparison>()
  let documents: { record: string; durationSeconds: number; beats: { count: number }; eventHash: string }[] = []
  let found = new Map<string, number>()

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
      found.set(record, written.annotations.filter(({ symbol }) => beatClass(symbol) !== undefined).length)
      counts.set(record, compareBeats(reference.annotations, written.annotations, scoring))
    }
  }, 300_000)
  afterAll(() => folder.remove())

  it.skipIf(!present)(`takes all 48 records in one call and writes the beats that it counted${suffix}`, () => {
    expect(documents).toHaveLength(48)
    for (const { record, beats, eventHash } of documents) {
      expect(found.get(record), record).toBe(beats.count)
      expect(eventHash).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it.skipIf(!present)(`finds at least 99.75 % of the beats, and of what it finds 99.8 % are beats (gross, EC57)${suffix}`, () => {
    const gross = grossOf([...counts.values()])
    const interval = (figure: 'se' | 'ppv'): string => {
      const { low, high } = bootstrapByRecord([...counts.values()], drawn => grossOf(drawn)[figure]) as Interval
      return `${low.toFixed(2)}..${high.toFixed(2)}`
    }
    printFigures('mitdb', [
      ...[...counts].map(([record, count]) => {
        const own = grossOf([count])
        return `| ${record} | ${own.tp} | ${own.fn} | ${own.fp} | ${own.se.toFixed(2)} | ${own.ppv.toFixed(2)} |`
      }),
      `| gross | ${gross.tp} | ${gross.fn} | ${gross.fp} | ${gross.se.toFixed(3)} | ${gross.ppv.toFixed(3)} |`,
      `95 % by record: Se ${interval('se')}, +P ${interval('ppv')}`,
    ])
    expect(gross.tp + gross.fn).toBe(91_285)
    expect(gross.se).toBeGreaterThanOrEqual(99.75)
    expect(gross.ppv).toBeGreaterThanOrEqual(99.8)
  })
})
