import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { mosquittoPath, startMosquitto } from '../support/mosquitto.js'
import { RunningServer, repository, runCommand, scratchFolder } from '../support/running-server.js'

/**
 * Promise 2: the same recording gives the same eventHash through every door. `VITALWIRE_MATRIX=full` runs every
 * combination (`npm run matrix`, about an hour); otherwise a pairwise choice runs.
 */
interface Recording {
  readonly name: string
  readonly dataset: string
  readonly args: readonly string[]
  readonly seconds: number
  /** Whether alerts must be among the events. */
  readonly alerts: boolean
  readonly limits?: string
}

const highRate = JSON.stringify({ 'heart-rate-high': 75 })
const recordings: readonly Recording[] = [
  { name: 'mitdb/203', dataset: 'mitdb', args: [datasetPath('mitdb', '203')], seconds: 1806, alerts: false },
  { name: 'cinc2015/a142s', dataset: 'cinc2015', args: [datasetPath('cinc2015', 'a142s')], seconds: 300, alerts: true },
  { name: 'cinc2015/b183l', dataset: 'cinc2015', args: [datasetPath('cinc2015', 'b183l')], seconds: 330, alerts: true },
  {
    name: 'mimic4wdb/0001, 20 min',
    dataset: 'mimic4wdb',
    args: [`${repository}/datasets/mimic4wdb/0001.recording.json`, '--to', '1200'],
    seconds: 1200,
    alerts: true,
    limits: highRate,
  },
  {
    name: 'uw-hypoxia/100001',
    dataset: 'uw-hypoxia',
    args: [`${repository}/datasets/uw-hypoxia/100001.recording.json`],
    seconds: 1089,
    alerts: true,
  },
]

interface Door {
  readonly speed: 'max' | '20'
  readonly chunk: '0.25' | '2'
  readonly workers: '1' | '3'
  readonly broker: 'embedded' | 'mosquitto'
  readonly kills: boolean
}

const full = process.env.VITALWIRE_MATRIX === 'full'

function combinations(): Door[] {
  const doors: Door[] = []
  for (const speed of ['max', '20'] as const)
    for (const chunk of ['0.25', '2'] as const)
      for (const workers of ['1', '3'] as const)
        for (const broker of ['embedded', 'mosquitto'] as const)
          for (const kills of [false, true]) doors.push({ speed, chunk, workers, broker, kills })
  return doors
}

/** Each pair of settings of two dimensions occurs at least once over the recordings. */
const pairwise: Readonly<Record<string, readonly Door[]>> = {
  'mitdb/203': [{ speed: 'max', chunk: '2', workers: '3', broker: 'embedded', kills: true }],
  'cinc2015/a142s': [
    { speed: '20', chunk: '0.25', workers: '1', broker: 'mosquitto', kills: true },
    { speed: 'max', chunk: '2', workers: '1', broker: 'mosquitto', kills: false },
  ],
  'cinc2015/b183l': [
    { speed: '20', chunk: '2', workers: '3', broker: 'embedded', kills: true },
    { speed: 'max', chunk: '0.25', workers: '3', broker: 'mosquitto', kills: false },
  ],
  'mimic4wdb/0001, 20 min': [{ speed: 'max', chunk: '0.25', workers: '1', broker: 'embedded', kills: true }],
  'uw-hypoxia/100001': [{ speed: '20', chunk: '2', workers: '3', broker: 'mosquitto', kills: true }],
}

/** Small and seeded: the moments of the kills are the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

async function analyzed(
  recording: Recording,
  chunk: string,
  limitsFile: string | null,
): Promise<{ eventHash: string; eventCount: number; alerts: unknown[] }> {
  const limits = limitsFile === null ? [] : ['--limits', limitsFile]
  const result = await runCommand(['analyze', ...recording.args, '--chunk', chunk, '--json', ...limits])
  expect(result.code, result.stderr).toBe(0)
  return JSON.parse(result.stdout) as { eventHash: string; eventCount: number; alerts: unknown[] }
}

/** Kills the server three times while the replay runs: at two shares of the samples, and once while an alert is pending. */
async function killThrice(server: RunningServer, seed: number, fast: boolean, running: () => boolean): Promise<void> {
  const random = randomFrom(seed)
  const most = fast ? 2 : 8
  const waits = [1 + Math.floor(random() * most), 1 + Math.floor(random() * most)]
  for (const turns of waits) {
    // Moments count polls after data has begun to flow, so that they fall inside the replay at any speed.
    let turn = 0
    while (running() && turn < turns) {
      const health = (await server.get('/api/v1/health')) as { ledger: { messages: { received: number } } }
      if (health.ledger.messages.received > 1) turn += 1
      await new Promise(resolve => setTimeout(resolve, fast ? 10 : 50))
    }
    if (!running()) break
    await server.killAndRestart()
  }
  if (!running()) return
  await pendingAlert(server, running)
  await server.killAndRestart()
}

/** Resolves when the feed tells of a pending alert, or when the replay is over. */
async function pendingAlert(server: RunningServer, running: () => boolean): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.ports.http}/api/v1/feed`)
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      if (!running()) resolve()
    }, 50)
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', from: 'snapshot', patients: 'all', waves: false, types: ['condition'] })),
    )
    socket.on('message', (data, binary) => {
      if (binary) return
      const message = JSON.parse(String(data)) as { type: string; events?: { body: { to?: string } }[] }
      if (message.type === 'events' && message.events?.some(event => event.body.to === 'pending') === true) resolve()
    })
    socket.on('close', () => resolve())
    socket.on('error', () => resolve())
    void timer
  })
  socket.terminate()
}

for (const [order, recording] of recordings.entries()) {
  const needed = hasDataset(recording.dataset)
  const suffix = needed ? '' : ` (needs dataset ${recording.dataset})`
  describe(`eventHash of ${recording.name}`, () => {
    const scratch = scratchFolder('hash')
    let expected: { eventHash: string; eventCount: number; alerts: unknown[] }
    let limitsFile: string | null = null

    beforeAll(async () => {
      if (!needed) return
      if (recording.limits !== undefined) {
        const { writeFileSync } = await import('node:fs')
        limitsFile = `${scratch.path}/limits.json`
        writeFileSync(limitsFile, recording.limits)
      }
      expected = await analyzed(recording, '1', limitsFile)
    })
    afterAll(() => scratch.remove())

    it.skipIf(!needed)(`has more than 100 events${recording.alerts ? ' and an alert' : ''}${suffix}`, () => {
      expect(expected.eventCount).toBeGreaterThan(100)
      if (recording.alerts) expect(expected.alerts.length).toBeGreaterThan(0)
    })

    it.skipIf(!needed)(`is the same for chunks of 0.25 and 2 s${suffix}`, async () => {
      for (const chunk of ['0.25', '2']) {
        const { eventHash, eventCount } = await analyzed(recording, chunk, limitsFile)
        expect({ eventHash, eventCount }).toEqual({ eventHash: expected.eventHash, eventCount: expected.eventCount })
      }
    })

    for (const [k, door] of (full ? combinations() : (pairwise[recording.name] ?? [])).entries()) {
      const { speed, chunk, workers, broker, kills } = door
      const missing = !needed || (broker === 'mosquitto' && mosquittoPath === null)
      const needs = broker === 'mosquitto' && mosquittoPath === null ? ' (needs mosquitto)' : suffix
      const title = `is the same replayed: speed ${speed}, chunks of ${chunk} s, ${workers} workers, ${broker} broker${kills ? ', three kill -9' : ''}${needs}`
      it.skipIf(missing)(
        title,
        async () => {
          const folder = scratchFolder('door')
          const outside = broker === 'mosquitto' ? await startMosquitto(folder.path) : null
          const server = await RunningServer.start(folder.path, {
            args: ['--workers', workers, ...(limitsFile === null ? [] : ['--limits', limitsFile])],
            config: outside === null ? {} : { broker: { url: outside.url } },
          })
          try {
            let running = true
            const replay = runCommand(
              [
                'replay',
                ...recording.args,
                '--broker',
                outside?.url ?? server.mqtt,
                '--speed',
                speed,
                '--chunk',
                chunk,
                '--device',
                `matrix-${order}-${k}`,
                '--json',
              ],
              { timeoutMs: 400_000 },
            ).finally(() => {
              running = false
            })
            if (kills) await killThrice(server, 17 * (order + 1) + k, speed === 'max', () => running)
            const result = await replay
            expect(result.code, result.stderr + server.stderr).toBe(0)
            const { eventHash, eventCount } = JSON.parse(result.stdout) as { eventHash: string; eventCount: number }
            expect({ eventHash, eventCount }).toEqual({ eventHash: expected.eventHash, eventCount: expected.eventCount })
            // At full speed a short recording, or one that a broker of its own takes in at once, may be over before the third kill.
            if (kills)
              expect(server.kills).toBeGreaterThanOrEqual(speed === '20' || (recording.seconds > 1000 && broker === 'embedded') ? 3 : 1)
            const { ledger } = (await server.get('/api/v1/health')) as { ledger: Record<string, number> }
            const { offered, stored, late, duplicate, rejected, held, lost } = ledger
            expect(offered).toBe(stored! + late! + duplicate! + rejected! + held! + lost!)
            expect(lost).toBe(0)
          } finally {
            await server.stop()
            await outside?.stop()
            folder.remove()
          }
        },
        420_000,
      )
    }
  })
}
