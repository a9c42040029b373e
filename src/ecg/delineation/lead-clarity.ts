import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/** Share of the newest beat in the running clarity: some 20 beats. */
const newestShare = 0.05
/** What a lead is worth before anything is known. */
const startClarity = 0.2

/**
 * The lead whose waves stand out best. Its choice is not that of the beats: a lead with tall QRS complexes may have flat T
 * waves. It changes slowly and with hysteresis, because marks of different leads are not comparable.
 */
export class LeadClarity {
  private readonly state: { chosen: number; clarity: number[]; quality: number[] }

  constructor(
    private readonly leadCount: number,
    private readonly hysteresis: number,
  ) {
    this.state = newState(leadCount)
  }

  get chosen(): number {
    return this.state.chosen
  }

  /** Quality of a lead's newest second. */
  quality(lead: number): number {
    return this.state.quality[lead] as number
  }

  second(lead: number, quality: number): void {
    this.state.quality[lead] = quality
  }

  /** Clarity of each lead in the newest beat; 0: nothing was found in it. */
  beat(clarities: readonly number[]): void {
    const { state } = this
    let best = state.chosen
    for (let lead = 0; lead < this.leadCount; lead++) {
      // What stands out in a lead of poor quality may be anything.
      const worth = (clarities[lead] as number) * Math.min(1, 2 * this.quality(lead))
      state.clarity[lead] = (state.clarity[lead] as number) + newestShare * (worth - (state.clarity[lead] as number))
      if ((state.clarity[lead] as number) > (state.clarity[best] as number)) best = lead
    }
    if ((state.clarity[best] as number) > this.hysteresis * (state.clarity[state.chosen] as number)) state.chosen = best
  }

  restart(): void {
    restoreState(this.state, newState(this.leadCount))
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}

function newState(leadCount: number): { chosen: number; clarity: number[]; quality: number[] } {
  return { chosen: 0, clarity: new Array(leadCount).fill(startClarity), quality: new Array(leadCount).fill(0.7) }
}
