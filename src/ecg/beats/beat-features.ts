import { log } from '../../dsp/math.js'
import type { StageState } from '../../signal/stage.js'
import type { FoundBeat } from '../beat-verdict.js'
import type { EcgView } from '../ecg-view.js'
import { BeatGroups, prematureBelow, slotCount } from './beat-groups.js'
import { correlate, measureShape, shape, shapeCount } from './beat-shape.js'
import { tSpan, WindowReader, windowPoints } from './beat-window.js'
import { PWaveTemplate } from './p-wave.js'
import { RrContext } from './rr-context.js'

/** Of each lead: the one of the beat (`own`), then the other one where there is one. */
const leadFeatures = [
  'correlation',
  'heightRatio',
  'areaRatio',
  'slopeRatio',
  'area',
  'spread',
  'width',
  'spreadChange',
  'widthChange',
  'polarity',
  'polarityChange',
  'tCorrelation',
  'tLevelChange',
  'tOpposition',
  'roughness',
  'pCorrelation',
  'pAmount',
  'pRest',
  'pHeight',
] as const

const beatFeatures = [
  'rrLocal',
  'rrGlobal',
  'rrUpper',
  'rrPrevious',
  'previousLocal',
  'irregularity',
  'rrBorder',
  'rrSeparation',
  'groupRatio',
  'shortShare',
  'rrSeconds',
  'ownGroup',
  'groupShare',
  'groupPremature',
  'groupAfter',
  'groupLikeness',
  'groupBeats',
  'groupSpreadChange',
  'groupPolarityChange',
  'previousCorrelation',
  'previousRr',
  'previousUpper',
  'previousP',
  'pPresence',
  'steady',
  'steadyPairs',
  'onset',
  'pLikeness',
  'pDrop',
  'quality',
] as const

/** Names of the features, in the order of the array that `BeatFeatures.extract` fills; the models are fitted to this list. */
export const featureNames: readonly string[] = [
  ...beatFeatures,
  ...leadFeatures.map(name => `own.${name}`),
  ...leadFeatures.map(name => `other.${name}`),
]

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
    values[at0] = rr.local
    values[at0 + 1] = rr.global
    values[at0 + 2] = rr.upper
    values[at0 + 3] = rr.previous
    values[at0 + 4] = rr.previousLocal
    values[at0 + 5] = rr.irregularity
    values[at0 + 6] = rr.border
    values[at0 + 7] = rr.separation
    values[at0 + 8] = rr.groupRatio
    values[at0 + 9] = rr.shortShare
    values[at0 + 10] = rr.seconds
    values[at0 + 19] = state.lastCorrelation
    values[at0 + 20] = state.lastRrLocal
    values[at0 + 21] = state.lastRrUpper
    values[at0 + 22] = state.lastP
    values[at0 + 23] = state.pPresence
    values[at0 + 24] = rr.steady
    values[at0 + 25] = rr.steadyPairs
    values[at0 + 26] = rr.onset
    values[at0 + 29] = beat.quality
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
      for (let k = 0; k < slotCount; k++) {
        const slot = k === 0 ? own : 1 - own
        if ((slots & (1 << slot)) !== 0) this.describeLead(slot, beatFeatures.length + k * leadFeatures.length)
      }
    }
    const p = largerOf(values[beatFeatures.length + pAt] as number, values[beatFeatures.length + leadFeatures.length + pAt] as number)
    values[at0 + 27] = p
    values[at0 + 28] = state.pPresence - p
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
    values[at0 + 11] = correlation
    if (group < 0) return
    values[at0 + 12] = groups.share(group)
    values[at0 + 13] = groups.prematureShare(group)
    values[at0 + 14] = groups.intervalAfter(group)
    values[at0 + 15] = groups.likenessToDominant(group)
    values[at0 + 16] = Math.min(50, groups.beats(group))
    if (!groups.hasLead(group, own) || !groups.hasLead(dominant, own)) return
    values[at0 + 17] = groups.measure(group, own, shape.spread) - groups.measure(dominant, own, shape.spread)
    values[at0 + 18] = groups.measure(group, own, shape.polarity) - groups.measure(dominant, own, shape.polarity)
  }

  private describeLead(slot: number, to: number): void {
    const { values, groups, windows, measures, p } = this
    const { dominant } = groups
    const m = slot * shapeCount
    const of = (which: number): number => measures[m + which] as number
    values[to + 4] = of(shape.area)
    values[to + 5] = of(shape.spread)
    values[to + 6] = of(shape.width)
    values[to + 9] = of(shape.polarity)
    values[to + 13] = of(shape.tOpposition)
    values[to + 14] = of(shape.roughness)
    if (!groups.hasLead(dominant, slot)) return
    const usual = (which: number): number => groups.measure(dominant, slot, which)
    values[to] = groups.toDominant[slot] as number
    values[to + 1] = logRatio(of(shape.height), usual(shape.height))
    values[to + 2] = logRatio(of(shape.area), usual(shape.area))
    values[to + 3] = logRatio(of(shape.slope), usual(shape.slope))
    values[to + 7] = of(shape.spread) - usual(shape.spread)
    values[to + 8] = of(shape.width) - usual(shape.width)
    values[to + 10] = of(shape.polarity) - usual(shape.polarity)
    const tLength = tSpan.to - tSpan.from
    values[to + 11] = correlate(
      windows,
      slot * windowPoints + tSpan.from,
      groups.means,
      groups.meanAt(dominant, slot) + tSpan.from,
      tLength,
    )
    values[to + 12] = of(shape.tLevel) - usual(shape.tLevel)
    const { correlation, amount, rest } = p.read(windows, slot, groups.dominantShift)
    values[to + 15] = correlation
    values[to + 16] = Math.max(-3, Math.min(4, amount))
    values[to + 17] = Math.min(8, rest)
    values[to + 18] = p.height(slot) / usual(shape.height)
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
    const p = this.values[at0 + 27] as number
    state.lastP = this.values[at0 + 28] as number
    if (!like || group !== groups.dominant || !(rrLocal > 0.93) || rrUpper < 0.8) return
    if (!Number.isNaN(p)) state.pPresence = Number.isNaN(state.pPresence) ? p : state.pPresence + 0.1 * (p - state.pPresence)
    for (let slot = 0; slot < slotCount; slot++) if ((slots & (1 << slot)) !== 0) this.p.learn(windows, slot, shift)
  }
}

const pAt = leadFeatures.indexOf('pCorrelation')

/** Index of the first feature of the beat as a whole. */
const at0 = 0

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
