import type { AnchorRecord, MessageRecord, TickRecord } from '../journal/record.js'
import { microsecondRate, Timeline } from '../monitor/timeline.js'
import { hertz, samplesToMicros } from '../signal/rate.js'
import { type Birth, decodeBirth, encodeBirth } from '../wire/birth.js'
import { readChunkPlace } from '../wire/chunk-place.js'
import { decodePack, readPack } from '../wire/pack.js'
import { ClockEstimator, type ClockNews, type ClockState } from './clock-estimator.js'

/** A new anchor is written when the estimate has moved by more than this, at most one in ten seconds. */
const anchorMoveMicros = 20_000
const anchorPauseMicros = 10_000_000
const silenceMicros = 3_000_000
/** Sample count and device clock that disagree by more than this (lost count, a rate that is not what was born) make a new anchor too. */
const countMoveMicros = 1_000_000
/** How far a live stream may be behind the patient's newest before the others stop waiting for it. */
const aheadMicros = 60_000_000
const lastFlag = 8

interface StreamWatch {
  timeline: Timeline
  /** Offset and wall time of the newest anchor; null before the first. */
  anchored: { offset: number; at: number } | null
  /** Index after the newest sample (numerics: device clock of the newest pack) and the wall time at which it came. */
  newest: number
  movedAt: number
  /** Wall time without news after which the stream is declared silent, microseconds. */
  patience: number
  silent: boolean
  closed: boolean
}

interface SavedStream extends Omit<StreamWatch, 'timeline'> {
  timeline: unknown
}

export interface DeviceWatchState {
  birth: Uint8Array | null
  clock: ClockState
  streams: [string, SavedStream][]
}

/** Where a chunk lies, read from its fixed header only. */
export interface PlacedChunk {
  readonly boot: number
  readonly index: number
  readonly n: number
  /** Patient time, microseconds. */
  readonly from: number
  readonly to: number
}

export interface Observed {
  /** To be journaled before the message. */
  readonly anchors: readonly AnchorRecord[]
  readonly news: ClockNews | null
  readonly placed: PlacedChunk | null
}

const nothing: Observed = { anchors: [], news: null, placed: null }

/**
 * What intake knows of one device: its birth, its clock, and when each stream last moved. It makes the anchors and
 * silence ticks of live sources; recorded ones get neither. Fed with the same records it is the same, so it is restored
 * by reading the journal again.
 */
export class DeviceWatch {
  readonly device: string
  #birth: Birth | null = null
  #clock = new ClockEstimator()
  #streams = new Map<string, StreamWatch>()

  constructor(device: string) {
    this.device = device
  }

  get birth(): Birth | null {
    return this.#birth
  }

  /** Looks at a message before it is journaled. */
  observe(message: MessageRecord): Observed {
    if (message.topic === 'birth') this.#take(message)
    else if (message.topic === 'w') return this.#chunk(message)
    else if (message.topic === 'n') return this.#pack(message)
    return nothing
  }

  /** Silence ticks that are due at wall time `now`, each once until its stream moves again. `newest`: patient time of the patient's newest sample. */
  ticks(now: number, newest: number): TickRecord[] {
    const birth = this.#birth
    if (birth === null || birth.clock === 'recorded') return []
    const ticks: TickRecord[] = []
    for (const [stream, watch] of this.#streams) {
      if (watch.silent || watch.closed || watch.anchored === null) continue
      // The engine's clock was set back: silence counts from here.
      watch.movedAt = Math.min(watch.movedAt, now)
      // Chunks say that all numerics before their end were sent (N5): those are as far as the device is.
      const reached = stream === 'n' ? this.newest() : watch.timeline.timeOf(watch.newest)
      const behind = newest - reached > aheadMicros
      if (now - watch.movedAt < watch.patience && !behind) continue
      watch.silent = true
      ticks.push({ type: 'tick', device: this.device, boot: birth.boot, stream, at: now })
    }
    return ticks
  }

  /** Patient time of the newest live sample, microseconds; -Infinity: none. */
  newest(): number {
    let newest = Number.NEGATIVE_INFINITY
    if (this.#birth === null || this.#birth.clock === 'recorded') return newest
    for (const watch of this.#streams.values()) if (watch.anchored !== null) newest = Math.max(newest, watch.timeline.timeOf(watch.newest))
    return newest
  }

  noteTick(tick: TickRecord): void {
    const watch = this.#streams.get(tick.stream)
    if (watch !== undefined && this.#birth?.boot === tick.boot) watch.silent = true
  }

  /** The engine was away until `now`: silence counts from here. */
  resume(now: number): void {
    for (const watch of this.#streams.values()) watch.movedAt = Math.max(watch.movedAt, now)
  }

  save(): DeviceWatchState {
    return {
      birth: this.#birth === null ? null : encodeBirth(this.#birth),
      clock: this.#clock.save(),
      streams: [...this.#streams].map(([id, watch]) => [id, { ...watch, timeline: watch.timeline.save() }]),
    }
  }

  load(state: DeviceWatchState): void {
    const birth = state.birth === null ? null : decodeBirth(state.birth)
    this.#birth = birth !== null && 'ok' in birth ? birth.ok : null
    this.#clock.load(state.clock)
    this.#streams = new Map()
    for (const [id, saved] of state.streams) {
      const timeline = new Timeline(this.#birth?.streams.find(stream => stream.id === id)?.fs ?? microsecondRate)
      timeline.load(saved.timeline)
      this.#streams.set(id, { ...saved, timeline })
    }
  }

  #take(message: MessageRecord): void {
    const decoded = decodeBirth(message.payload)
    if (!('ok' in decoded)) return
    const birth = decoded.ok
    if (this.#birth !== null && birth.boot <= this.#birth.boot) return
    this.#birth = birth
    this.#clock = new ClockEstimator()
    this.#streams = new Map()
    for (const { id, fs, t0 } of birth.streams) {
      const watch = makeWatch(new Timeline(fs), message.at, silenceMicros)
      if (birth.clock === 'recorded') watch.timeline.add({ index: 0, patientTime: (birth.epoch ?? 0) + t0 })
      this.#streams.set(id, watch)
    }
    if (birth.numerics !== undefined) {
      this.#streams.set('n', makeWatch(new Timeline(microsecondRate), message.at, Math.max(silenceMicros, birth.numerics.every * 3e6)))
    }
  }

  #chunk(message: MessageRecord): Observed {
    const header = readChunkPlace(message.payload)
    const birth = this.#birth
    const spec = birth?.streams.find(stream => stream.id === message.stream)
    const watch = this.#streams.get(message.stream)
    if (header === null || birth === null || spec === undefined || watch === undefined || header.boot !== birth.boot) return nothing
    const { boot, index, n, t0 } = header
    let anchors: AnchorRecord[] = []
    let news: ClockNews | null = null
    if (birth.clock !== 'recorded') {
      news = this.#clock.observe(t0 + samplesToMicros(n, spec.fs), message.at)
      anchors = this.#anchor(message, watch, index, t0)
      watch.patience = Math.max(silenceMicros, (3e6 * n) / hertz(spec.fs))
    }
    if (index + n > watch.newest) this.#moved(watch, index + n, message.at)
    if ((header.flags & lastFlag) !== 0) watch.closed = true
    return { anchors, news, placed: { boot, index, n, from: watch.timeline.timeOf(index), to: watch.timeline.timeOf(index + n) } }
  }

  #pack(message: MessageRecord): Observed {
    const birth = this.#birth
    const watch = this.#streams.get('n')
    if (birth === null || birth.clock === 'recorded' || watch === undefined) return nothing
    const pack = decodePack(message.payload)
    if (!('ok' in pack) || pack.ok.boot !== birth.boot) return nothing
    const values = readPack(pack.ok, { birth, at: message.at, notBefore: null, counters: {} })
    if (!('ok' in values)) return nothing
    const { t } = values.ok
    const news = this.#clock.observe(t, message.at)
    const anchors = this.#anchor(message, watch, t, t)
    if (t > watch.newest) this.#moved(watch, t, message.at)
    if (pack.ok.last) watch.closed = true
    return { anchors, news, placed: null }
  }

  /** Places the stream at first contact, and again when the estimate has moved. `device`: device clock of `index`. */
  #anchor(message: MessageRecord, watch: StreamWatch, index: number, device: number): AnchorRecord[] {
    const offset = this.#clock.offset!
    const { anchored } = watch
    const patientTime = Math.round(device + offset)
    // Absolute: the engine's own clock may have been set back.
    const due =
      anchored === null ||
      (Math.abs(message.at - anchored.at) >= anchorPauseMicros &&
        (Math.abs(offset - anchored.offset) > anchorMoveMicros ||
          Math.abs(watch.timeline.timeOf(index) - patientTime) > countMoveMicros)) ||
      // So far ahead it would have the patient's other streams declared silent.
      watch.timeline.timeOf(index) - patientTime > aheadMicros
    // A late chunk is placed by what holds for its time; it moves nothing.
    if (!due || (anchored !== null && index < watch.newest)) return []
    watch.anchored = { offset, at: message.at }
    watch.timeline.add({ index, patientTime })
    const { uncertaintyMs } = this.#clock
    const stream = message.topic === 'n' ? 'n' : message.stream
    return [{ type: 'anchor', device: this.device, boot: this.#birth!.boot, stream, index, patientTime, uncertaintyMs, at: message.at }]
  }

  #moved(watch: StreamWatch, newest: number, at: number): void {
    watch.newest = newest
    watch.movedAt = at
    watch.silent = false
  }
}

function makeWatch(timeline: Timeline, at: number, patience: number): StreamWatch {
  return { timeline, anchored: null, newest: Number.NEGATIVE_INFINITY, movedAt: at, patience, silent: false, closed: false }
}
