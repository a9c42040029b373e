import type { AlertRule } from '../alert/alert-rule.js'
import type { ConditionSet } from './condition-set.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

/** A reader whose conditions follow rules. */
export interface RuledHandler extends MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  /** Judges readings that come behind at their own times. */
  readonly judgesLate?: true
  /** Judges what is known at `t` by rules that have just changed; left out where the next item or moment of a grid does. */
  rejudge?(changed: ReadonlySet<string>, t: number): void
}

/** What a reader's rules are at a patient time (microseconds; null: for all, at no time), and when they may change next. */
export interface RuleSource {
  rulesAt(t: number | null): readonly AlertRule[]
  /** Infinity: never. */
  nextAfter(t: number): number
}

/**
 * Changes the rules of a reader at the patient time from which they hold: an item or a delay of that very moment is judged
 * by the new ones. Each reader has a time of its own, so each has its own schedule.
 */
export class RuleSchedule implements MergeHandler<ReaderItem> {
  readonly #handler: RuledHandler
  readonly #source: RuleSource
  /** The moment whose rules the reader has; null before its first item. */
  #at: number | null
  #next: number
  /** Up to where changes have been said; beyond `at` while late readings are judged by the rules of their time. */
  #told: number | null

  /** `at`: the moment whose rules `handler` was made with. */
  constructor(handler: RuledHandler, source: RuleSource, at: number | null, told: number | null = at) {
    this.#handler = handler
    this.#source = source
    this.#at = at
    this.#told = told
    this.#next = at === null ? Number.POSITIVE_INFINITY : source.nextAfter(at)
  }

  get at(): number | null {
    return this.#at
  }

  get told(): number | null {
    return this.#told
  }

  item(item: ReaderItem, t: number, input: string, behind: boolean): void {
    if (this.#at === null) this.#follow(t)
    else if (behind && this.#handler.judgesLate === true && t < this.#at && this.#source.nextAfter(t) <= this.#at) this.#goBack(t)
    this.#followUpTo(t)
    this.#handler.item(item, t, input, behind)
  }

  advance(t: number): void {
    this.#followUpTo(t)
    this.#handler.advance(t)
  }

  nextDeadline(): number {
    return Math.min(this.#handler.nextDeadline(), this.#next)
  }

  /** What the source says has changed, at patient time `t`, which is not before anything that was handled. */
  change(t: number): void {
    if (this.#at === null) this.#handler.conditions.replaceRules(this.#source.rulesAt(null), t)
    else {
      const now = Math.max(t, this.#told ?? this.#at)
      this.#followUpTo(now)
      this.#follow(now)
    }
  }

  #followUpTo(t: number): void {
    while (this.#next <= t) this.#follow(this.#next)
  }

  #goBack(t: number): void {
    this.#at = t
    this.#next = this.#source.nextAfter(t)
    this.#handler.conditions.goBack(this.#source.rulesAt(t))
  }

  /** A change that was said before is followed in silence, up to the newest of them. */
  #follow(t: number): void {
    const again = this.#told !== null && this.#at !== null && this.#at < this.#told && t <= this.#told
    this.#at = t
    this.#next = this.#source.nextAfter(t)
    const changed = this.#handler.conditions.replaceRules(this.#source.rulesAt(t), t, !again)
    if (changed.size > 0 && (!again || t === this.#told)) this.#handler.rejudge?.(changed, t)
    if (this.#told === null || t > this.#told) this.#told = t
  }
}
