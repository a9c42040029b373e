import { copyState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import type { FoundBeat } from './beat-verdict.js'

interface HeldBeat {
  readonly beat: FoundBeat
  readonly releaseAt: number
}

/** Beats that wait for the signal after them, by which their class is told; they leave in the order in which they came. */
export class HeldBeats {
  private queue: HeldBeat[] = []

  /** @param lookAhead samples after the R peak to wait for */
  constructor(private readonly lookAhead: number) {}

  /** Sample with which the next beat is released; Infinity: none is held. */
  get releaseAt(): number {
    return this.queue[0]?.releaseAt ?? Number.POSITIVE_INFINITY
  }

  hold(beat: FoundBeat, decided: number): void {
    const before = this.queue.at(-1)?.releaseAt ?? 0
    this.queue.push({ beat, releaseAt: Math.max(before, decided, beat.index + this.lookAhead) })
  }

  /** The oldest beat that is held, which is then no longer. */
  release(): FoundBeat | undefined {
    return this.queue.shift()?.beat
  }

  save(): StageState {
    return copyState({ queue: this.queue })
  }

  load(saved: StageState): void {
    this.queue = structuredClone((saved as { queue: HeldBeat[] }).queue)
  }
}
