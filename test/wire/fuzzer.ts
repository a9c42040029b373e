import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { crc32cAround } from '../../src/signal/crc32c.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodeDeviceEvent } from '../../src/wire/device-event.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import { balances, messagesBalance } from '../../src/wire/ledger.js'
import { Quarantine } from '../../src/wire/quarantine.js'
import { encodeSenml, type RawRecord } from '../../src/wire/senml.js'
import { encodeState } from '../../src/wire/state.js'
import type { UpTopic } from '../../src/wire/topics.js'
import { birthOf, chunkOf, ecg } from './sample-device.js'

export interface FuzzResult {
  readonly messages: number
  readonly chunks: number
  readonly repaired: number
  /** Refused messages and records by reason. */
  readonly reasons: ReadonlyMap<string, number>
  readonly accepted: number
  /** Heap after a collection, bytes, at 90 moments. */
  readonly heap: readonly number[]
}

/** Devices are replaced after this many messages each, as some mutations end a device for good. */
const lifetime = 400

/**
 * Sends `count` mutated messages of all kinds to changing devices and checks the ledger after each. Everything comes from
 * `seed`. Throws on the first imbalance; a crash of the receiver comes through as it is.
 */
export function fuzz(count: number, seed: number): FuzzResult {
  const random = randomOf(seed)
  const reasons = new Map<string, number>()
  const quarantine = new Quarantine(1024 * 1024)
  const collect = collector()
  const heap: number[] = []
  let fuzzed = new FuzzedDevice(random)
  let chunks = 0
  let repaired = 0
  let accepted = 0
  for (let k = 0; k < count; k++) {
    if (k % lifetime === 0) fuzzed = new FuzzedDevice(random)
    const message = fuzzed.next()
    if (message.topic === 'w') chunks++
    if (message.repaired) repaired++
    const before = fuzzed.receiver.ledger()
    fuzzed.receiver.receive(message.topic, message.stream, message.payload, fuzzed.at, action => {
      if (action.type === 'refused') {
        reasons.set(action.reason, (reasons.get(action.reason) ?? 0) + 1)
        quarantine.add({
          device: 'd',
          topic: action.topic,
          stream: action.stream,
          reason: action.reason,
          at: fuzzed.at,
          bytes: action.bytes,
        })
      } else if (action.type === 'numerics') {
        for (const { reason } of action.refused) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
    })
    const ledger = fuzzed.receiver.ledger()
    accepted += ledger.messages.accepted - before.messages.accepted
    const sums = balances(ledger) && messagesBalance(ledger.messages) && Object.values(ledger.streams).every(balances)
    const whole = Object.values(ledger).every(value => typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0))
    if (!sums || !whole) throw new Error(`seed ${seed}, message ${k}: ledger out of balance: ${JSON.stringify(ledger)}`)
    if (k % 97 === 0) fuzzed.copy()
    if (k % Math.ceil(count / 90) === 0) heap.push(collect())
  }
  return { messages: count, chunks, repaired, reasons, accepted, heap }
}

interface Fuzzed {
  readonly topic: UpTopic
  readonly stream: string
  readonly payload: Uint8Array
  readonly repaired: boolean
}

class FuzzedDevice {
  receiver = new DeviceReceiver('d')
  at = 1_000_000_000
  private seq = 0
  private packs = 0
  private events = 0
  private boot = 7
  private readonly pick: Random

  constructor(random: Random) {
    this.pick = random
    // One in eight sends data before any birth, and one in eight has no numerics.
    if (random(8) > 0) this.receive('birth', this.birth())
  }

  next(): Fuzzed {
    const { pick } = this
    this.at += pick(200) === 0 ? 700_000_000 : 250_000
    const kind = pick(100)
    if (kind < 60) return this.chunk()
    if (kind < 80) return this.plain('n', this.pack())
    if (kind < 88) return this.plain('birth', this.birth())
    if (kind < 96) return this.plain('e', encodeDeviceEvent(this.event(), pick(2) ? 'json' : 'cbor'))
    return this.plain('state', encodeState({ state: 'ready', boot: this.boot }, pick(2) ? 'json' : 'cbor'))
  }

  /** Goes on with a copy of itself. */
  copy(): void {
    const saved = structuredClone(this.receiver.save())
    const copy = new DeviceReceiver('d')
    copy.load(saved)
    if (JSON.stringify(copy.ledger()) !== JSON.stringify(this.receiver.ledger())) throw new Error('a copy has another ledger')
    this.receiver = copy
  }

  private receive(topic: UpTopic, payload: Uint8Array): void {
    this.receiver.receive(topic, '', payload, this.at, () => undefined)
  }

  private birth(): Uint8Array {
    const { pick } = this
    const change = pick(12)
    if (change === 0) this.boot++
    const { numerics, ...without } = birthOf({
      boot: change === 1 ? this.boot - 1 : this.boot,
      firmware: change === 2 ? '2' : '1',
      streams: [ecg, { ...ecg, id: 'ppg', codec: 3 }],
    })
    return encodeBirth(pick(8) === 0 ? without : { ...without, numerics: numerics! }, pick(2) ? 'json' : 'cbor')
  }

  private event() {
    const { pick } = this
    return {
      boot: this.boot,
      seq: this.events++,
      event: { t: pick(1e6), event: pick(3) ? ('lead-off' as const) : ('resend-failed' as const), on: pick(2) === 0, stream: 'ecg' },
    }
  }

  private pack(): Uint8Array {
    const { pick } = this
    const records: RawRecord[] = [{ n: 'pack', vs: `${this.boot - (pick(20) === 0 ? 3 : 0)}:${this.packs++}` }]
    if (pick(10) > 0) records.push({ n: 'device-clock', u: 's', v: this.packs + (pick(20) === 0 ? -5 : 0) })
    for (let k = pick(4); k >= 0; k--)
      records.push({ ...recordsToSend[pick(recordsToSend.length)]!, ...(pick(6) === 0 ? { t: pick(5) - 3 } : {}) })
    if (pick(200) === 0) records.push({ n: 'last', vb: true })
    return encodeSenml(records, pick(2) ? 'json' : 'cbor')
  }

  private plain(topic: UpTopic, payload: Uint8Array): Fuzzed {
    return { topic, stream: '', payload: this.pick(2) ? payload : this.mutate(payload), repaired: false }
  }

  private chunk(): Fuzzed {
    const { pick } = this
    const seq = this.seq
    this.seq += 1 + (pick(12) === 0 ? pick(4) : 0)
    if (pick(30) === 0) return { topic: 'w', stream: 'ecg', payload: this.mutate(this.jsonChunk(seq)), repaired: false }
    const old = pick(8) === 0 ? Math.max(0, seq - pick(8)) : seq
    const boot = this.boot + (pick(40) === 0 ? pick(5) - 3 : 0)
    const index = old * 25
    const paceMarks = pick(5) === 0 ? [index + pick(9), index + 9 + pick(16)] : []
    const flags = pick(250) === 0 ? 8 : 0
    const payload = chunkOf(old, { boot, n: 25, index, flags, value: pick(4) === 0 ? pick(99) : old, paceMarks })
    const mutated = pick(3) === 0 ? payload : this.mutateChunk(payload)
    const repaired = mutated.length >= 40 && pick(10) < 7
    if (repaired) new DataView(mutated.buffer).setUint32(36, crc32cAround(mutated, 36), true)
    return { topic: 'w', stream: ['ecg', 'ecg', 'ecg', 'ecg', 'ecg', 'ppg', 'eeg'][pick(7)]!, payload: mutated, repaired }
  }

  private jsonChunk(seq: number): Uint8Array {
    return new TextEncoder().encode(
      JSON.stringify({ boot: this.boot, seq, index: seq * 25, t0: 0, paceMarks: [5], values: [new Array(25).fill(0.5)] }),
    )
  }

  /** One header field, or what any message may suffer. */
  private mutateChunk(bytes: Uint8Array): Uint8Array {
    const { pick } = this
    const copy = bytes.slice()
    const view = new DataView(copy.buffer)
    switch (pick(14)) {
      case 0:
        view.setUint16(4, pick(256), true)
        break
      case 1:
        view.setUint16(6, pick(4), true)
        break
      case 2:
        copy[3] = pick(5)
        break
      case 3:
        view.setUint32(12, pick(40), true)
        break
      case 4:
        view.setUint32(16, pick(5000), true)
        break
      case 5:
        view.setUint32(20, 2 ** pick(32), true)
        break
      case 6:
        view.setUint32(28, 2 ** pick(32), true)
        break
      case 7:
        view.setUint16(32, pick(2) ? pick(4) : 65535, true)
        break
      case 8:
        view.setUint16(34, pick(3), true)
        break
      case 9: {
        const long = new Uint8Array(pick(100) ? copy.length + pick(9) : 70_000)
        long.set(copy)
        return long
      }
      default:
        return this.mutate(copy)
    }
    return copy
  }

  private mutate(bytes: Uint8Array): Uint8Array {
    const { pick } = this
    const copy = bytes.slice(0, pick(6) === 0 ? pick(bytes.length + 1) : bytes.length)
    for (let k = pick(4); k > 0 && copy.length > 0; k--) copy[pick(copy.length)] = pick(256)
    return copy
  }
}

const recordsToSend: readonly RawRecord[] = [
  { n: 'heart-rate', u: '/min', v: 70 },
  { n: 'heart-rate', u: 'beat/min', v: 5 },
  { n: 'heart-rate', u: 'rpm', v: 70 },
  { n: 'spo2', u: '%', v: 140 },
  { n: 'spo2', vs: 'good' },
  { n: 'mood', u: '%', v: 1 },
  { n: 'steps', u: '{count}', v: 100 },
  { n: 'steps', u: '{count}', v: 99 },
  { n: 'nibp-systolic', u: 'mm[Hg]', v: 90 },
  { n: 'nibp-diastolic', u: 'mm[Hg]', v: 100 },
  { n: 'consciousness', vs: 'A' },
  { n: 'author', vs: 'nurse' },
]

type Random = (below: number) => number

/** xorshift32, whole numbers below a bound. */
function randomOf(seed: number): Random {
  let state = seed >>> 0 || 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function collector(): () => number {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  return () => {
    gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
