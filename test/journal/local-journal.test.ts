import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { LocalJournal } from '../../src/journal/local-journal.js'
import type { JournalRecord, MessageRecord } from '../../src/journal/record.js'
import { encodeRecord } from '../../src/journal/record-codec.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { ensureBuilt } from '../engine/built.js'
import { temporaryFolder } from './temporary-folder.js'

function message(text: string, at = 1): MessageRecord {
  return { type: 'message', device: 'd-1', topic: 'w', stream: 'ecg', payload: Buffer.from(text), at }
}

function open(dir: string, run = 1, worker = 0, segmentBytes?: number): LocalJournal {
  return new LocalJournal(indexSegments('journal', dir, { run, worker }), { run, worker }, segmentBytes)
}

function texts(journal: LocalJournal, partition: number, from = 0): string[] {
  return [...journal.read(partition, from)].map(({ offset, record }) => `${offset} ${Buffer.from((record as MessageRecord).payload)}`)
}

const child = new URL('./journal-child.mjs', import.meta.url).pathname

describe('local journal', () => {
  beforeAll(() => ensureBuilt(), 180_000)

  it('gives every kind of record back as it was', () => {
    const dir = temporaryFolder()
    const records: JournalRecord[] = [
      message('chunk', 1.5e15),
      { ...message(''), topic: 'birth', stream: '' },
      { type: 'anchor', device: 'd', boot: 7, stream: 's', index: 3, patientTime: 4, uncertaintyMs: 0.5, at: 2 },
      { type: 'tick', device: 'd', boot: 7, stream: 's', at: 3 },
      {
        type: 'adopt',
        device: 'd',
        patient: 'p',
        from: 0,
        author: 'a',
        reason: 'r',
        state: { samples: Float64Array.of(1, Number.NaN) },
        at: 4,
      },
      {
        type: 'adopt',
        device: 'd',
        patient: null,
        from: 0,
        author: 'a',
        reason: 'r',
        state: null,
        watch: { birth: Uint8Array.of(1) },
        at: 4,
      },
      { type: 'release', device: 'd', author: 'ä', reason: 'r', at: 5 },
      { type: 'acknowledge', alert: '1-2-3', expectedRevision: 2, author: 'a', note: '', at: 6 },
      { type: 'limits', rules: { 'heart-rate-high': { limit: 75 } }, author: 'a', reason: 'r', at: 7 },
    ]
    const journal = open(dir)
    expect(journal.appendBatch(records.map(record => ({ partition: 63, record })))).toEqual(records.map((_, offset) => offset))
    journal.close()
    const read = [...open(dir, 2).read(63, 0)].map(entry => entry.record)
    // Payloads come as Buffers.
    expect(read.map(record => (record.type === 'message' ? { ...record, payload: Buffer.from(record.payload) } : record))).toEqual(records)
  })

  it('counts offsets by partition, over segments, restarts and changes of the number of workers', () => {
    const dir = temporaryFolder()
    const first = open(dir, 1, 0, 300)
    for (let i = 0; i < 20; i++) first.append(i % 2, message(`run 1 ${i}`))
    const other = open(dir, 1, 1, 400)
    for (let i = 0; i < 5; i++) other.append(2, message(`other ${i}`))
    first.close()
    other.close()
    expect(readdirSync(dir).filter(file => file.endsWith('.vwj')).length).toBeGreaterThan(4)
    const single = open(dir, 2, 0, 400)
    expect([0, 1, 2, 3].map(p => single.nextOffset(p))).toEqual([10, 10, 5, 0])
    for (let p = 0; p < 3; p++) single.append(p, message('run 2'))
    expect(texts(single, 2)).toEqual(['0 other 0', '1 other 1', '2 other 2', '3 other 3', '4 other 4', '5 run 2'])
    expect(texts(single, 1, 9)).toEqual(['9 run 1 19', '10 run 2'])
    const together = [
      ...single.readMany(
        new Map([
          [0, 8],
          [2, 4],
        ]),
      ),
    ].map(({ partition, offset }) => `${partition}-${offset}`)
    expect(together.sort()).toEqual(['0-10', '0-8', '0-9', '2-4', '2-5'])
  })

  it('says where a record stands, so that it can be read by reference', () => {
    const dir = temporaryFolder()
    const journal = open(dir)
    journal.append(1, message('first'))
    journal.append(1, message('second'))
    const [, entry] = [...journal.read(1, 0)]
    const { file, position, length } = entry!.reference
    expect(
      readFileSync(join(dir, file))
        .subarray(position, position + length)
        .toString('latin1'),
    ).toContain('second')
  })

  it('cuts a torn tail off wherever the last record ends, and keeps all records before it', () => {
    const dir = temporaryFolder()
    const journal = open(dir)
    for (let i = 0; i < 3; i++) journal.append(5, message(`record ${i}`))
    const [file] = readdirSync(dir)
    const whole = readFileSync(join(dir, file!))
    const last = [...journal.read(5, 2)][0]!.reference
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const folder = join(dir, `cut-${bytes}`)
      mkdirSync(folder)
      writeFileSync(join(folder, file!), whole.subarray(0, bytes))
      const index = indexSegments('journal', folder)
      const kept = bytes >= last.position ? 2 : bytes >= last.position - last.length ? 1 : 0
      const reopened = new LocalJournal(index, { run: 2, worker: 0 })
      expect(reopened.nextOffset(5)).toBe(kept)
      const torn = ![16, last.position - 2 * last.length, last.position - last.length, last.position].includes(bytes)
      expect(index.torn.length, `cut at byte ${bytes}`).toBe(torn ? 1 : 0)
      expect(reopened.append(5, message('next'))).toBe(kept)
      expect(texts(reopened, 5)).toHaveLength(kept + 1)
    }
  })

  it('cuts off a last record whose bytes are wrong, every byte of it', () => {
    const dir = temporaryFolder()
    const journal = open(dir)
    for (let i = 0; i < 2; i++) journal.append(5, message(`record ${i}`))
    const [file] = readdirSync(dir)
    const whole = readFileSync(join(dir, file!))
    const last = [...journal.read(5, 1)][0]!.reference
    for (let byte = last.position; byte < whole.length; byte++) {
      const folder = join(dir, `flip-${byte}`)
      mkdirSync(folder)
      const bytes = Buffer.from(whole)
      bytes[byte] = bytes[byte]! ^ 0x55
      writeFileSync(join(folder, file!), bytes)
      expect(texts(open(folder, 2), 5), `byte ${byte}`).toEqual(['0 record 0'])
    }
  })

  it('refuses a segment of another version and a file that is none', () => {
    // After a crash, and after a clean stop that has put an index beside the segment.
    for (const [at, byte, clean] of [
      [4, 99, false],
      [0, 0x58, false],
      [4, 99, true],
      [0, 0x58, true],
    ] as const) {
      const dir = temporaryFolder()
      const journal = open(dir)
      journal.append(0, message('x'))
      if (clean) journal.close()
      const [file] = readdirSync(dir)
      expect(readdirSync(dir)).toHaveLength(clean ? 2 : 1)
      writeSync(openSync(join(dir, file!), 'r+'), Buffer.of(byte), 0, 1, at)
      expect(() => indexSegments('journal', dir)).toThrow(expect.objectContaining({ code: 'disk-format' }))
    }
  })

  it('reads a segment again when the index beside it does not fit', () => {
    const dir = temporaryFolder()
    const journal = open(dir)
    journal.append(4, message('a'))
    journal.close()
    const [file] = readdirSync(dir).filter(name => name.endsWith('.vwj'))
    writeFileSync(join(dir, `${file}.idx`), '{"version":1,"bytes":3,"partitions":[]}')
    expect(open(dir, 2).nextOffset(4)).toBe(1)
    copyFileSync(join(dir, file!), join(dir, 'not a segment'))
    expect(indexSegments('journal', dir).segments).toHaveLength(1)
  })

  it('keeps everything it returned for when the process is killed', () => {
    for (let round = 0; round < 5; round++) {
      const dir = temporaryFolder()
      // The child says each offset on its standard output after append has returned, and kills itself at a random moment.
      const run = spawnSync(process.execPath, [child, 'kill', dir, String(20 + round * 40)], { encoding: 'utf8' })
      expect(run.signal, run.stderr).toBe('SIGKILL')
      const said = run.stdout.trim().split('\n').map(Number)
      expect(said.length).toBeGreaterThan(10)
      const kept = texts(open(dir, 2), 9)
      expect(kept.length).toBeGreaterThanOrEqual(said.length)
      for (const offset of said) expect(kept[offset]).toBe(`${offset} message ${offset}`)
    }
  })

  it('fails an append when no space is left, keeps nothing of it, and goes on once there is', () => {
    const dir = temporaryFolder()
    // `ulimit -f` counts in blocks of 1 KiB; node ignores SIGXFSZ, so writes beyond it fail with EFBIG, at first short.
    const run = spawnSync('bash', ['-c', `ulimit -f 64; exec '${process.execPath}' '${child}' full '${dir}'`], { encoding: 'utf8' })
    expect(run.status, run.stderr).toBe(0)
    const { accepted, code } = JSON.parse(run.stdout) as { accepted: number; code: string }
    expect(code).toBe('disk-write')
    expect(accepted).toBeGreaterThan(50)
    const index = indexSegments('journal', dir)
    expect(index.torn).toEqual([])
    const journal = new LocalJournal(index, { run: 2, worker: 0 })
    expect(texts(journal, 9)).toHaveLength(accepted)
    expect(journal.append(9, message('after'))).toBe(accepted)
  })

  it('forgets the half of a batch that a full disk left', () => {
    const dir = temporaryFolder()
    const journal = open(dir)
    journal.append(1, message('whole'))
    const { file, position, length } = [...journal.read(1, 0)][0]!.reference
    // Half a record stands behind the last whole one; the next append of a reopened journal must not build on it.
    writeSync(openSync(join(dir, file), 'r+'), Buffer.alloc(17, 1), 0, 17, position + length)
    const reopened = open(dir, 2)
    reopened.append(1, message('next'))
    expect(texts(reopened, 1)).toEqual(['0 whole', '1 next'])
    truncateSync(join(dir, file), position + length)
  })

  it('takes back what a failed sync leaves in doubt and writes it again in a new file, at the same offsets', () => {
    const dir = temporaryFolder()
    const journal = new LocalJournal(indexSegments('journal', dir), { run: 1, worker: 0 }, 300, 'power')
    const batch = (...entries: [number, string][]) =>
      journal.appendPieces(entries.map(([partition, text]) => ({ bytes: encodeRecord(partition, message(text)), partitions: [partition] })))
    const before = batch([1, 'kept 1'], [2, 'kept 2'])
    journal.syncNow()
    const first = batch([1, 'a'], [1, 'b'])
    // Full: what stood before it is synced when its file is closed.
    const second = batch([2, 'c'.repeat(150)], [1, 'd'])
    const third = batch([2, 'e'])
    expect(second[0]!.file).not.toBe(first[0]!.file)
    expect(journal.rewind([before, first, second, third])).toEqual([false, false, true, true])
    expect([1, 2].map(p => journal.nextOffset(p))).toEqual([3, 1])
    const again = batch([2, 'c again'], [1, 'd again'])
    expect(again.map(({ offset }) => offset)).toEqual([1, 3])
    expect([first[0]!.file, second[0]!.file]).not.toContain(again[0]!.file)
    journal.close()
    const reopened = open(dir, 2)
    expect(texts(reopened, 1)).toEqual(['0 kept 1', '1 a', '2 b', '3 d again'])
    expect(texts(reopened, 2)).toEqual(['0 kept 2', '1 c again'])
  })
})
