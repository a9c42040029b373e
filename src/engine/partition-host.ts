import { join } from 'node:path'
import { DeviceWatch, type DeviceWatchState, type Observed } from '../intake/device-watch.js'
import { HighWaterPacer } from '../intake/high-water-pacer.js'
import type { Slab } from '../intake/incoming.js'
import { type EventLogPosition, EventLogWriter } from '../journal/event-log-writer.js'
import type { JournalReference } from '../journal/journal.js'
import type { JournalLevel } from '../journal/journal-level.js'
import { LocalJournal, type Piece, type WrittenRecord } from '../journal/local-journal.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { describeLines, type LoggedLines, readLoggedLines } from '../journal/logged-lines.js'
import type { JournalRecord, MessageRecord } from '../journal/record.js'
import { decodeRecord, encodeRecord } from '../journal/record-codec.js'
import { recordHeaderBytes } from '../journal/segment-format.js'
import { indexSegments, nextOffsets } from '../journal/segment-index.js'
import { damageText } from '../journal/segment-repair.js'
import { SnapshotStore } from '../journal/snapshot-store.js'
import type { DeviceCommand, DisplayWave, HighWater, Ledger, PartitionMachine, PartitionSink } from './partition-types.js'
import { type EnteredState, WaveIndex } from './wave-index.js'
import type { Found, HandedOver, ReleasedDevice, WorkerNews } from './worker-messages.js'

/** Parts of a data folder. */
export const folders = { journal: 'journal', events: 'events', snapshots: 'snapshots' } as const

export interface HostOptions {
  readonly dataDir: string
  readonly run: number
  readonly worker: number
  readonly partitions: readonly number[]
  readonly segmentBytes: number
  /** Default `process`. */
  readonly level?: JournalLevel
  readonly create: (partition: number) => PartitionMachine
  /** Wall time, microseconds. */
  readonly now: () => number
  readonly output: HostOutput
}

/** What comes of processing besides the event log. */
export interface HostOutput {
  command(command: DeviceCommand): void
  highWater(water: HighWater): void
  wave(wave: DisplayWave): void
  wavesWanted(): boolean
  /** An event of type `session` was logged. */
  session(event: LoggedEvent): void
  news(news: WorkerNews): void
  /** The event log has grown, whoever made it: its readers are to be woken. */
  logged(): void
}

/** Records in the order in which they are to be journaled and processed, with what intake saw in them. */
export interface Batch {
  readonly pieces: Piece[]
  readonly entries: { partition: number; record: JournalRecord; observed: Observed | null }[]
  written: WrittenRecord[] | null
  processed: boolean
  /** Events that came of it, when somebody wants them. */
  readonly events: LoggedEvent[] | null
}

interface HostDevice {
  readonly watch: DeviceWatch
  patient: string | null
}

interface HostState {
  machine: unknown
  devices: {
    device: string
    patient: string | null
    watch: DeviceWatchState
    water: HighWater | null
    /** Left out by versions before it was kept. */
    entered?: [string, EnteredState][]
  }[]
  released?: [string, HandedOver][]
}

interface Hosted {
  readonly machine: PartitionMachine
  readonly devices: Map<string, HostDevice>
  /** Released and not known to be adopted elsewhere: the only copy of their state until then. */
  readonly released: Map<string, HandedOver>
  /** Offset that the newest snapshot stands for, and milliseconds that its machine has worked since. */
  snapshotAt: number
  sinceMs: number
}

/**
 * A worker's partitions with their journal, event log and snapshots; everything that happens in order happens here, in
 * one thread. A batch goes through three steps, each of which can be tried again while the disk refuses it: `commit`
 * (journal; then it may be acknowledged), `process`, `flush` (event log).
 */
export class PartitionHost {
  readonly #options: HostOptions
  readonly #hosted = new Map<number, Hosted>()
  readonly #journal: LocalJournal
  readonly #events: EventLogWriter
  readonly #snapshots: SnapshotStore
  readonly #waves = new WaveIndex()
  readonly #pacer: HighWaterPacer<HighWater>
  readonly #sink: PartitionSink
  /** Of the record in hand. */
  #lines = ''
  #collect: LoggedEvent[] | null = null
  #refused = false
  #sessions: LoggedEvent[] = []
  #replaying = true
  #turn = 0

  /** Reads snapshots and the journal's tail: afterwards the partitions are as they were. */
  constructor(options: HostOptions) {
    this.#options = options
    const { dataDir, run, worker, segmentBytes, level = 'process' } = options
    const own = { run, worker }
    const journalIndex = indexSegments('journal', join(dataDir, folders.journal), own)
    const eventIndex = indexSegments('events', join(dataDir, folders.events), own)
    this.#journal = new LocalJournal(journalIndex, own, segmentBytes, level)
    this.#events = new EventLogWriter(eventIndex, own, segmentBytes, level)
    this.#snapshots = new SnapshotStore(join(dataDir, folders.snapshots))
    this.#pacer = new HighWaterPacer(water => options.output.highWater(water))
    this.#sink = this.#makeSink()
    const problems: string[] = []
    const tails = this.#loadSnapshots(problems)
    const logged = readLoggedLines(eventIndex, tails)
    const loggedUpTo = nextOffsets(eventIndex)
    this.replayed = this.#replay(tails, logged, loggedUpTo)
    this.problems = [...problems, ...this.#journal.damaged.map(damageText)]
    this.#replaying = false
    const now = options.now()
    for (const { devices } of this.#hosted.values()) for (const { watch } of devices.values()) watch.resume(now)
  }

  /** Records of the tail that were processed again at start, and snapshots that were passed over. */
  readonly replayed: number
  readonly problems: readonly string[]

  found(): Found {
    const devices = [...this.#hosted].flatMap(([partition, hosted]) =>
      [...hosted.devices].map(([device, { patient }]) => ({ partition, device, patient })),
    )
    const released = [...this.#hosted].flatMap(([partition, hosted]) =>
      [...hosted.released].map(([device, handed]): ReleasedDevice => ({ partition, device, ...handed })),
    )
    return { devices, released, replayed: this.replayed, problems: this.problems }
  }

  ledgers(): Ledger[] {
    return [...this.#hosted.values()].map(({ machine }) => machine.ledger())
  }

  /** Messages as they came from intake; anchors that they call for are put in before them. */
  planSlab(slab: Slab): Batch {
    const bytes = Buffer.from(slab.buffer)
    const batch: Batch = { pieces: [], entries: [], written: null, processed: false, events: null }
    let begin = 0
    let at = 0
    let partitions: number[] = []
    for (const partition of slab.partitions) {
      const end = at + recordHeaderBytes + bytes.readUInt32LE(at)
      const record = decodeRecord(bytes[at + 10]!, bytes.subarray(at + recordHeaderBytes, end)) as MessageRecord
      const observed = this.#deviceOf(partition, record.device).watch.observe(record)
      if (observed.anchors.length > 0) {
        if (at > begin) batch.pieces.push({ bytes: bytes.subarray(begin, at), partitions })
        partitions = []
        begin = at
        for (const anchor of observed.anchors) this.#plan(batch, partition, anchor)
      }
      batch.entries.push({ partition, record, observed })
      partitions.push(partition)
      at = end
    }
    if (at > begin) batch.pieces.push({ bytes: bytes.subarray(begin, at), partitions })
    return batch
  }

  planRecords(records: readonly { partition: number; record: JournalRecord }[]): Batch {
    const batch: Batch = { pieces: [], entries: [], written: null, processed: false, events: [] }
    for (const { partition, record } of records) this.#plan(batch, partition, record)
    return batch
  }

  /** Silence ticks that are due; null: none. */
  planTicks(): Batch | null {
    const now = this.#options.now()
    const records: { partition: number; record: JournalRecord }[] = []
    for (const [partition, { devices }] of this.#hosted) {
      const newest = new Map<string | null, number>()
      for (const { watch, patient } of devices.values()) {
        newest.set(patient, Math.max(newest.get(patient) ?? Number.NEGATIVE_INFINITY, watch.newest()))
      }
      for (const { watch, patient } of devices.values()) {
        for (const record of watch.ticks(now, newest.get(patient)!)) records.push({ partition, record })
      }
    }
    return records.length === 0 ? null : this.planRecords(records)
  }

  /** Journals the batch. Throws `disk-write`, and then nothing of it is kept; it may be tried again. */
  commit(batch: Batch): void {
    batch.written ??= this.#journal.appendPieces(batch.pieces)
  }

  /** Calls back once every batch that was committed until now is on the disk, or why it is not. */
  sync(done: (error: Error | null) => void): void {
    this.#journal.sync(done)
  }

  syncNow(): void {
    this.#journal.syncNow()
  }

  /**
   * Takes back what a failed sync leaves in doubt; `batches` are all that were committed since one that held, in order.
   * Those that are not `written` afterwards are to be committed again. Throws `disk-write`.
   */
  rewind(batches: readonly Batch[]): void {
    const taken = this.#journal.rewind(batches.map(({ written }) => written ?? []))
    for (const [k, batch] of batches.entries()) if (taken[k]) batch.written = null
  }

  process(batch: Batch): void {
    if (batch.processed) return
    batch.processed = true
    this.#collect = batch.events
    for (const [k, { partition, record, observed }] of batch.entries.entries()) {
      const written = batch.written![k]!
      const lines = this.#run(partition, record, written.offset, observed, written)
      if (lines !== '') this.#addEvents(partition, written.offset, lines)
    }
    this.#collect = null
    this.#events.addSegments(this.#waves.take())
  }

  /** Writes the events. Throws `disk-write`, and keeps them. */
  flush(): void {
    if (this.#events.flush()) this.#options.output.logged()
  }

  /** State of a device for the partition that adopts it; to be asked once its release is processed. */
  handedOver(partition: number, device: string): HandedOver | null {
    return this.#hosted.get(partition)?.released.get(device) ?? null
  }

  /** To be called about once a second. Throws `disk-write`. */
  tick(): void {
    const now = this.#options.now()
    this.#pacer.tick(now)
    this.#waves.closeIdle(now)
    this.#events.addSegments(this.#waves.take())
    this.flush()
  }

  /** Snapshot of the next partition that has moved since its last one. Throws `disk-write`. */
  snapshotNext(): boolean {
    const all = [...this.#hosted.keys()]
    for (let k = 0; k < all.length; k++) {
      this.#turn = (this.#turn + 1) % all.length
      if (this.#snapshot(all[this.#turn]!)) return true
    }
    return false
  }

  /** Milliseconds of work that a restart would have to do again. */
  get replayMs(): number {
    let sum = 0
    for (const { sinceMs } of this.#hosted.values()) sum += sinceMs
    return sum
  }

  /** Snapshot of the partition that a restart would have to work on longest. Throws `disk-write`. */
  snapshotLongest(): void {
    const [partition] = [...this.#hosted].reduce((longest, entry) => (entry[1].sinceMs > longest[1].sinceMs ? entry : longest))
    this.#snapshot(partition)
  }

  snapshotAll(): void {
    for (const partition of this.#hosted.keys()) this.#snapshot(partition)
  }

  close(): void {
    this.#waves.closeAll()
    this.#events.addSegments(this.#waves.take())
    this.flush()
    this.#events.close()
    this.#journal.close()
  }

  #plan(batch: Batch, partition: number, record: JournalRecord): void {
    batch.pieces.push({ bytes: encodeRecord(partition, record), partitions: [partition] })
    batch.entries.push({ partition, record, observed: null })
  }

  #loadSnapshots(problems: string[]): Map<number, { offset: number; after: EventLogPosition | null }> {
    const tails = new Map<number, { offset: number; after: EventLogPosition | null }>()
    for (const partition of this.#options.partitions) {
      const machine = this.#options.create(partition)
      const hosted: Hosted = { machine, devices: new Map(), released: new Map(), snapshotAt: 0, sinceMs: 0 }
      this.#hosted.set(partition, hosted)
      const snapshot = this.#snapshots.load(partition, this.#journal.nextOffset(partition), problem => problems.push(problem))
      tails.set(partition, { offset: snapshot?.offset ?? 0, after: snapshot?.eventPosition ?? null })
      if (snapshot === null) continue
      hosted.snapshotAt = snapshot.offset
      const state = snapshot.state as HostState
      machine.load(state.machine)
      for (const [device, handed] of state.released ?? []) hosted.released.set(device, handed)
      for (const { device, patient, watch, water, entered } of state.devices) {
        const entry = { watch: new DeviceWatch(device), patient }
        entry.watch.load(watch)
        hosted.devices.set(device, entry)
        if (water !== null) this.#pacer.remember(water)
        this.#waves.loadDevice(device, entered ?? [])
      }
    }
    return tails
  }

  /** Processes the journal's tail again. What is in the event log already must come out the same and is not written twice. */
  #replay(
    tails: ReadonlyMap<number, { offset: number }>,
    logged: ReadonlyMap<number, ReadonlyMap<number, LoggedLines>>,
    loggedUpTo: ReadonlyMap<number, number>,
  ): number {
    let count = 0
    for (const { partition, offset, record, reference } of this.#journal.readMany(
      new Map([...tails].map(([p, tail]) => [p, tail.offset])),
    )) {
      count += 1
      const observed = record.type === 'message' ? this.#deviceOf(partition, record.device).watch.observe(record) : null
      const lines = this.#run(partition, record, offset, observed, reference)
      if (offset >= (loggedUpTo.get(partition) ?? 0)) {
        if (lines !== '') this.#addEvents(partition, offset, lines)
      } else {
        const there = logged.get(partition)?.get(offset)
        const again = lines === '' ? undefined : describeLines(lines)
        if (there?.bytes !== again?.bytes || there?.crc !== again?.crc) {
          const body = { event: `${partition}-${offset}-0`, detail: 'processed again, the record gave other events than those in the log' }
          this.#options.output.news({ type: 'mismatch', device: '', patient: '', body })
        }
      }
      this.#events.addSegments(this.#waves.take())
      if (this.#events.waitingBytes > 1024 * 1024) this.flush()
    }
    this.flush()
    return count
  }

  /** One record through its partition; returns its events as JSON lines. */
  #run(partition: number, record: JournalRecord, offset: number, observed: Observed | null, place: JournalReference): string {
    const hosted = this.#hosted.get(partition)!
    const entered = this.#before(hosted, partition, record, observed, place)
    this.#lines = ''
    this.#refused = false
    this.#sessions = []
    const begun = performance.now()
    try {
      hosted.machine.process(record, offset, this.#sink)
    } catch (error) {
      // The same record would end the next worker too. The others' monitoring goes on, and the system log says so.
      const detail = `record ${partition}-${offset} (${record.type}) failed: ${(error as Error).stack ?? String(error)}`
      this.#options.output.news({
        type: 'worker',
        device: '',
        patient: '',
        body: { worker: this.#options.worker, state: 'record-failed', detail },
      })
    }
    hosted.sinceMs += performance.now() - begun
    if (entered !== null && this.#refused && record.type === 'message') this.#waves.undo(record, entered)
    if (record.type === 'release') {
      hosted.devices.delete(record.device)
      this.#pacer.forget(record.device)
      this.#waves.forgetDevice(record.device)
    }
    if (record.type === 'message' && record.topic === 'birth' && !this.#replaying) this.#pacer.connected(record.device, this.#options.now())
    return this.#lines
  }

  #addEvents(partition: number, offset: number, lines: string): void {
    this.#events.addEvents(partition, offset, lines)
    for (const event of this.#sessions) this.#options.output.session(event)
  }

  /** Returns the chunk that was entered in the index of raw chunks, if the record is one. */
  #before(
    hosted: Hosted,
    partition: number,
    record: JournalRecord,
    observed: Observed | null,
    place: JournalReference,
  ): Observed['placed'] {
    if (record.type === 'message') {
      const { device, stream, at } = record
      const { patient } = this.#deviceOf(partition, device)
      if (observed === null) return null
      const { placed } = observed
      const entered = placed !== null && patient !== null && this.#waves.add({ patient, device, stream }, placed, place, at)
      if (observed.news !== null && !this.#replaying) {
        this.#options.output.news({ type: 'clock', device, patient: patient ?? '', body: { stream, ...observed.news } })
      }
      return entered ? placed : null
    }
    if (record.type === 'release') this.#keepReleased(hosted, record.device)
    else if (record.type === 'handed') hosted.released.delete(record.device)
    else if (record.type === 'tick') hosted.devices.get(record.device)?.watch.noteTick(record)
    else if (record.type === 'adopt') {
      const entry = this.#deviceOf(partition, record.device)
      entry.patient = record.patient
      hosted.released.delete(record.device)
      if (record.watch !== undefined && record.watch !== null) entry.watch.load(record.watch as DeviceWatchState)
    }
    return null
  }

  /** A release that is asked for again, after a worker died before it answered, finds the state of the first. */
  #keepReleased(hosted: Hosted, device: string): void {
    if (hosted.released.has(device)) return
    const machine = hosted.machine as PartitionMachine & { handOver?(device: string): unknown }
    hosted.released.set(device, {
      state: machine.handOver?.(device) ?? null,
      watch: hosted.devices.get(device)?.watch.save() ?? null,
    })
  }

  #deviceOf(partition: number, device: string): HostDevice {
    const { devices } = this.#hosted.get(partition)!
    let entry = devices.get(device)
    if (entry === undefined) devices.set(device, (entry = { watch: new DeviceWatch(device), patient: null }))
    return entry
  }

  /** False when nothing has come since the last one. */
  #snapshot(partition: number): boolean {
    const hosted = this.#hosted.get(partition)!
    const offset = this.#journal.nextOffset(partition)
    if (offset === hosted.snapshotAt) return false
    // Rows and events of everything before the snapshot must be in the log: nobody will make them again.
    this.#waves.closeAll()
    this.#events.addSegments(this.#waves.take())
    this.flush()
    if (this.#options.level === 'power') this.#events.syncNow()
    const state: HostState = {
      machine: hosted.machine.save(),
      devices: [...hosted.devices].map(([device, { patient, watch }]) => ({
        device,
        patient,
        watch: watch.save(),
        water: this.#pacer.latest(device) ?? null,
        entered: this.#waves.saveDevice(device),
      })),
      released: [...hosted.released],
    }
    this.#snapshots.save({ partition, offset, eventPosition: this.#events.position(), state })
    hosted.snapshotAt = offset
    hosted.sinceMs = 0
    return true
  }

  #makeSink(): PartitionSink {
    const { output } = this.#options
    return {
      event: event => {
        if (event.type === 'condition') this.#waves.closePatient(event.patient)
        this.#lines += JSON.stringify(event) + '\n'
        this.#collect?.push(event)
        if (event.type === 'session') this.#sessions.push(event)
        if (event.type === 'refused') this.#refused = true
      },
      command: command => {
        if (!this.#replaying) output.command(command)
      },
      highWater: water => {
        if (this.#replaying) this.#pacer.remember(water)
        else this.#pacer.note(water, this.#options.now())
      },
      wave: wave => {
        if (!this.#replaying) output.wave(wave)
      },
      wavesWanted: () => !this.#replaying && output.wavesWanted(),
    }
  }
}
