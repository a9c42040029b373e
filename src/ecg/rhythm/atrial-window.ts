import { log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { usableQuality } from './beat-run.js'
import { type Irregularity, isScattered, measureIrregularity } from './irregularity.js'
import { PqActivity } from './pq-activity.js'

export const atrialWindowDefaults = {
  /** Intervals in a window, and the least that it is judged from. */
  intervals: 32,
  leastIntervals: 20,
  /** Older intervals do not count, however few there are. */
  longestSeconds: 60,
} as const

/** Of the coherence's logarithm: beyond them more or less of it says nothing more. */
const coherenceBounds = [-7, 4] as const

interface WindowInterval {
  /** R peak of the beat that ends it. */
  readonly index: number
  readonly seconds: number
  /** Seconds of all intervals since the timeline began, this one included. */
  readonly measured: number
  readonly quality: number
}

export interface ScatterEdge {
  readonly index: number
  readonly measured: number
}

/** What the newest beats say of the atria. */
export interface AtrialReading extends Irregularity {
  /** First and last beat of the window. */
  readonly from: number
  readonly to: number
  readonly intervals: number
  /** 1/min. */
  readonly rate: number
  readonly quality: number
  /** Natural logarithm of how well the stretch before the QRS complexes repeats; NaN when it could not be looked at. */
  readonly coherence: number
}

/**
 * The newest intervals between beats that are not ventricular, and what precedes these beats. Intervals on either side of a V or F
 * beat are left out (they are no rhythm of the atria), and none spans a loss of signal; the window may.
 */
export class AtrialWindow {
  private readonly pq: PqActivity
  private readonly longest: number
  private readonly state: { intervals: WindowInterval[]; measured: number; last: number; afterV: boolean } = newState()

  constructor(private readonly fsHz: number) {
    this.pq = new PqActivity(fsHz, atrialWindowDefaults.intervals)
    this.longest = atrialWindowDefaults.longestSeconds * fsHz
  }

  /** Whether the beat added an interval. */
  add(beat: ConfirmedBeat, view: EcgView): boolean {
    const { state } = this
    const { index, rrSeconds, quality } = beat
    if (quality < usableQuality) {
      state.last = -1
      return false
    }
    const isV = beat.beatClass === 'V' || beat.beatClass === 'F'
    const follows = rrSeconds !== null && state.last >= 0 && !state.afterV && !isV
    while (state.intervals.length > 0 && (state.intervals[0] as WindowInterval).index < index - this.longest) state.intervals.shift()
    if (follows) {
      state.measured += rrSeconds
      state.intervals.push({ index, seconds: rrSeconds, measured: state.measured, quality })
      if (state.intervals.length > atrialWindowDefaults.intervals) state.intervals.shift()
    }
    state.last = index
    state.afterV = isV
    if (!isV) this.pq.add(beat.lead, index, beat.fraction, view)
    return follows
  }

  /** Null for too few intervals. */
  read(): AtrialReading | null {
    const { intervals } = this.state
    if (intervals.length < atrialWindowDefaults.leastIntervals) return null
    const seconds = intervals.map(interval => interval.seconds)
    let sum = 0
    let quality = 0
    for (const interval of intervals) {
      sum += interval.seconds
      quality += interval.quality
    }
    const first = intervals[0] as WindowInterval
    const pq = this.pq.read(Math.floor(atrialWindowDefaults.leastIntervals / 2))
    return {
      ...measureIrregularity(seconds),
      from: Math.max(0, Math.round(first.index - first.seconds * this.fsHz)),
      to: (intervals[intervals.length - 1] as WindowInterval).index,
      intervals: intervals.length,
      rate: (60 * intervals.length) / sum,
      quality: quality / intervals.length,
      coherence: pq === null ? Number.NaN : Math.min(Math.max(log(pq.coherence + 1e-6), coherenceBounds[0]), coherenceBounds[1]),
    }
  }

  /** Seconds of all intervals since the timeline began. */
  get measured(): number {
    return this.state.measured
  }

  /** The beat from which on the intervals scatter as in fibrillation up to the window's end, and `measured` there. */
  scatterBegin(): ScatterEdge {
    return this.edge(true)
  }

  /** The beat up to which they scattered last. */
  scatterEnd(): ScatterEdge {
    return this.edge(false)
  }

  clear(): void {
    this.pq.clear()
    restoreState(this.state, newState())
  }

  save(): StageState {
    return { state: copyState(this.state), pq: this.pq.save() }
  }

  load(saved: StageState): void {
    const { state, pq } = saved as { state: StageState; pq: StageState }
    restoreState(this.state, state)
    this.pq.load(pq)
  }

  /** An 8-beat window tells of its middle; a single one that differs is passed over. */
  private edge(begin: boolean): ScatterEdge {
    const { intervals } = this.state
    const seconds = intervals.map(interval => interval.seconds)
    let at = intervals.length - 1
    while (at >= 0 && (isScattered(seconds, at) === begin || (at > 0 && isScattered(seconds, at - 1) === begin))) at -= 1
    const edge = intervals[Math.max(0, at - 3)] ?? intervals[0]
    return { index: edge?.index ?? -1, measured: edge?.measured ?? this.state.measured }
  }
}

function newState() {
  return { intervals: [] as WindowInterval[], measured: 0, last: -1, afterV: false }
}
