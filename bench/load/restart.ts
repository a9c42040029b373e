import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { isLaterEvent, parseEventId } from '../../src/store/event-id.js'
import { usageOf } from './process-usage.js'
import { freePort, startEngine } from './servers.js'

export interface RestartOptions {
  readonly program: string
  readonly devices: number
  /** Seconds of load before the kill. */
  readonly seconds: number
  readonly workers: number | null
}

export interface RestartResult {
  readonly devices: number
  readonly secondsBeforeKill: number
  /** Seconds from the start of the program to its addresses, and until every patient's state was served. */
  readonly readySeconds: number
  readonly servedSeconds: number
  /** CPU seconds of the program until then. */
  readonly cpuSeconds: number
  readonly recordsAgain: number
  readonly openAlerts: number
  readonly events: number
}

interface PatientView {
  readonly id: string
  readonly vitals: readonly unknown[]
  readonly alerts: readonly { readonly condition: string }[]
}

/** Loads a real `serve` with devices, some of them in alarm, kills it, starts it again, and checks what has come back. */
export async function runRestart({ program, devices, seconds, workers }: RestartOptions): Promise<RestartResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-bench-'))
  const mqttPort = await freePort()
  const httpPort = await freePort()
  const start = () => startEngine({ program, folder, mqttPort, httpPort, outsideUrl: null, workers, level: 'process', nodeOptions: [] })
  const patients = async (): Promise<PatientView[]> => {
    const reply = (await (await fetch(`http://127.0.0.1:${httpPort}/api/v1/patients`)).json()) as { patients?: PatientView[] }
    return reply.patients ?? []
  }
  let engine = await start()
  let generator: ChildProcess | null = null
  try {
    const plan = {
      port: mqttPort,
      devices,
      seconds: seconds + 60,
      templates: 10,
      alertEvery: 5,
      connections: Math.min(devices, 200),
      speed: 1,
      window: 100,
    }
    const file = fileURLToPath(new URL('./generator.js', import.meta.url))
    generator = fork(file, [JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    await once(generator, 'message')
    const born = once(generator, 'message')
    generator.send({ type: 'births' })
    await born
    generator.send({ type: 'go', watched: Array.from({ length: plan.templates }, () => []) })
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
    process.kill(engine.pid, 'SIGKILL')
    generator.kill('SIGKILL')
    const before = await readEvents(folder)
    const open = openAlerts(before)

    const begun = performance.now()
    engine = await start()
    const readySeconds = (performance.now() - begun) / 1000
    let views = await patients()
    while (views.filter(({ vitals }) => vitals.length > 0).length < devices) {
      if (performance.now() - begun > 300_000) throw new Error(`${views.length} of ${devices} patients were served in 300 s`)
      await new Promise(resolve => setTimeout(resolve, 50))
      views = await patients()
    }
    const servedSeconds = (performance.now() - begun) / 1000
    const { cpuSeconds } = usageOf(engine.pid)
    const after = await readEvents(folder)
    check(before, after, open, views)
    return {
      devices,
      secondsBeforeKill: seconds,
      readySeconds,
      servedSeconds,
      cpuSeconds,
      recordsAgain: recordsAgain(after),
      openAlerts: open.size,
      events: before.length,
    }
  } finally {
    generator?.kill('SIGKILL')
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Everything in the event log, what came again after a crash once. */
async function readEvents(folder: string): Promise<LoggedEvent[]> {
  const reader = new LocalEventLog(path.join(folder, 'data', 'events')).reader(null)
  const events: LoggedEvent[] = []
  while (reader.bytesBehind() > 0) {
    const batch = await Promise.race([reader.next(), new Promise<null>(resolve => setTimeout(resolve, 1000, null))])
    // The kill may have cut the last record.
    if (batch === null) break
    events.push(...batch.events)
  }
  reader.close()
  return events
}

function openAlerts(events: readonly LoggedEvent[]): Set<string> {
  const open = new Set<string>()
  for (const { type, patient, body } of events) {
    if (type !== 'condition') continue
    const key = `${patient} ${String(body.condition)}`
    if (body.to === 'active' || body.to === 'clearing' || body.to === 'latched') open.add(key)
    else open.delete(key)
  }
  return open
}

/** No event is lost, repeated or another than before; what was open is open, unless the tail of the journal says more. */
function check(
  before: readonly LoggedEvent[],
  after: readonly LoggedEvent[],
  open: ReadonlySet<string>,
  views: readonly PatientView[],
): void {
  const mismatch = after.find(({ type }) => type === 'mismatch')
  if (mismatch !== undefined) throw new Error(`an event came out otherwise: ${JSON.stringify(mismatch.body)}`)
  const newest = new Map<string, string>()
  const seen = new Set<string>()
  for (const { id } of after) {
    const { partition } = parseEventId(id)
    const last = newest.get(partition)
    if (seen.has(id) || (last !== undefined && !isLaterEvent(id, last))) throw new Error(`event ${id} stands in the log again`)
    seen.add(id)
    newest.set(partition, id)
  }
  const lost = before.find(({ id }) => !seen.has(id))
  if (lost !== undefined) throw new Error(`event ${lost.id} is gone`)
  const now = openAlerts(after)
  const served = new Set(views.flatMap(({ id, alerts }) => alerts.map(({ condition }) => `${id} ${condition}`)))
  for (const key of now) if (!served.has(key)) throw new Error(`alert ${key} is open in the log and not served`)
  if (open.size > 0 && served.size === 0) throw new Error('no alert has come back')
}

function recordsAgain(events: readonly LoggedEvent[]): number {
  return events.reduce((sum, { type, body }) => sum + (type === 'worker' && body.state === 'restored' ? Number(body.replayed) : 0), 0)
}
