import { appendFileSync, openSync, readdirSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SessionBook } from '../../src/engine/session-book.js'
import { EventLogWriter } from '../../src/journal/event-log-writer.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { describeLines, readLoggedLines } from '../../src/journal/logged-lines.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'
import { temporaryFolder } from './temporary-folder.js'

function event(partition: number, offset: number, ordinal = 0): LoggedEvent {
  const id = `${partition}-${offset}-${ordinal}`
  return {
    id,
    log: 'patient',
    partition,
    patient: 'p',
    device: 'd',
    session: 's',
    t: offset,
    at: offset,
    type: 'beat',
    stream: 'ecg',
    body: { ä: 1 },
    note: {},
  }
}

function add(writer: EventLogWriter, partition: number, offset: number, count = 1): void {
  const lines = Array.from({ length: count }, (_, ordinal) => JSON.stringify(event(partition, offset, ordinal)) + '\n').join('')
  writer.addEvents(partition, offset, lines)
}

function open(dir: string, run: number, worker: number, segmentBytes?: number): EventLogWriter {
  return new EventLogWriter(indexSegments('events', dir, { run, worker }), { run, worker }, segmentBytes)
}

const segment: WaveSegment = { patient: 'p', device: 'd', boot: 1, stream: 'ecg', from: 0, to: 1e6, file: 'f', chunks: [[0, 250, 16, 600]] }

/** Ids in the order read, with a new reader for each batch, from the position that the one before gave. */
async function readAll(log: LocalEventLog, maxEvents: number): Promise<string[]> {
  const ids: string[] = []
  let position: string | null = null
  for (;;) {
    const reader = log.reader(position, { maxEvents })
    if (reader.bytesBehind() === 0) return ids
    const batch = (await reader.next())!
    position = batch.position
    ids.push(...batch.events.map(e => e.id))
    reader.close()
  }
}

describe('event log', () => {
  it('gives each event once and each partition in order, from any position, over runs, workers and segments', async () => {
    const dir = temporaryFolder()
    let offset = 0
    for (let run = 1; run <= 3; run++) {
      // Partition 1 changes its worker from run to run.
      const workers = [open(dir, run, 0, 900), open(dir, run, 1, 900)]
      for (let k = 0; k < 20; k++, offset++) {
        add(workers[run % 2]!, 1, offset, 2)
        add(workers[(run + 1) % 2]!, 2, offset)
        if (k % 3 === 0) for (const worker of workers) worker.flush()
      }
      for (const worker of workers) {
        worker.flush()
        worker.close()
      }
    }
    expect(readdirSync(dir).length).toBeGreaterThan(20)
    const log = new LocalEventLog(dir)
    for (const maxEvents of [1, 7, 1000]) {
      const ids = await readAll(log, maxEvents)
      const of = (partition: number) => ids.filter(id => id.startsWith(`${partition}-`))
      expect(of(1)).toEqual(Array.from({ length: offset }, (_, o) => [`1-${o}-0`, `1-${o}-1`]).flat())
      expect(of(2)).toEqual(Array.from({ length: offset }, (_, o) => `2-${o}-0`))
    }
  })

  it('waits at the end, wakes when something was written, and ends when it is closed', async () => {
    const dir = temporaryFolder()
    const writer = open(dir, 1, 0)
    const log = new LocalEventLog(dir)
    const reader = log.reader(null)
    const first = reader.next()
    add(writer, 3, 0)
    writer.addSegments([segment])
    writer.flush()
    log.wake()
    const batch = (await first)!
    expect(batch.events).toEqual([event(3, 0)])
    expect(batch.segments).toEqual([segment])
    expect(batch.position).toBe(log.end())
    expect(reader.bytesBehind()).toBe(0)
    const last = reader.next()
    reader.close()
    expect(await last).toBeNull()
  })

  it('gives nothing of a record that is not whole yet', async () => {
    const dir = temporaryFolder()
    const writer = open(dir, 1, 0)
    add(writer, 3, 0)
    writer.flush()
    const [file] = readdirSync(dir)
    appendFileSync(join(dir, file!), Buffer.alloc(30, 7))
    const reader = new LocalEventLog(dir).reader(null)
    expect((await reader.next())!.events).toHaveLength(1)
    const waiting = reader.next()
    reader.close()
    expect(await waiting).toBeNull()
    expect(indexSegments('events', dir).torn).toEqual([{ file, position: expect.any(Number), bytes: 30 }])
  })

  it('reads an event that is larger than a block', async () => {
    const dir = temporaryFolder()
    const writer = open(dir, 1, 0)
    add(writer, 3, 0, 3000)
    add(writer, 3, 1)
    writer.flush()
    expect(await readAll(new LocalEventLog(dir), 10)).toHaveLength(3001)
  })

  it('remembers by length and checksum what it holds of each journal record', () => {
    const dir = temporaryFolder()
    const writer = open(dir, 1, 0, 500)
    for (let offset = 0; offset < 10; offset += 2) {
      add(writer, 3, offset)
      writer.flush()
    }
    writer.close()
    const logged = readLoggedLines(indexSegments('events', dir), new Map([[3, { offset: 4, after: null }]]))
    expect([...logged.get(3)!.keys()]).toEqual([4, 6, 8])
    expect(logged.get(3)!.get(6)).toEqual(describeLines(JSON.stringify(event(3, 6)) + '\n'))
  })

  it('says how far behind a reader was when its folder cannot be read, and ends nobody who asks', async () => {
    const dir = join(temporaryFolder(), 'events')
    const writer = open(dir, 1, 0)
    add(writer, 3, 0)
    writer.flush()
    const log = new LocalEventLog(dir)
    const reader = log.reader(null)
    const book = await SessionBook.open(join(temporaryFolder(), 'sessions.json'), log)
    const behind = reader.bytesBehind()
    expect(behind).toBeGreaterThan(100)
    renameSync(dir, `${dir}.away`)
    writeFileSync(dir, '')
    expect(reader.bytesBehind()).toBe(behind)
    expect(() => book.save()).not.toThrow()
  })

  it('refuses a log of another version and a position that is none', async () => {
    const dir = temporaryFolder()
    const writer = open(dir, 1, 0)
    add(writer, 3, 0)
    writer.flush()
    const log = new LocalEventLog(dir)
    expect(() => log.reader('w0:x')).toThrow(expect.objectContaining({ code: 'usage-option' }))
    const [file] = readdirSync(dir)
    writeSync(openSync(join(dir, file!), 'r+'), Buffer.of(9), 0, 1, 4)
    await expect(log.reader(null).next()).rejects.toMatchObject({ code: 'disk-format' })
  })
})
