import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { EngineLag } from '../../src/engine/engine-types.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { SmallDisk } from '../support/small-disk.js'
import { ensureBuilt } from './built.js'
import { EngineProcess, freePort } from './engine-process.js'
import { until } from './engine-run.js'
import { LiveWire } from './live-wire.js'
import { Mosquitto, mosquittoPath } from './mosquitto.js'

const probe = SmallDisk.mount(1e5)
probe?.remove()
const mayMount = probe !== null

async function lagOf(engine: EngineProcess): Promise<EngineLag> {
  return JSON.parse(await engine.ask('lag')) as EngineLag
}

/** Numbers of the chunks that stand in the journal, each once. */
function journaled(dataDir: string): number[] {
  const index = indexSegments('journal', join(dataDir, 'journal'))
  expect(index.torn).toEqual([])
  const journal = new LocalJournal(index, { run: 99, worker: 0 })
  const seqs = new Set<number>()
  for (let partition = 0; partition < 64; partition++) {
    for (const { record } of journal.read(partition, 0)) {
      if (record.type === 'message' && record.topic === 'w') seqs.add(Buffer.from(record.payload).readUInt32LE(12))
    }
  }
  return [...seqs].sort((a, b) => a - b)
}

async function systemEvents(dataDir: string): Promise<LoggedEvent[]> {
  const reader = new LocalEventLog(join(dataDir, 'events')).reader(null)
  const events: LoggedEvent[] = []
  while (reader.bytesBehind() > 0) events.push(...(await reader.next())!.events)
  reader.close()
  expect(indexSegments('events', join(dataDir, 'events')).torn).toEqual([])
  return events.filter(({ log }) => log === 'system')
}

interface Rig {
  readonly disk: SmallDisk
  readonly engine: EngineProcess
  readonly wire: LiveWire
}

async function rig(broker: 'embedded' | 'mosquitto', more: Record<string, string> = {}): Promise<Rig> {
  const disk = SmallDisk.mount(4 * 1024 * 1024)!
  onTestFinished(() => disk.remove())
  let url: string | undefined
  if (broker === 'mosquitto') {
    const mosquitto = await Mosquitto.make(temporaryFolder())
    await mosquitto.start()
    onTestFinished(() => mosquitto.stop())
    url = mosquitto.url
  }
  const engine = new EngineProcess(disk.path, await freePort(), 1, undefined, {
    ...more,
    ...(url === undefined ? {} : { VITALWIRE_TEST_BROKER: url }),
  })
  onTestFinished(() => engine.end('kill'))
  const wire = await LiveWire.connect(await engine.line(), 'device-1')
  onTestFinished(() => wire.end())
  await wire.birth()
  await wire.send(20)
  await wire.heard()
  return { disk, engine, wire }
}

const brokers = [
  { broker: 'embedded', level: 'process', able: mayMount },
  { broker: 'embedded', level: 'power', able: mayMount },
  { broker: 'mosquitto', level: 'process', able: mayMount && mosquittoPath !== null },
  { broker: 'mosquitto', level: 'power', able: mayMount && mosquittoPath !== null },
] as const

describe('an engine whose disk refuses', { timeout: 180_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  for (const { broker, level, able } of brokers) {
    it.skipIf(!able)(`holds devices back while the disk is full and goes on by itself, broker ${broker}, level ${level}`, async () => {
      const { disk, engine, wire } = await rig(broker, { VITALWIRE_TEST_LEVEL: level })
      disk.fill(64 * 1024)
      const sending: Promise<void>[] = []
      await until('a full disk', async () => {
        sending.push(wire.send(10))
        return (await lagOf(engine)).blocked.length > 0
      })
      const [blocked] = (await lagOf(engine)).blocked
      expect(blocked!.reason).toMatch(new RegExp(`^${disk.path}/(journal|events)/r.*ENOSPC`))
      sending.push(wire.send(200))
      // Several heartbeats of the engine: what could be said wrongly would have been said.
      await new Promise(resolve => setTimeout(resolve, 7000))
      const held = await lagOf(engine)
      expect(held.blocked).toHaveLength(1)
      // The device's mark never passes what stands in the journal, and behind the embedded broker neither does a PUBACK.
      const before = wire.water!
      expect(before).toBeLessThan(wire.sent)
      disk.free()
      await until('the disk', async () => (await lagOf(engine)).blocked.length === 0)
      await Promise.all(sending)
      await until('every chunk below the high-water mark', () => wire.water === wire.sent, 60)
      await engine.end('kill')
      expect(journaled(disk.path)).toEqual(Array.from({ length: wire.sent }, (_, seq) => seq))
      const states = (await systemEvents(disk.path)).filter(({ type }) => type === 'worker').map(({ body }) => body.state)
      expect(states).toContain('blocked')
      expect(states).toContain('unblocked')
    })
  }

  it.skipIf(!mayMount)('acknowledges nothing that the full disk did not take: what it said survives a kill', async () => {
    const { disk, engine, wire } = await rig('embedded')
    disk.fill(64 * 1024)
    let acknowledged = 20
    void (async () => {
      for (;;) {
        await wire.send(1)
        acknowledged += 1
      }
    })().catch(() => {})
    await until('a full disk', async () => (await lagOf(engine)).blocked.length > 0)
    await new Promise(resolve => setTimeout(resolve, 1000))
    const said = acknowledged
    const water = wire.water!
    await engine.end('kill')
    const kept = journaled(disk.path)
    expect(kept.length).toBeGreaterThanOrEqual(Math.max(said, water))
    expect(kept.slice(0, said)).toEqual(Array.from({ length: said }, (_, seq) => seq))
  })

  it.skipIf(!mayMount)('holds devices back while the journal folder is read-only and goes on by itself', async () => {
    const { disk, engine, wire } = await rig('embedded', { VITALWIRE_TEST_SEGMENT: '20000' })
    disk.cover('journal')
    const sending: Promise<void>[] = []
    await until('a refusal', async () => {
      sending.push(wire.send(10))
      return (await lagOf(engine)).blocked.length > 0
    })
    expect((await lagOf(engine)).blocked[0]!.reason).toContain('EROFS')
    disk.uncover()
    await Promise.all(sending)
    await until('every chunk below the high-water mark', () => wire.water === wire.sent, 60)
    await engine.end('kill')
    expect(journaled(disk.path)).toHaveLength(wire.sent)
    expect(readdirSync(join(disk.path, 'journal')).filter(file => file.endsWith('.vwj')).length).toBeGreaterThan(1)
  })

  it.skipIf(!mayMount)('says that snapshots cannot be written, holds nobody back, and says when they can', async () => {
    const { disk, engine, wire } = await rig('embedded')
    disk.cover('snapshots')
    await until('a failed snapshot', async () => {
      await wire.send(2)
      return (await lagOf(engine)).failing.length > 0
    })
    const [failing] = (await lagOf(engine)).failing
    expect(failing).toMatchObject({ what: 'snapshots of worker 0', reason: expect.stringMatching(/snapshots\/p\d+.*EROFS/) })
    expect((await lagOf(engine)).blocked).toEqual([])
    disk.uncover()
    await until('a snapshot', async () => {
      await wire.send(2)
      return (await lagOf(engine)).failing.length === 0
    })
    const states = (await systemEvents(disk.path)).map(({ body }) => body.state)
    expect(states).toContain('snapshot-failed')
  })
})
