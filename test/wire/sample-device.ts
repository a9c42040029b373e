import type { Birth, BirthStream } from '../../src/wire/birth.js'
import { encodeBirth } from '../../src/wire/birth.js'
import type { ChunkHeader } from '../../src/wire/chunk.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'
import { balances, messagesBalance } from '../../src/wire/ledger.js'
import { encodePack, type PackToSend } from '../../src/wire/pack.js'
import type { ReceiverAction } from '../../src/wire/receiver-actions.js'
import type { UpTopic } from '../../src/wire/topics.js'

export const ecg: BirthStream = {
  id: 'ecg',
  kind: 'ecg',
  channels: ['II'],
  unit: 'mV',
  fs: { num: 250, den: 1 },
  t0: 0,
  gain: [200],
  baseline: [0],
  bits: [16],
  codec: 1,
}

export function birthOf(changes: Partial<Birth> = {}): Birth {
  return {
    boot: 7,
    model: 'sim',
    firmware: '1.0',
    clock: 'monotonic',
    streams: [ecg],
    numerics: { t0: 0, every: 1 },
    ...changes,
  }
}

/** Chunk `seq` of 1 s of `ecg`, all at its place unless told otherwise; the samples tell the seq. */
export function chunkOf(seq: number, changes: Partial<ChunkHeader> & { value?: number } = {}): Uint8Array {
  const { value = seq, ...header } = changes
  const n = header.n ?? 250
  const index = header.index ?? seq * 250
  return encodeChunk({ codec: 1, flags: 0, boot: 7, seq, index, t0: index * 4000, n, ...header }, [new Array<number>(n).fill(value)], [16])
}

/** A receiver that checks the ledger after every message and remembers what it emitted. */
export class Bench {
  receiver: DeviceReceiver
  actions: ReceiverAction[] = []
  at = 1_000_000_000

  constructor(birth: Birth | null = birthOf()) {
    this.receiver = new DeviceReceiver('device')
    if (birth !== null) this.say('birth', encodeBirth(birth))
    this.actions = []
  }

  say(topic: UpTopic, payload: Uint8Array, stream = topic === 'w' ? 'ecg' : ''): ReceiverAction[] {
    const now: ReceiverAction[] = []
    this.receiver.receive(topic, stream, payload, this.at, action => {
      const kept =
        action.type === 'block' || action.type === 'late'
          ? { ...action, chunk: { ...action.chunk, channels: action.chunk.channels.map(c => c.slice()) } }
          : action
      now.push(kept)
    })
    this.actions.push(...now)
    this.checkLedger()
    return now
  }

  chunk(seq: number, changes: Parameters<typeof chunkOf>[1] = {}): ReceiverAction[] {
    return this.say('w', chunkOf(seq, changes))
  }

  pack(pack: Partial<PackToSend> = {}): ReceiverAction[] {
    return this.say('n', encodePack({ boot: 7, seq: 0, clock: 1_000_000, samples: [], ...pack }))
  }

  ofType<T extends ReceiverAction['type']>(type: T): Extract<ReceiverAction, { type: T }>[] {
    return this.actions.filter((action): action is Extract<ReceiverAction, { type: T }> => action.type === type)
  }

  /** The seqs that were released, told by the samples. */
  released(): number[] {
    return this.ofType('block').map(block => Math.round((block.chunk.channels[0]![0] ?? -1 / 200) * 200))
  }

  reasons(): string[] {
    return this.ofType('refused').map(action => action.reason)
  }

  checkLedger(): void {
    const ledger = this.receiver.ledger()
    const bad = Object.values(ledger).some(value => typeof value === 'number' && (value < 0 || !Number.isSafeInteger(value)))
    if (bad || !balances(ledger) || !messagesBalance(ledger.messages)) throw new Error(`ledger out of balance: ${JSON.stringify(ledger)}`)
    for (const counts of Object.values(ledger.streams))
      if (!balances(counts)) throw new Error(`stream out of balance: ${JSON.stringify(counts)}`)
  }
}
