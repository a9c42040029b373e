import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EvaluationRequest } from '../../../src/evaluate/evaluation-request.js'
import { readGlucoseFolder } from '../../../src/evaluate/glucose/cgm-folder.js'
import { followCourse, predictionPairs, scoreAlerts } from '../../../src/evaluate/glucose/glucose-score.js'
import { loadSuite } from '../../../src/evaluate/suites/registry.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

function request(database: string): EvaluationRequest {
  const common = { reference: 'atr', test: { kind: 'pipeline' }, compare: null, from: 0, to: null, noise: null } as const
  return { suite: 'glucose', database, records: null, channels: null, ...common, windowSeconds: 0.15, packetSeconds: 0.04 }
}
const context = { onProgress: () => undefined, signal: new AbortController().signal }
const every5 = (values: readonly number[]) => values.map((value, i) => ({ time: 300 * i, value }))

describe('the suite glucose', () => {
  it('reads both kinds of files, a person once, and the rows drawn by hand whose data are there', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'cgm-'))
    const stamp = (i: number) => `2020-01-01 00:${String(5 * i).padStart(2, '0')}:00`
    const list = (count: number) => Array.from({ length: count }, (_, i) => `"Subject 1",${stamp(i)},${100 + i}`).join('\n')
    await writeFile(path.join(folder, 'example_data_1_subject.csv'), `"id","time","gl"\n${list(4)}\n`)
    await writeFile(path.join(folder, 'example_data_5_subject.csv'), `"id","time","gl"\n${list(6)}\n"Subject 2",${stamp(0)},90\n`)
    await writeFile(
      path.join(folder, 'Dexcom_009.csv'),
      `index,timestamp,event_type,glucose\n1,${stamp(1)},EGV,110\n2,${stamp(0)},EGV,120\n3,${stamp(2)},EGV,Low\n4,${stamp(3)},Alert,80\n`,
    )
    await writeFile(
      path.join(folder, 'manual_calculations.csv'),
      '"","dataset","dataset_filename","start","end","manual","subject"\n"1","JHU","ExampleData5Subjects.csv",2,4,50,"subject 1"\n"2","JHU","ExampleData5Subjects.csv",5,7,50,"subject 1"\n"3","Other","Absent.csv",1,3,50,"1"\n',
    )
    const { people, drawn } = await readGlucoseFolder(folder)
    expect(people.map(({ name, readings }) => [name, readings.length])).toEqual([
      ['Dexcom_009', 2],
      ['example_data_5_subject/Subject 1', 6],
      ['example_data_5_subject/Subject 2', 1],
    ])
    expect(people[0]!.readings.map(({ value }) => value)).toEqual([120, 110])
    expect(drawn).toEqual([{ row: '1', person: 'example_data_5_subject/Subject 1', hand: 50, values: [101, 102, 103] }])
    await expect(readGlucoseFolder(path.join(folder, 'absent'))).rejects.toMatchObject({ code: 'recording-missing' })
  })

  it('holds an outlook against the trace at its time, and takes none across a gap', () => {
    const level = followCourse(every5([100, 100, 100, 100, 100, 100, 100]))
    const pairs = predictionPairs(level, 1200).map(({ pair }) => pair)
    expect(pairs).toHaveLength(3)
    expect(pairs.map(({ estimate }) => estimate)).toEqual([null, null, 100])
    expect(pairs.every(({ reference }) => reference === 100)).toBe(true)
    const gap = followCourse([...every5([100, 100, 100]), { time: 3000, value: 100 }])
    expect(predictionPairs(gap, 1200)).toEqual([])
  })

  it('counts alerts episode by episode: one in time, one false', () => {
    const fall = [150, 140, 130, 120, 105, 90, 78, 66, 60, 58, 60, 75, 90, 120, 120]
    expect(scoreAlerts(followCourse(every5(fall)), 70, 'low')).toMatchObject({ events: 1, alerted: 1, falseAlerts: 0 })
    const dip = [150, 140, 130, 115, 100, 85, 85, 90, 100, 120, 120, 120]
    expect(scoreAlerts(followCourse(every5(dip)), 70, 'low')).toMatchObject({ events: 0, alerted: 0, alerts: 1, falseAlerts: 1 })
  })

  it.skipIf(!hasDataset('cgm'))(
    'shows all 18 rows drawn by hand, 5 % off in the median at most, and the outlook better than the held value (needs cgm)',
    async () => {
      const { document, files } = await (await loadSuite('glucose')).run(request(datasetPath('cgm')), context)
      const gross = document.gross as { rmse: number; rmseHeld: number; coverage: number; mage: { rows: number; medianError: number } }
      expect(gross.mage.rows).toBe(18)
      expect(document.mageRows).toHaveLength(18)
      expect(gross.mage.medianError).toBeLessThanOrEqual(0.05)
      expect(gross.rmse).toBeLessThan(gross.rmseHeld)
      expect(gross.coverage).toBeGreaterThan(0.9)
      expect(files.length).toBeGreaterThan(6)
    },
  )
})
