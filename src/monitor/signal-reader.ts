import type { AlertRule, SignalCondition } from '../alert/alert-rule.js'
import type { StreamKind } from '../signal/stream.js'
import { usableQuality } from '../vitals/vital-reading.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceUpTo } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

interface ChannelQuality {
  readonly quality: number
  readonly reason: string
}

interface SignalReaderState {
  conditions: ConditionSetState
  channels: [number, ChannelQuality][]
  index: number
  silent: boolean
}

/** Conditions that make sense for a kind of stream; every stream can fall silent. */
const conditionsByKind: Readonly<Record<StreamKind, readonly SignalCondition[]>> = {
  ecg: ['lead-off', 'poor-signal', 'no-data'],
  ppg: ['sensor-off', 'poor-signal', 'no-data'],
  respiration: ['lead-off', 'sensor-off', 'no-data'],
  pressure: ['sensor-off', 'no-data'],
  acceleration: ['no-data'],
  eeg: ['no-data'],
  temperature: ['no-data'],
  other: ['no-data'],
}

export function signalRules(rules: readonly AlertRule[], kind: StreamKind): AlertRule[] {
  return rules.filter(rule => rule.input.kind === 'signal' && conditionsByKind[kind].includes(rule.input.signal))
}

/**
 * Technical state of one stream. A stream is as good as its best channel: lead off, sensor off and poor signal hold when
 * no channel is usable. Poor signal is unknown while lead or sensor off explains it.
 */
export class SignalReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #stream: string
  readonly #fsHertz: number
  #channels = new Map<number, ChannelQuality>()
  #index = 0
  #silent = false

  constructor(stream: string, fsHertz: number, rules: readonly AlertRule[], emit: EmitEvent) {
    this.#stream = stream
    this.#fsHertz = fsHertz
    this.conditions = new ConditionSet(rules, stream, emit)
  }

  item(item: ReaderItem, t: number): void {
    if (item.kind === 'quality') {
      this.#channels.set(item.channel, { quality: item.quality, reason: item.reason })
      this.#index = item.index
    } else if (item.kind === 'silent' || item.kind === 'end') {
      this.#channels.clear()
      this.#silent = item.kind === 'silent'
    } else if (item.kind === 'back') {
      this.#silent = false
    } else return
    this.#step(t, item.kind === 'end')
  }

  advance(t: number): void {
    this.conditions.advance(t)
  }

  nextDeadline(): number {
    return this.conditions.nextDeadline()
  }

  rejudge(_changed: ReadonlySet<string>, t: number): void {
    this.#step(t, false)
  }

  save(): SignalReaderState {
    return { conditions: this.conditions.save(), channels: [...this.#channels], index: this.#index, silent: this.#silent }
  }

  load(state: SignalReaderState): void {
    this.conditions.load(state.conditions)
    this.#channels = new Map(state.channels)
    this.#index = state.index
    this.#silent = state.silent
  }

  #step(t: number, ended: boolean): void {
    const evidence = this.#index > 0 ? evidenceUpTo(this.#stream, this.#index, this.#fsHertz) : null
    const channels = [...this.#channels.values()]
    const known = channels.length > 0
    const unusable = known && channels.every(channel => channel.quality < usableQuality)
    const says = (reason: string) => unusable && channels.some(channel => channel.reason === reason)
    const off = says('lead-off') || says('sensor-off')
    for (const rule of this.conditions.rules) {
      if (rule.input.kind !== 'signal') continue
      const signal = rule.input.signal
      if (signal === 'no-data') {
        // A stream that ended in order is not missing.
        this.conditions.step(rule.id, this.#silent ? 'true' : 'false', t, { value: null, evidence, reason: null })
      } else if (!known || ended) {
        this.conditions.step(rule.id, 'unknown', t, { value: null, evidence, reason: 'no-data' })
      } else if (signal === 'poor-signal') {
        if (off)
          this.conditions.step(rule.id, 'unknown', t, { value: null, evidence, reason: says('lead-off') ? 'lead-off' : 'sensor-off' })
        else this.conditions.step(rule.id, unusable ? 'true' : 'false', t, { value: null, evidence, reason: null })
      } else {
        this.conditions.step(rule.id, says(signal) ? 'true' : 'false', t, { value: null, evidence, reason: null })
      }
    }
  }
}
