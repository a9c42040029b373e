import type { MessageRecord } from '../journal/record.js'
import { messageRecordBytes, writeMessageRecord } from '../journal/record-codec.js'

/** A message on its way to the journal. */
export interface Incoming {
  readonly tenant: string
  readonly device: string
  readonly topic: MessageRecord['topic']
  readonly stream: string
  readonly payload: Uint8Array
  /** Receive time, microseconds of wall time. */
  readonly at: number
}

/** Twice the longest message that the protocol reads (a birth of 256 KiB). */
const mostPayloadBytes = 512 * 1024

/**
 * MQTT lets 256 MiB through. What is longer than any message is refused whatever it says, so only its beginning goes into
 * the journal: still too long, and refused and counted as such.
 */
export function boundPayload(payload: Uint8Array): Uint8Array {
  return payload.length > mostPayloadBytes ? payload.slice(0, mostPayloadBytes) : payload
}

export interface Routed {
  readonly partition: number
  readonly message: Incoming
}

/** Messages of one worker in one transferable buffer, laid out as the journal will hold them. */
export interface Slab {
  readonly buffer: ArrayBuffer
  /** Partition of each record, in order. */
  readonly partitions: number[]
}

export const slabMessages = 64

export function packSlab(messages: readonly Routed[]): Slab {
  let bytes = 0
  for (const { message } of messages) bytes += messageRecordBytes(message.device, message.stream, message.payload)
  const buffer = new ArrayBuffer(bytes)
  const view = Buffer.from(buffer)
  let at = 0
  for (const { partition, message } of messages) at = writeMessageRecord(view, at, partition, message)
  return { buffer, partitions: messages.map(entry => entry.partition) }
}
