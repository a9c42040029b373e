import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { shapeCount } from './beat-shape.js'
import { windowPoints } from './beat-window.js'
import { ShapeComparer, slotCount } from './shape-comparer.js'

export const groupCount = 8
/** A beat that correlates less with every group begins one of its own, in place of the one used least. */
const sameShape = 0.9
/** Use fades by this factor a beat: a group is judged by the last minutes. */
const fading = 0.997
/** Share of the newest beat in a group's mean, once it is settled. */
const newestShare = 0.08
/** Same for what a group remembers of intervals. */
const intervalShare = 0.05
/** An interval below this share of the local rhythm is premature. */
export const prematureBelow = 0.87

/** How a beat compares with the groups. */
export interface GroupMatch {
  /** Group that it resembles most, -1: none. */
  group: number
  /** Joint correlation of the QRS span over the leads, at the best shift. */
  correlation: number
  shift: number
}

/**
 * Up to eight groups of beats of like shape, each with its mean beat in up to two leads, the measures of that mean, how often it is
 * met, how often it comes early and what interval follows. The dominant group stands for the patient's normal beat: the one
 * met most among those that are not mostly premature (so that the premature beats of a bigeminy do not take its place).
 */
export class BeatGroups {
  /** Against the dominant group: correlation of the QRS span in each slot, at the best joint shift. */
  readonly toDominant = new Float64Array(slotCount)
  readonly match: GroupMatch = { group: -1, correlation: 0, shift: 0 }
  dominantShift = 0
  private readonly trial = new Float64Array(slotCount)
  private readonly comparer = new ShapeComparer()
  private readonly state = {
    shapes: new Float64Array(groupCount * slotCount * windowPoints),
    measures: new Float64Array(groupCount * slotCount * shapeCount),
    has: new Uint8Array(groupCount * slotCount),
    use: new Float64Array(groupCount),
    beats: new Float64Array(groupCount),
    premature: new Float64Array(groupCount),
    after: new Float64Array(groupCount),
    afterKnown: new Uint8Array(groupCount),
    dominant: -1,
  }

  get dominant(): number {
    return this.state.dominant
  }

  beats(group: number): number {
    return this.state.beats[group] as number
  }

  /** Of all beats of the last minutes, the share in that group. */
  share(group: number): number {
    let sum = 0
    for (let g = 0; g < groupCount; g++) sum += this.state.use[g] as number
    return sum > 0 ? (this.state.use[group] as number) / sum : 0
  }

  prematureShare(group: number): number {
    return this.state.premature[group] as number
  }

  /** Mean of the intervals after its beats over the local rhythm; NaN when none is known. */
  intervalAfter(group: number): number {
    return this.state.afterKnown[group] === 1 ? (this.state.after[group] as number) : Number.NaN
  }

  /** Correlation of the group's mean with the dominant one. */
  likenessToDominant(group: number): number {
    const { state } = this
    if (state.dominant < 0) return Number.NaN
    if (group === state.dominant) return 1
    const base = this.meanAt(group, 0)
    const slots = this.slotsOf(group)
    this.comparer.read(state.shapes, base, slots)
    return this.compare(state.shapes, base, slots, state.dominant).correlation
  }

  hasLead(group: number, slot: number): boolean {
    return this.state.has[group * slotCount + slot] === 1
  }

  /** Where a group's mean beat in a slot begins in `means`; its measures in `measures`. */
  meanAt(group: number, slot: number): number {
    return (group * slotCount + slot) * windowPoints
  }

  get means(): Float64Array {
    return this.state.shapes
  }

  measure(group: number, slot: number, which: number): number {
    return this.state.measures[(group * slotCount + slot) * shapeCount + which] as number
  }

  /** Compares a beat (`windows`: a window a slot; bit s of `slots`: slot s is there) with all groups. */
  find(windows: Float64Array, slots: number): GroupMatch {
    const { state, match } = this
    match.group = -1
    match.correlation = 0
    match.shift = 0
    this.toDominant.fill(Number.NaN)
    this.comparer.read(windows, 0, slots)
    for (let group = 0; group < groupCount; group++) {
      if ((state.beats[group] as number) === 0) continue
      const { correlation, shift } = this.compare(windows, 0, slots, group)
      if (correlation > match.correlation) {
        match.group = group
        match.correlation = correlation
        match.shift = shift
      }
      if (group === state.dominant) {
        this.toDominant.set(this.trial)
        this.dominantShift = shift
      }
    }
    return match
  }

  /** Takes the beat that `find` was asked about into its group; `premature` is null when its interval is not known. */
  learn(windows: Float64Array, measures: Float64Array, slots: number, premature: boolean | null): number {
    const { state, match } = this
    const known = match.group >= 0 && match.correlation >= sameShape
    const group = known ? match.group : this.leastUsed()
    if (!known) this.clear(group)
    state.beats[group] = (state.beats[group] as number) + 1
    const share = Math.max(newestShare, 1 / (state.beats[group] as number))
    const shift = known ? match.shift : 0
    for (let slot = 0; slot < slotCount; slot++) {
      if ((slots & (1 << slot)) === 0) continue
      const first = state.has[group * slotCount + slot] === 0
      this.average(windows, slot, group, shift, first ? 1 : share)
      const to = (group * slotCount + slot) * shapeCount
      for (let m = 0; m < shapeCount; m++) {
        const before = first ? 0 : (1 - share) * (state.measures[to + m] as number)
        state.measures[to + m] = before + (first ? 1 : share) * (measures[slot * shapeCount + m] as number)
      }
      state.has[group * slotCount + slot] = 1
    }
    for (let g = 0; g < groupCount; g++) state.use[g] = (state.use[g] as number) * fading
    state.use[group] = (state.use[group] as number) + 1
    if (premature !== null) {
      const weight = Math.max(intervalShare, 1 / (state.beats[group] as number))
      state.premature[group] = (state.premature[group] as number) + weight * ((premature ? 1 : 0) - (state.premature[group] as number))
    }
    state.dominant = this.chooseDominant()
    return group
  }

  /** The interval after a beat of that group, over the local rhythm. */
  followed(group: number, ratio: number): void {
    const { state } = this
    if (Number.isNaN(ratio)) return
    const before = state.afterKnown[group] === 1 ? (state.after[group] as number) : ratio
    state.after[group] = before + 2 * intervalShare * (Math.min(ratio, 3) - before)
    state.afterKnown[group] = 1
  }

  restart(): void {
    for (let group = 0; group < groupCount; group++) this.clear(group)
    this.state.shapes.fill(0)
    this.state.measures.fill(0)
    this.state.dominant = -1
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  private chooseDominant(): number {
    const { state } = this
    let best = -1
    let most = 0
    for (let group = 0; group < groupCount; group++) {
      // The one that holds the place keeps it unless another is clearly ahead.
      const held = group === state.dominant ? 1.25 : 1
      const weight = (state.use[group] as number) * (1 - 0.9 * (state.premature[group] as number)) * held
      if (weight > most) {
        most = weight
        best = group
      }
    }
    return best
  }

  private leastUsed(): number {
    const { use } = this.state
    let least = -1
    for (let group = 0; group < groupCount; group++) {
      if (group === this.state.dominant) continue
      if (least < 0 || (use[group] as number) < (use[least] as number)) least = group
    }
    return least
  }

  private clear(group: number): void {
    const { state } = this
    state.has.fill(0, group * slotCount, (group + 1) * slotCount)
    state.use[group] = 0
    state.beats[group] = 0
    state.premature[group] = 0
    state.after[group] = 0
    state.afterKnown[group] = 0
  }

  private slotsOf(group: number): number {
    let slots = 0
    for (let slot = 0; slot < slotCount; slot++) if (this.hasLead(group, slot)) slots |= 1 << slot
    return slots
  }

  /** Missing points count as the level (0), or one lost sample would spoil the mean for good. */
  private average(windows: Float64Array, slot: number, group: number, shift: number, share: number): void {
    const { shapes } = this.state
    const to = this.meanAt(group, slot)
    const from = slot * windowPoints
    for (let k = 0; k < windowPoints; k++) {
      const at = Math.min(windowPoints - 1, Math.max(0, k + shift))
      const x = windows[from + at] as number
      shapes[to + k] = (share === 1 ? 0 : (1 - share) * (shapes[to + k] as number)) + share * (Number.isNaN(x) ? 0 : x)
    }
  }

  private compare(windows: Float64Array, base: number, slots: number, group: number): { correlation: number; shift: number } {
    const shared = slots & this.slotsOf(group)
    return this.comparer.compare(windows, base, this.state.shapes, this.meanAt(group, 0), shared, this.trial)
  }
}
