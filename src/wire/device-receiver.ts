import { crc32c } from '../signal/crc32c.js'
import { type Birth, type BirthStream, decodeBirth, sameBirth } from './birth.js'
import { BootState } from './boot-state.js'
import { bootOf, type Chunk, ChunkBuffers, checkHeader, decodeChunk } from './chunk.js'
import { decodeDeviceEvent } from './device-event.js'
import { decodeJsonChunk, isJsonChunk, readJsonChunk } from './json-chunk.js'
import type { SampleCounts, WireLedger } from './ledger.js'
import { MessageCounter } from './message-counter.js'
import { decodePack, type Pack, type Relabel, readPack } from './pack.js'
import type { RefusalReason } from './reasons.js'
import { impliedBoot, type ReceivedChunk, type ReceiverAction, wireBoot } from './receiver-actions.js'
import { decodeState } from './state.js'
import type { Arrival, StreamReceiver, StreamStep } from './stream-receiver.js'
import { identifier, type UpTopic } from './topics.js'
import { type WaitingMessage, WaitingRoom } from './waiting-room.js'

type Emit = (action: ReceiverAction) => void

/** This boot and the two before it (W2). */
const keptBoots = 3
const lastFlag = 8

interface Message {
  readonly topic: UpTopic
  readonly stream: string
  readonly payload: Uint8Array
  readonly at: number
}

/** The last chunk that was decoded, for the case that it is released at once. */
interface DecodedChunk {
  readonly payload: Uint8Array
  readonly chunk: Chunk
}

/**
 * Everything that one device says, in the order of the journal, turned into actions (receiver-actions.ts). Deterministic:
 * receive times come with the messages, and only commands to the device and the waiting for a birth depend on them.
 */
export class DeviceReceiver {
  readonly device: string
  private readonly buffers: ChunkBuffers
  private readonly counter = new MessageCounter()
  private readonly waiting = new WaitingRoom()
  /** Newest last. */
  private boots: BootState[] = []
  private decoded: DecodedChunk | null = null

  /** Corrections of units, in force when a pack's turn comes; not part of the state, for whoever makes them keeps them. */
  relabel: Relabel = () => null

  /** `buffers` may be shared by all receivers of a thread: what is lent is used up before `emit` returns. */
  constructor(device: string, buffers: ChunkBuffers = new ChunkBuffers()) {
    this.device = device
    this.buffers = buffers
  }

  /** Takes in one message. `payload` is not kept beyond the call, but what must wait is copied. `at`: receive time, microseconds. */
  receive(topic: UpTopic, stream: string, payload: Uint8Array, at: number, emit: Emit): void {
    for (const expired of this.waiting.expire(at)) this.refuse(expired, 'no-birth', emit)
    if (topic === 'w' && isJsonChunk(payload)) this.counter.countJson()
    this.handle({ topic, stream, payload, at }, emit)
    const current = this.current
    if (current === undefined) return
    for (const [id, receiver] of current.receivers()) {
      if (receiver.holding) receiver.pump(at, this.stepper(current, id, at, emit))
    }
  }

  /** Live sources: a stream has fallen silent, so what waits for missing chunks goes on without them. `n`: numerics. */
  declareSilent(stream: string, at: number, emit: Emit): void {
    const { current } = this
    const receiver = current?.receiver(stream)
    if (current !== undefined && receiver !== undefined) receiver.giveUp(at, this.stepper(current, stream, at, emit))
  }

  /** Bytes that wait for a birth. */
  get waitingBytes(): number {
    return this.waiting.bytes
  }

  /** Gives up the older half of what waits for a birth (`no-birth`): too many devices wait. */
  halveWaiting(emit: Emit): void {
    for (const message of this.waiting.halve()) this.refuse(message, 'no-birth', emit)
  }

  get birth(): Birth | null {
    return this.current?.birth ?? null
  }

  /** The birth of a boot (implied restarts worked in) that is still kept; null for one that is not. */
  birthOf(boot: number): Birth | null {
    return this.boots.findLast(state => state.boot === boot)?.birth ?? null
  }

  /** Boot with implied restarts worked in; null before the first birth. */
  get boot(): number | null {
    return this.current?.boot ?? null
  }

  /** Has everything of the current boot had its last? False before a birth. */
  get closed(): boolean {
    return this.current?.closed ?? false
  }

  /** Has this stream of the current boot had its last? `n`: numerics. */
  isStreamClosed(stream: string): boolean {
    return this.current?.receiver(stream)?.closed ?? false
  }

  /** Positions of the current boot for topic `hw`, packs as `n`, events as `e`; null before the first birth. */
  highWater(): { boot: number; streams: Record<string, { seq: number; index: number }> } | null {
    const { current } = this
    if (current === undefined) return null
    return {
      boot: wireBoot(current.boot),
      streams: Object.fromEntries([...current.receivers()].map(([id, receiver]) => [id, receiver.position()])),
    }
  }

  ledger(): WireLedger {
    const streams: Record<string, SampleCounts> = {}
    for (const state of this.boots) {
      for (const [id, receiver] of state.streams) streams[`${state.boot}/${id}`] = { ...receiver.counts }
    }
    return this.counter.ledger(streams, { messages: this.waiting.count, bytes: this.waiting.bytes })
  }

  save(): unknown {
    return {
      boots: this.boots.map(state => ({ boot: state.boot, birth: structuredClone(state.birth), state: state.save() })),
      counter: this.counter.save(),
      waiting: this.waiting.save(),
    }
  }

  load(state: unknown): void {
    const s = state as { boots: { boot: number; birth: Birth; state: unknown }[]; counter: unknown; waiting: unknown }
    this.boots = s.boots.map(saved => {
      const boot = new BootState(saved.boot, structuredClone(saved.birth), saved.boot !== wireBoot(saved.boot))
      boot.load(saved.state)
      return boot
    })
    this.counter.load(s.counter)
    this.waiting.load(s.waiting)
    this.decoded = null
  }

  private get current(): BootState | undefined {
    return this.boots.at(-1)
  }

  private handle(message: Message, emit: Emit): void {
    switch (message.topic) {
      case 'birth':
        this.receiveBirth(message, emit)
        break
      case 'state':
        this.receiveState(message, emit)
        break
      case 'w':
        this.receiveChunk(message, emit)
        break
      case 'n':
        this.receivePack(message, emit)
        break
      case 'e':
        this.receiveEvent(message, emit)
        break
    }
  }

  private receiveBirth(message: Message, emit: Emit): void {
    const read = decodeBirth(message.payload)
    if ('reason' in read) {
      this.refuseBirth(message, read.reason, read.detail ?? '', null, emit)
      return
    }
    const birth = read.ok
    const { current } = this
    if (current !== undefined && birth.boot < wireBoot(current.boot)) {
      this.refuseBirth(message, 'birth-lower-boot', `boot ${birth.boot} is below ${wireBoot(current.boot)}`, birth.boot, emit)
    } else if (current !== undefined && birth.boot === wireBoot(current.boot)) {
      if (sameBirth(birth, current.birth)) {
        this.counter.accept('birth')
        for (const [, receiver] of current.receivers()) receiver.renew()
        emit({ type: 'birth', birth, again: true })
      } else this.refuseBirth(message, 'birth-differs', `boot ${birth.boot} was born with other content`, birth.boot, emit)
    } else {
      this.counter.accept('birth')
      this.retireCurrent(message.at, emit)
      emit({ type: 'birth', birth, again: false })
      this.open(birth.boot, birth, emit)
      for (const held of this.waiting.release(birth.boot)) this.handle(held, emit)
    }
  }

  private refuseBirth(message: Message, reason: RefusalReason, detail: string, boot: number | null, emit: Emit): void {
    emit({ type: 'birth-refused', reason, detail, boot })
    this.refuse(message, reason, emit, detail)
  }

  private retireCurrent(at: number, emit: Emit): void {
    const { current } = this
    if (current === undefined) return
    for (const [id, receiver] of current.receivers()) receiver.retire(at, this.stepper(current, id, at, emit, 'boot'))
  }

  private open(boot: number, birth: Birth, emit: Emit): BootState {
    const implied = boot !== wireBoot(boot)
    const state = new BootState(boot, birth, implied)
    this.boots.push(state)
    while (this.boots.length > keptBoots) for (const receiver of this.boots.shift()!.streams.values()) this.counter.settle(receiver.counts)
    emit({ type: 'boot', boot, implied, birth })
    return state
  }

  private receiveState(message: Message, emit: Emit): void {
    const read = decodeState(message.payload)
    if ('reason' in read) this.refuse(message, read.reason, emit, read.detail)
    else {
      this.counter.accept('state')
      emit({ type: 'state', ...read.ok })
    }
  }

  private receiveChunk(message: Message, emit: Emit): void {
    const { payload, stream, at } = message
    const json = isJsonChunk(payload)
    const boot = json ? jsonBoot(payload) : (checkHeader(payload) ?? bootOf(payload))
    if (typeof boot === 'string') {
      this.refuse(message, boot, emit)
      return
    }
    const state = this.find(boot)
    if (state === null) {
      this.wait(message, boot, emit)
      return
    }
    const format = state === undefined ? 'unknown-boot' : (state.formats.get(stream) ?? 'unknown-stream')
    const read = json ? decodeJsonChunk(payload, format, this.buffers) : decodeChunk(payload, format, this.buffers)
    if ('reason' in read) {
      this.refuse(message, read.reason, emit)
      return
    }
    const chunk = read.ok
    this.decoded = { payload, chunk }
    const last = (chunk.flags & lastFlag) !== 0
    const arrival: Arrival = { seq: chunk.seq, index: chunk.index, n: chunk.n, crc: chunk.crc, last, at, payload }
    this.arrive(message, state!, state!.streams.get(stream)!, arrival, emit)
    this.decoded = null
  }

  private receivePack(message: Message, emit: Emit): void {
    const read = decodePack(message.payload)
    if ('reason' in read) {
      this.refuse(message, read.reason, emit)
      return
    }
    const { boot, seq, last } = read.ok
    const state = this.find(boot)
    if (state === null) this.wait(message, boot, emit)
    else if (state === undefined) this.refuse(message, 'unknown-boot', emit)
    else if (state.birth.numerics === undefined) this.refuse(message, 'pack-undeclared', emit)
    else this.arrive(message, state, state.packs, messageArrival(message, seq, last), emit)
  }

  private receiveEvent(message: Message, emit: Emit): void {
    const read = decodeDeviceEvent(message.payload)
    if ('reason' in read) {
      this.refuse(message, read.reason, emit, read.detail)
      return
    }
    const { boot, seq, from, to, event } = read.ok
    const state = this.find(boot)
    if (state === null) this.wait(message, boot, emit)
    else if (state === undefined) this.refuse(message, 'unknown-boot', emit)
    else {
      this.arrive(message, state, state.events, messageArrival(message, seq, false), emit)
      if (event.event !== 'resend-failed' || state !== this.current || event.stream === undefined) return
      const receiver = state.receiver(event.stream)
      receiver?.resendFailed(from, to, message.at, this.stepper(state, event.stream, message.at, emit))
    }
  }

  /** Newest state of a boot counter; null: its birth may still come; undefined: it never will. */
  private find(boot: number): BootState | null | undefined {
    const { current } = this
    if (current === undefined || boot > wireBoot(current.boot)) return null
    return this.boots.findLast(state => wireBoot(state.boot) === boot)
  }

  private wait(message: Message, boot: number, emit: Emit): void {
    if (message.topic === 'w' && !identifier.test(message.stream)) this.refuse(message, 'unknown-stream', emit)
    else if (this.waiting.add({ ...message, boot } satisfies WaitingMessage)) emit({ type: 'command', command: { cmd: 'rebirth' } })
    for (const expired of this.waiting.expire(message.at)) this.refuse(expired, 'no-birth', emit)
  }

  private arrive(message: Message, state: BootState, receiver: StreamReceiver, arrival: Arrival, emit: Emit): void {
    const { topic, at } = message
    const id = topic === 'w' ? message.stream : topic
    let restarted = false
    const onStep = this.stepper(state, id, at, emit)
    receiver.receive(arrival, step => {
      if (step.type === 'restart') restarted = true
      else onStep(step)
    })
    if (restarted) this.restart(message, emit)
  }

  /** W2: two conflicts in a row mean that the device started anew without a new boot; monitoring goes on from this message. */
  private restart(message: Message, emit: Emit): void {
    const { boot, birth } = this.current!
    this.retireCurrent(message.at, emit)
    this.open(impliedBoot(boot), birth, emit)
    this.handle(message, emit)
  }

  /** Counts the steps of one stream and turns them into actions. */
  private stepper(state: BootState, id: string, _at: number, emit: Emit, closing: 'last' | 'boot' = 'last'): (step: StreamStep) => void {
    const topic: UpTopic = id === 'n' || id === 'e' ? id : 'w'
    const stream = topic === 'w' ? id : ''
    const { boot } = state
    return step => {
      switch (step.type) {
        case 'held':
          this.counter.accept(topic)
          break
        case 'duplicate':
          this.counter.duplicate(topic)
          break
        case 'refused':
          if (step.arrival.waited) this.counter.takeBack(topic, step.reason)
          else this.counter.refuse(topic, step.reason)
          emit({ type: 'refused', topic, stream, reason: step.reason, bytes: step.arrival.payload })
          break
        case 'release':
        case 'late':
          // What had to wait was accepted when it came.
          if (!step.arrival.waited) this.counter.accept(topic)
          this.take(state, id, step, emit)
          break
        case 'gap':
          emit({ type: 'gap', boot, stream: id, index: step.index, count: step.count, reason: step.reason })
          break
        case 'resend':
          emit({ type: 'command', command: { cmd: 'resend', stream: id, from: step.from, to: step.to } })
          break
        case 'disordered':
          emit({ type: 'disordered', boot, stream: id })
          break
        case 'close':
          if (id !== 'e' && (id !== 'n' || state.birth.numerics !== undefined)) emit({ type: 'close', boot, stream: id, reason: closing })
          break
        case 'restart':
          break
      }
    }
  }

  private take(state: BootState, id: string, step: ReleaseStep, emit: Emit): void {
    if (id === 'n') this.takePack(state, step, emit)
    else if (id === 'e') this.takeEvent(state, step, emit)
    else this.takeChunk(state, id, step, emit)
  }

  private takeChunk(state: BootState, stream: string, step: ReleaseStep, emit: Emit): void {
    const { boot } = state
    const decoded = this.decodeAgain(state.formats.get(stream)!, step.arrival.payload)
    state.streams.get(stream)!.counts.invalid += decoded.invalid
    const { index, n, t0, flags, paceMarks, channels } = decoded
    const chunk: ReceivedChunk = { index, n, t0, flags, ...(paceMarks && { paceMarks }), channels }
    if (step.type === 'late') emit({ type: 'late', boot, stream, chunk })
    else emit({ type: 'block', boot, stream, chunk, gapBefore: step.gapBefore, gapReason: step.gapReason })
  }

  /** A chunk that waited was checked when it came; its samples are decoded when its turn comes. */
  private decodeAgain(format: BirthStream, payload: Uint8Array): Chunk {
    if (this.decoded?.payload === payload) return this.decoded.chunk
    this.decoded = null
    const read = isJsonChunk(payload) ? decodeJsonChunk(payload, format, this.buffers) : decodeChunk(payload, format, this.buffers)
    if ('reason' in read) throw new Error(`a chunk that was checked is not readable: ${read.reason}`)
    return read.ok
  }

  private takePack(state: BootState, step: ReleaseStep, emit: Emit): void {
    const late = step.type === 'late'
    const { payload, at } = step.arrival
    const pack = decodePack(payload) as { ok: Pack }
    const notBefore = late ? null : state.newestNumeric
    const counters = late ? { ...state.counters } : state.counters
    const read = readPack(pack.ok, { birth: state.birth, at, notBefore, counters, relabel: this.relabel })
    if ('reason' in read) {
      this.counter.takeBack('n', read.reason)
      emit({ type: 'refused', topic: 'n', stream: '', reason: read.reason, bytes: payload })
      return
    }
    const { t, samples, refused } = read.ok
    if (!late) state.newestNumeric = Math.max(t, state.newestNumeric ?? 0)
    for (const { reason } of refused) this.counter.refuseRecord(reason)
    emit({ type: 'numerics', boot: state.boot, t, samples, refused, late })
  }

  private takeEvent(state: BootState, step: ReleaseStep, emit: Emit): void {
    const read = decodeDeviceEvent(step.arrival.payload)
    if ('ok' in read) emit({ type: 'device-event', boot: state.boot, event: read.ok.event, late: step.type === 'late' })
  }

  private refuse(message: Message, reason: RefusalReason, emit: Emit, detail?: string): void {
    const { topic, stream, payload } = message
    this.counter.refuse(topic, reason)
    emit({ type: 'refused', topic, stream, reason, ...(detail === undefined ? {} : { detail }), bytes: payload })
  }
}

type ReleaseStep = Extract<StreamStep, { type: 'release' | 'late' }>

function jsonBoot(payload: Uint8Array): number | RefusalReason {
  const read = readJsonChunk(payload)
  return 'ok' in read ? read.ok.boot : read.reason
}

/** Packs and events count one a message; their CRC tells a message sent twice from another one. */
function messageArrival(message: Message, seq: number, last: boolean): Arrival {
  return { seq, index: seq, n: 1, crc: crc32c(message.payload), last, at: message.at, payload: message.payload }
}
