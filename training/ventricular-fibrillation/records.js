import { homedir } from 'node:os'
import path from 'node:path'
import { EcgHistory } from '../../src/ecg/ecg-history.js'
import { ventricularFibrillation } from '../../src/evaluate/compare/stretches.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { hertz } from '../../src/signal/rate.js'

const datasets =
  process.env.VITALWIRE_DATASETS ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'vitalwire', 'datasets')
export const cudb = Array.from({ length: 24 }, (_, i) => `cu${String(i + 1).padStart(2, '0')}`)
export const ds1 = '101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230'.split(' ')
export const ds2 = '100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234'.split(' ')
export const paced = '102 104 107 217'.split(' ')
const pieceSeconds = 600
/** Opens a record of a database; `leads`: which of its ECG signals. Reference annotations `.atr` are read where `annotated`. */
export async function openRecord(database, record, leads, annotated) {
  const file = path.join(datasets, database, record)
  const recording = await openRecording(file)
  const signals = leads.map(lead => {
    const signal = recording.signals[lead]
    if (!signal) throw new RangeError(`${file} has no signal ${lead}`)
    return signal
  })
  const first = signals[0]
  const fsHz = hertz(first.fs)
  const length = first.length
  const annotations = annotated ? (await readAnnotations(`${file}.atr`)).annotations : []
  return {
    database,
    record,
    fsHz,
    length,
    leadCount: leads.length,
    fibrillation: ventricularFibrillation(annotations, length),
    async eachSecond(each) {
      const history = new EcgHistory(leads.length, fsHz, first.unit === 'mV' ? 1 : null)
      let second = 0
      let from = 0
      while (from < length) {
        const pieceFrom = from
        const channels = await recording.readPhysical(leads, pieceFrom, Math.min(length - from, Math.ceil(pieceSeconds * fsHz)))
        const pieceEnd = pieceFrom + channels[0].length
        let to = Math.ceil((second + 1) * fsHz)
        if (to > pieceEnd) break
        for (; to <= pieceEnd; to = Math.ceil((second + 1) * fsHz)) {
          history.push(from, channels, from - pieceFrom, to - from)
          history.end = to
          each(from, to, history)
          from = to
          second++
        }
      }
      await recording.close()
    },
  }
}
/** Places of the ECG signals of a record. */
export async function ecgLeads(database, record) {
  const recording = await openRecording(path.join(datasets, database, record))
  const leads = recording.signals.filter(({ kind }) => kind === 'ecg').map(({ index }) => index)
  await recording.close()
  return leads
}
export function datasetFolder(database) {
  return path.join(datasets, database)
}
