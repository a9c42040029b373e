import { homedir } from 'node:os'
import path from 'node:path'
import type { EcgAnalyser } from '../../src/ecg/ecg-analyser.js'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { EcgHistory } from '../../src/ecg/ecg-history.js'
import type { EcgView } from '../../src/ecg/ecg-view.js'
import type { Stretch } from '../../src/evaluate/compare/annotation.js'
import { ventricularFibrillation } from '../../src/evaluate/compare/stretches.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { hertz } from '../../src/signal/rate.js'
import type { StreamSpec } from '../../src/signal/stream.js'

const datasets =
  process.env.VITALWIRE_DATASETS ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'vitalwire', 'datasets')

export { cudbFitted as cudb, ds1 } from '../../src/evaluate/fitted-records.js'
export { ds2 } from '../beat-classes/records.js'
export const paced = '102 104 107 217'.split(' ')

export interface RecordSignal {
  readonly database: string
  readonly record: string
  readonly fsHz: number
  readonly length: number
  readonly leadCount: number
  readonly fibrillation: readonly Stretch[]
  /** Calls `each` with every second of the record, [from, to), and the view as it is then. */
  eachSecond(each: (from: number, to: number, view: EcgView) => void): Promise<void>
  /** Runs the whole record through the ECG chain with one analyser: the quality of the leads and the choice among them as in use. */
  throughChain(analyser: (options: { fsHz: number; leadCount: number }) => EcgAnalyser): Promise<void>
}

const pieceSeconds = 600

/** Opens a record of a database; `leads`: which of its ECG signals. Reference annotations `.atr` are read where `annotated`. */
export async function openRecord(database: string, record: string, leads: readonly number[], annotated: boolean): Promise<RecordSignal> {
  const file = path.join(datasets, database, record)
  const recording = await openRecording(file)
  const signals = leads.map(lead => {
    const signal = recording.signals[lead]
    if (!signal) throw new RangeError(`${file} has no signal ${lead}`)
    return signal
  })
  const first = signals[0] as (typeof signals)[number]
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
        const pieceEnd = pieceFrom + (channels[0] as Float64Array).length
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
    async throughChain(analyser) {
      const channels = leads.map(lead => `lead ${lead}`)
      const spec: StreamSpec = { id: `${database}/${record}`, kind: 'ecg', fs: first.fs, unit: first.unit, channels }
      const chain = createEcgChain(spec, { analysers: options => [analyser(options)] })
      for (let start = 0; start < length; ) {
        const piece = await recording.readPhysical(leads, start, Math.min(length - start, Math.ceil(pieceSeconds * fsHz)))
        const count = (piece[0] as Float64Array).length
        chain.push({ start, length: count, channels: piece, flags: 0 }, () => {})
        start += count
      }
      chain.flush(() => {})
      await recording.close()
    },
  }
}

/** Places of the ECG signals of a record. */
export async function ecgLeads(database: string, record: string): Promise<number[]> {
  const recording = await openRecording(path.join(datasets, database, record))
  const leads = recording.signals.filter(({ kind }) => kind === 'ecg').map(({ index }) => index)
  await recording.close()
  return leads
}

export function datasetFolder(database: string): string {
  return path.join(datasets, database)
}
