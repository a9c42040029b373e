import { VitalwireError } from '../errors.js'
import { type Incoming, packSlab, type Routed, slabMessages } from '../intake/incoming.js'
import { OutsideConnection } from '../intake/outside-connection.js'
import { GroupSync } from '../journal/group-sync.js'
import type { JournalLevel } from '../journal/journal-level.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { encodeCommand, encodeHighWater } from '../wire/commands.js'
import { buildTopic } from '../wire/topics.js'
import { JobQueue } from './job-queue.js'
import { addLedgers } from './ledger-sum.js'
import { type Batch, type HostOutput, PartitionHost } from './partition-host.js'
import type { DeviceCommand, DisplayWave, HighWater, PartitionMachine } from './partition-types.js'
import type { FromWorker, OwnedDevice, ToWorker, WorkerData, WorkerNews } from './worker-messages.js'

/** Display waves that wait to be posted; more are dropped. */
const mostWaves = 2000
const wavesEveryMs = 100
/** Readers of the event log are woken at most this often by one worker. */
const loggedEveryMs = 5
/** Work of its partitions that a restart may have to do again, milliseconds; beyond it snapshots are taken out of turn. */
const longestReplayMs = 2000
/** Such snapshots may take one part in so many of a worker's time. */
const snapshotPause = 9
/** How what is not written is called in `EngineLag.failing`. */
const snapshots = 'snapshots'

export function wallMicros(): number {
  return Date.now() * 1000
}

/** A batch on its way. `journaled` tells whoever waits for the acknowledgement, `done` whoever waits for what came of it. */
interface Work {
  readonly batch: Batch
  readonly journaled: () => void
  readonly done: () => void
  confirmed: boolean
}

/** What a worker thread does with messages, timers and, behind an outside broker, its own connection. */
export class WorkerLoop {
  readonly #data: WorkerData
  readonly #post: (message: FromWorker, transfer?: ArrayBuffer[]) => void
  readonly #jobs: JobQueue
  readonly #host: PartitionHost
  /** At level `power`: what is written and not on the disk yet. */
  readonly #group: GroupSync<Work>
  readonly #owned = new Map<string, OwnedDevice>()
  /** Released, and not owned again or given up yet: what still comes of them goes to whoever adopts them. */
  readonly #leaving = new Set<string>()
  readonly #forwarding = new Map<number, () => void>()
  #connection: OutsideConnection | null = null
  #arrived: (Routed & { readonly settled: () => void })[] = []
  #watching = false
  #snapshotFailing = false
  #ticking = false
  #nextShortening = 0
  #loggedTimer: NodeJS.Timeout | undefined
  #nextForward = 1
  #nextCommand = 1
  readonly #timers: NodeJS.Timeout[] = []
  #waves: DisplayWave[] = []
  #waters: HighWater[] = []
  #commands: DeviceCommand[] = []
  #sessions: LoggedEvent[] = []
  #news: WorkerNews[] = []

  constructor(
    data: WorkerData,
    create: (partition: number) => PartitionMachine,
    post: (message: FromWorker, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#data = data
    this.#post = post
    this.#jobs = new JobQueue(reason => post({ type: 'blocked', reason }))
    for (const device of data.devices) this.#owned.set(device.device, device)
    const { dataDir, run, worker, partitions, segmentBytes, level } = data
    const output = this.#output()
    this.#host = new PartitionHost({ dataDir, run, worker, partitions, segmentBytes, level, create, now: wallMicros, output })
    this.#group = new GroupSync({
      sync: done => this.#host.sync(done),
      syncNow: () => this.#host.syncNow(),
      onKept: works => {
        for (const work of works) this.#kept(work)
      },
      onFailed: (works, error) => this.#writeAgain(works, error),
    })
  }

  /** Says that the partitions are restored. */
  start(): void {
    const { snapshotSeconds, partitions } = this.#data
    this.#post({ type: 'ready', ...this.#host.found() })
    this.#say()
    this.#every(250, () => this.#ticks())
    this.#every(1000, () =>
      this.#whenFree(() => {
        this.#host.tick()
        this.#tell()
      }),
    )
    this.#every(wavesEveryMs, () => this.#postWaves())
    this.#every(Math.max(50, (snapshotSeconds * 1000) / Math.max(1, partitions.length)), () =>
      this.#snapshot(() => this.#host.snapshotNext()),
    )
    this.#every(250, () => this.#shortenReplay())
  }

  /**
   * Behind an outside broker: takes what it keeps for this worker and what comes. Not before registry and journal agree,
   * as a device whose hand-over was cut short would begin anew here.
   */
  async #open(): Promise<void> {
    const { outside } = this.#data
    if (outside === null || this.#connection !== null) return
    this.#connection = new OutsideConnection({
      address: outside.address,
      clientId: outside.clientId,
      now: wallMicros,
      take: (message, settled) => this.#take(message, settled),
      onState: (connected, reason) => this.#post({ type: 'link', connected, reason }),
    })
    // Once the broker answers; until then the connection keeps in mind what it has to subscribe to.
    await this.#connection.subscribe([...this.#owned.values()])
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'slab':
        this.#work(
          () => this.#host.planSlab(message.slab),
          () => this.#post({ type: 'journaled', id: message.id }),
        )
        break
      case 'append':
        this.#append(message)
        break
      case 'ledger':
        this.#post({ type: 'ledger', id: message.id, ledger: addLedgers(this.#host.ledgers()) })
        break
      case 'watch':
        this.#watching = message.on
        break
      case 'own':
        for (const device of message.devices) {
          this.#owned.set(device.device, device)
          this.#leaving.delete(device.device)
        }
        this.#answer(message.id, this.#connection?.subscribe(message.devices))
        break
      case 'disown':
        for (const { device } of message.devices) {
          this.#owned.delete(device)
          this.#leaving.delete(device)
        }
        this.#answer(message.id, this.#connection?.unsubscribe(message.devices))
        break
      case 'forwarded': {
        const settled = this.#forwarding.get(message.id)
        this.#forwarding.delete(message.id)
        settled?.()
        break
      }
      case 'open':
        this.#open().catch((error: Error) => this.#post({ type: 'link', connected: false, reason: error.message }))
        break
      case 'stop':
        void this.#stop()
        break
    }
  }

  #append(message: Extract<ToWorker, { type: 'append' }>): void {
    this.#takeArrived()
    const { id, partition, record } = message
    let batch: Batch | null = null
    this.#work(
      () => {
        // What comes of a released device from now on is for whoever adopts it, and must not stand behind the release here.
        if (record.type === 'release') this.#leaving.add(record.device)
        batch = this.#host.planRecords([{ partition, record }])
        return batch
      },
      () => {},
      () => {
        const handed = record.type === 'release' ? this.#host.handedOver(partition, record.device) : null
        this.#post({ type: 'appended', id, events: batch?.events ?? [], handed })
      },
    )
  }

  /** A message of this worker's own connection; one for a partition of another worker goes there first. */
  #take(message: Incoming, settled: () => void): void {
    const owner = this.#owned.get(message.device)
    if (owner === undefined || this.#leaving.has(message.device)) {
      const id = this.#nextForward++
      this.#forwarding.set(id, settled)
      this.#post({ type: 'forward', id, message: { ...message, payload: Uint8Array.from(message.payload) } })
      return
    }
    this.#arrived.push({ partition: owner.partition, message, settled })
    if (this.#arrived.length >= slabMessages) this.#takeArrived()
    else if (this.#arrived.length === 1) setImmediate(() => this.#takeArrived())
  }

  /** What came in one turn goes into the journal with one write. */
  #takeArrived(): void {
    const arrived = this.#arrived
    if (arrived.length === 0) return
    this.#arrived = []
    this.#work(
      () => this.#host.planSlab(packSlab(arrived)),
      () => {
        for (const { settled } of arrived) settled()
      },
    )
  }

  /** Journals, confirms, processes, logs; each once, however often the disk refuses. */
  #work(plan: () => Batch, journaled: () => void, done: () => void = () => {}): void {
    let work: Work | null = null
    this.#jobs.add(() => {
      work ??= { batch: plan(), journaled, done, confirmed: false }
      this.#host.commit(work.batch)
      if (this.#data.level === 'power') this.#group.add(work, bytesOf(work.batch), work.batch.entries.length)
      else this.#finish(work)
    })
  }

  /** Level `power`: it is on the disk. Whoever sent it hears so although the event log may have to wait for space. */
  #kept(work: Work): void {
    this.#confirm(work)
    this.#jobs.add(() => this.#finish(work))
  }

  #confirm(work: Work): void {
    if (!work.confirmed) work.journaled()
    work.confirmed = true
  }

  #finish(work: Work): void {
    this.#confirm(work)
    this.#host.process(work.batch)
    this.#host.flush()
    work.done()
    this.#tell()
  }

  /** What a sync that failed leaves in doubt is taken back and written elsewhere, before anything else is. */
  #writeAgain(works: readonly Work[], error: Error): void {
    const batches = works.map(({ batch }) => batch)
    let told = false
    let rewound = false
    const again = () => {
      if (!told) {
        told = true
        throw new VitalwireError(
          'disk-write',
          `${this.#data.dataDir}: the journal cannot be synced: ${error.message}; nothing of it was acknowledged`,
        )
      }
      if (!rewound) this.#host.rewind(batches)
      rewound = true
      for (const work of works) this.#host.commit(work.batch)
      for (const work of works) this.#group.add(work, bytesOf(work.batch), work.batch.entries.length)
    }
    // It may have been a job that found out.
    setImmediate(() => this.#jobs.addFirst(again))
  }

  #ticks(): void {
    if (this.#jobs.length > 0 || this.#ticking) return
    const batch = this.#host.planTicks()
    if (batch === null) return
    // Until they have been processed the same ones would be due again.
    this.#ticking = true
    this.#work(
      () => batch,
      () => {},
      () => {
        this.#ticking = false
      },
    )
  }

  /** Housekeeping waits while there is work that the disk refuses. */
  #whenFree(job: () => void): void {
    if (this.#jobs.length === 0) this.#jobs.add(job)
  }

  /** Under load the interval alone would let more work pile up for a restart than it may take. */
  #shortenReplay(): void {
    if (this.#host.replayMs < longestReplayMs || performance.now() < this.#nextShortening) return
    this.#snapshot(() => {
      const begun = performance.now()
      this.#host.snapshotLongest()
      this.#nextShortening = performance.now() + snapshotPause * (performance.now() - begun)
      return true
    })
  }

  /** A snapshot stands for all that was planned: what waits for the disk goes before it. */
  #snapshot(take: () => boolean): void {
    this.#whenFree(() => {
      this.#group.settle()
      this.#jobs.add(() => this.#trySnapshot(take))
    })
  }

  /** A snapshot that cannot be written makes the next start longer and stops nothing; it is said once. */
  #trySnapshot(take: () => boolean): void {
    try {
      if (!take() || !this.#snapshotFailing) return
      this.#snapshotFailing = false
      this.#post({ type: 'failing', what: snapshots, reason: null })
    } catch (error) {
      const reason = (error as Error).message
      const body = { worker: this.#data.worker, state: 'snapshot-failed', detail: reason }
      if (!this.#snapshotFailing) this.#news.push({ type: 'worker', device: '', patient: '', body })
      this.#snapshotFailing = true
      this.#post({ type: 'failing', what: snapshots, reason })
    }
  }

  #answer(id: number, work: Promise<void> | undefined): void {
    const done = () => this.#post({ type: 'owned', id })
    // A connection that is away subscribes again by itself.
    if (work === undefined) done()
    else work.then(done, done)
  }

  #tell(): void {
    // A session's end is known here before its device hears of it.
    if (this.#sessions.length > 0) this.#postLogged()
    this.#say()
  }

  #postLogged(): void {
    clearTimeout(this.#loggedTimer)
    this.#loggedTimer = undefined
    this.#post({ type: 'logged', sessions: this.#sessions.splice(0) })
  }

  /** Passes on what the partitions have said to devices and to the system log. */
  #say(): void {
    if (this.#news.length > 0) this.#post({ type: 'news', news: this.#news.splice(0) })
    if (this.#connection === null) {
      if (this.#waters.length > 0) this.#post({ type: 'waters', waters: this.#waters.splice(0) })
      if (this.#commands.length > 0) this.#post({ type: 'commands', commands: this.#commands.splice(0) })
      return
    }
    for (const water of this.#waters.splice(0)) {
      const tenant = this.#owned.get(water.device)?.tenant
      if (tenant !== undefined)
        this.#connection.publish(
          buildTopic({ tenant, device: water.device, kind: 'hw', stream: '' }),
          waterPayload(water, this.#data.level),
          true,
        )
    }
    for (const command of this.#commands.splice(0)) {
      const tenant = this.#owned.get(command.device)?.tenant
      if (tenant === undefined) continue
      const id = `${this.#data.run}-${this.#data.worker}-${this.#nextCommand++}`
      this.#connection.publish(buildTopic({ tenant, device: command.device, kind: 'cmd', stream: '' }), commandPayload(command, id), false)
    }
  }

  #postWaves(): void {
    if (this.#waves.length === 0) return
    const waves = this.#waves
    this.#waves = []
    if (!this.#watching) return
    // The values may be views of one buffer; each goes in a buffer of its own, which is handed over.
    const own = waves.map(wave => ({ ...wave, values: wave.values.slice() }))
    this.#post(
      { type: 'waves', waves: own },
      own.map(wave => wave.values.buffer),
    )
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms))
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#connection?.stop()
    this.#takeArrived()
    // A disk that refuses must not keep the engine from ending: what was acknowledged stands in the journal.
    this.#jobs.add(() => this.#group.settle())
    await Promise.race([this.#jobs.idle(), new Promise(resolve => setTimeout(resolve, 2000))])
    try {
      if (this.#group.length === 0 && this.#jobs.length === 0) this.#host.snapshotAll()
      this.#host.close()
    } catch {
      // The next start reads the tail.
    }
    this.#postLogged()
    this.#say()
    this.#post({ type: 'stopped' })
    setImmediate(() => process.exit(0))
  }

  #output(): HostOutput {
    return {
      command: command => this.#commands.push(command),
      highWater: water => this.#waters.push(water),
      wave: wave => {
        if (this.#waves.length < mostWaves) this.#waves.push(wave)
      },
      wavesWanted: () => this.#watching,
      session: event => this.#sessions.push(event),
      news: news => this.#news.push(news),
      logged: () => {
        this.#loggedTimer ??= setTimeout(() => this.#postLogged(), loggedEveryMs)
      },
    }
  }
}

function bytesOf(batch: Batch): number {
  return batch.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

export function waterPayload(water: HighWater, level: JournalLevel): Uint8Array {
  const { boot, streams, final, eventHash, eventCount } = water
  return encodeHighWater({ boot, level, streams, ...(final ? { final, eventHash, eventCount } : {}) })
}

export function commandPayload(command: DeviceCommand, id: string): Uint8Array {
  if (command.cmd === 'rebirth') return encodeCommand({ id, cmd: 'rebirth' })
  return encodeCommand({ id, cmd: 'resend', stream: command.stream, from: command.from, to: command.to })
}
