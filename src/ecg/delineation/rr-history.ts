import { exp } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/**
 * QT follows the rate slowly: about 95 % of its way within two minutes of a step (Malik et al., J Am Coll Cardiol 2008, call
 * it QT/RR hysteresis). The RR interval that a QT interval is corrected with is therefore an exponential history of the
 * intervals before, whose time constant is a third of `hysteresisSeconds` (1 - e^-3 = 95 %). Until enough time has passed it
 * is the plain mean of what was seen.
 */
export class RrHistory {
  private readonly state = { rrSeconds: 0, seconds: 0 }

  /** @param hysteresisSeconds time to 95 %; 0: the latest interval alone */
  constructor(private readonly hysteresisSeconds: number) {}

  /** Seconds; null before the first interval. */
  get rrSeconds(): number | null {
    return this.state.seconds > 0 ? this.state.rrSeconds : null
  }

  add(rrSeconds: number): void {
    const { state } = this
    state.seconds += rrSeconds
    const tau = this.hysteresisSeconds / 3
    const settled = tau > 0 ? 1 - exp(-rrSeconds / tau) : 1
    const share = Math.max(settled, rrSeconds / state.seconds)
    state.rrSeconds += share * (rrSeconds - state.rrSeconds)
  }

  restart(): void {
    this.state.rrSeconds = 0
    this.state.seconds = 0
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
