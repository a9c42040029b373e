import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Engine, EngineConfig } from '../../src/engine/engine-types.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { ensureBuilt } from './built.js'
import { patientLines, readLog, replay, startBuilt, until } from './engine-run.js'

const scenarios = ['stable', 'asystole', 'desaturation'] as const

async function start(config: Partial<EngineConfig> & { dataDir: string }): Promise<Engine> {
  const engine = await startBuilt(config)
  onTestFinished(() => engine.stop())
  return engine
}

// Generous: seconds on an idle machine, minutes on a busy one.
describe('engine', { timeout: 300_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  it('writes the same patient log with one worker and with three, and after a change between starts', async () => {
    const logs: string[][] = []
    const hashes: (string | null)[][] = []
    for (const [first, second] of [
      [1, 1],
      [3, 3],
      [3, 1],
      [1, 2],
    ] as const) {
      const dataDir = temporaryFolder()
      const one = await start({ dataDir, workers: first })
      const before = await replay(one.mqttUrl, scenarios, 60, 1)
      await one.stop()
      const two = await start({ dataDir, workers: second })
      const after = await replay(two.mqttUrl, scenarios, 60, 2)
      logs.push(patientLines((await readLog(two)).events))
      hashes.push([...before, ...after].map(result => result.eventHash))
      await two.stop()
    }
    expect(logs[0]!.length).toBeGreaterThan(500)
    for (const log of logs) expect(log).toEqual(logs[0])
    for (const hash of hashes) expect(hash).toEqual(hashes[0])
    for (const hash of hashes[0]!) expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('restores a worker that dies in the middle of a record: the same events, each once, and the system log says so', async () => {
    const quiet = await start({ dataDir: temporaryFolder(), workers: 2 })
    const expected = await replay(quiet.mqttUrl, scenarios, 60)
    const expectedLog = patientLines((await readLog(quiet)).events)
    await quiet.stop()
    for (const [offset, snapshotSeconds] of [
      [3, 60],
      [120, 60],
      [200, 1],
    ] as const) {
      const dataDir = temporaryFolder()
      process.env.VITALWIRE_TEST_CRASH = join(dataDir, 'crash')
      writeFileSync(join(dataDir, 'crash'), String(offset))
      const partitionModule = new URL('./crashing-partition.mjs', import.meta.url).href
      const engine = await start({ dataDir, workers: 2, partitionModule, snapshotSeconds })
      const results = await replay(engine.mqttUrl, scenarios, 60)
      expect(results.map(result => result.eventHash)).toEqual(expected.map(result => result.eventHash))
      // One worker dies; both may, when they come to the record before either has taken the mark away.
      const restarts = engine.lag().workers.reduce((sum, worker) => sum + worker.restarts, 0)
      expect([1, 2]).toContain(restarts)
      const { events } = await readLog(engine)
      expect(new Set(events.map(event => event.id)).size).toBe(events.length)
      expect(patientLines(events)).toEqual(expectedLog)
      const said = events.filter(event => event.type === 'worker').map(event => event.body.state)
      expect(said).toEqual(expect.arrayContaining(['crashed', 'restored']))
      expect(events.filter(event => event.type === 'mismatch')).toEqual([])
      await engine.stop()
    }
  })

  it('goes on after a kill without a word: what was processed again equals what is in the log', async () => {
    const dataDir = temporaryFolder()
    const engine = await start({ dataDir, workers: 1, snapshotSeconds: 3600 })
    await replay(engine.mqttUrl, ['stable'], 30)
    await engine.stop()
    // Without its snapshots the next start must make the whole of it again.
    const { rmSync } = await import('node:fs')
    rmSync(join(dataDir, 'snapshots'), { recursive: true })
    const again = await start({ dataDir, workers: 1 })
    const { events } = await readLog(again)
    expect(events.filter(event => event.type === 'mismatch')).toEqual([])
    expect(new Set(events.map(event => event.id)).size).toBe(events.length)
    expect((await again.ledger()).stored).toBeGreaterThan(10_000)
  })

  it('reads waveforms back from the journal as they were sent', async () => {
    const engine = await start({ dataDir: temporaryFolder(), workers: 2 })
    await replay(engine.mqttUrl, ['stable'], 40)
    const { segments } = await readLog(engine)
    const own = segments.filter(segment => segment.stream.startsWith('ecg'))
    expect(own.length).toBeGreaterThan(0)
    const stretches = await engine.readWaveform(own, { from: 5e6, to: 25e6 })
    for (const stretch of stretches) {
      expect(stretch.fs).toEqual([250, 1])
      expect([stretch.start, stretch.t, stretch.values.length]).toEqual([1250, 5e6, 5000])
    }
    const { makeSyntheticSource } = await import('../../src/simulate/synthetic-source.js')
    const source = makeSyntheticSource({ name: 'x', scenario: 'stable', seed: 1, durationSeconds: 40, onsetSeconds: 20 })
    const [values] = await source.readPhysical([0], 1250, 5000)
    const lead = stretches.find(stretch => stretch.channel === source.signals[0]!.name)!
    let worst = 0
    for (let i = 0; i < 5000; i++) worst = Math.max(worst, Math.abs(lead.values[i]! - values![i]!))
    expect(worst).toBeLessThan(0.01)
  })

  it('shows display waves while somebody looks', async () => {
    const engine = await start({ dataDir: temporaryFolder(), workers: 1 })
    let points = 0
    const stop = engine.onWave(waves => {
      for (const wave of waves) points += wave.values.length
    })
    await replay(engine.mqttUrl, ['stable'], 20)
    await until('a wave', () => points > 1000)
    stop()
  })

  it('hands a device over from one patient to the next, with its state, and refuses to mix kinds of sources', async () => {
    const engine = await start({ dataDir: temporaryFolder(), workers: 3, assign: 'manual' })
    const assignment = { author: 'nurse', reason: 'admission' }
    await engine.assign({ device: 'sim-0-stable', patient: 'bed-1', ...assignment })
    await replay(engine.mqttUrl, ['stable'], 20, 1)
    await engine.assign({ device: 'sim-0-stable', patient: 'bed-2', ...assignment, reason: 'moved' })
    await replay(engine.mqttUrl, ['stable'], 20, 2)
    // The boot that was handed over has a session for what may still come of it; the next boot has one of its own.
    const sessions = engine.sessions()
    expect(sessions.map(session => session.patient)).toEqual(['bed-1', 'bed-2', 'bed-2'])
    expect(sessions[0]!.eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(sessions[2]!.eventHash).toBe(sessions[0]!.eventHash)
    expect((await engine.ledger()).messages.duplicate).toBe(0)
    expect(engine.assignments().map(({ patient, to }) => [patient, to === null])).toEqual([
      ['bed-1', false],
      ['bed-2', true],
    ])
    const mqtt = await import('mqtt')
    const client = await mqtt.connectAsync(engine.mqttUrl)
    const birth = { boot: 1, model: 'm', firmware: 'f', clock: 'monotonic', streams: [], numerics: { t0: 0, every: 1 } }
    await client.publishAsync('vw/1/default/live-one/birth', JSON.stringify(birth), { qos: 1, retain: true })
    await client.endAsync()
    await expect(engine.assign({ device: 'live-one', patient: 'bed-2', ...assignment })).rejects.toMatchObject({ code: 'usage-option' })
  })

  it('answers an acknowledgement with the event that says whether it was accepted', async () => {
    const engine = await start({ dataDir: temporaryFolder(), workers: 2 })
    const event = await engine.acknowledge({ patient: 'nobody', alert: '1-2-3', expectedRevision: 1, author: 'a', note: '' })
    expect(event).toMatchObject({ type: 'acknowledge', body: { alert: '1-2-3', accepted: false } })
  })

  it('leaves nothing open when its port is taken: the process that tried ends by itself', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const dataDir = temporaryFolder()
    const broker = { kind: 'embedded', host: '127.0.0.1', port, orNextFree: false, passwords: null }
    const script = `import { startEngine } from ${JSON.stringify(new URL('../../dist/engine/engine.js', import.meta.url).href)}
      try { await startEngine(${JSON.stringify({ dataDir, workers: 2, assign: 'auto', broker })}) } catch (error) { console.log(error.code) }`
    const file = join(temporaryFolder(), 'start.mjs')
    writeFileSync(file, script)
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString()
    })
    // Killed if it stays.
    const timer = setTimeout(() => child.kill('SIGKILL'), 40_000)
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    clearTimeout(timer)
    expect([said, code, signal]).toEqual(['network-port\n', 0, null])
    expect(existsSync(join(dataDir, 'engine.lock'))).toBe(false)
  })

  it('refuses a data folder that another engine uses, and one of another version', async () => {
    const dataDir = temporaryFolder()
    writeFileSync(join(dataDir, 'engine.lock'), `${process.ppid}\n`)
    await expect(startBuilt({ dataDir })).rejects.toMatchObject({ code: 'disk-write' })
    const other = temporaryFolder()
    writeFileSync(join(other, 'format.json'), JSON.stringify({ version: 99, partitions: 64 }))
    await expect(startBuilt({ dataDir: other })).rejects.toMatchObject({ code: 'disk-format' })
  })
})
