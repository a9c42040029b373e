import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningServer, runCommand, scratchFolder } from '../support/running-server.js'

/** An engine with two workers that is killed while it is at work, and its folder afterwards. */
describe('journal rerun, on the folder of an engine that was killed', () => {
  const folder = scratchFolder('rerun')
  const data = path.join(folder.path, 'data')
  let server: RunningServer

  beforeAll(async () => {
    server = await RunningServer.start(folder.path, { args: ['--workers', '2'] })
    const simulate = [
      'simulate',
      '--broker',
      server.mqtt,
      '--patients',
      '3',
      '--scenario',
      'desaturation',
      '--duration',
      '200',
      '--speed',
      'max',
    ]
    const run = runCommand([...simulate, '--json'])
    await new Promise(resolve => setTimeout(resolve, 2500))
    await server.killAndRestart()
    const result = await run
    expect(result.code, result.stderr + server.stderr).toBe(0)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    folder.remove()
  })

  interface Document {
    readonly equal: boolean
    readonly changed: boolean
    readonly records: number
    readonly agreement: { readonly same: number; readonly different: number; readonly ahead: number }
    readonly patients: readonly { readonly before: number; readonly after: number; readonly vanished: readonly { condition: string }[] }[]
  }

  it('gives every event again while the engine runs, and with any number of threads', async () => {
    const documents: Document[] = []
    for (const workers of ['1', '2']) {
      const result = await runCommand(['journal', 'rerun', data, '--workers', workers, '--json'])
      expect(result.code, result.stderr).toBe(0)
      documents.push(JSON.parse(result.stdout) as Document)
    }
    expect(documents[1]).toEqual(documents[0])
    const [document] = documents
    expect(document).toMatchObject({ equal: true, changed: false, agreement: { different: 0 } })
    expect(document!.patients.map(({ before, after }) => before === after && before > 0)).toEqual([true, true, true])
  }, 120_000)

  it('plays what was kept into another engine, to the same sessions', async () => {
    const out = path.join(folder.path, 'captures')
    const exported = await runCommand(['journal', 'export', data, '--format', 'capture', '--out', out, '--json'])
    expect(exported.code, exported.stderr).toBe(0)
    const { files } = JSON.parse(exported.stdout) as { files: string[] }
    expect(files).toEqual(['sim-001.mcap', 'sim-002.mcap', 'sim-003.mcap'])
    const otherFolder = scratchFolder('rerun-other')
    const other = await RunningServer.start(otherFolder.path)
    try {
      const captures = files.map(file => path.join(out, file))
      const replayed = await runCommand(['replay', ...captures, '--broker', other.mqtt, '--speed', 'max', '--json'])
      expect(replayed.code, replayed.stderr + other.stderr).toBe(0)
      const again = replayed.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { eventHash: string; eventCount: number })
      const { sessions } = (await server.get('/api/v1/sessions')) as { sessions: { eventHash: string }[] }
      expect(again.map(({ eventHash }) => eventHash).sort()).toEqual(sessions.map(({ eventHash }) => eventHash).sort())
      expect(new Set(again.map(({ eventHash }) => eventHash)).size).toBe(3)
    } finally {
      await other.stop()
      otherFolder.remove()
    }
  }, 120_000)

  it('says what other limits would have changed', async () => {
    const limits = path.join(folder.path, 'limits.json')
    writeFileSync(limits, JSON.stringify({ 'spo2-low': 70, desaturation: 65 }))
    const out = path.join(folder.path, 'out')
    const result = await runCommand(['journal', 'rerun', data, '--limits', limits, '--out', out])
    expect(result.code, result.stderr).toBe(0)
    expect(result.stdout.match(/^ {2}gone .* desaturation /gm)).toHaveLength(3)
    const listed = await runCommand(['journal', 'ls', data, '--json'])
    expect(JSON.parse(listed.stdout)).toMatchObject({
      devices: [{ device: 'sim-001' }, { device: 'sim-002' }, { device: 'sim-003' }],
      problems: [],
    })
  }, 120_000)
})
