import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import type { SampleCounts } from '../../src/wire/ledger.js'
import { checkRun } from './check/check-run.js'
import { makeDevice } from './devices.js'
import { Disk } from './disk.js'
import { Draw } from './draw.js'
import { EngineProcess } from './engine-process.js'
import { FaultDevice } from './fault-device.js'
import { FaultFeedClient } from './feed-client.js'
import type { Finding, RunHistory } from './history.js'
import { HttpProxy } from './http-proxy.js'
import type { KillMoment } from './kill-moment.js'
import { type Deed, Nemesis, type Scene } from './nemesis.js'
import type { Means, SeedPlan } from './plan.js'
import { readEventLog, readRun } from './read-run.js'
import { runReference } from './reference.js'
import { OtherServer } from './servers.js'
import { sleep, waitFor } from './sleep.js'
import { readEmbedded, readInflux } from './store-contents.js'
import { TcpProxy } from './tcp-proxy.js'

/** Until devices are done, and until store and feed have caught up. Generous: a machine may be busy with other things. */
const settleMs = 60_000
const idleMs = 4500
const closeMs = 10_000
/** Of each device's life; the rest is sent once the nemesis has done its work. */
const firstShare = 0.8
const laterShare = 0.04

export interface SeedResult {
  readonly plan: SeedPlan
  readonly findings: readonly Finding[]
  readonly deeds: readonly Deed[]
  readonly closeKills: number
  readonly kills: number
  readonly seconds: number
  /** Messages and samples (per channel) that devices offered; events in the log; what the feed was sent twice. */
  readonly figures: Readonly<Record<string, number>>
  /** Standard error of the engine, for a seed that failed. */
  readonly said: string
}

/** One seed from an empty folder to the verdict; what it started is ended. `keep`: where a failed seed leaves its data folder. */
export async function runSeed(
  plan: SeedPlan,
  tools: { means: Means; moment: KillMoment },
  folder: string,
  keep: string | null,
): Promise<SeedResult> {
  const begun = performance.now()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { means, moment } = tools
  const offering = await Promise.all(plan.devices.map(makeDevice))
  const reference = runReference(folder, offering)
  const closers: (() => unknown)[] = []
  const findings: Finding[] = []
  const draw = new Draw(plan.seed ^ 0x5bd1e995)
  let nemesis: Nemesis | null = null
  let engine: EngineProcess | null = null
  const figures: Record<string, number> = {}
  try {
    const disk = new Disk(path.join(folder, 'disk'), means.mount)
    closers.push(() => disk.remove())
    const dataDir = path.join(disk.folder, 'data')
    const scene = await setScene(plan, { folder, dataDir, disk, moment, draw }, closers)
    engine = scene.engine
    await engine.start()
    const feed = new FaultFeedClient(scene.httpPort)
    closers.push(() => feed.stop())
    await waitFor('the first snapshot of the feed', settleMs, () => feed.subscribed)
    const url = `mqtt://127.0.0.1:${scene.deviceLink.port}`
    // The end of their lives is held back: the nemesis is to find devices that still send.
    let share = firstShare
    const devices = offering.map(device => new FaultDevice(device, { url, speed: device.plan.speed, share: () => share }))
    closers.push(() => {
      for (const device of devices) device.stop()
    })
    nemesis = new Nemesis(scene)
    const playing = devices.map(device => device.play())
    const dropping = dropFeed(feed, plan.seed)
    await nemesis.run(plan)
    await nemesis.killCloseToWrite(() => {
      share += laterShare
    })
    share = 1
    await waitFor('what devices are waiting for', settleMs, () => devices.every(device => device.done)).catch((error: Error) => {
      const missing = devices.filter(device => !device.done).map(device => device.missing)
      throw new Error(`${error.message}: ${missing.join('; ')}`)
    })
    await Promise.all(playing)
    dropping()
    const engineLedger = await settledLedger(engine)
    // Half of the seeds end with a clean stop and a start after it; what is in memory only is written down by then, or soon.
    if (draw.chance(0.5)) {
      await engine.stop()
      await engine.start()
    }
    const { log, feedExpected } = await catchUp(engine, dataDir, feed)
    await engine.kill()
    const { journal, rerun, ledgers } = readRun(dataDir, folder)
    const history: RunHistory = {
      devices: devices.map(device => device.history()),
      brokerForgets: plan.faults.some(({ fault }) => fault.kind === 'kill-broker'),
      journal,
      log,
      rerun,
      ledgers,
      engineLedger,
      feed: feed.history(),
      feedExpected,
      store: plan.store === 'embedded' ? await readEmbedded(dataDir) : await readInflux(scene.storeUrl, dataDir),
      storeKind: plan.store,
      reference,
    }
    findings.push(...checkRun(history), ...feed.problems.map(detail => ({ check: 'feed-refused', detail })))
    if (nemesis.closeKills === 0)
      findings.push({ check: 'no-close-kill', detail: 'no kill came within 50 ms of a write: the seed proves nothing' })
    Object.assign(figures, countFigures(history))
  } catch (error) {
    findings.push({ check: 'not-finished', detail: (error as Error).message })
  } finally {
    await engine?.kill()
    if (keep !== null && findings.length > 0) cpSync(path.join(folder, 'disk'), keep, { recursive: true })
    // Whatever does not close in time must not keep the seeds that follow.
    for (const close of closers.reverse()) await Promise.race([close(), sleep(closeMs)])
  }
  const deeds = nemesis?.deeds ?? []
  return {
    plan,
    findings,
    deeds,
    closeKills: nemesis?.closeKills ?? 0,
    kills: deeds.filter(({ fault }) => fault.kind === 'kill-engine').length,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    figures,
    said: engine?.said ?? '',
  }
}

async function setScene(
  plan: SeedPlan,
  parts: Pick<Scene, 'dataDir' | 'disk' | 'moment' | 'draw'> & { readonly folder: string },
  closers: (() => unknown)[],
): Promise<Scene & { readonly httpPort: number; readonly storeUrl: string }> {
  const { folder, dataDir } = parts
  const [mqttPort, httpPort, storePort, storeOther] = await freePorts(4)
  const broker = plan.broker === 'mosquitto' ? OtherServer.mosquitto(path.join(folder, 'broker'), mqttPort!) : null
  const store = plan.store === 'influx-v1' ? OtherServer.influxd(path.join(folder, 'influx'), storePort!, storeOther!) : null
  closers.push(() => broker?.kill())
  closers.push(() => store?.kill())
  await Promise.all([broker?.start(), store?.start()])
  const deviceLink = await TcpProxy.listen(mqttPort!)
  closers.push(() => deviceLink.close())
  const engineLink = broker === null ? null : await TcpProxy.listen(mqttPort!)
  closers.push(() => engineLink?.close())
  const storeLink = store === null ? null : await HttpProxy.listen(storePort!)
  closers.push(() => storeLink?.close())
  const engine = new EngineProcess({
    folder,
    dataDir,
    mqttPort: mqttPort!,
    httpPort: httpPort!,
    workers: plan.workers,
    brokerUrl: engineLink === null ? null : `mqtt://127.0.0.1:${engineLink.port}`,
    storeUrl: storeLink === null ? null : `http://127.0.0.1:${storeLink.port}`,
  })
  closers.push(() => engine.kill())
  const storeUrl = `http://127.0.0.1:${storePort}`
  return { ...parts, engine, broker, store, deviceLink, engineLink, storeLink, httpPort: httpPort!, storeUrl }
}

/** A screen whose network breaks now and then; returns what ends that. */
function dropFeed(feed: FaultFeedClient, seed: number): () => void {
  const draw = new Draw(seed ^ 0x1b873593)
  let timer: NodeJS.Timeout
  const plan = () => {
    timer = setTimeout(
      () => {
        feed.drop()
        plan()
      },
      draw.whole(700, 2500),
    )
  }
  plan()
  return () => clearTimeout(timer)
}

interface Health {
  readonly ledger: SampleCounts
  readonly lag: {
    readonly messages?: number
    readonly stores: Readonly<
      Record<
        string,
        { readonly bytesBehind: number | null; readonly eventsPending: number; readonly state: string; readonly error: string | null }
      >
    >
  }
}

/** The engine's own sum once it does not move any more. */
async function settledLedger(engine: EngineProcess): Promise<SampleCounts> {
  let before = ''
  let ledger: SampleCounts | null = null
  await waitFor(
    'a ledger that stands still',
    settleMs,
    async () => {
      const health = (await engine.get('/api/v1/health').catch(() => null)) as Health | null
      if (health === null) return false
      const text = JSON.stringify(health.ledger)
      const still = text === before
      before = text
      ledger = health.ledger
      return still
    },
    300,
  )
  return ledger!
}

/** Until the store has everything and the feed client, too. */
async function catchUp(engine: EngineProcess, dataDir: string, feed: FaultFeedClient) {
  let last: Health['lag']['stores'] = {}
  await waitFor('the end of the event log in the store', settleMs, async () => {
    const health = (await engine.get('/api/v1/health').catch(() => null)) as Health | null
    last = health?.lag.stores ?? {}
    const lags = Object.values(last)
    return lags.length > 0 && lags.every(lag => lag.bytesBehind === 0 && lag.eventsPending === 0 && lag.state === 'running')
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`)
  })
  // Rows of raw chunks that are open in memory are written when nothing has come for 3 s.
  await sleep(idleMs)
  await waitFor('the end of the event log in the store', settleMs, async () => {
    const health = (await engine.get('/api/v1/health').catch(() => null)) as Health | null
    return health !== null && Object.values(health.lag.stores).every(store => store.bytesBehind === 0 && store.eventsPending === 0)
  })
  const { events } = readEventLog(dataDir, feed.firstPosition)
  const feedExpected = events.map(({ id }) => id)
  await waitFor('the feed', settleMs, () => feedExpected.every(id => feed.ids.has(id))).catch(() => {
    // The checker names what is missing.
  })
  return { log: readEventLog(dataDir).events, feedExpected }
}

function countFigures({ devices, log, feed, store, journal }: RunHistory): Record<string, number> {
  return {
    messagesOffered: devices.reduce((sum, { offered }) => sum + offered.length, 0),
    messagesJournaled: journal.length,
    events: log.length,
    feedConnections: feed.connections,
    feedRepeated: feed.events.length - new Set(feed.events.map(({ id }) => id)).size,
    storeRows: store.rows.size,
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(
    servers.map(server => {
      server.close()
      return once(server, 'close')
    }),
  )
  return ports
}
