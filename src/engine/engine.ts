import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { VitalwireError } from '../errors.js'
import { EmbeddedBroker } from '../intake/embedded-broker.js'
import type { Incoming } from '../intake/incoming.js'
import { forgetSession, OutsideConnection, startPatienceMs } from '../intake/outside-connection.js'
import { partitionCount } from '../intake/placement.js'
import { Registry } from '../intake/registry.js'
import type { JournalLevel } from '../journal/journal-level.js'
import { LocalEventLog } from '../journal/local-event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { CorrectRecord, IssueRecord, LimitsRecord } from '../journal/record.js'
import { damageText } from '../journal/segment-repair.js'
import { defaultSegmentBytes } from '../journal/segment-writer.js'
import { decodeBirth } from '../wire/birth.js'
import { wireBoot } from '../wire/receiver-actions.js'
import { buildTopic } from '../wire/topics.js'
import { Assigner, partitionOfPatient } from './assigner.js'
import { DataFolder } from './data-folder.js'
import { DataKeeper } from './data-keeper.js'
import { EngineLog } from './engine-log.js'
import type { DeviceInfo, Engine, EngineConfig, OutsideBrokerConfig } from './engine-types.js'
import { addLedgers } from './ledger-sum.js'
import { folders } from './partition-host.js'
import type { DisplayWave } from './partition-types.js'
import { SessionBook } from './session-book.js'
import { readWaveform } from './waveform-reader.js'
import { WorkerHandle } from './worker-handle.js'
import { commandPayload, wallMicros, waterPayload } from './worker-loop.js'
import type { FromWorker, OwnedDevice, WorkerData } from './worker-messages.js'

const defaultSnapshotSeconds = 60
const mostWorkers = partitionCount
const keepEveryMs = 60_000
/** A session of a worker that is not there any more is ended once nothing has come from it for this long. */
const drainedMs = 2000

/** Starts the engine: restores what the data folder holds, then opens the door to devices. */
export async function startEngine(config: EngineConfig): Promise<Engine> {
  const count = Math.min(Math.max(1, config.workers ?? Math.min(availableParallelism(), 4)), mostWorkers)
  const folder = new DataFolder(config.dataDir, count)
  let engine: Supervisor
  try {
    engine = new Supervisor(config, folder, count)
  } catch (error) {
    folder.release()
    throw error
  }
  try {
    await engine.start()
  } catch (error) {
    await engine.stop()
    throw error
  }
  return engine
}

class Supervisor implements Engine {
  readonly partitions = partitionCount
  readonly startedAt = wallMicros()
  readonly epoch: string
  mqttUrl = ''
  readonly #config: EngineConfig
  readonly #folder: DataFolder
  readonly #registry: Registry
  readonly #eventLog: LocalEventLog
  readonly #log: EngineLog
  readonly #workers: WorkerHandle[]
  readonly #assigner: Assigner
  readonly #timers: NodeJS.Timeout[] = []
  readonly #watchers = new Set<(waves: readonly DisplayWave[]) => void>()
  readonly #outsideId: string
  readonly #level: JournalLevel
  readonly #keeper: DataKeeper
  #book: SessionBook | null = null
  #broker: EmbeddedBroker | null = null
  #coordinator: OutsideConnection | null = null
  #registryChanged = false
  #registryFailing: string | null = null
  #nextCommand = 1
  #stopped: Promise<void> | null = null

  constructor(config: EngineConfig, folder: DataFolder, count: number) {
    this.#config = config
    this.#folder = folder
    this.epoch = folder.epoch
    this.#level = config.journalLevel ?? 'process'
    this.#outsideId = `vitalwire-${folder.epoch.slice(0, 8)}`
    this.#registry = new Registry(join(folder.path, 'registry.json'))
    this.#eventLog = new LocalEventLog(join(folder.path, folders.events))
    const segmentBytes = config.segmentBytes ?? defaultSegmentBytes
    this.#log = new EngineLog(folder.path, folder.run, segmentBytes, () => this.#eventLog.wake())
    this.#keeper = new DataKeeper({
      dataDir: folder.path,
      retention: config.retention ?? { journal: { days: null, bytes: null }, events: { days: null, bytes: null } },
      eventLog: this.#eventLog,
      say: body => this.#log.say('retention', {}, body),
      now: () => Date.now(),
    })
    this.#workers = Array.from(
      { length: count },
      (_, k) =>
        new WorkerHandle(k, {
          data: () => this.#workerData(k, count, segmentBytes),
          onMessage: (message, worker) => this.#receive(message, worker),
          onCrash: (worker, detail) => this.#log.say('worker', {}, { worker, state: 'crashed', detail }),
          onRestored: (worker, { replayed, problems }) => {
            this.#log.say('worker', {}, { worker, state: 'restored', detail: restoredText(replayed, problems) })
            this.#eventLog.wake()
          },
        }),
    )
    this.#assigner = new Assigner({
      registry: this.#registry,
      workers: this.#workers,
      auto: config.assign === 'auto',
      outside: config.broker.kind === 'outside',
      onChange: () => {
        this.#registryChanged = true
      },
    })
  }

  async start(): Promise<void> {
    for (const { file, position, bytes } of this.#folder.torn) {
      const detail = `${file}: ${bytes} bytes after byte ${position} were an unfinished record and were cut off`
      this.#log.say('worker', {}, { worker: null, state: 'torn-tail', detail })
    }
    for (const damage of this.#folder.damaged) {
      this.#log.say('worker', {}, { worker: null, state: 'damaged', detail: damageText(damage) })
    }
    if (this.#config.broker.kind === 'outside') await this.#openCoordinator(this.#config.broker)
    const starts = await Promise.allSettled(this.#workers.map(worker => worker.start()))
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    for (const { number, held } of this.#workers) {
      if (held.problems.length > 0 || held.replayed > 0) {
        const { replayed, problems } = held
        this.#log.say('worker', {}, { worker: number, state: 'restored', detail: restoredText(replayed, problems), replayed })
      }
    }
    await this.#assigner.reconcile(
      this.#workers.flatMap(worker => worker.held.devices),
      this.#workers.flatMap(worker => worker.held.released),
    )
    await this.#configure()
    // Devices that only the journal knew have been entered by now; their owners speak for them from the first message on.
    await Promise.all(this.#workers.map(worker => worker.own(this.#devicesOf(worker.number))))
    for (const worker of this.#workers) worker.open()
    this.#book = await SessionBook.open(join(this.#folder.path, 'sessions.json'), this.#eventLog)
    if (this.#config.broker.kind === 'embedded') await this.#openBroker()
    else await this.#watchBirths(this.#config.broker)
    this.#folder.setWorkers(this.#workers.length)
    this.#every(1000, () => {
      this.#log.flush()
      this.#saveRegistry()
    })
    this.#every(2000, () => this.#book?.save())
    this.#every(keepEveryMs, () => this.#keeper.tick())
    this.#keeper.tick()
  }

  events(position: string | null, options: { maxEvents?: number } = {}) {
    return this.#eventLog.reader(position, options)
  }

  eventsEnd(): string {
    return this.#eventLog.end()
  }

  assign(request: Parameters<Engine['assign']>[0]): ReturnType<Engine['assign']> {
    return this.#assigner.assign(request)
  }

  assignments() {
    return this.#registry.assignments()
  }

  async setAttributes(change: Parameters<Engine['setAttributes']>[0]): ReturnType<Engine['setAttributes']> {
    const partition = partitionOfPatient(change.patient)
    const { events } = await this.#assigner.workerOf(partition).append(partition, { type: 'attributes', ...change, at: wallMicros() })
    return theEvent(events, 'attributes')
  }

  async setLimits(change: Parameters<Engine['setLimits']>[0]): Promise<void> {
    await this.#appendToAll({ type: 'limits', ...change, at: wallMicros() })
  }

  async acknowledge(request: Parameters<Engine['acknowledge']>[0]): ReturnType<Engine['acknowledge']> {
    const { patient, ...rest } = request
    const partition = partitionOfPatient(patient)
    const { events } = await this.#assigner.workerOf(partition).append(partition, { type: 'acknowledge', ...rest, at: wallMicros() })
    return theEvent(events, 'acknowledge')
  }

  async stepIssue(request: Parameters<Engine['stepIssue']>[0]): ReturnType<Engine['stepIssue']> {
    const events = await this.#appendOfDevice({ type: 'issue', ...request, at: wallMicros() })
    return events.find(event => event.type === 'issue') ?? null
  }

  async correct(request: Parameters<Engine['correct']>[0]): ReturnType<Engine['correct']> {
    const events = await this.#appendOfDevice({ type: 'correct', ...request, at: wallMicros() })
    return events.find(event => event.type === 'correction') ?? null
  }

  sayIssue(body: Readonly<Record<string, unknown>>): void {
    this.#log.say('issue', {}, body)
  }

  async ledger(): ReturnType<Engine['ledger']> {
    return addLedgers(await Promise.all(this.#workers.map(worker => worker.ledger())))
  }

  lag(): ReturnType<Engine['lag']> {
    const oldest = Math.min(...this.#workers.map(worker => worker.slabs.oldest() ?? Number.POSITIVE_INFINITY))
    return {
      journalMs: oldest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, (wallMicros() - oldest) / 1000),
      messages: this.#workers.reduce((sum, worker) => sum + worker.slabs.messages, 0),
      blocked: this.#workers.flatMap(({ number, blocked }) => (blocked === null ? [] : [{ worker: number, reason: blocked }])),
      failing: this.#failing(),
      damaged: this.#folder.damaged.map(damageText),
      workers: this.#workers.map(({ number, state, restarts }) => ({ worker: number, state, restarts })),
      brokerConnected:
        this.#coordinator === null ? this.#broker !== null : this.#coordinator.connected && this.#workers.every(w => w.connected),
    }
  }

  kept() {
    return this.#keeper.kept()
  }

  devices(): DeviceInfo[] {
    return this.#registry.devices().map(({ device, tenant, patient, births }) => {
      const birth = births.at(-1)
      const partition = this.#registry.partitionOf(device)
      return {
        device,
        tenant,
        patient,
        partition,
        worker: partition % this.#workers.length,
        boot: birth?.boot ?? null,
        clock: birth?.clock ?? null,
        model: birth?.model ?? '',
        firmware: birth?.firmware ?? '',
        streams: birth?.streams ?? [],
      }
    })
  }

  sessions() {
    return this.#book?.list() ?? []
  }

  onWave(listener: (waves: readonly DisplayWave[]) => void): () => void {
    this.#watchers.add(listener)
    if (this.#watchers.size === 1) for (const worker of this.#workers) worker.watch(true)
    return () => {
      this.#watchers.delete(listener)
      if (this.#watchers.size === 0) for (const worker of this.#workers) worker.watch(false)
    }
  }

  readWaveform(...[segments, range]: Parameters<Engine['readWaveform']>): ReturnType<Engine['readWaveform']> {
    return readWaveform(this.#folder.path, segments, range, (device, boot) => this.#registry.birthOf(device, wireBoot(boot)))
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#assigner.stop()
    // First nobody comes in any more; what is not acknowledged the devices keep.
    await this.#broker?.stop()
    await this.#coordinator?.stop().catch(() => {})
    await Promise.all(this.#workers.map(worker => worker.stop()))
    this.#saveRegistry()
    this.#log.close()
    this.#eventLog.close()
    this.#folder.release()
  }

  #workerData(worker: number, count: number, segmentBytes: number): WorkerData {
    const { broker } = this.#config
    return {
      dataDir: this.#folder.path,
      run: this.#folder.run,
      worker,
      partitions: Array.from({ length: partitionCount }, (_, p) => p).filter(p => p % count === worker),
      partitionModule: moduleUrl(this.#config.partitionModule),
      snapshotSeconds: this.#config.snapshotSeconds ?? defaultSnapshotSeconds,
      segmentBytes,
      level: this.#level,
      outside: broker.kind === 'outside' ? { address: broker, clientId: `${this.#outsideId}-w${worker}` } : null,
      devices: this.#devicesOf(worker),
    }
  }

  #devicesOf(worker: number): OwnedDevice[] {
    const owned = this.#registry.devices().map(({ device }) => this.#assigner.ownedDevice(device))
    return owned.filter(({ partition }) => partition % this.#workers.length === worker)
  }

  #receive(message: FromWorker, worker: number): void {
    switch (message.type) {
      case 'logged':
        for (const event of message.sessions) this.#book?.note(event)
        this.#eventLog.wake()
        break
      case 'waves':
        for (const watcher of this.#watchers) watcher(message.waves)
        break
      case 'waters':
        for (const water of message.waters) this.#publish(water.device, 'hw', waterPayload(water, this.#level), true)
        break
      case 'commands':
        for (const command of message.commands) {
          this.#publish(command.device, 'cmd', commandPayload(command, `${this.#folder.run}-m-${this.#nextCommand++}`), false)
        }
        break
      case 'news':
        for (const { type, device, patient, body } of message.news) this.#log.say(type, { device, patient }, body)
        break
      case 'forward':
        this.#take(message.message, () => this.#workers[worker]!.forwarded(message.id))
        break
      case 'blocked': {
        const body = {
          worker,
          state: message.reason === null ? 'unblocked' : 'blocked',
          detail: message.reason ?? 'the disk takes writes again',
        }
        this.#log.say('worker', {}, body)
        break
      }
      case 'link':
        this.#log.say('worker', {}, { worker, state: message.connected ? 'connected' : 'disconnected', detail: message.reason })
        break
      default:
        break
    }
  }

  #publish(device: string, kind: 'hw' | 'cmd', payload: Uint8Array, retain: boolean): void {
    const tenant = this.#registry.device(device)?.tenant
    if (tenant !== undefined) this.#broker?.publish(buildTopic({ tenant, device, kind, stream: '' }), payload, retain)
  }

  /** A message from the embedded broker, or one that a worker got for another. */
  #take(message: Incoming, settled: () => void): void {
    if (message.topic === 'birth') this.#noteBirth(message)
    this.#assigner.route(message, settled)
  }

  #noteBirth(message: Incoming): void {
    this.#assigner.meet(message.device, message.tenant)
    const birth = decodeBirth(message.payload)
    if (!('ok' in birth)) return
    if (this.#registry.noteBirth(message.device, birth.ok)) this.#registryChanged = true
  }

  async #openBroker(): Promise<void> {
    if (this.#config.broker.kind !== 'embedded') return
    const { kind: _, ...options } = this.#config.broker
    this.#broker = await EmbeddedBroker.start({ ...options, now: wallMicros, take: (message, settled) => this.#take(message, settled) })
    this.mqttUrl = this.#broker.url
  }

  async #openCoordinator(broker: OutsideBrokerConfig): Promise<void> {
    this.mqttUrl = broker.url
    this.#coordinator = new OutsideConnection({
      address: broker,
      clientId: `${this.#outsideId}-coordinator`,
      now: wallMicros,
      take: (message, settled) => {
        // The owner gets the birth itself, through its own subscription.
        if (message.topic === 'birth') this.#noteBirth(message)
        settled()
      },
      onState: (connected, detail) =>
        this.#log.say('worker', {}, { worker: null, state: connected ? 'connected' : 'disconnected', detail }),
    })
    await this.#coordinator.ready(startPatienceMs)
  }

  async #watchBirths(broker: OutsideBrokerConfig): Promise<void> {
    await this.#coordinator!.subscribeBirths()
    for (let worker = this.#workers.length; worker < this.#folder.previousWorkers; worker++) {
      await this.#drain(broker, `${this.#outsideId}-w${worker}`)
    }
  }

  /** What the broker kept for a worker that there is no more goes to the owners; then the session is ended. */
  async #drain(broker: OutsideBrokerConfig, clientId: string): Promise<void> {
    let newest = Date.now()
    let waiting = 0
    const connection = new OutsideConnection({
      address: broker,
      clientId,
      now: wallMicros,
      take: (message, settled) => {
        newest = Date.now()
        waiting += 1
        this.#take(message, () => {
          waiting -= 1
          settled()
        })
      },
      onState: () => {},
    })
    await connection.ready(startPatienceMs)
    await connection.unsubscribe(this.#registry.devices())
    while (waiting > 0 || Date.now() - newest < drainedMs) await new Promise(resolve => setTimeout(resolve, 100))
    await connection.stop()
    await forgetSession(broker, clientId)
  }

  /** Journals the configured limits, attributes and oximetry when they are not those that were journaled last. */
  async #configure(): Promise<void> {
    const options = this.#config.partitionOptions
    if (options === undefined) return
    const text = JSON.stringify(options)
    if (text === this.#folder.configuration) return
    const { limits, prescriptions = [], attributes, oximetry = {} } = options
    await this.#appendToAll({
      type: 'limits',
      rules: limits as LimitsRecord['rules'],
      prescriptions,
      attributes,
      oximetry,
      author: 'configuration',
      reason: 'start of the engine',
      at: wallMicros(),
    })
    this.#folder.setConfiguration(text)
  }

  async #appendOfDevice(record: IssueRecord | CorrectRecord): Promise<readonly LoggedEvent[]> {
    const partition = this.#registry.partitionOf(record.device)
    return (await this.#assigner.workerOf(partition).append(partition, record)).events
  }

  async #appendToAll(record: LimitsRecord): Promise<void> {
    const all = Array.from({ length: partitionCount }, (_, p) => p)
    await Promise.all(all.map(partition => this.#assigner.workerOf(partition).append(partition, record)))
  }

  #saveRegistry(): void {
    if (!this.#registryChanged) return
    try {
      this.#registry.save()
      this.#registryChanged = false
      this.#registryFailing = null
    } catch (error) {
      // Tried again; assignments by people are kept before they are confirmed.
      this.#registryFailing = (error as Error).message
    }
  }

  #failing(): { what: string; reason: string }[] {
    const failing = this.#workers.flatMap(({ number, failing: own }) =>
      [...own].map(([what, reason]) => ({ what: `${what} of worker ${number}`, reason })),
    )
    if (this.#registryFailing !== null) failing.push({ what: 'list of devices', reason: this.#registryFailing })
    if (this.#keeper.failing !== null) failing.push({ what: 'deletion of old data', reason: this.#keeper.failing })
    if (this.#log.failing !== null) failing.push({ what: 'system log', reason: this.#log.failing })
    return failing
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms))
  }
}

function moduleUrl(module: string | undefined): string {
  if (module === undefined) return new URL('./partition.js', import.meta.url).href
  return module.startsWith('file:') ? module : pathToFileURL(module).href
}

function theEvent(events: Awaited<ReturnType<WorkerHandle['append']>>['events'], type: string) {
  const event = events.find(candidate => candidate.type === type)
  if (event === undefined)
    throw new VitalwireError('usage-option', `the change made no ${type} event; accepted is a patient that the engine knows`)
  return event
}

function restoredText(replayed: number, problems: readonly string[]): string {
  return [`${replayed} records processed again`, ...problems].join('; ')
}
