import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WorkerLoop } from '../../src/engine/worker-loop.js'
import type { FromWorker } from '../../src/engine/worker-messages.js'
import { packSlab } from '../../src/intake/incoming.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

/** Syncs that were asked for and wait for the disk's answer. */
const disk = vi.hoisted(() => ({ asked: [] as ((error: Error | null) => void)[] }))
vi.mock('node:fs', async original => ({
  ...(await original<typeof import('node:fs')>()),
  fdatasync: (_fd: number, done: (error: Error | null) => void) => disk.asked.push(done),
}))

const partition = 5
const until = (met: () => boolean) => vi.waitFor(() => expect(met()).toBe(true), { timeout: 20_000, interval: 5 })

function start(level: 'process' | 'power') {
  const dataDir = temporaryFolder()
  const said: FromWorker[] = []
  const processed: number[] = []
  const machine = {
    partition,
    process: (_record: unknown, offset: number) => processed.push(offset),
    ledger: () => ({}) as never,
    save: () => null,
    load: () => {},
  }
  const data = {
    dataDir,
    run: 1,
    worker: 0,
    partitions: [partition],
    partitionModule: '',
    snapshotSeconds: 3600,
    segmentBytes: 1e6,
    level,
    outside: null,
    devices: [],
  }
  const loop = new WorkerLoop(
    data,
    () => machine as never,
    message => said.push(message),
  )
  let id = 0
  const send = (count: number) => {
    const message = { tenant: 't', device: 'd', topic: 'e', stream: '', payload: Uint8Array.of(1), at: 1 } as const
    loop.receive({ type: 'slab', id: id++, slab: packSlab(Array.from({ length: count }, () => ({ partition, message }))) })
  }
  const journaled = () => said.filter(({ type }) => type === 'journaled').map(message => (message as { id: number }).id)
  const offsets = () => {
    const journal = new LocalJournal(indexSegments('journal', join(dataDir, 'journal')), { run: 2, worker: 0 })
    return [...journal.read(partition, 0)].map(({ offset }) => offset)
  }
  return { said, processed, send, journaled, offsets }
}

describe('worker loop', () => {
  beforeEach(() => {
    disk.asked.length = 0
    onTestFinished(() => void vi.useRealTimers())
  })

  it('confirms at level process once the system has it, and asks the disk for nothing', async () => {
    const { send, journaled, processed } = start('process')
    send(2)
    expect(journaled()).toEqual([0])
    expect(processed).toEqual([0, 1])
    expect(disk.asked).toEqual([])
  })

  it('confirms and processes at level power only once the disk has it', async () => {
    const { send, journaled, processed, offsets } = start('power')
    send(2)
    send(1)
    await until(() => disk.asked.length === 1)
    expect([journaled(), processed]).toEqual([[], []])
    expect(offsets()).toEqual([0, 1, 2])
    send(1)
    disk.asked[0]!(null)
    expect([journaled(), processed]).toEqual([
      [0, 1],
      [0, 1, 2],
    ])
    await until(() => disk.asked.length === 2)
    disk.asked[1]!(null)
    expect([journaled(), processed]).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3],
    ])
  })

  it('holds back and says why while the disk cannot be synced, writes elsewhere, and keeps each record once', async () => {
    const { said, send, journaled, processed, offsets } = start('power')
    send(2)
    await until(() => disk.asked.length === 1)
    send(1)
    disk.asked[0]!(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
    await until(() => said.some(({ type }) => type === 'blocked'))
    expect(said.find(({ type }) => type === 'blocked')).toMatchObject({ reason: expect.stringMatching(/cannot be synced: EIO/) })
    send(1)
    expect([journaled(), processed]).toEqual([[], []])
    await until(() => disk.asked.length === 2)
    disk.asked[1]!(null)
    await until(() => journaled().length === 3 || disk.asked.length === 3)
    disk.asked[2]?.(null)
    await until(() => journaled().length === 3)
    expect(journaled()).toEqual([0, 1, 2])
    expect(processed).toEqual([0, 1, 2, 3])
    expect(offsets()).toEqual([0, 1, 2, 3])
  })
})
