import { deserialize, serialize } from 'node:v8'
import type { JournalRecord, MessageRecord } from './record.js'
import { recordHeaderBytes, writeRecordHeader } from './segment-format.js'

/** Type bytes of journal records: messages are binary (time f64, topic, lengths of device and stream, 0, texts, payload). */
const messageType = 1
const jsonType = 2

const messageTopics = ['birth', 'state', 'w', 'n', 'e'] as const
const messageFixedBytes = 12

/** Bytes of a message's record with its header. Device and stream are ASCII (rule T1). */
export function messageRecordBytes(device: string, stream: string, payload: Uint8Array): number {
  return recordHeaderBytes + messageFixedBytes + device.length + stream.length + payload.length
}

/** Writes a message's record at `at`, not sealed; returns where the next one goes. */
export function writeMessageRecord(bytes: Buffer, at: number, partition: number, message: Omit<MessageRecord, 'type'>): number {
  const { device, stream, payload } = message
  const length = messageRecordBytes(device, stream, payload)
  writeRecordHeader(bytes, at, partition, messageType, length - recordHeaderBytes)
  const body = at + recordHeaderBytes
  bytes.writeDoubleLE(message.at, body)
  bytes[body + 8] = messageTopics.indexOf(message.topic)
  bytes[body + 9] = device.length
  bytes[body + 10] = stream.length
  bytes[body + 11] = 0
  let next = body + messageFixedBytes
  next += bytes.write(device, next, 'latin1')
  next += bytes.write(stream, next, 'latin1')
  bytes.set(payload, next)
  return at + length
}

/** A record of its own, not sealed. */
export function encodeRecord(partition: number, record: JournalRecord): Buffer {
  if (record.type === 'message') {
    const bytes = Buffer.allocUnsafe(messageRecordBytes(record.device, record.stream, record.payload))
    writeMessageRecord(bytes, 0, partition, record)
    return bytes
  }
  // A handed over state may hold typed arrays, which JSON does not.
  const plain =
    record.type === 'adopt' ? { ...record, state: serialize([record.state, record.watch]).toString('base64'), watch: undefined } : record
  const body = Buffer.from(JSON.stringify(plain))
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + body.length)
  writeRecordHeader(bytes, 0, partition, jsonType, body.length)
  bytes.set(body, recordHeaderBytes)
  return bytes
}

/** The record in a body; a message's payload is a view of it. */
export function decodeRecord(type: number, body: Uint8Array): JournalRecord {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (type === messageType) {
    const deviceEnd = messageFixedBytes + bytes[9]!
    const streamEnd = deviceEnd + bytes[10]!
    return {
      type: 'message',
      device: bytes.toString('latin1', messageFixedBytes, deviceEnd),
      topic: messageTopics[bytes[8]!]!,
      stream: bytes.toString('latin1', deviceEnd, streamEnd),
      payload: bytes.subarray(streamEnd),
      at: bytes.readDoubleLE(0),
    }
  }
  const record = JSON.parse(bytes.toString('utf8')) as JournalRecord
  if (record.type !== 'adopt') return record
  const [state, watch] = deserialize(Buffer.from(record.state as string, 'base64')) as [unknown, unknown]
  return watch === undefined ? { ...record, state } : { ...record, state, watch }
}
