import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { featureNames } from '../../src/ecg/beats/beat-feature-names.js'
import { repository, runPython } from '../shared/python.js'
import { describeBeats } from './described-beats.js'
import { ds1, readRecord, type Take } from './records.js'
import { report } from './report.js'

const rate128 = { num: 128, den: 1 }

/** The first is the one whose normal beats stand for the product's usual input; the others teach single leads and other rates. */
const takes: readonly Take[] = [
  { name: 'both leads, 360 Hz', leads: [0, 1], fs: null },
  { name: 'both leads, 128 Hz', leads: [0, 1], fs: rate128 },
  { name: 'first lead, 360 Hz', leads: [0], fs: null },
  { name: 'second lead, 128 Hz', leads: [1], fs: rate128 },
]

/** Describes the beats of DS1 in every take, then lets Python fit. */
async function train(): Promise<void> {
  const folder = path.join(repository, 'node_modules', '.cache', 'vitalwire-training', 'data', 'beat-classes')
  mkdirSync(folder, { recursive: true })
  const values = createWriteStream(path.join(folder, 'features.f64'))
  const columns = { record: [] as string[], take: [] as number[], truth: [] as number[], counted: [] as number[], seen: [] as number[] }
  for (const [number, take] of takes.entries()) {
    for (const name of ds1) {
      const beats = describeBeats(await readRecord('mitdb', name, take))
      for (let i = 0; i < beats.samples.length; i++) {
        columns.record.push(name)
        columns.take.push(number)
        columns.truth.push(beats.truth[i] as number)
        columns.counted.push(beats.counted[i] as number)
        columns.seen.push(beats.seen[i] as number)
      }
      const { buffer, byteLength } = beats.features
      if (!values.write(new Uint8Array(buffer, 0, byteLength))) await once(values, 'drain')
    }
    process.stderr.write(`described ${columns.record.length} beats (${take.name})\n`)
  }
  values.end()
  await once(values, 'finish')
  writeFileSync(
    path.join(folder, 'beats.json'),
    JSON.stringify({ features: featureNames, takes: takes.map(take => take.name), ...columns }),
  )
  runPython('beat-classes/fit.py', folder, path.join(repository, 'src', 'ecg', 'beats'), path.join(repository, 'test', 'ecg', 'beats'))
}

const [what = 'train', half = 'ds2'] = process.argv.slice(2)
if (what === 'train') await train()
else if (what === 'report') await report(half)
else throw new RangeError(`beat-classes does \`train\` or \`report ds1|ds2|paced|nsrdb\`, not ${what}`)
