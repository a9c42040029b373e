import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayDevices } from '../../src/replay/replay-devices.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { type DatabaseServer, influxd, isInstalled, startDatabase, victoriaMetrics } from '../store/database-server.js'
import { RunningServer, runCommand, scratchFolder } from '../support/running-server.js'
import { alertsOf, patientsOf } from './alerts-of.js'
import { FeedListener } from './feed-listener.js'

interface StoreLag {
  readonly state: string
  readonly bytesBehind: number
  readonly eventsPending: number
  readonly written: number
  readonly deadLettered: number
}

async function lagOf(server: RunningServer): Promise<StoreLag> {
  const { lag } = (await server.get('/api/v1/health')) as { lag: { stores: Record<string, StoreLag> } }
  return Object.values(lag.stores)[0]!
}

async function until(server: RunningServer, what: string, met: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await met())) {
    if (performance.now() > deadline)
      throw new Error(`${what} did not come in ${seconds} s; ${JSON.stringify(await lagOf(server))}; ${server.stderr}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const drained = async (server: RunningServer): Promise<boolean> => {
  const { bytesBehind, eventsPending } = await lagOf(server)
  return bytesBehind === 0 && eventsPending === 0
}

/** One simulated patient after another, as fast as it goes. */
async function simulate(server: RunningServer, scenario: string, seed: number): Promise<void> {
  const args = ['simulate', '--broker', server.mqtt, '--scenario', scenario, '--seed', String(seed), '--duration', '120', '--speed', 'max']
  const result = await runCommand(args)
  expect(result.code, result.stderr + server.stderr).toBe(0)
}

const withInflux = isInstalled(influxd)
describe('serve with InfluxDB 1.x', () => {
  const folder = scratchFolder('influx')
  let database: DatabaseServer
  let server: RunningServer
  let feed: FeedListener

  beforeAll(async () => {
    if (!withInflux) return
    database = await startDatabase(influxd)
    const store = { kind: 'influx-v1', url: database.url, database: 'vitalwire' }
    server = await RunningServer.start(folder.path, { config: { store } })
    feed = await FeedListener.open(server)
  })
  afterAll(async () => {
    feed?.close()
    await server?.stop()
    await database?.remove()
    folder.remove()
  })

  /** Events of the patient log that the database must hold, by the feed, which reads the same event log. */
  const said = (patient: string, name: string): number[] =>
    feed.events
      .filter(event => event.type === 'measurement' && event.patient === patient && event.body.name === name && event.body.value !== null)
      .map(({ t }) => t)
      .sort((a, b) => a - b)

  const held = async (query: string): Promise<unknown[][]> => {
    const response = await fetch(`${database.url}/query?db=vitalwire&q=${encodeURIComponent(query)}`)
    const { results } = (await response.json()) as { results: { series?: { values: unknown[][] }[] }[] }
    return results[0]?.series?.[0]?.values ?? []
  }

  it.skipIf(!withInflux)(
    `writes vital signs and alerts, and reads them back through the API${withInflux ? '' : ' (needs influxd)'}`,
    async () => {
      await simulate(server, 'desaturation', 1)
      await until(server, 'the end of the event log', () => drained(server), 30)
      const patient = (await patientsOf(server)).get('sim-001') ?? ''
      const reply = (await server.get(`/api/v1/patients/${patient}/vitals?names=heart-rate`)) as {
        series: { name: string; points: { t: number }[] }[]
      }
      const points = reply.series.flatMap(series => series.points.map(({ t }) => t)).sort((a, b) => a - b)
      expect(said(patient, 'heart-rate').length).toBeGreaterThan(100)
      expect(points.length).toBeGreaterThanOrEqual(said(patient, 'heart-rate').length)
      expect((await alertsOf(server, patient)).map(({ condition }) => condition)).toContain('desaturation')
      expect((await held(`SELECT count("json") FROM "events" WHERE "type" = 'condition'`))[0]?.[1]).toBeGreaterThan(2)
    },
    90_000,
  )

  it.skipIf(!withInflux)(
    `loses nothing while the database is down, and says that it is${withInflux ? '' : ' (needs influxd)'}`,
    async () => {
      const patient = (await patientsOf(server)).get('sim-001') ?? ''
      await database.kill()
      await simulate(server, 'asystole', 2)
      await until(server, 'the trouble', async () => (await lagOf(server)).state === 'retrying', 30)
      const health = (await server.get('/api/v1/health')) as { status: string; troubles: string[] }
      expect(health.status).toBe('degraded')
      expect(health.troubles.join(' ')).toContain('influx-v1')
      // Alerts do not wait for a database.
      expect(feed.active(patient, 'asystole').length).toBe(1)
      await database.start()
      await simulate(server, 'stable', 3)
      await until(server, 'the end of the event log', () => drained(server), 120)
      expect((await lagOf(server)).deadLettered).toBe(0)
      const rows = await held(`SELECT "heart-rate" FROM "vitals" WHERE "patient" = '${patient}' AND "stream" = 'ecg'`)
      const times = said(patient, 'heart-rate')
      expect(times.length).toBeGreaterThan(320)
      expect(rows.length).toBe(times.length)
      const alerts = await alertsOf(server, patient)
      expect(alerts.filter(({ condition }) => condition === 'asystole').length).toBe(1)
      expect(((await server.get('/api/v1/health')) as { status: string }).status).toBe('ok')
    },
    240_000,
  )
})

const withVictoria = isInstalled(victoriaMetrics)
describe('serve with the InfluxDB 2.x store', () => {
  it.skipIf(!withVictoria)(
    `writes what a server of the v2 write protocol takes${withVictoria ? '' : ' (needs victoria-metrics)'}`,
    async () => {
      const folder = scratchFolder('influx-v2')
      const database = await startDatabase(victoriaMetrics)
      const store = { kind: 'influx-v2', url: database.url, org: 'ward', bucket: 'vitalwire', tokenEnv: 'VITALWIRE_TEST_TOKEN' }
      const server = await RunningServer.start(folder.path, { config: { store }, env: { VITALWIRE_TEST_TOKEN: 'token' } })
      try {
        // Of today: this server drops what is older than it keeps.
        const options = { patients: 1, scenario: 'stable', seed: 4, durationSeconds: 120, epoch: Date.now() * 1000 } as const
        const { played } = simulatePatients(options)[0]!
        await replayDevices([played], { url: server.mqtt, speed: 'max' })
        await until(server, 'the end of the event log', () => drained(server), 30)
        const lag = await lagOf(server)
        expect(lag).toMatchObject({ state: 'running', deadLettered: 0 })
        expect(lag.written).toBeGreaterThan(100)
        await until(
          server,
          'the heart rate in the database',
          async () => {
            const match = encodeURIComponent('{__name__="vitals_heart-rate"}')
            const lines = (
              await (
                await fetch(
                  `${database.url}/api/v1/export?match[]=${match}&start=${Math.floor(Date.now() / 1000) - 3600}&end=${Math.floor(Date.now() / 1000) + 3600}&reduce_mem_usage=0`,
                )
              ).text()
            )
              .trim()
              .split('\n')
            const rows = lines.filter(line => line !== '').map(line => JSON.parse(line) as { values: number[] })
            return rows.reduce((sum, row) => sum + row.values.length, 0) > 100
          },
          30,
        )
      } finally {
        await server.stop()
        await database.remove()
        folder.remove()
      }
    },
    90_000,
  )
})
