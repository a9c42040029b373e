import { Partition } from '../../src/engine/partition.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord } from '../../src/journal/record.js'
import type { EnginePort } from '../../src/server/engine-port.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodePack } from '../../src/wire/pack.js'
import { encodeSenml } from '../../src/wire/senml.js'
import { birthOf } from '../wire/sample-device.js'
import { SyntheticEngine } from './synthetic-engine.js'

/** The server's side of an engine whose device `monitor-1` lives in a real partition, record by record. */
export class QualityEngine extends SyntheticEngine {
  readonly partition = new Partition(9)
  #offset = 0
  #packs = 0
  at = 3600e6

  constructor() {
    super()
    this.put({ type: 'adopt', device: 'monitor-1', patient: 'p-1', from: 0, author: 't', reason: 't', state: null, at: this.at })
    this.put(this.#message('birth', encodeBirth(birthOf({ clock: 'recorded' }))))
  }

  put(record: JournalRecord): LoggedEvent[] {
    const events: LoggedEvent[] = []
    const keep = (event: LoggedEvent): void => void events.push(structuredClone(event))
    this.partition.process(record, this.#offset++, { event: keep, command: () => {}, highWater: () => {}, wave: () => {} })
    for (const event of events) this.log.append(event)
    return events
  }

  temperature(second: number, value: number): void {
    const front = [
      { n: 'pack', vs: `7:${this.#packs++}` },
      { n: 'device-clock', u: 's', v: second },
    ]
    this.put(this.#message('n', encodeSenml([...front, { n: 'temperature', u: 'Cel', v: value }], 'cbor')))
  }

  /** Five minutes go by, so what was counted is reported. */
  later(): void {
    this.at += 300e6
    this.put(this.#message('n', encodePack({ boot: 7, seq: this.#packs++, clock: 1e9, samples: [] })))
  }

  override stepIssue: EnginePort['stepIssue'] = async request => this.put({ type: 'issue', ...request, at: this.at }).at(-1) ?? null

  override correct: EnginePort['correct'] = async request => this.put({ type: 'correct', ...request, at: this.at }).at(-1) ?? null

  #message(topic: 'birth' | 'n', payload: Uint8Array): JournalRecord {
    return { type: 'message', device: 'monitor-1', topic, stream: '', payload, at: this.at }
  }
}
