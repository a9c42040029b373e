import { VitalwireError } from '../errors.js'
import type { StreamChain } from '../signal/chain.js'
import type { Observation, QualityReason } from '../signal/observation.js'
import { hertz } from '../signal/rate.js'
import { checkBlock, isMissing, type StreamBlock } from '../signal/sample-block.js'
import type { Latency, StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { chooseChannel, newChannelChoice } from './channel-choice.js'
import { secondOf, secondStart } from './second-grid.js'
import { copyState, restoreState } from './state.js'

export type Emit = (observation: Observation) => void

/** One channel of a stream, followed sample by sample. */
export interface SecondwiseChannel {
  /** True when the sample settled an event (a pulse, a breath). NaN: missing. */
  step(value: number, index: number, flags: number): boolean
  /** Samples of the whole stream were lost. */
  lose(count: number): void
  /** Of those, so many lie in the second under way. */
  missInSecond(count: number): void
  /** Ends the second that `now` is the last sample of; its quality, with `reason` beside it. */
  closeSecond(now: number): number
  /** The stream ends at `end`; true when that settled an event. */
  finish(end: number): boolean
  readonly reason: QualityReason
  /** Running quality that the choice among channels reads. */
  readonly worth: number
  save(): StageState
  load(state: StageState): void
}

/** Stretch that a number speaks for, with the sample that it was decided by. */
export interface SecondSpan {
  readonly second: number
  readonly from: number
  readonly to: number
  readonly decided: number
}

/** What a modality makes of its channels. */
export interface SecondwiseMeaning<Channel extends SecondwiseChannel> {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  newChannel(): Channel
  /** A channel settled an event. */
  settled(channel: Channel, number: number, chosen: boolean, decided: number, emit: Emit): void
  /** A second has ended; what every channel says of itself. */
  each?(channel: Channel, number: number, span: SecondSpan, emit: Emit): void
  /** A second has ended; the numbers of the chosen channel. */
  measure(channel: Channel, number: number, span: SecondSpan, emit: Emit): void
  /** Whole seconds were lost. */
  missing(number: number, span: SecondSpan, emit: Emit): void
}

/**
 * Runs the channels of a stream and asks for numbers at each second of the stream's own grid. Every channel is followed and
 * its quality said; events and numbers come from the chosen one. A second that lost samples counts them as missing; whole
 * lost seconds are said at once, when the stream goes on. All emissions are in the order of `decided`, whatever the cut.
 */
export class SecondwiseChain<Channel extends SecondwiseChannel> implements StreamChain {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  readonly #spec: StreamSpec
  readonly #meaning: SecondwiseMeaning<Channel>
  readonly #state = { ...newChannelChoice(), next: -1, second: 0, secondFrom: 0, secondEnd: 0 }
  #channels: Channel[] = []

  constructor(spec: StreamSpec, meaning: SecondwiseMeaning<Channel>, fsRange: readonly [number, number]) {
    const fs = hertz(spec.fs)
    if (!(fs >= fsRange[0] && fs <= fsRange[1])) {
      const accepted = `accepted: ${fsRange[0]} to ${fsRange[1]} Hz`
      throw new VitalwireError('usage-config', `stream ${spec.id}: ${fs} Hz is no rate for the ${meaning.name} chain; ${accepted}`)
    }
    this.#spec = spec
    this.#meaning = meaning
    this.name = meaning.name
    this.latency = meaning.latency
    this.parameters = meaning.parameters
    this.#renew()
  }

  push(block: StreamBlock, emit: Emit): void {
    checkBlock(block, this.#spec.channels.length, this.#state.next)
    if (block.length === 0) return
    const s = this.#state
    if (s.next < 0) this.#begin(block.start)
    else if (block.start > s.next) this.#lose(block.start, emit)
    const channels = this.#channels
    const flags = block.flags
    let index = block.start
    let at = 0
    while (at < block.length) {
      // Up to the end of this second there is nothing to ask but the channels.
      const stop = Math.min(block.length, at + s.secondEnd - index)
      if (channels.length === 1) {
        const only = channels[0]!
        const samples = block.channels[0]!
        for (; at < stop; at += 1, index += 1) {
          const value = samples[at]!
          if (only.step(isMissing(value) ? Number.NaN : value, index, flags)) this.#settled(0, index, emit)
        }
      } else {
        for (; at < stop; at += 1, index += 1) {
          for (let c = 0; c < channels.length; c += 1) {
            const value = block.channels[c]![at]!
            if (channels[c]!.step(isMissing(value) ? Number.NaN : value, index, flags)) this.#settled(c, index, emit)
          }
        }
      }
      if (index === s.secondEnd) {
        this.#closeSecond(index - 1, emit)
        this.#turn(s.second + 1)
      }
    }
    s.next = index
  }

  flush(emit: Emit): void {
    const end = this.#state.next - 1
    for (let c = 0; c < this.#channels.length; c += 1) {
      if (this.#channels[c]!.finish(end)) this.#settled(c, end, emit)
    }
    this.#renew()
  }

  save(): StageState {
    return { state: copyState(this.#state), channels: this.#channels.map(channel => channel.save()) }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; channels: StageState[] }
    restoreState(this.#state, from.state)
    this.#channels.forEach((channel, c) => {
      channel.load(from.channels[c])
    })
  }

  #renew(): void {
    Object.assign(this.#state, { ...newChannelChoice(), next: -1, second: 0, secondFrom: 0, secondEnd: 0 })
    this.#channels = this.#spec.channels.map(() => this.#meaning.newChannel())
  }

  #begin(start: number): void {
    this.#turn(secondOf(start, this.#spec.fs))
    this.#state.secondFrom = start
    this.#state.next = start
  }

  #turn(second: number): void {
    const s = this.#state
    s.second = second
    s.secondFrom = secondStart(second, this.#spec.fs)
    s.secondEnd = secondStart(second + 1, this.#spec.fs)
  }

  /** Samples from `next` to `start` never came; `start` is the first that did. */
  #lose(start: number, emit: Emit): void {
    const s = this.#state
    for (const channel of this.#channels) channel.lose(start - s.next)
    if (start >= s.secondEnd) {
      if (s.next > s.secondFrom) {
        for (const channel of this.#channels) channel.missInSecond(s.secondEnd - s.next)
        this.#closeSecond(start, emit)
        s.next = s.secondEnd
      }
      const second = secondOf(start, this.#spec.fs)
      const from = s.next
      const to = secondStart(second, this.#spec.fs)
      if (to > from) {
        for (let channel = 0; channel < this.#channels.length; channel += 1) {
          emit({ kind: 'quality', decided: start, channel, from, to, quality: 0, reason: 'missing' })
        }
        this.#meaning.missing(s.chosen, { second: second - 1, from, to, decided: start }, emit)
      }
      this.#turn(second)
      s.next = s.secondFrom
    }
    for (const channel of this.#channels) channel.missInSecond(start - s.next)
  }

  #settled(c: number, decided: number, emit: Emit): void {
    this.#meaning.settled(this.#channels[c]!, c, c === this.#state.chosen, decided, emit)
  }

  #closeSecond(decided: number, emit: Emit): void {
    const s = this.#state
    const to = s.secondEnd
    const worth: number[] = []
    const span = { second: s.second, from: s.secondFrom, to, decided }
    for (let channel = 0; channel < this.#channels.length; channel += 1) {
      const each = this.#channels[channel]!
      const quality = each.closeSecond(to - 1)
      worth.push(each.worth)
      emit({ kind: 'quality', decided, channel, from: s.secondFrom, to, quality, reason: each.reason })
      this.#meaning.each?.(each, channel, span, emit)
    }
    chooseChannel(s, worth)
    this.#meaning.measure(this.#channels[s.chosen]!, s.chosen, span, emit)
  }
}

/** A measurement that carries a reason only when there is no value. */
export function emitNumber(
  emit: Emit,
  measurement: Omit<Extract<Observation, { kind: 'measurement' }>, 'kind' | 'reason'>,
  reason: string,
): void {
  emit(measurement.value === null ? { kind: 'measurement', ...measurement, reason } : { kind: 'measurement', ...measurement })
}
