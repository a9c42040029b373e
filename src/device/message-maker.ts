import type { DeviceEvent } from '../signal/numeric.js'
import { samplesToMicros } from '../signal/rate.js'
import { encodeDeviceEvent } from '../wire/device-event.js'
import { ChunkMaker } from './chunk-maker.js'
import { encodePackPlace } from './encode-pack-place.js'
import { listEvents } from './event-list.js'
import type { PackGrid } from './pack-grid.js'
import type { SignalSource } from './signal-source.js'
import type { StreamPlan, Window } from './stream-plan.js'
import type { DeviceMessage, SentPosition } from './virtual-device.js'

/** One ordered sequence of messages: a stream's chunks, the packs, or the events. */
interface Track {
  readonly name: string
  readonly topic: DeviceMessage['topic']
  readonly count: number
  /** Device clock at which message `seq` is sent, microseconds. */
  time(seq: number): number
  /** A reader of its own for each pass, as it may hold samples. */
  open(): (seq: number) => Promise<Uint8Array>
}

/** Makes every message of a virtual device from its place alone, and merges the tracks into the order of sending. */
export class MessageMaker {
  readonly #tracks: readonly Track[]
  /** Device clock at which the session begins. */
  readonly #begin: number

  constructor(
    source: SignalSource,
    boot: number,
    window: Window,
    plans: readonly StreamPlan[],
    packs: PackGrid | null,
    unfinished: boolean,
  ) {
    this.#begin = window.from - window.zero
    const events = listEvents(source, plans, window)
    this.#tracks = [
      eventTrack(events, boot),
      ...(packs === null ? [] : [packTrack(packs, boot, window.zero, unfinished)]),
      ...plans.map(plan => chunkTrack(source, plan, boot, unfinished)),
    ]
  }

  async *inOrder(position: SentPosition): AsyncGenerator<DeviceMessage, void, undefined> {
    const cursors = this.#tracks.map(track => ({ track, seq: position[track.name]?.seq ?? 0, make: track.open() }))
    for (;;) {
      let next: (typeof cursors)[number] | undefined
      let time = Number.POSITIVE_INFINITY
      for (const cursor of cursors) {
        if (cursor.seq >= cursor.track.count) continue
        const at = cursor.track.time(cursor.seq)
        // At equal times the first track wins: events, then packs, then chunks in the order of the streams (N5).
        if (at < time) {
          time = at
          next = cursor
        }
      }
      if (next === undefined) return
      const seq = next.seq++
      yield this.#message(next.track, seq, await next.make(seq))
    }
  }

  async range(stream: string, fromSeq: number, toSeq: number): Promise<DeviceMessage[]> {
    const track = this.#tracks.find(candidate => candidate.name === stream)
    if (track === undefined) return []
    const make = track.open()
    const messages: DeviceMessage[] = []
    const last = Math.min(toSeq, track.count - 1)
    for (let seq = Math.max(0, fromSeq); seq <= last; seq++) messages.push(this.#message(track, seq, await make(seq)))
    return messages
  }

  #message(track: Track, seq: number, payload: Uint8Array): DeviceMessage {
    return { topic: track.topic, stream: track.name, seq, payload, time: (track.time(seq) - this.#begin) / 1e6 }
  }
}

function eventTrack(events: readonly DeviceEvent[], boot: number): Track {
  return {
    name: 'e',
    topic: 'e',
    count: events.length,
    time: seq => events[seq]!.t,
    open: () => seq => Promise.resolve(encodeDeviceEvent({ boot, seq, event: events[seq]! })),
  }
}

function packTrack(packs: PackGrid, boot: number, zero: number, unfinished: boolean): Track {
  // A device that stops without a word does not send the pack that says so.
  const count = unfinished ? packs.count - 1 : packs.count
  return {
    name: 'n',
    topic: 'n',
    count,
    time: seq => packs.time(seq) - zero,
    open: () => seq => Promise.resolve(encodePackPlace(packs.place(seq), boot, zero, seq === packs.count - 1)),
  }
}

function chunkTrack(source: SignalSource, plan: StreamPlan, boot: number, unfinished: boolean): Track {
  const { birth, grid } = plan
  return {
    name: birth.id,
    topic: 'w',
    count: grid.count,
    time: seq => {
      const { index, n } = grid.place(seq)
      return birth.t0 + samplesToMicros(index + n, birth.fs)
    },
    open: () => {
      const maker = new ChunkMaker(source, plan, boot, !unfinished)
      return seq => maker.make(seq)
    },
  }
}
