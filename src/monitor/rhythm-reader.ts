import type { AlertRule } from '../alert/alert-rule.js'
import { usableQuality } from '../vitals/vital-reading.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceUpTo } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

interface RhythmReaderState {
  conditions: ConditionSetState
  qualities: [number, number][]
  on: boolean
  index: number
}

export function rhythmRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(rule => rule.input.kind === 'rhythm')
}

/** Rhythm conditions of one ECG stream: so or not as its chain says, unknown while no lead is usable. */
export class RhythmReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #stream: string
  readonly #fsHertz: number
  #qualities = new Map<number, number>()
  #on = false
  #index = 0

  constructor(stream: string, fsHertz: number, rules: readonly AlertRule[], emit: EmitEvent) {
    this.#stream = stream
    this.#fsHertz = fsHertz
    this.conditions = new ConditionSet(rules, '', emit)
  }

  item(item: ReaderItem, t: number): void {
    if (item.kind === 'quality') {
      this.#qualities.set(item.channel, item.quality)
      this.#index = item.index
    } else if (item.kind === 'rhythm') {
      this.#on = item.on
      this.#index = item.decided
    } else if (item.kind === 'end' || item.kind === 'silent') {
      this.#qualities.clear()
      this.#on = false
    } else return
    this.#step(t)
  }

  advance(t: number): void {
    this.conditions.advance(t)
  }

  nextDeadline(): number {
    return this.conditions.nextDeadline()
  }

  save(): RhythmReaderState {
    return { conditions: this.conditions.save(), qualities: [...this.#qualities], on: this.#on, index: this.#index }
  }

  load(state: RhythmReaderState): void {
    this.conditions.load(state.conditions)
    this.#qualities = new Map(state.qualities)
    this.#on = state.on
    this.#index = state.index
  }

  #step(t: number): void {
    const qualities = [...this.#qualities.values()]
    // What the chain says is positive evidence; without a usable lead its silence is none.
    const measurable = this.#on || qualities.some(quality => quality >= usableQuality)
    const finding = this.#on ? 'true' : measurable ? 'false' : 'unknown'
    const evidence = evidenceUpTo(this.#stream, this.#index, this.#fsHertz)
    for (const rule of this.conditions.rules) {
      this.conditions.step(rule.id, finding, t, { value: null, evidence, reason: measurable ? null : 'poor-signal' })
    }
  }
}
