import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { noiseFeatureNames } from '../../src/ecg/lead-quality-features.js'
import { ventricularFibrillation } from '../../src/evaluate/compare/stretches.js'
import { fibrillationShare } from '../../src/evaluate/fibrillation/window-truth.js'
import { cudbFitted, ds1 } from '../../src/evaluate/fitted-records.js'
import { repository, runPython } from '../shared/python.js'
import { describeSeconds } from './described-seconds.js'
import { isNoisySecond, kinds, type Noise, readLead } from './records.js'
import { report } from './report.js'

const levels = [24, 12, 6, 0]
/** Seconds in which the features are not settled. */
const unsettledSeconds = 3

/** Describes the seconds of DS1 of mitdb in both leads, clean and with noise, and those of fibrillation in cudb; then lets Python fit. */
async function train(): Promise<void> {
  const folder = path.join(repository, 'node_modules', '.cache', 'vitalwire-training', 'data', 'lead-quality')
  mkdirSync(folder, { recursive: true })
  const values = createWriteStream(path.join(folder, 'features.f64'))
  const columns = {
    record: [] as string[],
    lead: [] as number[],
    snr: [] as (number | null)[],
    noisy: [] as number[],
    fibrillation: [] as number[],
    errors: [] as number[],
  }
  const add = async (set: string, record: string, place: number, noise: Noise | null): Promise<void> => {
    const lead = await readLead(set, record, place, noise)
    const described = describeSeconds(lead)
    const stretches = ventricularFibrillation(lead.annotations, lead.samples.length)
    const from = unsettledSeconds
    for (let second = from; second < described.count; second++) {
      columns.record.push(`${set}/${record}`)
      columns.lead.push(place)
      columns.snr.push(noise?.snr ?? null)
      columns.noisy.push(noise !== null && isNoisySecond(lead, second) ? 1 : 0)
      columns.fibrillation.push(fibrillationShare(stretches, second * lead.fsHz, (second + 1) * lead.fsHz) > 0.5 ? 1 : 0)
      columns.errors.push((described.missed[second] as number) + (described.extra[second] as number))
    }
    const rows = described.features.slice(from * noiseFeatureNames.length)
    if (!values.write(new Uint8Array(rows.buffer))) await once(values, 'drain')
  }
  for (const record of ds1) {
    for (const place of [0, 1]) {
      await add('mitdb', record, place, null)
      for (const kind of kinds) for (const snr of levels) await add('mitdb', record, place, { kind, snr, half: 'first' })
    }
    process.stderr.write(`described ${columns.record.length} seconds (to record ${record})\n`)
  }
  for (const record of cudbFitted.filter((_, i) => i % 2 === 1)) await add('cudb', record, 0, null)
  values.end()
  await once(values, 'finish')
  writeFileSync(path.join(folder, 'seconds.json'), JSON.stringify({ features: noiseFeatureNames, ...columns }))
  runPython('lead-quality/fit.py', folder, path.join(repository, 'src', 'ecg'))
}

const [what = 'train', part] = process.argv.slice(2)
if (what === 'train') await train()
else if (what === 'report') await report(part)
else throw new RangeError(`lead-quality does \`train\` or \`report [part]\`, not ${what}`)
