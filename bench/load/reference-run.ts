import { Partition } from '../../src/engine/partition.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord } from '../../src/journal/record.js'
import type { DeviceTemplate } from './template.js'

/** A change of an alert, and the message with which the engine can decide it. */
export interface ExpectedAlert {
  readonly condition: string
  /** Phases; equal when only the measurability changed. */
  readonly from: string
  readonly to: string
  readonly t: number
  /** Place in the template's messages of the last one that the decision needs. */
  readonly message: number
}

export interface ReferenceRun {
  readonly eventHash: string
  readonly eventCount: number
  /** Samples that a ledger must count as stored. */
  readonly stored: number
  readonly alerts: readonly ExpectedAlert[]
}

/** The template's bytes through the same partition in process: what every device that sends them must come to. */
export function runReference(template: DeviceTemplate): ReferenceRun {
  const partition = new Partition(0)
  const alerts: ExpectedAlert[] = []
  let message = -1
  let closed: LoggedEvent | null = null
  const sink = {
    event(event: LoggedEvent): void {
      if (event.type === 'condition' && event.log === 'patient') {
        const { condition, from, to } = event.body
        alerts.push({ condition: String(condition), from: String(from), to: String(to), t: event.t, message })
      }
      if (event.type === 'session' && event.body.state === 'closed') closed = event
    },
    command(): void {},
    highWater(): void {},
    wave(): void {},
    wavesWanted: () => false,
  }
  let offset = 0
  const run = (record: JournalRecord) => partition.process(record, offset++, sink)
  const device = 'reference'
  run({ type: 'adopt', device, patient: 'p', from: 0, author: 'bench', reason: 'bench', state: null, at: 0 })
  run({ type: 'message', device, topic: 'birth', stream: '', payload: template.birth, at: 0 })
  for (const { topic, stream, payload } of template.messages) {
    message++
    run({ type: 'message', device, topic, stream: topic === 'w' ? stream : '', payload, at: 0 })
  }
  const end = closed as LoggedEvent | null
  if (end === null || typeof end.body.eventHash !== 'string') throw new Error('the template does not close its session')
  return { eventHash: end.body.eventHash, eventCount: Number(end.body.eventCount), stored: partition.ledger().stored, alerts }
}
