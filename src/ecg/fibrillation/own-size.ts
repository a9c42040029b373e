import { log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { FirstLook } from './first-look.js'

/** How far a window goes beyond what this person's own heart has shown, as logarithms of ratios; 0: as usual or not known. */
export interface Excess {
  readonly steeper: number
  readonly larger: number
}

const mostWindows = 300
const nothing = 1e-9
const asUsual: Excess = { steeper: 0, larger: 0 }

/** Steepness and size of this person's ECG in each lead: running means of logarithms over up to 300 windows. */
export class OwnSize {
  private readonly state: { windows: number[]; steep: number[]; size: number[] }

  constructor(private readonly leadCount: number) {
    this.state = fresh(leadCount)
  }

  excess(lead: number, { steepest, largest }: FirstLook): Excess {
    const { windows, steep, size } = this.state
    if (windows[lead] === 0) return asUsual
    return {
      steeper: log(Math.max(steepest, nothing)) - (steep[lead] as number),
      larger: log(Math.max(largest, nothing)) - (size[lead] as number),
    }
  }

  learn(lead: number, look: FirstLook): void {
    const { windows, steep, size } = this.state
    const count = Math.min((windows[lead] as number) + 1, mostWindows)
    windows[lead] = count
    steep[lead] = (steep[lead] as number) + (log(Math.max(look.steep, nothing)) - (steep[lead] as number)) / count
    size[lead] = (size[lead] as number) + (log(Math.max(look.size, nothing)) - (size[lead] as number)) / count
  }

  restart(): void {
    restoreState(this.state, fresh(this.leadCount))
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}

function fresh(leadCount: number) {
  const zeros = (): number[] => new Array<number>(leadCount).fill(0)
  return { windows: zeros(), steep: zeros(), size: zeros() }
}
