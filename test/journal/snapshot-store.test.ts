import { openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readJsonFile, writeJsonFile } from '../../src/journal/atomic-file.js'
import { SnapshotStore } from '../../src/journal/snapshot-store.js'
import { temporaryFolder } from './temporary-folder.js'

const eventPosition = { run: 1, worker: 0, number: 1, position: 16 }
const state = { rows: [1, null, 'ä'], samples: Float64Array.of(1.5, Number.NaN), map: new Map([['k', 1]]) }

function fill(dir: string, offsets: readonly number[]): SnapshotStore {
  const store = new SnapshotStore(dir)
  for (const offset of offsets) store.save({ partition: 7, offset, eventPosition, state: { ...state, offset } })
  return store
}

const silent = () => {}

describe('snapshot store', () => {
  it('gives the newest back as it was and keeps two of each partition', () => {
    const dir = temporaryFolder()
    const store = fill(dir, [5, 10, 200])
    store.save({ partition: 8, offset: 1, eventPosition, state: null })
    expect(store.load(7, 200, silent)).toEqual({ partition: 7, offset: 200, eventPosition, state: { ...state, offset: 200 } })
    expect(readdirSync(dir).sort()).toEqual(['p007-00000000000010.vws', 'p007-00000000000200.vws', 'p008-00000000000001.vws'])
    expect(store.load(9, 200, silent)).toBeNull()
  })

  it('passes over a damaged one, wherever it is damaged, and says so', () => {
    const dir = temporaryFolder()
    const store = fill(dir, [10, 200])
    const path = join(dir, 'p007-00000000000200.vws')
    const whole = readFileSync(path)
    for (let byte = 16; byte < whole.length; byte++) {
      // Bytes 20 to 23 are not used.
      if (byte >= 20 && byte < 24) continue
      const bytes = Buffer.from(whole)
      bytes[byte] = bytes[byte]! ^ 1
      writeFileSync(path, bytes)
      const problems: string[] = []
      expect(store.load(7, 200, problem => problems.push(problem))?.offset, `byte ${byte}`).toBe(10)
      expect(problems).toEqual([expect.stringContaining(path)])
    }
    truncateSync(path, 3)
    expect(store.load(7, 200, silent)?.offset).toBe(10)
  })

  it('passes over one that is ahead of a journal whose tail was lost', () => {
    expect(fill(temporaryFolder(), [10, 200]).load(7, 199, silent)?.offset).toBe(10)
  })

  it('refuses one of another version', () => {
    const dir = temporaryFolder()
    const store = fill(dir, [10])
    writeSync(openSync(join(dir, 'p007-00000000000010.vws'), 'r+'), Buffer.of(2), 0, 1, 4)
    expect(() => store.load(7, 10, silent)).toThrow(expect.objectContaining({ code: 'disk-format' }))
  })
})

describe('atomic file', () => {
  it('replaces a file as a whole and refuses one that is no JSON', () => {
    const path = join(temporaryFolder(), 'x.json')
    expect(readJsonFile(path)).toBeNull()
    writeJsonFile(path, { a: 1 })
    writeJsonFile(path, { a: 2 })
    expect(readJsonFile(path)).toEqual({ a: 2 })
    writeFileSync(path, '{"a":')
    expect(() => readJsonFile(path)).toThrow(expect.objectContaining({ code: 'disk-format' }))
    expect(() => writeJsonFile(join(path, 'below'), 1)).toThrow(expect.objectContaining({ code: 'disk-write' }))
  })
})
