import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { QrsMatchedFilter } from './qrs-matched-filter.js'
import type { QrsNoiseParameters } from './qrs-noise-parameters.js'

/** The noise is measured over this time. */
const gaugedSeconds = 1
/** Shares of the beats that known shapes explained are kept from so many gaugings. */
const remembered = 8
/** After so many gaugings of unusual power the shapes themselves have changed, it seems. */
const spoiledGaugings = 60

/** How loud it is between the beats of a lead, what is usual there, and whether its beats have shapes to be found by. */
export class QrsNoiseGauge {
  private readonly state = {
    /** Smoothed power between the beats over that of the complexes, and what is usual; 0 before the first. */
    ratio: 0,
    usual: 0,
    /** Gaugings in a row above the limit. */
    unusualFor: 0,
    /** Shares of the beats that known shapes explained, newest first: what noise spoils just before it is found out does not count. */
    explained: new Float64Array(remembered),
  }

  constructor(
    private readonly p: QrsNoiseParameters,
    private readonly matched: QrsMatchedFilter,
  ) {}

  get ratio(): number {
    return this.state.ratio
  }

  /** Above this ratio it may be noisy. */
  get limit(): number {
    const { p, state } = this
    return Math.min(p.loudRatio, Math.max(p.noisyRatio, p.contrast * state.usual))
  }

  /** How far the ratio is out of the usual, from 1 to 2. */
  get unusual(): number {
    const { p, state } = this
    return Math.min(2, Math.max(1, state.ratio / (p.contrast * state.usual)))
  }

  /** The largest share of the beats that known shapes explained lately. */
  get explained(): number {
    return largest(this.state.explained)
  }

  /** The beats have shapes to be found by. */
  get known(): boolean {
    return this.explained >= this.p.leastKnown
  }

  /** Measures the noise before point `to`; false when too little of it is free of complexes. */
  listen(to: number, noisy: boolean): boolean {
    const { state, matched } = this
    const ratio = matched.noiseRatio(to - Math.round(gaugedSeconds * matched.rate), to)
    const heard = ratio >= 0
    if (heard) state.ratio += 0.5 * (ratio - state.ratio)
    if (!noisy) this.note(matched.shapes.explained)
    if (!heard) return false
    // What is usual follows the quiet soon and the noise slowly.
    if (state.usual > 0) {
      if (!noisy) state.usual += (state.ratio < state.usual ? 0.05 : 0.005) * (state.ratio - state.usual)
    } else if (this.known) state.usual = state.ratio
    state.unusualFor = state.usual > 0 && state.ratio > this.limit ? state.unusualFor + 1 : 0
    return true
  }

  /**
   * The levels take noise for beats, and these have no known shape: while it is unusual the share does not count, or noise that
   * begins slowly would bar the way into the noise mode by itself. When it is loud the shapes have little to say.
   */
  private note(explained: number): void {
    const { p, state } = this
    if (state.unusualFor > 0 && state.unusualFor <= spoiledGaugings && state.ratio < p.loudRatio) return
    state.explained.copyWithin(1, 0)
    state.explained[0] = explained
  }

  /** As new. */
  forget(): void {
    Object.assign(this.state, { ratio: 0, usual: 0, unusualFor: 0 })
    this.state.explained.fill(0)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}

function largest(values: Float64Array): number {
  let most = 0
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > most) most = values[i] as number
  return most
}
