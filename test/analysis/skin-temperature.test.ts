import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { datasetPath } from '../recording/paths.js'

const analyze = async (record: string, to?: number) =>
  analyzeRecording({ record, partitionOptions: defaultOptions, chunkSeconds: 1, ...(to === undefined ? {} : { to }) })

/** Items of all scores by their name: the states in which they were. */
function statesOf(scores: readonly Readonly<Record<string, unknown>>[], name: string): Set<string> {
  const items = scores.flatMap(score => score.items as { name: string; state: string }[])
  return new Set(items.filter(item => item.name === name).map(({ state }) => state))
}

describe('the folder of a wristband', () => {
  it('gives the temperature of the skin, and the score none of the body', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-e4-'))
    const rows = (count: number, value: (i: number) => number) => Array.from({ length: count }, (_, i) => value(i).toFixed(2)).join('\n')
    writeFileSync(path.join(folder, 'TEMP.csv'), `1600000000.00\n4.0\n${rows(480, i => 39.5 + (i % 2) / 50)}\n`)
    writeFileSync(path.join(folder, 'HR.csv'), `1600000000.00\n1.0\n${rows(120, () => 75)}\n`)
    const { document } = await analyze(folder)
    const names = document.vitals.map(({ name }) => name)
    expect(names).toContain('skin-temperature')
    expect(names).not.toContain('temperature')
    expect(document.vitals.find(({ name }) => name === 'skin-temperature')).toMatchObject({
      unit: 'Cel',
      count: 12,
      median: expect.closeTo(39.51, 5),
    })
    expect(document.scores.length).toBeGreaterThan(0)
    expect(statesOf(document.scores, 'temperature')).toEqual(new Set(['missing']))
    expect(document.alerts.filter(({ condition }) => condition.startsWith('temperature'))).toEqual([])
  })

  const recorded = datasetPath('empatica-e4', 'S04')
  it.skipIf(recorded === null)('does so on a recorded session (empatica-e4/S04)', async () => {
    const { document } = await analyze(recorded!, 300)
    expect(document.vitals.map(({ name }) => name)).toContain('skin-temperature')
    expect(statesOf(document.scores, 'temperature')).toEqual(new Set(['missing']))
  })

  const rectal = datasetPath('edf', 'short_psg.edf')
  it.skipIf(rectal === null)('takes no rectal temperature for one of the skin (edf/short_psg.edf)', async () => {
    const { document } = await analyze(rectal!, 60)
    expect(document.streams.map(({ kind }) => kind)).toContain('temperature')
    expect(document.vitals.map(({ name }) => name)).not.toContain('skin-temperature')
  })
})
