import type { AlertRule } from '../alert/alert-rule.js'
import { type EpisodeName, episodeKinds, type RhythmName } from '../signal/observation.js'
import type { StreamKind } from '../signal/stream.js'
import { usableQuality } from '../vitals/vital-reading.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceUpTo } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

interface EpisodeReaderState {
  conditions: ConditionSetState
  qualities: [number, number][]
  on: [RhythmName | EpisodeName, number][]
  silent: boolean
  index: number
}

/**
 * The rules on what chains of this kind of stream tell as on or off. `atLimb`: the device carries light too, so it sits at a wrist or
 * finger, where blows and turns are everyday life: a fall is told there, and raises no alert.
 */
export function episodeRules(rules: readonly AlertRule[], kind: StreamKind, atLimb = false): AlertRule[] {
  return rules.filter(({ input }) => {
    if (input.kind === 'rhythm') return kind === 'ecg'
    return input.kind === 'episode' && episodeKinds[input.episode].includes(kind) && !(atLimb && input.episode === 'fall')
  })
}

/** Kinds of streams whose chains tell rhythms or episodes. */
export function tellsEpisodes(kind: StreamKind): boolean {
  return kind === 'ecg' || Object.values(episodeKinds).some(kinds => kinds.includes(kind))
}

/** Conditions of one stream that are on or off as its chain says (rhythms, episodes); unknown while no channel is usable. */
export class EpisodeReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #stream: string
  readonly #fsHertz: number
  #qualities = new Map<number, number>()
  /** Rhythms and episodes that are on, by what the chain said last, with the sample that they were told with; a silent stream has none. */
  #on = new Map<RhythmName | EpisodeName, number>()
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
    } else if (item.kind === 'episode') {
      if (item.on) this.#on.set(item.name, item.decided)
      else this.#on.delete(item.name)
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

  rejudge(_changed: ReadonlySet<string>, t: number): void {
    this.#step(t)
  }

  save(): EpisodeReaderState {
    return {
      conditions: this.conditions.save(),
      qualities: [...this.#qualities],
      on: [...this.#on],
      silent: this.#silent,
      index: this.#index,
    }
  }

  load(state: EpisodeReaderState): void {
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
      const name = rule.input.kind === 'rhythm' ? rule.input.rhythm : rule.input.kind === 'episode' ? rule.input.episode : null
      if (name === null) continue
      const on = this.#on.has(name)
      // What the chain says is positive evidence; without a usable channel its silence is none, and without data nothing is known.
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
