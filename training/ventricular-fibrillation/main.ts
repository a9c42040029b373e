import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { lookAt } from '../../src/ecg/fibrillation/first-look.js'
import { OwnSize } from '../../src/ecg/fibrillation/own-size.js'
import { fibrillationFeatures, WaveformFeatures } from '../../src/ecg/fibrillation/waveform-features.js'
import { isSaturated, trustIn } from '../../src/ecg/fibrillation/window-trust.js'
import { WorkingSignal, windowSamples, windowSeconds } from '../../src/ecg/fibrillation/working-signal.js'
import { fibrillationShare } from '../../src/evaluate/fibrillation/window-truth.js'
import { repository, runPython } from '../shared/python.js'
import { cudb, ds1, openRecord } from './records.js'
import { report } from './report.js'

/** Of the seconds of the arrhythmia database without fibrillation one in this many is a training case. */
const thinning = 6
const driftAt = fibrillationFeatures.indexOf('drift')

const folder = path.join(repository, 'node_modules', '.cache', 'vitalwire-training', 'data', 'ventricular-fibrillation')

/** Describes each second of cudb, some of DS1 of mitdb in both leads and some of noise, then lets Python fit. */
async function train(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const rows: Float64Array[] = []
  const columns = { database: [] as string[], record: [] as string[], share: [] as number[], trust: [] as number[] }
  const jobs = [
    ...cudb.map(record => ({ database: 'cudb', record, leads: [0] })),
    ...ds1.map(record => ({ database: 'mitdb', record, leads: [0, 1] })),
    // Noise without a heart: the second channel, for the first is mixed into the records that the report reads.
    ...['em', 'ma'].map(record => ({ database: 'nstdb', record, leads: [1] })),
  ]
  const window = new Float64Array(windowSamples)
  const measure = new WaveformFeatures()
  for (const { database, record, leads } of jobs) {
    const signal = await openRecord(database, record, leads, database !== 'nstdb')
    const working = new WorkingSignal(signal.fsHz, leads.length)
    const own = new OwnSize(leads.length)
    let count = 0
    await signal.eachSecond((_, to, view) => {
      const share = fibrillationShare(signal.fibrillation, Math.max(0, to - windowSeconds * signal.fsHz), to)
      const wanted = database === 'cudb' || share > 0 || count++ % thinning === 0
      for (const lead of leads.keys()) {
        // The signal is worked out each second, wanted or not: it looks back 10 s only.
        if (!working.read(lead, to, view, window)) continue
        const look = lookAt(window)
        const excess = own.excess(lead, look)
        if (share < 0.5) own.learn(lead, look)
        if (!wanted) continue
        const values = new Float64Array(fibrillationFeatures.length)
        measure.measure(window, view.millivolts, values)
        rows.push(values)
        columns.database.push(database)
        columns.record.push(record)
        columns.share.push(share)
        const drift = values[driftAt] as number
        columns.trust.push(trustIn(drift, isSaturated(window, look), excess, true, 1).against)
      }
    })
  }
  const all = new Float64Array(rows.length * fibrillationFeatures.length)
  rows.forEach((values, i) => {
    all.set(values, i * fibrillationFeatures.length)
  })
  writeFileSync(path.join(folder, 'features.f64'), new Uint8Array(all.buffer))
  writeFileSync(path.join(folder, 'windows.json'), JSON.stringify({ features: fibrillationFeatures, ...columns }))
  process.stderr.write(`described ${rows.length} windows\n`)
  runPython(
    'ventricular-fibrillation/fit.py',
    folder,
    path.join(repository, 'src', 'ecg', 'fibrillation'),
    path.join(repository, 'test', 'ecg', 'fibrillation'),
  )
}

const [what = 'train'] = process.argv.slice(2)
if (what === 'train') await train()
else if (what === 'report') await report(folder)
else throw new RangeError(`ventricular-fibrillation does \`train\` or \`report\`, not ${what}`)
