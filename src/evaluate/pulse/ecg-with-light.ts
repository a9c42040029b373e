import { access, readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { planStream } from '../../monitor/plan.js'
import { openRecording } from '../../recording/open-recording.js'
import type { Recording, SignalInfo } from '../../recording/recording.js'
import type { StreamKind, StreamSpec } from '../../signal/stream.js'
import { findRecord, recordFiles, requireDatabase } from '../database.js'
import { type ObservedStream, observeSignals } from './observe-stream.js'

export interface EcgWithLight {
  readonly record: string
  readonly ecg: ObservedStream
  readonly light: ObservedStream
  readonly files: readonly string[]
}

/**
 * Names of the records of a folder: those of single headers, and those of siblings `NAMEe` and `NAMEp`, ECG and pleth of one monitor in
 * records of their own. Throws `recording-missing` when there is none.
 */
export async function listEcgWithLight(folder: string): Promise<string[]> {
  await requireDatabase(folder)
  const names = new Set((await readdir(folder)).filter(file => file.endsWith('.hea')).map(file => file.slice(0, -4)))
  const siblings = [...names].filter(name => name.endsWith('e') && names.has(`${name.slice(0, -1)}p`)).map(name => name.slice(0, -1))
  const parts = new Set(siblings.flatMap(name => ['e', 'p', 'r'].map(end => `${name}${end}`)))
  const records = [...siblings, ...[...names].filter(name => !parts.has(name))]
  if (records.length > 0) return records.sort()
  throw new VitalwireError(
    'recording-missing',
    `${folder} has no records; accepted: WFDB records with ECG and pleth, or the layout of the hypoxia set`,
  )
}

/** Whether a name is a record of a folder, of one header or of siblings; it may have folders in it. */
export async function hasEcgWithLight(folder: string, name: string): Promise<boolean> {
  const headers = [`${name}.hea`, `${name}e.hea`].map(file => access(path.join(folder, file)))
  return (await Promise.allSettled(headers)).some(({ status }) => status === 'fulfilled')
}

/** Both signals of a record through their chains; null where it has not both. */
export async function observeEcgWithLight(folder: string, record: string, packetSeconds: number): Promise<EcgWithLight | null> {
  const whole = path.join(folder, record)
  const separate = await readdir(folder).then(files => files.includes(`${record}e.hea`))
  const files = separate ? [`${whole}e`, `${whole}p`] : [whole]
  const recordings: Recording[] = []
  try {
    for (const file of files) recordings.push(await openRecording(file))
    const kinds = new Set(recordings.flatMap(({ signals }) => signals.map(({ kind }) => kind)))
    if (!kinds.has('ecg') || !kinds.has('ppg')) return null
    const ecg = await observe(recordings, 'ecg', packetSeconds)
    const light = ecg === null ? null : await observe(recordings, 'ppg', packetSeconds)
    return ecg === null || light === null ? null : { record, ecg, light, files: await filesOf(folder, files) }
  } finally {
    for (const recording of recordings) await recording.close()
  }
}

async function filesOf(folder: string, files: readonly string[]): Promise<string[]> {
  const records = await Promise.all(files.map(file => findRecord(folder, path.basename(file))))
  return (await Promise.all(records.map(record => recordFiles(record, 'atr')))).flat()
}

async function observe(recordings: readonly Recording[], kind: StreamKind, packetSeconds: number): Promise<ObservedStream | null> {
  for (const recording of recordings) {
    const all = recording.signals.filter(signal => signal.kind === kind)
    const first = all[0]
    if (first === undefined) continue
    const alike = (signal: SignalInfo) => signal.fs.num * first.fs.den === first.fs.num * signal.fs.den && signal.unit === first.unit
    return observeSignals(recording, all.filter(alike), kind, (spec: StreamSpec) => planStream(spec).chain, packetSeconds)
  }
  return null
}
