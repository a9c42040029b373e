import { describe, expect, it } from 'vitest'
import { GroupSync } from '../../src/journal/group-sync.js'

function bench() {
  const syncs: ((error: Error | null) => void)[] = []
  const kept: number[][] = []
  const failed: number[][] = []
  let refuse: Error | null = null
  const group = new GroupSync<number>({
    sync: done => syncs.push(done),
    syncNow: () => {
      if (refuse !== null) throw refuse
    },
    onKept: entries => kept.push(entries),
    onFailed: entries => failed.push(entries),
  })
  return { group, syncs, kept, failed, refuse: (error: Error) => (refuse = error) }
}

const until = async (met: () => boolean) => {
  while (!met()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('group sync', () => {
  it('tells nobody anything before the sync has held, and gathers the next group meanwhile', async () => {
    const { group, syncs, kept } = bench()
    group.add(1, 10, 1)
    group.add(2, 10, 1)
    await until(() => syncs.length === 1)
    group.add(3, 10, 1)
    expect(kept).toEqual([])
    expect(group.length).toBe(3)
    syncs[0]!(null)
    expect(kept).toEqual([[1, 2]])
    await until(() => syncs.length === 2)
    syncs[1]!(null)
    expect(kept).toEqual([[1, 2], [3]])
    expect(group.length).toBe(0)
  })

  it('begins at once when many messages or bytes wait', () => {
    const many = bench()
    for (let k = 0; k < 256; k++) many.group.add(k, 1, 1)
    expect(many.syncs).toHaveLength(1)
    const large = bench()
    large.group.add(0, 1024 * 1024, 1)
    expect(large.syncs).toHaveLength(1)
  })

  it('takes everything that is not surely on the disk for failed when a sync fails, and goes on', async () => {
    const { group, syncs, kept, failed } = bench()
    group.add(1, 1024 * 1024, 1)
    group.add(2, 10, 1)
    syncs[0]!(new Error('EIO'))
    expect(failed).toEqual([[1, 2]])
    expect([kept, group.length]).toEqual([[], 0])
    group.add(3, 1024 * 1024, 1)
    syncs[1]!(null)
    expect(kept).toEqual([[3]])
  })

  it('settles all in order at once, whatever is under way, and each is told of once', () => {
    const { group, syncs, kept, failed, refuse } = bench()
    group.add(1, 1024 * 1024, 1)
    group.add(2, 10, 1)
    group.settle()
    expect(kept).toEqual([[1, 2]])
    syncs[0]!(null)
    expect(kept).toHaveLength(1)
    group.add(3, 10, 1)
    refuse(new Error('EIO'))
    group.settle()
    expect([kept.length, failed]).toEqual([1, [[3]]])
  })
})
