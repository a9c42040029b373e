import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EventLogWriter } from '../../src/journal/event-log-writer.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { chooseDeletions, deleteSegments, listStored, type StoredSegment } from '../../src/journal/retention.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { temporaryFolder } from './temporary-folder.js'

const day = 86_400_000

function stored(number: number, days: number, more: Partial<StoredSegment> = {}): StoredSegment {
  return { run: 1, worker: 0, number, file: `f${number}`, bytes: 100, writtenAt: -days * day, partitions: new Map(), ...more }
}

const chosen = (...args: Parameters<typeof chooseDeletions>) =>
  chooseDeletions(...args).map(({ segment, reason }) => `${segment.number} ${reason}`)

describe('retention', () => {
  const four = [stored(1, 40), stored(2, 31), stored(3, 29), stored(4, 0, { partitions: null })]

  it('lets go what is older than the bound, or the oldest while all is larger than it', () => {
    const none = () => false
    expect(chosen(four, { days: null, bytes: null }, 0, none)).toEqual([])
    expect(chosen(four, { days: 30, bytes: null }, 0, none)).toEqual(['1 age', '2 age'])
    expect(chosen(four, { days: null, bytes: 250 }, 0, none)).toEqual(['1 bytes', '2 bytes'])
    expect(chosen(four, { days: 35, bytes: 150 }, 0, none)).toEqual(['1 age', '2 bytes', '3 bytes'])
  })

  it('keeps a file in use however large it is, and whatever follows one that is needed in its log', () => {
    expect(chosen(four, { days: null, bytes: 1 }, 0, () => false)).toEqual(['1 bytes', '2 bytes', '3 bytes'])
    expect(chosen(four, { days: 1, bytes: null }, 0, ({ number }) => number === 2)).toEqual(['1 age'])
    const other = [...four, stored(5, 35, { worker: 1 })].sort((a, b) => a.writtenAt - b.writtenAt)
    expect(chosen(other, { days: 1, bytes: null }, 0, ({ number }) => number === 1)).toEqual(['5 age'])
  })

  it('goes on counting offsets and files where it was, though everything of a partition is gone', () => {
    const dir = temporaryFolder()
    const open = (run: number) => new LocalJournal(indexSegments('journal', dir), { run, worker: 0 }, 200)
    const first = open(1)
    const tick = { type: 'tick', device: 'd', boot: 1, stream: 's', at: 1 } as const
    for (let k = 0; k < 10; k++) first.append(k < 8 ? 1 : 2, tick)
    first.close()
    const segments = listStored('journal', dir)
    expect(segments.length).toBeGreaterThan(4)
    deleteSegments(dir, segments)
    expect(readdirSync(dir)).toEqual(['kept-from.json'])
    const second = open(2)
    expect([second.nextOffset(1), second.nextOffset(2)]).toEqual([8, 2])
    expect(second.append(1, tick)).toBe(8)
    expect(listStored('journal', dir)[0]!.number).toBe(segments.at(-1)!.number + 1)
    expect([...second.read(1, 0)].map(({ offset }) => offset)).toEqual([8])
  })

  it('tells a consumer that comes from before what was deleted, and nobody else', async () => {
    const dir = temporaryFolder()
    const writer = new EventLogWriter(indexSegments('events', dir), { run: 1, worker: 3 }, 300)
    for (let offset = 0; offset < 12; offset++) {
      writer.addEvents(1, offset, `${JSON.stringify({ id: `1-${offset}-0`, at: offset })}\n`)
      writer.flush()
    }
    const log = new LocalEventLog(dir)
    const slow = log.reader(null, { maxEvents: 3 })
    await slow.next()
    const early = slow.position
    const rest: string[] = []
    while (slow.bytesBehind() > 0) rest.push(...(await slow.next())!.events.map(({ id }) => id))
    const wanted = log.reader(early)
    const closed = listStored('events', dir).filter(({ partitions }) => partitions !== null)
    expect(closed.map(segment => log.isWanted(segment))).toContain(true)
    wanted.close()
    expect(closed.map(segment => log.isWanted(segment))).not.toContain(true)
    deleteSegments(dir, closed)
    const late = log.reader(early)
    expect(late.missingUntil).toBeGreaterThan(0)
    const { events } = (await late.next())!
    // The oldest there is, without repeating or leaving out anything from there on.
    expect(events.map(({ id }) => id)).toEqual(rest.slice(-events.length))
    for (const position of [null, slow.position, late.position, log.end()]) {
      const reader = log.reader(position)
      expect(reader.missingUntil).toBeNull()
      reader.close()
    }
    const fresh = log.reader(null)
    await fresh.next()
    expect(log.reader(fresh.position).missingUntil).toBeNull()
  })
})
