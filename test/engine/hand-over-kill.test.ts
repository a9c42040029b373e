import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Ledger } from '../../src/engine/partition-types.js'
import { partitionOf } from '../../src/intake/placement.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { ensureBuilt } from './built.js'
import { EngineProcess, freePort } from './engine-process.js'
import { patients, readLog, replay, startBuilt, until } from './engine-run.js'
import { chunkSamples, LiveWire } from './live-wire.js'

const partitionModule = new URL('./killing-partition.mjs', import.meta.url).href

async function ledgerOf(engine: EngineProcess): Promise<Ledger> {
  return JSON.parse(await engine.ask('ledger')) as Ledger
}

// Generous: seconds on an idle machine, minutes on a busy one.
describe('hand-over of a device between patients', { timeout: 300_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  // bed-1 and bed-2 lie in partitions of different workers.
  it.each(['release', 'adopt', 'handed'])(
    'goes on where the device was when the engine is killed at its %s',
    async moment => {
      expect(partitionOf('', 'bed-1') % 2).not.toBe(partitionOf('', 'bed-2') % 2)
      const dataDir = temporaryFolder()
      const port = await freePort()
      const killAt = join(dataDir, 'kill')
      const env = { VITALWIRE_TEST_MODULE: partitionModule, VITALWIRE_TEST_KILL: killAt }
      const first = new EngineProcess(dataDir, port, 2, undefined, env)
      onTestFinished(() => first.end('kill'))
      const url = await first.line()
      await first.ask('assign mover bed-1')
      const before = await LiveWire.connect(url, 'mover')
      onTestFinished(() => before.end())
      await before.birth()
      await before.send(10)
      await until('the first ten', async () => (await ledgerOf(first)).stored === 10 * chunkSamples)

      writeFileSync(killAt, moment)
      first.ask('assign mover bed-2').catch(() => {})
      await first.ended()
      expect(existsSync(killAt)).toBe(false)

      const second = new EngineProcess(dataDir, port, 2, undefined, env)
      onTestFinished(() => second.end('kill'))
      await second.line()
      // Before anything comes: what was counted is counted still, once.
      expect(await ledgerOf(second)).toMatchObject({ stored: 10 * chunkSamples, duplicate: 0, offered: 10 * chunkSamples, lost: 0 })
      const after = await LiveWire.connect(url, 'mover')
      onTestFinished(() => after.end())
      after.sent = 10
      await after.birth()
      await after.again(5, 9)
      await after.send(5)
      await until('the last five', async () => (await ledgerOf(second)).stored === 15 * chunkSamples)
      const counts = { stored: 15 * chunkSamples, duplicate: 5 * chunkSamples, offered: 20 * chunkSamples, lost: 0, held: 0, late: 0 }
      expect(await ledgerOf(second)).toMatchObject(counts)
      // And a start later nothing is moved again.
      await second.end('stop')
      const third = await startBuilt({ dataDir, workers: 1 })
      onTestFinished(() => third.stop())
      expect(await third.ledger()).toMatchObject(counts)
      expect(third.devices().map(({ device, patient }) => [device, patient])).toEqual([['mover', 'bed-2']])
      const { events } = await readLog(third)
      const adopted = events.filter(event => event.type === 'assignment' && event.body.patient === 'bed-2')
      expect(adopted).toHaveLength(1)
      expect(events.filter(event => event.type === 'mismatch')).toEqual([])
    },
    120_000,
  )

  it('refuses a birth that would mix recorded and live devices of one patient, says so, and keeps what comes', async () => {
    const engine = await startBuilt({ dataDir: temporaryFolder(), workers: 2, assign: 'manual' })
    onTestFinished(() => engine.stop())
    const about = { author: 'nurse', reason: 'admission' }
    const [played] = patients(['stable'], 10)
    await engine.assign({ device: played!.device, patient: 'bed-1', ...about })
    // Nobody knows yet of what kind it is.
    await engine.assign({ device: 'live-one', patient: 'bed-1', ...about })
    await replay(engine.mqttUrl, ['stable'], 10)
    const stored = (await engine.ledger()).stored
    const live = await LiveWire.connect(engine.mqttUrl, 'live-one')
    onTestFinished(() => live.end())
    await live.birth()
    await live.send(10)
    await until('its chunks', async () => (await engine.ledger()).stored === stored + 10 * chunkSamples)
    const own = async () => (await readLog(engine)).events.filter(event => event.device === 'live-one')
    const refused = (await own()).filter(event => event.type === 'birth-refused')
    expect(refused.map(event => [event.patient, event.body.reason, event.body.boot])).toEqual([['bed-1', 'mixed-kinds', 7]])
    expect(refused[0]!.body.detail).toContain(played!.device)
    expect((await own()).filter(event => event.log === 'patient' || event.type === 'session')).toEqual([])
    // Once the other is gone the device is the patient's.
    await engine.assign({ device: played!.device, patient: null, ...about })
    await engine.assign({ device: 'live-one', patient: null, ...about })
    await engine.assign({ device: 'live-one', patient: 'bed-1', ...about })
    await live.send(10)
    await until('a session', async () => (await own()).some(event => event.type === 'session' && event.session === 'live-bed-1'))
  })
})
