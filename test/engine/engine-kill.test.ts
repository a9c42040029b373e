import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { replayDevices } from '../../src/replay/replay-devices.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { ensureBuilt } from './built.js'
import { EngineProcess, freePort } from './engine-process.js'
import { patients, readLog, replay, startBuilt, until } from './engine-run.js'

const scenarios = ['asystole', 'desaturation'] as const
const seconds = 120

// Generous: seconds on an idle machine, minutes on a busy one.
describe('engine process', { timeout: 300_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  it('gives the same hash when it is killed three times while devices play, and loses and doubles nothing', async () => {
    const quiet = await startBuilt({ dataDir: temporaryFolder(), workers: 1 })
    const expected = await replay(quiet.mqttUrl, scenarios, seconds)
    const expectedLedger = await quiet.ledger()
    await quiet.stop()

    const dataDir = temporaryFolder()
    const port = await freePort()
    let engine = new EngineProcess(dataDir, port, 2)
    onTestFinished(() => engine.end('kill'))
    const url = await engine.line()
    let sent = 0
    const played = replayDevices(patients(scenarios, seconds), {
      url,
      speed: 20,
      confirmSeconds: 60,
      onProgress: progress => {
        sent = Math.max(sent, progress.sentSeconds)
      },
    })
    for (const moment of [15, 40, 75]) {
      await until(`second ${moment}`, () => sent >= moment, 60)
      await engine.end('kill')
      engine = new EngineProcess(dataDir, port, 2)
      await engine.line()
    }
    const results = await played
    await engine.end('stop')
    expect(results.map(result => [result.eventHash, result.eventCount])).toEqual(
      expected.map(result => [result.eventHash, result.eventCount]),
    )
    const after = await startBuilt({ dataDir, workers: 1 })
    onTestFinished(() => after.stop())
    const ledger = await after.ledger()
    expect([ledger.stored + ledger.late, ledger.lost, ledger.held]).toEqual([expectedLedger.stored, 0, 0])
    expect(ledger.offered).toBe(ledger.stored + ledger.late + ledger.duplicate + ledger.rejected + ledger.held + ledger.lost)
    const { events } = await readLog(after)
    expect(new Set(events.map(event => event.id)).size).toBe(events.length)
    expect(events.filter(event => event.type === 'mismatch')).toEqual([])
  })

  it('holds devices back while no space is left, says so, and keeps everything it acknowledged', async () => {
    const dataDir = temporaryFolder()
    const port = await freePort()
    const engine = new EngineProcess(dataDir, port, 1, 96)
    onTestFinished(() => engine.end('kill'))
    const url = await engine.line()
    const stop = new AbortController()
    const played = replayDevices(patients(['stable'], 600), { url, speed: 'max', signal: stop.signal, confirmSeconds: 5 })
    type Lag = { blocked: { reason: string }[]; messages: number; journalMs: number }
    let lag: Lag = { blocked: [], messages: 0, journalMs: 0 }
    await until('a full disk', async () => {
      lag = JSON.parse(await engine.ask('lag')) as Lag
      return lag.blocked.length > 0
    })
    expect(lag.blocked[0]!.reason).toContain('nothing of it was kept')
    const settled = JSON.parse(await engine.ask('lag')) as Lag
    expect(engine.running).toBe(true)
    expect(settled.messages).toBeGreaterThan(0)
    await engine.end('kill')
    // With space again everything goes through, from what the device still has.
    const again = new EngineProcess(dataDir, port, 1)
    onTestFinished(() => again.end('kill'))
    await again.line()
    const [result] = await played
    expect(result!.outcome).toBe('closed')
    await again.end('stop')
    const quiet = await startBuilt({ dataDir: temporaryFolder(), workers: 1 })
    onTestFinished(() => quiet.stop())
    expect(result!.eventHash).toBe((await replay(quiet.mqttUrl, ['stable'], 600))[0]!.eventHash)
  })
})
