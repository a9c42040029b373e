import { Partition } from '../../src/engine/partition.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord } from '../../src/journal/record.js'
import type { QualityIssue } from '../../src/quality/issue-desk.js'
import type { QualityReport } from '../../src/quality/quality-report.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { type Birth, encodeBirth } from '../../src/wire/birth.js'
import { encodeSenml, type RawRecord } from '../../src/wire/senml.js'
import { KeptSink } from '../support/partition-run.js'
import { birthOf, chunkOf } from '../wire/sample-device.js'

/** One device in a partition, spoken for record by record; what it says is kept with the records themselves. */
export class QualityBench {
  readonly records: JournalRecord[] = []
  readonly sink = new KeptSink()
  partition = new Partition(3)
  at: number
  readonly device: string
  #packs = 0

  constructor(birth: Partial<Birth> = { clock: 'recorded' }, device = 'device', at = 1_000_000) {
    this.device = device
    this.at = at
    this.put({ type: 'adopt', device, patient: 'p-1', from: 0, author: 'test', reason: 'test', state: null, at })
    // A whole birth stands as it is: it may leave the numerics out.
    this.message('birth', encodeBirth('streams' in birth ? (birth as Birth) : birthOf(birth)))
  }

  /** Processes a record; saved and loaded again before each, so nothing rests on what is not state. */
  put(record: JournalRecord): LoggedEvent[] {
    const before = this.sink.events.length
    const saved = structuredClone(this.partition.save())
    this.partition = new Partition(3)
    this.partition.load(saved)
    this.partition.process(record, this.records.length, this.sink)
    this.records.push(record)
    return this.sink.events.slice(before)
  }

  message(topic: 'birth' | 'w' | 'n' | 'e' | 'state', payload: Uint8Array, stream = topic === 'w' ? 'ecg' : ''): LoggedEvent[] {
    return this.put({ type: 'message', device: this.device, topic, stream, payload, at: this.at })
  }

  /** A pack at `second` of the device clock, as raw records: what a sender means to keep out need not be encodable. */
  raw(second: number, ...records: readonly RawRecord[]): LoggedEvent[] {
    const front = [
      { n: 'pack', vs: `7:${this.#packs++}` },
      { n: 'device-clock', u: 's', v: second },
    ]
    this.at = Math.max(this.at, second * 1e6)
    return this.message('n', encodeSenml([...front, ...records], 'cbor'))
  }

  values(second: number, values: Partial<Record<NumericSample['name'], number>>, unit?: string): LoggedEvent[] {
    const records = Object.entries(values).map(([n, v]) => ({ n, v, u: unit ?? unitOf(n) }))
    return this.raw(second, ...records)
  }

  chunk(seq: number, changes: Parameters<typeof chunkOf>[1] = {}): LoggedEvent[] {
    this.at = Math.max(this.at, (seq + 1) * 1e6)
    return this.message('w', chunkOf(seq, changes))
  }

  /** The device leaves: its hour is closed. */
  release(): LoggedEvent[] {
    return this.put({ type: 'release', device: this.device, author: 'test', reason: 'done', at: this.at })
  }

  reports(): QualityReport[] {
    return this.sink.events.filter(event => event.type === 'quality-report').map(event => event.body as unknown as QualityReport)
  }

  issues(): QualityIssue[] {
    return this.sink.events.filter(event => event.type === 'issue').map(event => event.body as unknown as QualityIssue)
  }

  measurements(name: string): LoggedEvent[] {
    return this.sink.events.filter(event => event.type === 'measurement' && event.body.name === name)
  }
}

const units: Readonly<Record<string, string>> = {
  'heart-rate': '/min',
  'pulse-rate': '/min',
  spo2: '%',
  'respiratory-rate': '/min',
  temperature: 'Cel',
  'nibp-systolic': 'mm[Hg]',
  'nibp-diastolic': 'mm[Hg]',
  'nibp-mean': 'mm[Hg]',
  glucose: 'mg/dL',
  steps: '{count}',
}

function unitOf(name: string): string {
  const unit = units[name]
  if (unit === undefined) throw new Error(`no unit for ${name}`)
  return unit
}
