import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ledger } from '../../src/engine/partition-types.js'
import type { JournalLevel } from '../../src/journal/journal-level.js'
import type { Percentiles } from '../statistics.js'
import { checkHashes, checkLedger, timeAlerts } from './check-run.js'
import { FeedWatch } from './feed-watch.js'
import type { FromGenerator, LoadPlan, LoadResult, ToGenerator } from './generator-messages.js'
import { HighWaterWatch } from './high-water-watch.js'
import { usageOf } from './process-usage.js'
import { type ReferenceRun, runReference } from './reference-run.js'
import { freePort, startEngine, startMosquitto } from './servers.js'
import { makeTemplates } from './template.js'

export interface EndToEndOptions extends Omit<LoadPlan, 'port'> {
  readonly name: string
  readonly broker: 'embedded' | 'mosquitto'
  readonly level: JournalLevel
  readonly workers: number | null
  /** The built program that serves. */
  readonly program: string
  /** Options of Node for the engine, e.g. `--cpu-prof`. */
  readonly nodeOptions: readonly string[]
}

export interface EndToEndResult {
  readonly name: string
  readonly plan: Omit<EndToEndOptions, 'program'>
  readonly messages: number
  readonly megabytes: number
  /** Messages a second until the last PUBACK, and until the last session had closed with its hash. */
  readonly acknowledgedPerSecond: number
  readonly processedPerSecond: number
  /** Seconds of signal of all patients by second of the run, and by second of the engine's CPU. */
  readonly patientsInRealTime: number
  readonly patientsPerCore: number
  readonly engineMicrosPerMessage: number
  /** CPU seconds in the run. */
  readonly cpu: { readonly engine: number; readonly broker: number | null; readonly generator: number }
  readonly elapsedSeconds: number
  readonly engineMiB: { readonly before: number; readonly after: number; readonly peak: number }
  /** Milliseconds. */
  readonly puback: Percentiles
  readonly alert: Percentiles
  readonly sendDelay: Percentiles | null
  readonly checked: { readonly samplesStored: number; readonly sessions: number; readonly alertChanges: number }
}

/** One run against a real `serve`: starts it, loads it, checks everything that came of it, ends it. */
export async function runEndToEnd(options: EndToEndOptions): Promise<EndToEndResult> {
  const { program, ...plan } = options
  const templates = await makeTemplates({ count: plan.templates, alertEvery: plan.alertEvery, seconds: plan.seconds })
  const references = templates.map(runReference)
  const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-bench-'))
  const stops: (() => Promise<void>)[] = []
  try {
    const port = await freePort()
    const httpPort = await freePort()
    const broker = plan.broker === 'mosquitto' ? await startMosquitto(folder, port) : null
    if (broker !== null) stops.push(() => broker.stop())
    const outsideUrl = broker === null ? null : `mqtt://127.0.0.1:${port}`
    const engine = await startEngine({ ...options, program, folder, mqttPort: port, httpPort, outsideUrl })
    stops.push(() => engine.stop())
    const marks = await HighWaterWatch.open(port)
    const feed = await FeedWatch.open(httpPort)
    const generator = await startGenerator({ ...plan, port })
    stops.push(() => generator.stop())

    await generator.ask({ type: 'births' })
    await marks.until('seen', plan.devices, 60_000)
    const before = { engine: usageOf(engine.pid), broker: broker === null ? 0 : usageOf(broker.pid).cpuSeconds }
    const watched = references.map(reference => [...new Set(reference.alerts.map(alert => alert.message))].sort((a, b) => a - b))
    const load = (await generator.ask({ type: 'go', watched }))!
    await marks.until('finals', plan.devices, 120_000)
    const after = { engine: usageOf(engine.pid), broker: broker === null ? null : usageOf(broker.pid).cpuSeconds }
    const stored = sumOver(references, plan.devices, reference => reference.stored)
    const changes = sumOver(references, plan.devices, reference => reference.alerts.length)
    for (let waited = 0; feed.count < changes && waited < 10_000; waited += 50) await new Promise(resolve => setTimeout(resolve, 50))

    const health = (await (await fetch(`http://127.0.0.1:${httpPort}/api/v1/health`)).json()) as { ledger: Ledger }
    checkLedger(health.ledger, stored)
    checkHashes(marks, references, plan.devices)
    const alert = timeAlerts(feed, load, watched, references)
    marks.close()
    feed.close()
    return summarise(plan, load, marks.lastFinal, before, after, alert, {
      samplesStored: stored,
      sessions: plan.devices,
      alertChanges: changes,
    })
  } finally {
    for (const stop of stops.reverse()) await stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function summarise(
  plan: Omit<EndToEndOptions, 'program'>,
  load: LoadResult,
  lastFinal: number,
  before: { engine: ReturnType<typeof usageOf>; broker: number },
  after: { engine: ReturnType<typeof usageOf>; broker: number | null },
  alert: Percentiles,
  checked: EndToEndResult['checked'],
): EndToEndResult {
  const elapsed = (Math.max(lastFinal, load.lastAcked) - load.firstSent) / 1e6
  const engine = after.engine.cpuSeconds - before.engine.cpuSeconds
  const patientSeconds = plan.devices * plan.seconds
  return {
    name: plan.name,
    plan,
    messages: load.messages,
    megabytes: load.bytes / 1e6,
    acknowledgedPerSecond: load.messages / ((load.lastAcked - load.firstSent) / 1e6),
    processedPerSecond: load.messages / elapsed,
    patientsInRealTime: patientSeconds / elapsed,
    patientsPerCore: patientSeconds / engine,
    engineMicrosPerMessage: (engine / load.messages) * 1e6,
    cpu: { engine, broker: after.broker === null ? null : after.broker - before.broker, generator: load.cpuSeconds },
    elapsedSeconds: elapsed,
    engineMiB: { before: before.engine.residentMiB, after: after.engine.residentMiB, peak: after.engine.peakMiB },
    puback: load.puback,
    alert,
    sendDelay: load.sendDelay,
    checked,
  }
}

function sumOver(references: readonly ReferenceRun[], devices: number, of: (reference: ReferenceRun) => number): number {
  let sum = 0
  for (let device = 0; device < devices; device++) sum += of(references[device % references.length]!)
  return sum
}

interface Generator {
  ask(message: ToGenerator): Promise<LoadResult | null>
  stop(): Promise<void>
}

async function startGenerator(plan: LoadPlan): Promise<Generator> {
  const file = fileURLToPath(new URL('./generator.js', import.meta.url))
  const child: ChildProcess = fork(file, [JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const next = () =>
    new Promise<FromGenerator>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the load generator ended with ${code}`))
      child.once('exit', ended)
      child.once('message', message => {
        child.off('exit', ended)
        resolve(message as FromGenerator)
      })
    })
  await next()
  return {
    async ask(message) {
      const answer = next()
      child.send(message)
      const said = await answer
      return said.type === 'done' ? said.result : null
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
