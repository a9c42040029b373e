import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Ledger } from '../../src/engine/partition-types.js'
import { balances } from '../../src/wire/ledger.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { seededRandom } from '../laws/random.js'
import { ensureBuilt } from './built.js'
import { EngineProcess } from './engine-process.js'
import { until } from './engine-run.js'
import { chunkMs, chunkSamples, LiveWire } from './live-wire.js'
import { Mosquitto, mosquittoPath } from './mosquitto.js'

const seed = 20_261

async function startBroker(queued = 0): Promise<string> {
  const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'), { queued })
  await broker.start()
  onTestFinished(() => broker.stop())
  return broker.url
}

async function startEngine(dataDir: string, url: string): Promise<EngineProcess> {
  const engine = new EngineProcess(dataDir, 0, 2, undefined, { VITALWIRE_TEST_BROKER: url })
  onTestFinished(() => engine.end('kill'))
  await engine.line()
  return engine
}

async function ledgerOf(engine: EngineProcess): Promise<Ledger> {
  return JSON.parse(await engine.ask('ledger')) as Ledger
}

async function device(url: string, name: string): Promise<LiveWire> {
  const wire = await LiveWire.connect(url, name)
  onTestFinished(() => wire.end())
  await wire.birth()
  return wire
}

describe.skipIf(mosquittoPath === null)(
  'engine behind Mosquitto (Debian package mosquitto) and a live device whose link never breaks',
  () => {
    beforeAll(() => ensureBuilt(), 180_000)

    it.each([
      ['keeps everything', 0],
      ['keeps three messages and throws the rest away', 3],
    ])(
      `stores every sample once through three kills of the engine when the broker %s (seed ${seed})`,
      async (_, queued) => {
        const random = seededRandom(seed)
        const url = await startBroker(queued)
        const dataDir = temporaryFolder()
        let engine = await startEngine(dataDir, url)
        const wire = await device(url, 'live-one')
        await wire.heard()
        const playing = wire.stream()
        // The first one before anything but the journal knows of the device.
        for (const moment of [0.1 + 0.5 * random(), 1 + 2 * random(), 1 + 2 * random()]) {
          const next = wire.sent + Math.ceil((moment * 1000) / chunkMs)
          await until(`chunk ${next}`, () => wire.sent >= next, 60)
          await engine.end('kill')
          // Some that are sent while nobody is there.
          const missed = wire.sent + 8 + Math.floor(5 * random())
          await until(`chunk ${missed}`, () => wire.sent >= missed, 60)
          engine = await startEngine(dataDir, url)
        }
        const end = wire.sent + 10
        await until(`chunk ${end}`, () => wire.sent >= end, 60)
        await playing.stop()
        const total = wire.sent * chunkSamples
        let ledger = await ledgerOf(engine)
        await until('everything', async () => (ledger = await ledgerOf(engine)).stored + ledger.late >= total, 40).catch(() => {})
        expect(ledger).toMatchObject({ lost: 0, held: 0, rejected: 0 })
        // What had to be asked for is in order when it comes within 2 s of the stream's signal (W2), else it is late.
        expect(queued > 0 ? ledger.stored + ledger.late : ledger.stored).toBe(total)
        expect(balances(ledger)).toBe(true)
        expect(wire.commands.some(({ cmd }) => cmd === 'resend')).toBe(queued > 0)
        expect([wire.linked, wire.links]).toEqual([true, 1])
      },
      180_000,
    )

    it('speaks to a device that only the journal knows of after a kill', async () => {
      const url = await startBroker()
      const dataDir = temporaryFolder()
      const wire = await device(url, 'live-one')
      const first = await startEngine(dataDir, url)
      await wire.heard()
      await wire.send(5)
      await until('the chunks', async () => (await ledgerOf(first)).stored >= 5 * chunkSamples, 40)
      await first.end('kill')
      // The registry is saved once a second; a kill may come before.
      rmSync(join(dataDir, 'registry.json'), { force: true })
      wire.water = null
      await startEngine(dataDir, url)
      await wire.send(2)
      await until('the high-water mark of all chunks', () => wire.water === 7, 40)
    }, 120_000)

    it('asks for what was sent before it had ever met the device, also when it is killed as it does', async () => {
      const url = await startBroker()
      const dataDir = temporaryFolder()
      const wire = await device(url, 'live-one')
      await wire.send(20)
      const first = await startEngine(dataDir, url)
      await first.end('kill')
      await wire.send(5)
      let engine = await startEngine(dataDir, url)
      await wire.heard()
      await wire.send(5)
      await until('the question', () => wire.commands.some(({ cmd }) => cmd === 'resend'), 40)
      await engine.end('kill')
      engine = await startEngine(dataDir, url)
      await wire.send(5)
      const total = wire.sent * chunkSamples
      let ledger = await ledgerOf(engine)
      await until('everything', async () => (ledger = await ledgerOf(engine)).stored + ledger.late >= total, 40).catch(() => {})
      expect(ledger).toMatchObject({ lost: 0, held: 0, rejected: 0 })
      expect(ledger.stored + ledger.late).toBe(total)
      expect(balances(ledger)).toBe(true)
    }, 120_000)
  },
)
