import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const pacedBeatParameters = {
  /** From a ventricular pulse to the R peak of the complex that it makes. */
  earliestSeconds: 0.01,
  latestSeconds: 0.14,
  /**
   * A spike now and then may be anything, and a front end that limits the slew leaves some of many: only where at least so many of the
   * newest `window` beats are behind a spike, this one among them, is it told. Classes must not flicker.
   */
  leastBeats: 8,
  window: 10,
} as const

interface LeadState {
  /** Spikes that a beat may still follow, ascending. */
  spikes: number[]
  /** Those of them that the device marked. */
  marked: number[]
  /** Whether each of the newest beats is behind a spike. */
  beats: boolean[]
}

/**
 * Which beats follow a pacing spike. EC57 has no class of its own for paced beats: they are Q. Recordings of little bandwidth
 * do not hold the spikes; what is not seen is not told.
 */
export class PacedBeats {
  readonly #earliest: number
  readonly #latest: number
  readonly #state: { leads: LeadState[] }

  constructor(leadCount: number, fsHz: number) {
    const { earliestSeconds, latestSeconds } = pacedBeatParameters
    this.#earliest = earliestSeconds * fsHz
    this.#latest = latestSeconds * fsHz
    this.#state = { leads: Array.from({ length: leadCount }, () => ({ spikes: [], marked: [], beats: [] })) }
  }

  /** `marked`: the device says that it paced; one such spike is enough. */
  spike(lead: number, index: number, marked: boolean): void {
    const state = this.#state.leads[lead] as LeadState
    for (const list of marked ? [state.spikes, state.marked] : [state.spikes]) {
      list.push(index)
      // A beat is told within a second or so of its spike: many more are interference, and say nothing.
      if (list.length > 16) list.shift()
    }
  }

  /** Whether the beat with this R peak is paced; to be asked once for each beat, in order. */
  isPaced(lead: number, index: number): boolean {
    const { spikes, marked, beats } = this.#state.leads[lead] as LeadState
    const behind = this.#isBehind(spikes, index)
    const certain = this.#isBehind(marked, index)
    beats.push(behind)
    if (beats.length > pacedBeatParameters.window) beats.shift()
    return certain || (behind && beats.filter(one => one).length >= pacedBeatParameters.leastBeats)
  }

  /** Whether `index` is behind one of the spikes; drops those that nothing can be behind any more. */
  #isBehind(spikes: number[], index: number): boolean {
    while (spikes.length > 0 && (spikes[0] as number) < index - this.#latest) spikes.shift()
    return spikes.some(spike => spike <= index - this.#earliest)
  }

  restart(): void {
    for (const lead of this.#state.leads) {
      lead.spikes = []
      lead.marked = []
      lead.beats = []
    }
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }
}
