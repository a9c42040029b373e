import { describe, expect, it } from 'vitest'
import { IndexRanges } from '../../src/engine/index-ranges.js'
import { WaveIndex } from '../../src/engine/wave-index.js'

const source = { patient: 'p', device: 'd', stream: 'ecg' }
const second = 1_000_000

/** Chunk k of 1 s at 250 Hz, as it stands in a journal file. */
function add(index: WaveIndex, k: number, file = 'a', boot = 1): boolean {
  const chunk = { boot, index: k * 250, n: 250, from: k * second, to: (k + 1) * second }
  return index.add(source, chunk, { file, position: 1000 * k, length: 900 }, k * second)
}

const rows = (index: WaveIndex) =>
  index.take().map(({ from, file, boot, chunks }) => [boot, from / second, file, chunks.map(c => c[0] / 250)])

describe('index of raw chunks', () => {
  it('has no second row for what a device sends again, which would replace a longer first one in the store', () => {
    const index = new WaveIndex()
    for (let k = 0; k < 8; k++) add(index, k)
    index.closeAll()
    // The device comes back, sends from 0 on and is cut off after 3.
    for (let k = 0; k < 3; k++) expect(add(index, k)).toBe(false)
    index.closeAll()
    add(index, 8)
    index.closeAll()
    expect(rows(index)).toEqual([
      [1, 0, 'a', [0, 1, 2, 3, 4, 5, 6, 7]],
      [1, 8, 'a', [8]],
    ])
  })

  it('still knows what was entered after a restart from a snapshot', () => {
    const before = new WaveIndex()
    for (let k = 0; k < 4; k++) add(before, k)
    const after = new WaveIndex()
    after.loadDevice('d', structuredClone(before.saveDevice('d')))
    expect([add(after, 2, 'b'), add(after, 4, 'b')]).toEqual([false, true])
    after.closeAll()
    expect(rows(after)).toEqual([[1, 4, 'b', [4]]])
  })

  it('enters what fills a hole, a new boot, and what a released device sends to its next partition', () => {
    const index = new WaveIndex()
    for (const k of [0, 3, 1, 2, 2]) add(index, k)
    expect(add(index, 0, 'a', 2)).toBe(true)
    index.closeAll()
    expect(rows(index).map(([boot, , , chunks]) => [boot, chunks])).toEqual([
      [1, [0, 3]],
      [1, [1, 2]],
      [2, [0]],
    ])
    index.forgetDevice('d')
    expect(add(index, 0, 'a', 2)).toBe(true)
  })

  it('takes a refused chunk out, so that the good one in its place is entered', () => {
    const index = new WaveIndex()
    add(index, 0)
    add(index, 1)
    index.undo(source, { boot: 1, index: 250, n: 250, from: second, to: 2 * second })
    expect(add(index, 1, 'a')).toBe(true)
    index.closeAll()
    expect(rows(index)).toEqual([[1, 0, 'a', [0, 1]]])
  })
})

describe('ranges of sample indexes', () => {
  it('agree with a set of indexes, whatever is added and removed in whatever order', () => {
    const ranges = new IndexRanges()
    const set = new Set<number>()
    let state = 7
    const next = (below: number) => (state = (state * 1103515245 + 12345) % 2 ** 31) % below
    for (let k = 0; k < 2000; k++) {
      const at = next(100)
      if (next(4) > 0) {
        expect(ranges.add(at, at + 1)).toBe(!set.has(at))
        set.add(at)
      } else {
        ranges.remove(at, at + 1)
        set.delete(at)
      }
      const saved = new IndexRanges(ranges.save())
      for (const probe of [at - 1, at, at + 1]) expect(saved.has(probe)).toBe(set.has(probe))
    }
  })
})
