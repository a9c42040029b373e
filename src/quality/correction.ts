import type { VitalName } from '../signal/catalogue.js'
import type { Relabel } from '../wire/pack.js'

/** What a correction changes, each only where it is unambiguous. The raw bytes stand in the journal as they came. */
export type CorrectionKind =
  /** The device labels `name` with `from` and means `to`; both as it would send them (UCUM). */
  | { readonly kind: 'unit'; readonly name: VitalName; readonly from: string; readonly to: string }
  /** The electrodes of a lead are exchanged: its samples change their sign. */
  | { readonly kind: 'invert'; readonly stream: string; readonly channel: string }
  /** The device's clock is off by this much, added to all its times from its next boot on. */
  | { readonly kind: 'clock'; readonly offsetMicros: number }

/** An overlay on what a device sends, from the journal record that made it until one that takes it back. */
export interface Correction {
  /** Id of the event that says it. */
  readonly id: string
  readonly what: CorrectionKind
  /** `manual`, or the rule that found it. */
  readonly method: string
  readonly version: string
  readonly author: string
  readonly reason: string
  /** Wall time of the record that made it, microseconds. */
  readonly at: number
}

/** Body of the system event `correction`: the log of corrections. */
export interface CorrectionStep extends Correction {
  readonly state: 'made' | 'undone'
}

const mostCorrections = 32

/** The corrections of one device that are in force. */
export class CorrectionSet {
  #corrections: Correction[] = []
  /** Offset of the current boot, microseconds, with the ids that make it. */
  #clock: { offsetMicros: number; ids: string[] } = { offsetMicros: 0, ids: [] }

  /** Why a correction cannot be made; null: it can. */
  problem(what: CorrectionKind): 'already-corrected' | 'too-many' | null {
    if (this.#corrections.some(correction => sameTarget(correction.what, what))) return 'already-corrected'
    return this.#corrections.length >= mostCorrections ? 'too-many' : null
  }

  make(correction: Correction): void {
    this.#corrections.push(correction)
  }

  /** null: no such correction is in force. */
  undo(id: string): Correction | null {
    const found = this.#corrections.find(correction => correction.id === id) ?? null
    if (found !== null) this.#corrections = this.#corrections.filter(correction => correction !== found)
    return found
  }

  /** A boot begins: corrections of the clock that are in force count for it, whole. */
  boot(): void {
    const clocks = this.#corrections.flatMap(({ id, what }) => (what.kind === 'clock' ? [{ id, offset: what.offsetMicros }] : []))
    this.#clock = { offsetMicros: clocks.reduce((sum, { offset }) => sum + offset, 0), ids: clocks.map(({ id }) => id) }
  }

  /** Microseconds to add to the patient times of the current boot. */
  get clockOffset(): number {
    return this.#clock.offsetMicros
  }

  readonly relabel: Relabel = (name, unit) => {
    for (const { id, what } of this.#corrections)
      if (what.kind === 'unit' && what.name === name && what.from === unit) return { id, to: what.to }
    return null
  }

  /** Corrections of a stream's channels, by channel; empty: nothing is inverted. */
  inverted(stream: string): readonly { readonly id: string; readonly channel: string }[] {
    return this.#corrections.flatMap(({ id, what }) =>
      what.kind === 'invert' && what.stream === stream ? [{ id, channel: what.channel }] : [],
    )
  }

  /** Ids of what changes a stream now, for the note of each event that is made of it; null: nothing does. */
  ofStream(stream: string): string[] | null {
    if (this.#corrections.length === 0 && this.#clock.ids.length === 0) return null
    const ids = [...this.inverted(stream).map(({ id }) => id), ...this.#clock.ids]
    return ids.length === 0 ? null : ids
  }

  save(): unknown {
    return structuredClone({ corrections: this.#corrections, clock: this.#clock })
  }

  load(state: unknown): void {
    const { corrections, clock } = structuredClone(state as { corrections: Correction[]; clock: { offsetMicros: number; ids: string[] } })
    this.#corrections = corrections
    this.#clock = clock
  }
}

function sameTarget(a: CorrectionKind, b: CorrectionKind): boolean {
  if (a.kind === 'unit' && b.kind === 'unit') return a.name === b.name && a.from === b.from
  if (a.kind === 'invert' && b.kind === 'invert') return a.stream === b.stream && a.channel === b.channel
  return a.kind === 'clock' && b.kind === 'clock'
}
