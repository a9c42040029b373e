import { Worker } from 'node:worker_threads'
import { VitalwireError } from '../errors.js'
import type { Routed } from '../intake/incoming.js'
import { SlabSender } from '../intake/slab-sender.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { JournalRecord } from '../journal/record.js'
import type { Ledger } from './partition-types.js'
import type { Found, FromWorker, HandedOver, OwnedDevice, ToWorker, WorkerData } from './worker-messages.js'

/** After a crash the next attempt waits this long, doubling while crashes follow each other. */
const restartFirstMs = 100
const restartMaxMs = 10_000
/** A worker that ran this long has not crashed "again". */
const healthyMs = 60_000
const stopMs = 15_000

/** What a person asks for once. */
const oneTime: ReadonlySet<string> = new Set(['acknowledge', 'issue', 'correct'])

export interface WorkerHandleOptions {
  /** What the next start of the thread gets. */
  readonly data: () => WorkerData
  /** Everything that is not an answer. */
  readonly onMessage: (message: FromWorker, worker: number) => void
  readonly onCrash: (worker: number, detail: string) => void
  readonly onRestored: (worker: number, found: Found) => void
}

interface Request {
  readonly message: ToWorker
  readonly resolve: (answer: FromWorker) => void
  readonly reject: (error: Error) => void
}

/**
 * One long-lived worker thread: started, fed, and started again when it dies. What was not answered is asked again of
 * the next one, in the same order and before any message.
 */
export class WorkerHandle {
  readonly number: number
  readonly slabs: SlabSender
  state: 'running' | 'restoring' | 'stopped' = 'restoring'
  restarts = 0
  /** Why it cannot write, while it cannot. */
  blocked: string | null = null
  /** What else it cannot write, and why. */
  readonly failing = new Map<string, string>()
  /** Behind an outside broker: whether its own connection stands. */
  connected = false
  readonly #options: WorkerHandleOptions
  #thread: Worker | null = null
  #requests = new Map<number, Request>()
  #nextId = 1
  #watching = false
  #opened = false
  #startedAt = 0
  #pauseMs = restartFirstMs
  #stopping = false
  #ready: { resolve: () => void; reject: (error: Error) => void } | null = null

  constructor(number: number, options: WorkerHandleOptions) {
    this.number = number
    this.#options = options
    this.slabs = new SlabSender((id, slab) => this.#thread?.postMessage({ type: 'slab', id, slab } satisfies ToWorker, [slab.buffer]))
  }

  /** Resolves once the partitions are restored for the first time; throws what the worker says if they cannot be. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#ready = { resolve, reject }
      this.#launch()
    })
  }

  offer(routed: Routed, settled: () => void): void {
    this.slabs.offer(routed, settled)
  }

  /** Journals a record and processes it; resolves with the events that came of it. */
  async append(partition: number, record: JournalRecord): Promise<{ events: readonly LoggedEvent[]; handed: HandedOver | null }> {
    const answer = await this.#ask(id => ({ type: 'append', id, partition, record }))
    return answer as Extract<FromWorker, { type: 'appended' }>
  }

  async ledger(): Promise<Ledger> {
    const answer = await this.#ask(id => ({ type: 'ledger', id }))
    return (answer as Extract<FromWorker, { type: 'ledger' }>).ledger
  }

  async own(devices: readonly OwnedDevice[]): Promise<void> {
    await this.#ask(id => ({ type: 'own', id, devices }))
  }

  async disown(devices: readonly OwnedDevice[]): Promise<void> {
    await this.#ask(id => ({ type: 'disown', id, devices }))
  }

  /** From now on, and after each restart, it takes messages of its own connection. */
  open(): void {
    this.#opened = true
    if (this.state === 'running') this.#thread?.postMessage({ type: 'open' } satisfies ToWorker)
  }

  forwarded(id: number): void {
    this.#thread?.postMessage({ type: 'forwarded', id } satisfies ToWorker)
  }

  watch(on: boolean): void {
    this.#watching = on
    this.#thread?.postMessage({ type: 'watch', on } satisfies ToWorker)
  }

  /** Snapshots, then ends. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.state = 'stopped'
    this.slabs.pause()
    const thread = this.#thread
    if (thread === null) return
    const exited = new Promise<void>(resolve => thread.once('exit', () => resolve()))
    thread.postMessage({ type: 'stop' } satisfies ToWorker)
    const timer = setTimeout(() => void thread.terminate(), stopMs)
    await exited
    clearTimeout(timer)
  }

  #ask(make: (id: number) => ToWorker): Promise<FromWorker> {
    const id = this.#nextId++
    const message = make(id)
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { message, resolve, reject })
      if (this.state === 'running') this.#thread?.postMessage(message)
    })
  }

  #launch(): void {
    if (this.#stopping) return
    this.#startedAt = Date.now()
    this.connected = false
    const thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: this.#options.data() })
    this.#thread = thread
    let detail = ''
    thread.on('message', (message: FromWorker) => {
      if (message.type === 'failed') {
        detail = message.message
        // Started again after a crash, on a disk that refuses: it goes on trying, and says why.
        if (message.code === 'disk-write') this.blocked = message.message
      }
      this.#receive(message)
    })
    thread.on('error', error => {
      detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    })
    thread.on('exit', code => this.#exited(thread, detail === '' ? `exit code ${code}` : detail))
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#restored(message)
        break
      case 'failed':
        this.#failed(message.code, message.message)
        break
      case 'journaled':
        this.slabs.journaled(message.id)
        break
      case 'appended':
      case 'ledger':
      case 'owned':
        this.#requests.get(message.id)?.resolve(message)
        this.#requests.delete(message.id)
        break
      case 'blocked':
        this.blocked = message.reason
        this.#options.onMessage(message, this.number)
        break
      case 'failing':
        if (message.reason === null) this.failing.delete(message.what)
        else this.failing.set(message.what, message.reason)
        break
      case 'link':
        this.connected = message.connected
        this.#options.onMessage(message, this.number)
        break
      case 'stopped':
        break
      default:
        this.#options.onMessage(message, this.number)
    }
  }

  #restored(message: Extract<FromWorker, { type: 'ready' }>): void {
    this.state = 'running'
    this.blocked = null
    this.failing.clear()
    const first = this.#ready
    this.#ready = null
    if (first === null) this.#options.onRestored(this.number, message)
    else this.held = message
    if (this.#watching) this.watch(true)
    for (const { message: request } of this.#requests.values()) this.#thread?.postMessage(request)
    if (this.#opened) this.open()
    this.slabs.resume()
    first?.resolve()
  }

  /** What the first start found. */
  held: Found = { devices: [], released: [], replayed: 0, problems: [] }

  #failed(code: string | null, message: string): void {
    if (this.#ready === null) return
    this.#stopping = true
    this.#ready.reject(code === null ? new Error(message) : new VitalwireError(code as VitalwireError['code'], message))
    this.#ready = null
  }

  #exited(thread: Worker, detail: string): void {
    if (thread !== this.#thread) return
    this.#thread = null
    if (this.#stopping) return
    if (this.#ready !== null) {
      this.#failed(null, `worker ${this.number} ended while it restored its partitions: ${detail}`)
      return
    }
    this.state = 'restoring'
    this.restarts += 1
    this.slabs.pause()
    // A repeated acknowledgement, step or correction would be compared with its own effect; whoever asked may look and ask again.
    for (const [id, request] of this.#requests) {
      if (request.message.type !== 'append' || !oneTime.has(request.message.record.type)) continue
      this.#requests.delete(id)
      request.reject(new Error(`worker ${this.number} ended before it answered; look whether it was done and try again`))
    }
    this.#options.onCrash(this.number, detail)
    this.#pauseMs = Date.now() - this.#startedAt > healthyMs ? restartFirstMs : Math.min(this.#pauseMs * 2, restartMaxMs)
    setTimeout(() => this.#launch(), this.#pauseMs)
  }
}
