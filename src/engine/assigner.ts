import { VitalwireError } from '../errors.js'
import type { Incoming } from '../intake/incoming.js'
import { partitionOf, pseudonym } from '../intake/placement.js'
import type { RegisteredAssignment, Registry } from '../intake/registry.js'
import { identifier } from '../wire/topics.js'
import type { Assignment, AssignmentRequest } from './engine-types.js'
import type { WorkerHandle } from './worker-handle.js'
import { wallMicros } from './worker-loop.js'
import type { HandedOver, HeldDevice, OwnedDevice, ReleasedDevice } from './worker-messages.js'

const patientIds = /^[\p{L}\p{N}._:@-]{1,64}$/u
/** A start this close to now, or in the past, takes effect at once. */
const soonMicros = 1_000_000
/** The longest wait that a timer can be set to. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Moves devices between patients. A hand-over is journaled: `release` in the partition that had the device, `adopt` with
 * its state in the one that gets it; what the device sends meanwhile waits.
 */
export class Assigner {
  readonly #registry: Registry
  readonly #workers: readonly WorkerHandle[]
  readonly #auto: boolean
  /** Behind an outside broker subscriptions move too. */
  readonly #outside: boolean
  readonly #onChange: () => void
  readonly #moving = new Map<string, (() => void)[]>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** Hand-overs go one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: { registry: Registry; workers: readonly WorkerHandle[]; auto: boolean; outside: boolean; onChange: () => void }) {
    this.#registry = options.registry
    this.#workers = options.workers
    this.#auto = options.auto
    this.#outside = options.outside
    this.#onChange = options.onChange
  }

  workerOf(partition: number): WorkerHandle {
    return this.#workers[partition % this.#workers.length]!
  }

  ownedDevice(device: string): OwnedDevice {
    return { device, tenant: this.#registry.device(device)?.tenant ?? '', partition: this.#registry.partitionOf(device) }
  }

  /** Hands a message to the worker that has its device now. */
  route(message: Incoming, settled: () => void): void {
    const waiting = this.#moving.get(message.device)
    if (waiting !== undefined) {
      waiting.push(() => this.route(message, settled))
      return
    }
    this.meet(message.device, message.tenant)
    const partition = this.#registry.partitionOf(message.device)
    this.workerOf(partition).offer({ partition, message }, settled)
  }

  /** Enters a device that is new; with automatic assignment it has a patient from then on. */
  meet(device: string, tenant: string): void {
    const known = this.#registry.device(device)
    const tenantBefore = known?.tenant
    const entry = this.#registry.enter(device, tenant)
    // What was found in the journal only has no tenant until the device is heard.
    if (tenantBefore !== undefined && tenantBefore !== tenant && this.#outside) {
      const owned = this.ownedDevice(device)
      void this.workerOf(owned.partition).own([owned])
    }
    if (known !== undefined && (known.patient !== null || !this.#auto || this.#registry.wasAssigned(device))) return
    if (this.#auto) this.#registry.assign(autoAssignment(device), true, false)
    const owned = this.ownedDevice(device)
    const worker = this.workerOf(owned.partition)
    // The same port carries the messages, so the record stands before the first of them.
    if (entry.patient !== null) void worker.append(owned.partition, adoptRecord(device, entry.patient, 0, 'engine', 'automatic', null))
    if (this.#outside) void worker.own([owned])
    this.#onChange()
  }

  async assign(request: AssignmentRequest): Promise<Assignment> {
    const { device, patient } = request
    if (!identifier.test(device)) throw mistake(`device ${JSON.stringify(device)}: accepted is ${identifier.source}`)
    if (patient !== null && !patientIds.test(patient)) {
      throw mistake(`patient ${JSON.stringify(patient)}: accepted are 1 to 64 letters, digits and . _ : @ -`)
    }
    const now = wallMicros()
    const assignment: RegisteredAssignment = {
      device,
      patient,
      from: request.from ?? now,
      to: request.to ?? null,
      author: request.author,
      reason: request.reason,
    }
    if (assignment.to !== null && assignment.to <= Math.max(assignment.from, now)) {
      throw mistake(`to ${assignment.to}: accepted is a time after from and after now, in microseconds`)
    }
    if (patient !== null) this.#registry.checkMix(device, patient)
    this.#registry.enter(device, this.#registry.device(device)?.tenant ?? 'default')
    const later = assignment.from > now + soonMicros
    if (later) this.#registry.assign(assignment, false, true)
    else await this.#queue(() => this.#move(assignment))
    this.schedule(assignment)
    return assignment
  }

  /** Sets the timers of an assignment that begins or ends later. */
  schedule(assignment: RegisteredAssignment): void {
    const now = wallMicros()
    if (assignment.from > now) this.#at(assignment.from, () => this.#begin(assignment))
    if (assignment.to !== null && assignment.to > now) this.#at(assignment.to, () => this.#end(assignment))
  }

  /**
   * Brings the journal in line with the registry after a start: a hand-over may have been cut short, and workers may have
   * another number of partitions than before.
   */
  async reconcile(held: readonly HeldDevice[], released: readonly ReleasedDevice[]): Promise<void> {
    const settled = new Set<string>()
    for (const entry of released) {
      await this.#complete(entry, held)
      settled.add(entry.device)
    }
    for (const { device, partition, patient } of held) {
      if (patient !== null && this.#registry.device(device) === undefined) {
        this.#registry.enter(device, 'default')
        this.#registry.assign({ device, patient, from: 0, to: null, author: 'engine', reason: 'found in the journal' }, true, false)
      }
      if (!settled.has(device) && this.#registry.partitionOf(device) !== partition) await this.#handOver(device, partition)
    }
    const adopted = new Map(held.map(entry => [entry.device, entry]))
    for (const { device, patient } of this.#registry.devices()) {
      const there = adopted.get(device)
      const partition = this.#registry.partitionOf(device)
      if (settled.has(device) || patient === null || (there !== undefined && there.patient === patient)) continue
      if (there === undefined || there.partition === partition) {
        await this.workerOf(partition).append(
          partition,
          adoptRecord(device, patient, this.#current(device).from, 'engine', 'restored', null),
        )
      }
    }
    for (const assignment of this.#registry.assignments()) this.schedule(assignment)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async #begin(assignment: RegisteredAssignment): Promise<void> {
    if (!this.#registry.assignments().includes(assignment)) return
    await this.#queue(() => this.#move(assignment))
  }

  async #end(assignment: RegisteredAssignment): Promise<void> {
    const current = this.#registry.device(assignment.device)
    if (current?.patient !== assignment.patient) return
    const { device, author } = assignment
    await this.#queue(() => this.#move({ device, patient: null, from: assignment.to!, to: null, author, reason: 'the assignment ended' }))
  }

  async #move(assignment: RegisteredAssignment): Promise<void> {
    const { device, patient } = assignment
    const before = this.#registry.partitionOf(device)
    const patientBefore = this.#registry.device(device)?.patient ?? null
    // Kept first: a hand-over that a crash cuts short is completed at the next start.
    this.#registry.assign(assignment, true, true)
    this.#onChange()
    if (patient !== patientBefore) await this.#handOver(device, before, assignment)
  }

  /** The rest of a hand-over that a kill cut short after the release: what the journal kept of the device goes on to its owner. */
  async #complete(entry: ReleasedDevice, held: readonly HeldDevice[]): Promise<void> {
    const { device, partition } = entry
    if (this.#registry.device(device) === undefined) this.#registry.enter(device, 'default')
    const after = this.#registry.partitionOf(device)
    const adopted = after !== partition && held.some(other => other.device === device && other.partition === after)
    if (!adopted) await this.#adopt(device, entry, this.#current(device))
    if (after !== partition) await this.#confirm(device, partition)
  }

  /** `from` of the state is the assignment that holds now, so that nothing of an earlier patient's goes to the next. */
  async #adopt(device: string, handed: HandedOver | null, by: { from: number; author: string; reason: string }): Promise<void> {
    const patient = this.#registry.device(device)?.patient ?? null
    const after = this.#registry.partitionOf(device)
    await this.workerOf(after).append(after, adoptRecord(device, patient, by.from, by.author, by.reason, handed))
  }

  async #confirm(device: string, partition: number): Promise<void> {
    await this.workerOf(partition).append(partition, { type: 'handed', device, at: wallMicros() })
  }

  /** The assignment that the device has now. */
  #current(device: string): { from: number; author: string; reason: string } {
    const patient = this.#registry.device(device)?.patient ?? null
    const known = this.#registry.assignments().findLast(entry => entry.device === device && entry.patient === patient)
    return known ?? { from: 0, author: 'engine', reason: 'restored' }
  }

  async #handOver(device: string, before: number, by = this.#current(device)): Promise<void> {
    const after = this.#registry.partitionOf(device)
    const oldWorker = this.workerOf(before)
    const newWorker = this.workerOf(after)
    this.#moving.set(device, [])
    try {
      const { author, reason } = by
      const { handed } = await oldWorker.append(before, { type: 'release', device, author, reason, at: wallMicros() })
      await this.#adopt(device, handed, by)
      if (after !== before) await this.#confirm(device, before)
    } finally {
      // Before subscriptions move: a worker that waits for one of these cannot hear the broker's answer.
      const waiting = this.#moving.get(device) ?? []
      this.#moving.delete(device)
      for (const go of waiting) go()
    }
    if (!this.#outside) return
    const owned = this.ownedDevice(device)
    await newWorker.own([owned])
    if (oldWorker !== newWorker) await oldWorker.disown([owned])
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  #at(micros: number, work: () => Promise<void>): void {
    const ms = Math.max(0, micros / 1000 - Date.now())
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        if (ms > longestTimerMs) this.#at(micros, work)
        else void work()
      },
      Math.min(ms, longestTimerMs),
    )
    timer.unref()
    this.#timers.add(timer)
  }
}

function autoAssignment(device: string): RegisteredAssignment {
  return { device, patient: pseudonym(device), from: 0, to: null, author: 'engine', reason: 'automatic' }
}

function adoptRecord(
  device: string,
  patient: string | null,
  from: number,
  author: string,
  reason: string,
  handed: { state: unknown; watch: unknown } | null,
) {
  return {
    type: 'adopt' as const,
    device,
    patient,
    from,
    author,
    reason,
    state: handed?.state ?? null,
    ...(handed === null || handed.watch === null ? {} : { watch: handed.watch }),
    at: wallMicros(),
  }
}

export function partitionOfPatient(patient: string): number {
  return partitionOf('', patient)
}

function mistake(text: string): VitalwireError {
  return new VitalwireError('usage-option', text)
}
