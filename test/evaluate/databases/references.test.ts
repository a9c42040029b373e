import { describe, expect, it } from 'vitest'
import { hypoxiaPpgHz, isHypoxiaFolder, listHypoxiaPeople, readHypoxiaPerson } from '../../../src/evaluate/databases/hypoxia-folder.js'
import { findMonitorNumerics, readMonitorNumerics } from '../../../src/evaluate/databases/monitor-numerics.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

describe.skipIf(!hasDataset('uw-hypoxia'))('the references of the hypoxia set (needs dataset uw-hypoxia)', () => {
  const folder = datasetPath('uw-hypoxia', '.')

  it('takes the instruments after the unnamed columns by their distance', async () => {
    expect(await isHypoxiaFolder(folder)).toBe(true)
    expect(await listHypoxiaPeople(folder)).toEqual(['100001', '100002', '100003'])
    const { seconds, hands, warnings } = await readHypoxiaPerson(folder, '100001')
    expect(seconds[0]).toEqual({ spo2: [97.4, 97, 98, 98], ecgHeartRate: 58, respiratoryRate: 18 })
    expect(seconds).toHaveLength(1091)
    expect(warnings).toEqual([])
    expect(hands.left?.map(channel => channel.length)).toEqual([32727, 32727, 32727])
    expect(Math.abs((hands.left?.[0]?.length ?? 0) / hypoxiaPpgHz - seconds.length)).toBeLessThan(1)
  })
})

describe.skipIf(!hasDataset('mimic4wdb'))('the numbers of a bedside monitor (needs dataset mimic4wdb)', () => {
  it('puts them on the seconds of the record', async () => {
    const file = await findMonitorNumerics(datasetPath('mimic4wdb', '.'))
    const { numbers, warnings } = await readMonitorNumerics(file as string)
    expect(warnings).toEqual([])
    expect(numbers['pulse-rate'][0]).toEqual({ seconds: 3520 / 999.56, value: 70 })
    expect(numbers.spo2[0]?.value).toBe(100)
    for (const name of ['heart-rate', 'respiratory-rate'] as const) expect(numbers[name].length).toBeGreaterThan(1000)
  })
})
