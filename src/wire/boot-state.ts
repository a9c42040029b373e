import { hertz } from '../signal/rate.js'
import type { Birth, BirthStream } from './birth.js'
import { type StreamOrder, StreamReceiver } from './stream-receiver.js'

const holdSeconds = 2
const disorderSeconds = 60
const contactSeconds = 60
/** Packs and events have no signal to wait by: a recorded source may be this many ahead. */
const disorderMessages = 600
/** Likewise, so many after the first contact are the time in which the answer to what was asked for comes (W3). */
const contactMessages = 60

/** One boot of a device: its birth and the order of its streams, of its packs (`n`) and of its events (`e`). */
export class BootState {
  /** With implied restarts worked in (receiver-actions.ts). */
  readonly boot: number
  readonly birth: Birth
  readonly streams = new Map<string, StreamReceiver>()
  readonly formats = new Map<string, BirthStream>()
  readonly packs: StreamReceiver
  readonly events: StreamReceiver
  /** N3: highest count so far. */
  counters: Record<string, number> = {}
  /** N5: device clock of the newest numeric value released in order; null before the first. */
  newestNumeric: number | null = null

  constructor(boot: number, birth: Birth, implied: boolean) {
    this.boot = boot
    this.birth = birth
    const recorded = birth.clock === 'recorded'
    for (const stream of birth.streams) {
      const rate = hertz(stream.fs)
      this.formats.set(stream.id, stream)
      this.streams.set(
        stream.id,
        new StreamReceiver({
          holdSamples: holdSeconds * rate,
          recorded,
          disorderSamples: disorderSeconds * rate,
          contactSamples: contactSeconds * rate,
          implied,
        }),
      )
    }
    const messages: StreamOrder = {
      holdSamples: 0,
      recorded,
      disorderSamples: disorderMessages,
      contactSamples: contactMessages,
      implied,
    }
    this.packs = new StreamReceiver(messages)
    this.events = new StreamReceiver(messages)
  }

  /** By stream id, packs as `n` and events as `e`. */
  receiver(stream: string): StreamReceiver | undefined {
    return stream === 'n' ? this.packs : stream === 'e' ? this.events : this.streams.get(stream)
  }

  *receivers(): Iterable<readonly [string, StreamReceiver]> {
    yield* this.streams
    yield ['n', this.packs]
    yield ['e', this.events]
  }

  /** Has every stream, and numerics if there are any, had its last? */
  get closed(): boolean {
    for (const receiver of this.streams.values()) if (!receiver.closed) return false
    return this.birth.numerics === undefined || this.packs.closed
  }

  save(): unknown {
    return {
      counters: { ...this.counters },
      newestNumeric: this.newestNumeric,
      receivers: [...this.receivers()].map(([stream, receiver]) => [stream, receiver.save()]),
    }
  }

  load(state: unknown): void {
    const s = state as { counters: Record<string, number>; newestNumeric: number | null; receivers: [string, unknown][] }
    this.counters = { ...s.counters }
    this.newestNumeric = s.newestNumeric
    for (const [stream, saved] of s.receivers) this.receiver(stream)?.load(saved)
  }
}
