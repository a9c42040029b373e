import type { AlertRule } from '../alert/alert-rule.js'
import type { RhythmName } from '../signal/observation.js'
import { usableQuality } from '../vitals/vital-reading.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceUpTo } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

interface RhythmReaderState {
  conditions: ConditionSetState
  qualities: [number, number][]
  on: [RhythmName, number][]
  silent: boolean
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
  /** Rhythms that are on, by what the chain said last, with the sample that they were told with; a silent stream has none. */
  #on = new Map<RhythmName, number>()
  #silent = false
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
      if (item.on) this.#on.set(item.rhythm, item.decided)
      else this.#on.delete(item.rhythm)
      this.#index = item.decided
    } else if (item.kind === 'silent') {
      this.#qualities.clear()
      this.#silent = true
    } else if (item.kind === 'back') {
      this.#silent = false
    } else if (item.kind === 'end') {
      this.#qualities.clear()
      this.#on.clear()
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
    return {
      conditions: this.conditions.save(),
      qualities: [...this.#qualities],
      on: [...this.#on],
      silent: this.#silent,
      index: this.#index,
    }
  }

  load(state: RhythmReaderState): void {
    this.conditions.load(state.conditions)
    this.#qualities = new Map(state.qualities)
    this.#on = new Map(state.on)
    this.#silent = state.silent
    this.#index = state.index
  }

  #step(t: number): void {
    const qualities = [...this.#qualities.values()]
    const usable = qualities.some(quality => quality >= usableQuality)
    const evidence = evidenceUpTo(this.#stream, this.#index, this.#fsHertz)
    for (const rule of this.conditions.rules) {
      if (rule.input.kind !== 'rhythm') continue
      const on = this.#on.has(rule.input.rhythm)
      // What the chain says is positive evidence; without a usable lead its silence is none, and without data nothing is known.
      const measurable = !this.#silent && (on || usable)
      const finding = !measurable ? 'unknown' : on ? 'true' : 'false'
      this.conditions.step(rule.id, finding, t, {
        value: null,
        evidence,
        reason: measurable ? null : this.#silent ? 'no-data' : 'poor-signal',
      })
    }
  }
}
