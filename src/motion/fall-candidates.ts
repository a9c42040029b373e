import { log } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { angleBetween } from './angle.js'
import { AxesHistory, type Vector } from './axes-history.js'

export const fallParameters = {
  /** Least peak of a candidate, g. */
  leastPeak: 1.6,
  /** A candidate is the largest within this distance, s. */
  apartSeconds: 1,
  /** A candidate is judged this long after its peak, s: whoever is up again by then has not fallen, or needs no help. */
  judgeSeconds: 8,
  /** Least signal after the peak that it can be judged by when the signal ends, s. */
  leastAfterSeconds: 1.5,
  /** Direction before: mean over this stretch before the peak, s. */
  beforeSeconds: [3, 1],
  /** Direction after: mean over the last so many seconds. */
  afterSeconds: 1,
  /** Where the time above `heavy` g is counted, s around the peak. */
  blowSeconds: [0.3, 0.5],
  heavy: 1.5,
  /** Peaks above this many g count as this: a jump is no worse fall than a fall. */
  largestPeak: 3.5,
  /** Turns outside count as the bound, degrees. */
  turnBounds: [10, 70],
} as const

/** In the order of the model's weights. */
export const fallFeatureNames = ['peak', 'turn', 'blow'] as const

/** Logistic regression: a candidate is a fall when bias + weights x features > 0. */
export interface FallModel {
  readonly weights: readonly [peak: number, turn: number, blow: number]
  readonly bias: number
}

/** A blow that may have been a fall, with what followed it. */
export interface FallCandidate {
  /** Place of the peak in the history. */
  readonly at: number
  /** g. */
  readonly peak: number
  /** Natural logarithm of the (bounded) peak, turn in radians (bounded), seconds above `heavy`. */
  readonly features: readonly [peak: number, turn: number, blow: number]
  /** Directions of gravity before and at the time of judgement. */
  readonly before: Vector
  readonly after: Vector
}

/**
 * Finds blows in an acceleration and describes each by its strength, its length and how far the wearer had turned some seconds later.
 * After the phases of a fall that thresholds look for (Bourke et al., Gait & Posture 26 (2007); Sucerquia et al., Sensors 17 (2017)
 * 198): impact, then another posture that stays.
 */
export class FallCandidates {
  readonly history: AxesHistory
  readonly #fs: number
  readonly #apart: number
  readonly #state = {
    /** The largest sample of the last `apart` that may become a candidate; -1: none. */
    at: -1,
    peak: 0,
    /** The candidate before, which lesser samples near it belong to. */
    lastAt: Number.NEGATIVE_INFINITY,
    lastPeak: 0,
    waiting: [] as { at: number; peak: number }[],
  }

  constructor(fs: number) {
    this.#fs = fs
    this.#apart = Math.round(fallParameters.apartSeconds * fs)
    const { beforeSeconds, judgeSeconds } = fallParameters
    this.history = new AxesHistory(Math.ceil((beforeSeconds[0] + judgeSeconds + 1) * fs))
  }

  /** A sample in g; the candidate that it completes, or null. */
  step(x: number, y: number, z: number): FallCandidate | null {
    const { history } = this
    const s = this.#state
    history.push(x, y, z)
    const now = history.seen - 1
    const magnitude = history.magnitude(now)
    if (s.at >= 0 && now - s.at > this.#apart) this.#accept()
    const free = now - s.lastAt > this.#apart || magnitude > s.lastPeak
    if (magnitude >= fallParameters.leastPeak && free && (s.at < 0 || magnitude > s.peak)) {
      s.at = now
      s.peak = magnitude
    }
    const due = s.waiting[0]
    if (due === undefined || now - due.at < fallParameters.judgeSeconds * this.#fs) return null
    s.waiting.shift()
    return this.#describe(due)
  }

  /** The signal ends here: the candidates that can be judged by what there is. What follows begins anew. */
  end(): FallCandidate[] {
    const s = this.#state
    if (s.at >= 0) this.#accept()
    const last = this.history.seen - 1
    const judged = s.waiting.filter(({ at }) => last - at >= fallParameters.leastAfterSeconds * this.#fs)
    const described = judged.flatMap(each => this.#describe(each) ?? [])
    this.history.clear()
    Object.assign(s, { at: -1, peak: 0, lastAt: Number.NEGATIVE_INFINITY, lastPeak: 0, waiting: [] })
    return described
  }

  save(): StageState {
    return { history: this.history.save(), state: copyState(this.#state) }
  }

  load(saved: StageState): void {
    const from = saved as { history: StageState; state: object }
    this.history.load(from.history)
    restoreState(this.#state, from.state)
  }

  #accept(): void {
    const s = this.#state
    s.waiting.push({ at: s.at, peak: s.peak })
    s.lastAt = s.at
    s.lastPeak = s.peak
    s.at = -1
    s.peak = 0
  }

  /** Null when nothing is known of the time before. */
  #describe({ at, peak }: { at: number; peak: number }): FallCandidate | null {
    const { history } = this
    const { beforeSeconds, afterSeconds, blowSeconds, heavy, largestPeak, turnBounds } = fallParameters
    const fs = this.#fs
    const oldest = history.oldest
    if (at - oldest < 0.2 * fs) return null
    // A blow soon after the beginning has the first half of what there is before it.
    const until = Math.max(at - Math.round(beforeSeconds[1] * fs), oldest + Math.max(1, Math.floor((at - oldest) / 2)))
    const before = history.mean(Math.max(oldest, at - Math.round(beforeSeconds[0] * fs)), until)
    const after = history.mean(Math.max(at + 1, history.seen - Math.round(afterSeconds * fs)), history.seen)
    let above = 0
    const end = Math.min(history.seen, at + Math.round(blowSeconds[1] * fs))
    for (let place = Math.max(oldest, at - Math.round(blowSeconds[0] * fs)); place < end; place += 1) {
      if (history.magnitude(place) > heavy) above += 1
    }
    const turn = Math.min(Math.max(angleBetween(before, after), turnBounds[0]), turnBounds[1])
    return { at, peak, features: [log(Math.min(peak, largestPeak)), (turn * Math.PI) / 180, above / fs], before, after }
  }
}
