import { beforeAll, describe, expect, it } from 'vitest'
import { Partition } from '../../src/engine/partition.js'
import type { JournalRecord, MessageRecord } from '../../src/journal/record.js'
import { addReports, coverageOf, type QualityReport, qualityOf } from '../../src/quality/quality-report.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { type Birth, decodeBirth } from '../../src/wire/birth.js'
import { ChunkBuffers, decodeChunk } from '../../src/wire/chunk.js'
import { KeptSink, recordsOf, runRecords } from '../support/partition-run.js'

/** Longer than the five minutes of a report, so that there are several, of a device from which chunks were lost and came twice. */
const seconds = 400

interface Counted {
  stored: number
  points: number
  duplicates: number
  lost: number
  gaps: number
}

/** Straight from the bytes, without the receiver: what is there once is stored, what is missing between two is lost. */
function countRaw(records: readonly JournalRecord[], birth: Birth): Counted {
  const counted: Counted = { stored: 0, points: 0, duplicates: 0, lost: 0, gaps: 0 }
  const buffers = new ChunkBuffers()
  for (const stream of birth.streams) {
    const places = new Map<number, number>()
    for (const record of records) {
      if (record.type !== 'message' || record.topic !== 'w' || record.stream !== stream.id) continue
      const chunk = decodeChunk(record.payload, stream, buffers)
      if ('reason' in chunk) throw new Error(chunk.reason)
      if (places.has(chunk.ok.index)) counted.duplicates += 1
      places.set(chunk.ok.index, chunk.ok.n)
    }
    let end = 0
    for (const [index, n] of [...places].sort(([a], [b]) => a - b)) {
      counted.stored += n
      counted.points += n * stream.channels.length
      if (index > end) counted.gaps += 1
      counted.lost += index - end
      end = index + n
    }
  }
  return counted
}

describe('reports of the quality stage', () => {
  let records: JournalRecord[]
  let birth: Birth
  let reports: QualityReport[]
  let sink: KeptSink

  beforeAll(async () => {
    const [patient] = simulatePatients({
      patients: 1,
      scenario: 'asystole',
      seed: 5,
      durationSeconds: seconds,
      chunkSeconds: 1,
      prefix: 'q',
    })
    const whole = await recordsOf(patient!.played)
    const read = decodeBirth((whole.find(record => record.type === 'message' && record.topic === 'birth') as MessageRecord).payload)
    if (!('ok' in read)) throw new Error('no birth')
    birth = read.ok
    let k = 0
    records = whole.flatMap(record => {
      if (record.type !== 'message' || record.topic !== 'w') return [record]
      k += 1
      // Lost in runs, and well inside: what is before the first and after the last chunk nobody can know.
      if (k > 100 && k < whole.length - 200 && Math.floor(k / 7) % 31 === 0) return []
      return k % 13 === 0 ? [record, record] : [record]
    })
    const run = runRecords(records)
    sink = run.sink
    reports = sink.events.filter(event => event.type === 'quality-report').map(event => event.body as unknown as QualityReport)
  })

  it('add up to what is counted from the raw bytes again', () => {
    const [first, ...rest] = reports
    const sum = addReports(first!, ...rest)
    const raw = countRaw(records, birth)
    expect(reports.length).toBeGreaterThanOrEqual(2)
    expect(raw.lost).toBeGreaterThan(1000)
    expect(sum.samples.stored).toBe(raw.stored)
    expect(sum.points.stored).toBe(raw.points)
    expect(sum.samples.lost).toBe(raw.lost)
    expect(sum.gaps).toBe(raw.gaps)
    expect(sum.messages.duplicate).toBe(raw.duplicates)
    const { points } = raw
    expect(coverageOf(sum)).toBeCloseTo((points - sum.samples.invalid) / (points + sum.points.lost), 12)
    expect(qualityOf(sum)).toBeGreaterThan(0.3)
    expect(sum.judgedSeconds).toBeGreaterThan(seconds)
  })

  it('add up to the ledger, and each lies in the hour and model that it says', () => {
    const [first, ...rest] = reports
    const sum = addReports(first!, ...rest)
    const partition = new Partition(3)
    for (const [offset, record] of records.entries()) partition.process(record, offset, new KeptSink())
    const { messages, ...samples } = partition.ledger()
    expect(sum.samples).toEqual(samples)
    expect(sum.messages).toEqual(messages)
    for (const { hour, model } of reports) expect([hour, model]).toEqual([0, birth.model])
  })

  it('are the same after a restart from any state, as all events are', () => {
    const restarts = new Set(records.map((_, offset) => offset).filter(offset => offset % 997 === 0))
    expect(runRecords(records, undefined, restarts).sink.events).toEqual(sink.events)
  })
})
