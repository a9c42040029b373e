import { log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/** Most candidates under consideration at a time. */
const depth = 32

export interface PathParameters {
  /** No two beats closer than this. */
  readonly refractorySeconds: number
  /** Share of the RR intervals that follow no expectation. */
  readonly broadShare: number
  /** Bounds of the mean deviation from the RR interval expected, as shares of it. */
  readonly leastSpread: number
  readonly largestSpread: number
  /** Log likelihood lost by a beat that fails to come. */
  readonly missCost: number
  /** The expectation follows intervals that differ by at most this share of it, */
  readonly followReach: number
  /** by this share of the difference. */
  readonly followShare: number
}

/** Something that may be a beat. */
export interface PathCandidate {
  /** In samples. */
  readonly at: number
  /** Log likelihood for a beat against none. */
  readonly evidence: number
  /** Of a known shape; -1: of none. */
  readonly shape: number
  /** Its peak lies so many points after `at`. */
  readonly offset: number
}

/**
 * Which of several candidates are beats: the chain of them with the greatest sum of evidence and of log likelihood of its
 * RR intervals (dynamic programme over the candidates since the last decided beat).
 */
export class QrsRhythmPath {
  private readonly score = new Float64Array(depth)
  private readonly from = new Int32Array(depth)
  private readonly state = {
    count: 0,
    at: new Float64Array(depth),
    evidence: new Float64Array(depth),
    shape: new Float64Array(depth),
    offset: new Float64Array(depth),
    /** Last decided beat, or -1. */
    last: -1,
    expected: 0,
    spread: 0,
    peak: 0,
    broad: 0,
  }

  constructor(
    private readonly p: PathParameters,
    private readonly refractory: number,
  ) {}

  get count(): number {
    return this.state.count
  }
  get last(): number {
    return this.state.last
  }

  /** Some candidate has more for it than against. */
  get promising(): boolean {
    const { evidence, count } = this.state
    for (let i = 0; i < count; i++) if ((evidence[i] as number) > 0) return true
    return false
  }

  get newest(): PathCandidate {
    return this.candidate(this.state.count - 1)
  }

  /** How well a beat at this place would follow the last decided one. */
  rhythm(at: number): number {
    return this.state.last < 0 ? 0 : this.interval(at - this.state.last)
  }

  get oldest(): number {
    return this.state.count > 0 ? (this.state.at[0] as number) : Number.POSITIVE_INFINITY
  }

  /** Expected RR interval and its mean absolute deviation, in the unit of `at`. */
  expect(interval: number, deviation: number): void {
    const { state, p } = this
    state.expected = interval
    state.spread = Math.min(p.largestSpread * interval, Math.max(p.leastSpread * interval, deviation))
    state.peak = log(((1 - p.broadShare) * interval) / (2 * state.spread))
    state.broad = log(p.broadShare)
  }

  get expected(): number {
    return this.state.expected
  }

  /** The expectation follows intervals near it, slowly: false beats must not lead it astray. */
  follow(interval: number): void {
    const { state, p } = this
    const error = interval - state.expected
    if (Math.abs(error) < p.followReach * state.expected) state.expected += p.followShare * error
  }

  begin(last: number): void {
    this.state.count = 0
    this.state.last = last
  }

  add(at: number, evidence: number, shape: number, offset: number): void {
    const { state } = this
    if (state.count === depth) this.drop()
    const i = state.count
    state.at[i] = at
    state.evidence[i] = evidence
    state.shape[i] = shape
    state.offset[i] = offset
    state.count = i + 1
  }

  /** Evidence of the nearest candidate, -1000 when there is none near. */
  evidenceNear(at: number, reach: number): number {
    const i = this.nearest(at, reach)
    return i < 0 ? -1000 : (this.state.evidence[i] as number)
  }

  /** There is other evidence for a beat of unknown shape here. */
  raise(at: number, reach: number, evidence: number): void {
    const { state } = this
    const i = this.nearest(at, reach)
    if (i >= 0) {
      state.evidence[i] = evidence
      return
    }
    // Candidates stay in order.
    this.add(at, evidence, -1, 0)
    for (let k = state.count - 1; k > 0 && (state.at[k - 1] as number) > at; k--) {
      for (const array of [state.at, state.evidence, state.shape, state.offset]) {
        const x = array[k] as number
        array[k] = array[k - 1] as number
        array[k - 1] = x
      }
    }
  }

  private nearest(at: number, reach: number): number {
    const { state } = this
    let best = -1
    let least = reach + 1
    for (let i = 0; i < state.count; i++) {
      const distance = Math.abs((state.at[i] as number) - at)
      if (distance < least) {
        least = distance
        best = i
      }
    }
    return best
  }

  /** Decides about the oldest candidate, as seen from `now`, and takes it off. */
  decide(now: number): PathCandidate | null {
    const { state, score, from } = this
    const { at, evidence, count, last } = state
    let best = last < 0 ? 0 : this.waiting(now - last)
    let end = -1
    for (let i = 0; i < count; i++) {
      const t = at[i] as number
      let value = last < 0 ? 0 : this.interval(t - last)
      let origin = -1
      for (let j = 0; j < i; j++) {
        const other = (score[j] as number) + this.interval(t - (at[j] as number))
        if (other > value) {
          value = other
          origin = j
        }
      }
      value += evidence[i] as number
      score[i] = value
      from[i] = origin
      const total = value + this.waiting(now - t)
      if (total > best) {
        best = total
        end = i
      }
    }
    while (end > 0) end = from[end] as number
    const found = end === 0 ? this.candidate(0) : null
    if (found) state.last = found.at
    this.drop()
    return found
  }

  /** Log likelihood of an RR interval, against one beat per expected interval at random. */
  private interval(length: number): number {
    const { expected, spread, peak, broad } = this.state
    if (length < this.refractory) return -1000
    let best = broad
    if (length > 1.5 * expected) best -= this.p.missCost * (length / expected - 1.5)
    const first = peak - Math.abs(length - expected) / spread
    best = Math.max(best, first)
    const second = peak - this.p.missCost - Math.abs(length - 2 * expected) / (1.4 * spread)
    return Math.max(best, second)
  }

  /** Log likelihood of no beat for so long. */
  private waiting(length: number): number {
    const late = length / this.state.expected - 1.1
    return late <= 0 ? 0 : -Math.min(6, this.p.missCost * late * 2)
  }

  private candidate(i: number): PathCandidate {
    const { at, evidence, shape, offset } = this.state
    return { at: at[i] as number, evidence: evidence[i] as number, shape: shape[i] as number, offset: offset[i] as number }
  }

  private drop(): void {
    const { state } = this
    for (const array of [state.at, state.evidence, state.shape, state.offset]) array.copyWithin(0, 1, state.count)
    state.count -= 1
  }

  restart(): void {
    this.state.count = 0
    this.state.last = -1
  }

  /** As new. */
  forget(): void {
    this.restart()
    for (const array of [this.state.at, this.state.evidence, this.state.shape, this.state.offset]) array.fill(0)
    Object.assign(this.state, { expected: 0, spread: 0, peak: 0, broad: 0 })
  }

  save(): StageState {
    return copyState(this.state)
  }
  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
