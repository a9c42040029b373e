import { mkdirSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EventLogWriter } from '../../src/journal/event-log-writer.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { temporaryFolder } from './temporary-folder.js'

const partition = 5

/** A journal of five records in a data folder. */
function written(closed: boolean) {
  const dataDir = temporaryFolder()
  const dir = join(dataDir, 'journal')
  mkdirSync(dir)
  const journal = new LocalJournal(indexSegments('journal', dir), { run: 1, worker: 0 })
  for (let k = 0; k < 5; k++)
    journal.append(partition, { type: 'message', device: 'd', topic: 'w', stream: 's', payload: Buffer.from(`payload ${k}`), at: k })
  const places = [...journal.read(partition, 0)].map(({ reference }) => reference)
  if (closed) journal.close()
  const path = join(dir, places[0]!.file)
  const again = () => {
    const index = indexSegments('journal', dir)
    const journal = new LocalJournal(index, { run: 2, worker: 0 })
    const offsets = [...journal.read(partition, 0)].map(({ offset, reference }) => [offset, reference.position])
    return { index, journal, offsets }
  }
  return { dataDir, dir, path, places, again }
}

function overwrite(path: string, position: number, bytes: readonly number[]): void {
  writeSync(openSync(path, 'r+'), Buffer.from(bytes), 0, bytes.length, position)
}

describe('repair of segments', () => {
  for (const [what, place, bytes] of [
    ['body', 30, [0xff]],
    ['checksum', 5, [0xff]],
    ['length, which now reaches beyond the file', 0, [0xff, 0xff, 0xff, 0x01]],
    ['length, which now ends inside of the record', 0, [1, 0, 0, 0]],
    ['whole header', 0, Array<number>(20).fill(0xee)],
  ] as const) {
    it(`keeps what stands before and behind a record with a damaged ${what}, in its place, and the file as it was`, () => {
      const { dataDir, path, places, again } = written(false)
      overwrite(path, places[1]!.position + place, bytes)
      const before = readFileSync(path)
      const { index, offsets, journal } = again()
      expect(offsets).toEqual([0, 2, 3, 4].map(offset => [offset, places[offset]!.position]))
      expect(index.torn).toEqual([])
      expect(index.damaged).toMatchObject([{ file: places[0]!.file, position: places[1]!.position, bytes: places[1]!.length }])
      expect(readFileSync(index.damaged[0]!.aside)).toEqual(before)
      expect(readdirSync(join(dataDir, 'quarantine'))).toHaveLength(1)
      expect(journal.nextOffset(partition)).toBe(5)
      const once = again()
      expect([once.index.damaged, once.offsets]).toEqual([[], offsets])
    })
  }

  it('finds damage in a file that had been closed and indexed, when it reads it, and goes on behind it', () => {
    const { path, places, again } = written(true)
    overwrite(path, places[3]!.position + 25, [0xff])
    const { index, journal, offsets } = again()
    expect(index.damaged).toEqual([])
    expect(offsets.map(([offset]) => offset)).toEqual([0, 1, 2, 4])
    expect(journal.damaged).toMatchObject([{ position: places[3]!.position, bytes: places[3]!.length }])
  })

  it('takes a closed file that is shorter now for damaged, not for torn, and gives no offset again', () => {
    const { path, places, again } = written(true)
    truncateSync(path, places[3]!.position + 7)
    const { index, journal, offsets } = again()
    expect(offsets.map(([offset]) => offset)).toEqual([0, 1, 2])
    expect([index.torn, index.damaged]).toMatchObject([[], [{ position: places[3]!.position, bytes: 7 }]])
    expect(journal.nextOffset(partition)).toBe(5)
  })

  it('says so when a closed file ends at a record, where it did not end', () => {
    const { path, places, again } = written(true)
    truncateSync(path, places[3]!.position)
    expect(again().index.damaged).toMatchObject([{ position: places[3]!.position, bytes: 0 }])
    expect(again().journal.nextOffset(partition)).toBe(5)
  })

  it('puts an emptied file aside, says so, and gives no offset again', () => {
    const { dir, path, places, again } = written(true)
    truncateSync(path, 0)
    const { index, journal, offsets } = again()
    expect([offsets, index.torn]).toEqual([[], []])
    expect(index.damaged).toMatchObject([{ file: places[0]!.file, position: 0 }])
    expect(journal.nextOffset(partition)).toBe(5)
    expect(readdirSync(dir)).not.toContain(places[0]!.file)
    expect(again().journal.nextOffset(partition)).toBe(5)
  })

  it('does not take the payload of an unfinished record for more than it is', () => {
    const { path, places, again } = written(false)
    truncateSync(path, places[4]!.position + places[4]!.length - 1)
    const { index, offsets } = again()
    expect(offsets).toHaveLength(4)
    expect([index.torn.length, index.damaged]).toEqual([1, []])
  })

  it('gives a reader of the event log what stands behind damage in a closed file', async () => {
    const dir = temporaryFolder()
    const writer = new EventLogWriter(indexSegments('events', dir), { run: 1, worker: 0 })
    for (let offset = 0; offset < 4; offset++) writer.addEvents(1, offset, `${JSON.stringify({ id: `1-${offset}-0` })}\n`)
    writer.flush()
    writer.close()
    const file = readdirSync(dir).find(name => name.endsWith('.vwe'))!
    const bytes = readFileSync(join(dir, file))
    bytes[bytes.indexOf('1-1-0')] = 0x39
    writeFileSync(join(dir, file), bytes)
    const reader = new LocalEventLog(dir).reader(null)
    const ids: string[] = []
    while (reader.bytesBehind() > 0) ids.push(...(await reader.next())!.events.map(({ id }) => id))
    expect(ids).toEqual(['1-0-0', '1-2-0', '1-3-0'])
  })
})
