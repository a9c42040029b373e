import { addMessages, addSamples, type MessageCounts, type SampleCounts, type WireLedger, zeroMessages, zeroSamples } from './ledger.js'
import type { RefusalReason } from './reasons.js'
import type { UpTopic } from './topics.js'

interface SavedCounter {
  readonly byTopic: Record<UpTopic, MessageCounts>
  readonly bygone: SampleCounts
  readonly records: Record<string, number>
  readonly jsonChunks: number
}

/** The ledger of messages of one device, and the samples of boots that are not kept any more. */
export class MessageCounter {
  private byTopic: Record<UpTopic, MessageCounts> = {
    birth: zeroMessages(),
    state: zeroMessages(),
    w: zeroMessages(),
    n: zeroMessages(),
    e: zeroMessages(),
  }
  private bygone: SampleCounts = zeroSamples()
  private records: Record<string, number> = {}
  private jsonChunks = 0

  accept(topic: UpTopic): void {
    this.byTopic[topic].received++
    this.byTopic[topic].accepted++
  }

  duplicate(topic: UpTopic): void {
    this.byTopic[topic].received++
    this.byTopic[topic].duplicate++
  }

  refuse(topic: UpTopic, reason: RefusalReason): void {
    const counts = this.byTopic[topic]
    counts.received++
    counts.refused[reason] = (counts.refused[reason] ?? 0) + 1
  }

  /** One that was accepted turned out not to be acceptable when its turn came. */
  takeBack(topic: UpTopic, reason: RefusalReason): void {
    const counts = this.byTopic[topic]
    counts.accepted--
    counts.refused[reason] = (counts.refused[reason] ?? 0) + 1
  }

  refuseRecord(reason: string): void {
    this.records[reason] = (this.records[reason] ?? 0) + 1
  }

  countJson(): void {
    this.jsonChunks++
  }

  /** The boot is not kept any more; its counts stay in the sums. */
  settle(counts: SampleCounts): void {
    addSamples(this.bygone, counts)
  }

  ledger(streams: Record<string, SampleCounts>, waiting: { messages: number; bytes: number }): WireLedger {
    const sum = zeroSamples()
    addSamples(sum, this.bygone)
    const messages = zeroMessages()
    for (const counts of Object.values(streams)) addSamples(sum, counts)
    for (const counts of Object.values(this.byTopic)) addMessages(messages, counts)
    return {
      ...sum,
      messages,
      byTopic: structuredClone(this.byTopic),
      jsonChunks: this.jsonChunks,
      waiting,
      records: { ...this.records },
      streams,
    }
  }

  save(): unknown {
    return structuredClone({ byTopic: this.byTopic, bygone: this.bygone, records: this.records, jsonChunks: this.jsonChunks })
  }

  load(state: unknown): void {
    const s = structuredClone(state as SavedCounter)
    this.byTopic = s.byTopic
    this.bygone = s.bygone
    this.records = s.records
    this.jsonChunks = s.jsonChunks
  }
}
