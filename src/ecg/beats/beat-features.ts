import { log } from '../../dsp/math.js'
import type { StageState } from '../../signal/stage.js'
import type { FoundBeat } from '../beat-verdict.js'
import type { EcgView } from '../ecg-view.js'
import { at, featureNames, leadAt, leadStart } from './beat-feature-names.js'
import { BeatGroups, prematureBelow } from './beat-groups.js'
import { correlate, measureShape, shape, shapeCount } from './beat-shape.js'
import { tSpan, WindowReader, windowPoints } from './beat-window.js'
import { PWaveTemplate } from './p-wave.js'
import { RrContext } from './rr-context.js'
import { slotCount } from './shape-comparer.js'

/**
 * Describes beats one after the other by their intervals, their shape beside the patient's own usual beat, their P and T waves and
 * by what their group did before; NaN where something cannot be told. Remembers what it needs for the beats to come.
 */
export class BeatFeatures {
  readonly values = new Float64Array(featureNames.length)
  /** Beats that the dominant group holds: with few, nothing that is told against it means much. */
  dominantBeats = 0
  /** Group that the beat was put into, and whether it is the first there. */
  group = -1
  beginsGroup = false
  private readonly rr = new RrContext()
  private readonly groups = new BeatGroups()
  private readonly p = new PWaveTemplate()
  private readonly reader: WindowReader
  private readonly windows = new Float64Array(slotCount * windowPoints)
  private readonly window = new Float64Array(windowPoints)
  private readonly measures = new Float64Array(slotCount * shapeCount)
  private state = newState()

  constructor(
    fsHz: number,
    private readonly leadCount: number,
  ) {
    this.reader = new WindowReader(fsHz)
  }

  /** Fills `values` for this beat, then learns from it. False: no shape could be seen. */
  extract(beat: FoundBeat, view: EcgView): boolean {
    const { values, windows, groups, state } = this
    this.track(beat.lead)
    const rr = this.rr.add(beat.rrSeconds)
    if (state.lastGroup >= 0) groups.followed(state.lastGroup, rr.local)
    values.fill(Number.NaN)
    const slots = this.look(beat, view)
    const own = state.leads[0] === beat.lead ? 0 : 1
    values[at.rrLocal] = rr.local
    values[at.rrGlobal] = rr.global
    values[at.rrUpper] = rr.upper
    values[at.rrPrevious] = rr.previous
    values[at.previousLocal] = rr.previousLocal
    values[at.irregularity] = rr.irregularity
    values[at.rrBorder] = rr.border
    values[at.rrSeparation] = rr.separation
    values[at.groupRatio] = rr.groupRatio
    values[at.shortShare] = rr.shortShare
    values[at.rrSeconds] = rr.seconds
    values[at.previousCorrelation] = state.lastCorrelation
    values[at.previousRr] = state.lastRrLocal
    values[at.previousUpper] = state.lastRrUpper
    values[at.previousP] = state.lastP
    values[at.pPresence] = state.pPresence
    values[at.steady] = rr.steady
    values[at.steadyPairs] = rr.steadyPairs
    values[at.onset] = rr.onset
    values[at.rrExpected] = rr.expected
    values[at.quality] = beat.quality
    state.lastRrLocal = rr.local
    state.lastRrUpper = rr.upper
    state.lastP = Number.NaN
    state.lastGroup = -1
    state.lastCorrelation = Number.NaN
    if ((slots & (1 << own)) === 0) return false
    const match = groups.find(windows, slots)
    const { dominant } = groups
    this.dominantBeats = dominant < 0 ? 0 : groups.beats(dominant)
    if (dominant >= 0) {
      this.describeGroup(match.group, match.correlation, own)
      for (const which of [0, 1] as const) {
        const slot = which === 0 ? own : 1 - own
        if ((slots & (1 << slot)) !== 0) this.describeLead(slot, leadStart(which))
      }
    }
    const p = largerOf(values[leadStart(0) + leadAt.pCorrelation] as number, values[leadStart(1) + leadAt.pCorrelation] as number)
    values[at.pLikeness] = p
    values[at.pDrop] = state.pPresence - p
    this.learn(slots, own, rr.local, rr.upper)
    return true
  }

  gap(): void {
    this.state.lastGroup = -1
  }

  restart(): void {
    this.rr.restart()
    this.groups.restart()
    this.p.restart()
    this.state = newState()
  }

  save(): StageState {
    return { rr: this.rr.save(), groups: this.groups.save(), p: this.p.save(), state: structuredClone(this.state) }
  }

  load(saved: StageState): void {
    const { rr, groups, p, state } = saved as { rr: StageState; groups: StageState; p: StageState; state: ReturnType<typeof newState> }
    this.rr.load(rr)
    this.groups.load(groups)
    this.p.load(p)
    this.state = structuredClone(state)
  }

  /** Two leads are watched: the first two, until the beats come from another one. */
  private track(lead: number): void {
    const { state } = this
    if (lead === state.leads[0] || (lead === state.leads[1] && this.leadCount > 1)) return
    state.leads[1] = lead
    this.groups.restart()
    this.p.restart()
    state.lastGroup = -1
  }

  private look(beat: FoundBeat, view: EcgView): number {
    const { windows, window, measures, state } = this
    let slots = 0
    for (let slot = 0; slot < Math.min(slotCount, this.leadCount); slot++) {
      if (!this.reader.read(view, state.leads[slot] as number, beat.index, beat.fraction, window)) continue
      windows.set(window, slot * windowPoints)
      measureShape(window, 0, measures, slot * shapeCount)
      if ((measures[slot * shapeCount] as number) > 0) slots |= 1 << slot
    }
    return slots
  }

  private describeGroup(group: number, correlation: number, own: number): void {
    const { values, groups } = this
    const { dominant } = groups
    values[at.ownGroup] = correlation
    if (group < 0) return
    values[at.groupShare] = groups.share(group)
    values[at.groupPremature] = groups.prematureShare(group)
    values[at.groupAfter] = groups.intervalAfter(group)
    values[at.groupLikeness] = groups.likenessToDominant(group)
    values[at.groupBeats] = Math.min(50, groups.beats(group))
    if (!groups.hasLead(group, own) || !groups.hasLead(dominant, own)) return
    values[at.groupSpreadChange] = groups.measure(group, own, shape.spread) - groups.measure(dominant, own, shape.spread)
    values[at.groupPolarityChange] = groups.measure(group, own, shape.polarity) - groups.measure(dominant, own, shape.polarity)
  }

  private describeLead(slot: number, to: number): void {
    const { values, groups, windows, measures, p } = this
    const { dominant } = groups
    const m = slot * shapeCount
    const of = (which: number): number => measures[m + which] as number
    values[to + leadAt.area] = of(shape.area)
    values[to + leadAt.spread] = of(shape.spread)
    values[to + leadAt.width] = of(shape.width)
    values[to + leadAt.polarity] = of(shape.polarity)
    values[to + leadAt.tOpposition] = of(shape.tOpposition)
    values[to + leadAt.roughness] = of(shape.roughness)
    if (!groups.hasLead(dominant, slot)) return
    const usual = (which: number): number => groups.measure(dominant, slot, which)
    values[to + leadAt.correlation] = groups.toDominant[slot] as number
    values[to + leadAt.heightRatio] = logRatio(of(shape.height), usual(shape.height))
    values[to + leadAt.areaRatio] = logRatio(of(shape.area), usual(shape.area))
    values[to + leadAt.slopeRatio] = logRatio(of(shape.slope), usual(shape.slope))
    values[to + leadAt.spreadChange] = of(shape.spread) - usual(shape.spread)
    values[to + leadAt.widthChange] = of(shape.width) - usual(shape.width)
    values[to + leadAt.polarityChange] = of(shape.polarity) - usual(shape.polarity)
    const tLength = tSpan.to - tSpan.from
    values[to + leadAt.tCorrelation] = correlate(
      windows,
      slot * windowPoints + tSpan.from,
      groups.means,
      groups.meanAt(dominant, slot) + tSpan.from,
      tLength,
    )
    values[to + leadAt.tLevelChange] = of(shape.tLevel) - usual(shape.tLevel)
    const { correlation, amount, rest } = p.read(windows, slot, groups.dominantShift)
    values[to + leadAt.pCorrelation] = correlation
    values[to + leadAt.pAmount] = Math.max(-3, Math.min(4, amount))
    values[to + leadAt.pRest] = Math.min(8, rest)
    values[to + leadAt.pHeight] = p.height(slot) / usual(shape.height)
  }

  private learn(slots: number, own: number, rrLocal: number, rrUpper: number): void {
    const { groups, state, windows } = this
    const known = groups.dominant >= 0
    state.lastCorrelation = known ? (groups.toDominant[own] as number) : Number.NaN
    const shift = groups.dominantShift
    const like = known && (groups.toDominant[own] as number) > 0.9
    const group = groups.learn(windows, this.measures, slots, Number.isNaN(rrLocal) ? null : rrLocal < prematureBelow)
    state.lastGroup = group
    this.group = group
    this.beginsGroup = groups.beats(group) === 1
    // NaN (not yet known) passes the second question, not the first.
    const p = this.values[at.pLikeness] as number
    state.lastP = this.values[at.pDrop] as number
    if (!like || group !== groups.dominant || !(rrLocal > 0.93) || rrUpper < 0.8) return
    if (!Number.isNaN(p)) state.pPresence = Number.isNaN(state.pPresence) ? p : state.pPresence + 0.1 * (p - state.pPresence)
    for (let slot = 0; slot < slotCount; slot++) if ((slots & (1 << slot)) !== 0) this.p.learn(windows, slot, shift)
  }
}

function newState(): {
  leads: number[]
  lastGroup: number
  lastCorrelation: number
  lastRrLocal: number
  lastRrUpper: number
  lastP: number
  pPresence: number
} {
  return {
    leads: [0, 1],
    lastGroup: -1,
    lastCorrelation: Number.NaN,
    lastRrLocal: Number.NaN,
    lastRrUpper: Number.NaN,
    lastP: Number.NaN,
    pPresence: Number.NaN,
  }
}

/** NaN only when both are. */
function largerOf(a: number, b: number): number {
  return Number.isNaN(b) || a > b ? a : b
}

function logRatio(a: number, b: number): number {
  return a > 0 && b > 0 ? Math.max(-3, Math.min(3, log(a / b))) : Number.NaN
}
