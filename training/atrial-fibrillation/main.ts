import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fibrillationFeatures } from '../../src/ecg/rhythm/fibrillation-probability.js'
import { rhythmLabels } from '../../src/ecg/rhythm/rhythm-summary.js'
import { readChallengeReferences } from '../../src/evaluate/atrial/challenge-2017.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { ds1, ds2 } from '../beat-classes/records.js'
import { repository, runPython } from '../shared/python.js'
import { lookAtRecord } from './look-at-record.js'

/** Describes windows of mitdb and cinc2017 and the records of cinc2017, then lets Python fit both models. */
const folder = path.join(repository, 'node_modules', '.cache', 'vitalwire-training', 'data', 'atrial-fibrillation')
mkdirSync(folder, { recursive: true })

interface Window {
  readonly set: string
  readonly record: string
  readonly half: 'ds1' | 'ds2' | 'cinc2017' | 'nsrdb'
  readonly lead: number
  /** 1: fibrillation. */
  readonly truth: number
  readonly values: readonly number[]
}

const windows: Window[] = []
const take = async (set: string, record: string, half: Window['half'], lead: number, truth: number | null): Promise<void> => {
  for (const { reading, fibrillation } of (await lookAtRecord(set, record, lead)).windows) {
    const label = truth ?? fibrillation
    if (label !== null) windows.push({ set, record, half, lead, truth: label, values: fibrillationFeatures.map(name => reading[name]) })
  }
}
for (const lead of [0, 1]) {
  for (const record of ds1) await take('mitdb', record, 'ds1', lead, null)
  for (const record of ds2) await take('mitdb', record, 'ds2', lead, null)
}
for (const record of ['16265', '16273', '16795']) await take('nsrdb', record, 'nsrdb', 0, 0)
process.stderr.write(`described ${windows.length} windows\n`)

const records = []
for (const [record, label] of await readChallengeReferences(path.join(datasetsRoot(), 'cinc2017'))) {
  const { features, windows: found } = await lookAtRecord('cinc2017', record, 0)
  records.push({ record, label, features })
  if (label === '~') continue
  for (const { reading } of found) {
    const values = fibrillationFeatures.map(name => reading[name])
    windows.push({ set: 'cinc2017', record, half: 'cinc2017', lead: 0, truth: Number(label === 'A'), values })
  }
}
process.stderr.write(`described ${records.length} records\n`)
writeFileSync(path.join(folder, 'windows.json'), JSON.stringify({ features: fibrillationFeatures, windows }))
writeFileSync(path.join(folder, 'records.json'), JSON.stringify({ labels: rhythmLabels, records }))
runPython('atrial-fibrillation/fit.py', folder, path.join(repository, 'src'))
