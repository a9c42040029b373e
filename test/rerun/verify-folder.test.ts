import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EventLogWriter } from '../../src/journal/event-log-writer.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { SnapshotStore } from '../../src/journal/snapshot-store.js'
import { verifyFolder } from '../../src/rerun/verify-folder.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

const own = { run: 1, worker: 0 }

function filled() {
  const dir = temporaryFolder()
  for (const folder of ['journal', 'events', 'snapshots']) mkdirSync(join(dir, folder))
  const journal = new LocalJournal(indexSegments('journal', join(dir, 'journal')), own)
  const events = new EventLogWriter(indexSegments('events', join(dir, 'events')), own)
  for (let k = 0; k < 6; k++) {
    const offset = journal.append(7, { type: 'tick', device: 'd', boot: 1, stream: 's', at: k })
    events.addEvents(7, offset, `{"id":"7-${offset}-0"}\n`)
  }
  events.flush()
  new SnapshotStore(join(dir, 'snapshots')).save({ partition: 7, offset: 3, eventPosition: { ...own, number: 1, position: 0 }, state: [1] })
  const places = [...journal.read(7, 0)].map(({ reference }) => reference)
  const path = join(dir, 'journal', places[0]!.file)
  return { dir, path, places }
}

/** Names and contents of everything below. */
function contents(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name)).toString('base64')}`)
    .sort()
}

describe('verifying a data folder', () => {
  it('reads every record of one that is whole, and changes nothing', () => {
    const { dir } = filled()
    const before = contents(dir)
    const verdict = verifyFolder(dir)
    expect(verdict).toMatchObject({ ok: true, journal: { segments: 1, records: 6, damaged: [], unfinished: [], holes: [] } })
    expect(verdict).toMatchObject({ events: { records: 6, damaged: [] }, snapshots: { files: 1, problems: [] } })
    expect(contents(dir)).toEqual(before)
  })

  it('names a damaged stretch and the hole that it makes, and reads on behind it', () => {
    const { dir, path, places } = filled()
    const bytes = readFileSync(path)
    bytes[places[2]!.position + 24] = bytes[places[2]!.position + 24]! ^ 0xff
    writeFileSync(path, bytes)
    const before = contents(dir)
    const { ok, journal } = verifyFolder(dir)
    expect(ok).toBe(false)
    expect(journal).toMatchObject({ records: 5, holes: [{ partition: 7, offset: 3, expected: 2 }] })
    expect(journal.damaged).toEqual([{ file: places[0]!.file, position: places[2]!.position, bytes: places[2]!.length }])
    expect(contents(dir)).toEqual(before)
  })

  it('finds no fault with a last record that is being written', () => {
    const { dir, path } = filled()
    appendFileSync(path, Buffer.alloc(9, 3))
    const { ok, journal } = verifyFolder(dir)
    expect([ok, journal.damaged, journal.unfinished.map(({ bytes }) => bytes)]).toEqual([true, [], [9]])
  })

  it('names a snapshot that is damaged', () => {
    const { dir } = filled()
    const [file] = readdirSync(join(dir, 'snapshots'))
    appendFileSync(join(dir, 'snapshots', file!), 'x')
    expect(verifyFolder(dir)).toMatchObject({ ok: false, snapshots: { problems: [expect.stringContaining(`${file}: damaged`)] } })
  })
})
