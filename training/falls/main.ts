import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { listSisfall, readSisfall } from '../../src/evaluate/databases/sisfall-folder.js'
import { AxesFilter } from '../../src/motion/axes-filter.js'
import { FallCandidates, fallFeatureNames, fallParameters } from '../../src/motion/fall-candidates.js'
import { datasetFolder } from '../../src/recording/datasets.js'
import { hertz } from '../../src/signal/rate.js'
import { repository, runPython } from '../shared/python.js'

/** `node training/run.js falls`: describes every blow in the recordings of SisFall and fits the model of falls, leaving out each person in turn. */
const folder = path.join(repository, 'node_modules', '.cache', 'vitalwire-training', 'falls')
mkdirSync(folder, { recursive: true })
const recordings: unknown[] = []
for (const entry of await listSisfall(path.join(await datasetFolder('falls'), 'sisfall'))) {
  const { person, record, fall, fs, samples } = await readSisfall(entry)
  const filter = new AxesFilter(hertz(fs))
  const candidates = new FallCandidates(hertz(fs))
  const features: (readonly number[])[] = []
  const [x, y, z] = samples as [Float64Array, Float64Array, Float64Array]
  for (let i = 0; i < x.length; i += 1) {
    const found = candidates.step(...filter.step([x[i]!, y[i]!, z[i]!]))
    if (found !== null) features.push(found.features)
  }
  features.push(...candidates.end().map(each => each.features))
  recordings.push({ person, record, fall, features })
}
writeFileSync(path.join(folder, 'candidates.json'), JSON.stringify({ names: fallFeatureNames, parameters: fallParameters, recordings }))
runPython('falls/fit.py', path.join(folder, 'candidates.json'), repository)
