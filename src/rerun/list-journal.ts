import { decodeBirth } from '../wire/birth.js'
import { JournalFolder, type ReadProblem } from './journal-folder.js'

export interface ListedBoot {
  readonly boot: number
  readonly model: string
  readonly firmware: string
  readonly clock: string
  readonly streams: readonly string[]
}

export interface ListedDevice {
  readonly device: string
  readonly partition: number
  /** Patients that it was assigned to, in order; null: none. */
  readonly patients: readonly (string | null)[]
  readonly messages: number
  readonly bytes: number
  /** Wall time of its first and last record, microseconds. */
  readonly from: number
  readonly to: number
  readonly boots: readonly ListedBoot[]
}

export interface JournalListing {
  readonly segments: { readonly journal: number; readonly events: number }
  readonly records: number
  readonly bytes: number
  readonly devices: readonly ListedDevice[]
  readonly problems: readonly ReadProblem[]
}

interface Found {
  device: string
  partition: number
  patients: (string | null)[]
  messages: number
  bytes: number
  from: number
  to: number
  boots: ListedBoot[]
}

/** What a journal holds, by device and partition. */
export function listJournal(dir: string): JournalListing {
  const folder = new JournalFolder(dir)
  const devices = new Map<string, Found>()
  let records = 0
  let bytes = 0
  for (const { partition, record, reference } of folder.records()) {
    records += 1
    bytes += reference.length
    if (!('device' in record)) continue
    const key = `${partition} ${record.device}`
    let found = devices.get(key)
    if (found === undefined) {
      found = { device: record.device, partition, patients: [], messages: 0, bytes: 0, from: record.at, to: record.at, boots: [] }
      devices.set(key, found)
    }
    found.bytes += reference.length
    found.from = Math.min(found.from, record.at)
    found.to = Math.max(found.to, record.at)
    if (record.type === 'adopt' && found.patients.at(-1) !== record.patient) found.patients.push(record.patient)
    if (record.type !== 'message') continue
    found.messages += 1
    if (record.topic === 'birth') noteBirth(found, record.payload)
  }
  return {
    segments: { journal: folder.segments('journal').length, events: folder.segments('events').length },
    records,
    bytes,
    devices: [...devices.values()].sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : a.partition - b.partition)),
    problems: folder.problems,
  }
}

function noteBirth(found: Found, payload: Uint8Array): void {
  const read = decodeBirth(payload)
  if (!('ok' in read) || found.boots.some(({ boot }) => boot === read.ok.boot)) return
  const { boot, model, firmware, clock, streams, numerics } = read.ok
  found.boots.push({ boot, model, firmware, clock, streams: [...streams.map(({ id }) => id), ...(numerics === undefined ? [] : ['n'])] })
}
