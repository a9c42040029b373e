import { exp, log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { EcgView } from '../ecg-view.js'

/** All shares are of the height of the deflection over the level before it. */
export const pulseTailParameters = {
  /** What was there before is level for this long, to within `levelShare`. */
  levelSeconds: 0.05,
  levelShare: 0.05,
  /** From that level to the top in this time. */
  riseSeconds: 0.014,
  /** What follows is one exponential to within `fitShare` for this long. */
  fitSeconds: 0.02,
  fitShare: 0.06,
  /** Longest time constant of what couples an electrode and its amplifier. */
  longestSeconds: 0.15,
  /** A complex on top of the decay departs from it by this share and this much, up to `complexSeconds` after the top. */
  complexShare: 0.2,
  complexMillivolts: 0.25,
  complexSeconds: 0.3,
  /** A pacemaker keeps time: so many intervals in a row are equal to within this. */
  equalSeconds: 0.002,
  equalIntervals: 4,
} as const

/** `beat`: nothing of the kind; `tail`: a pulse without a complex; a number: the sample of the complex that it captured. */
export type PulseVerdict = 'beat' | 'tail' | number

/**
 * Tells the recharge of a pacing electrode from a complex, in what the detector of one lead found. After a pulse with overshoot
 * (method A of the test waveforms after EC13 and IEC 60601-2-27) an amplifier shows a deflection that jumps up from a level
 * line and decays as one exponential; counted as a beat it hides an asystole. Shape alone does not tell it from a sharp R wave (one
 * in two beats of MIT-BIH record 101 has it), so it is believed only where such deflections come with the evenness of a
 * clock: nothing of that kind is in mitdb, nsrdb, qtdb, cudb (docs/algorithms/ecg-conditioning.md).
 */
export class PulseTailWatch {
  readonly #fsHz: number
  readonly #state = { edge: Number.NaN, interval: Number.NaN, equal: 0 }

  constructor(fsHz: number) {
    this.#fsHz = fsHz
  }

  /** Judges the next R peak that the detector of `lead` found, at `index`, by what may be seen now. */
  judge(view: EcgView, lead: number, index: number): PulseVerdict {
    const seen = lookAtDeflection(view, lead, index)
    const s = this.#state
    if (seen === null) {
      this.restart()
      return 'beat'
    }
    const interval = (seen.edge - s.edge) / this.#fsHz
    const { equalSeconds, equalIntervals } = pulseTailParameters
    s.equal = Math.abs(interval - s.interval) <= equalSeconds ? s.equal + 1 : 0
    s.edge = seen.edge
    s.interval = interval
    // Two intervals are one equality.
    if (s.equal < equalIntervals - 1) return 'beat'
    return seen.complex ?? 'tail'
  }

  restart(): void {
    const s = this.#state
    s.edge = Number.NaN
    s.interval = Number.NaN
    s.equal = 0
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }
}

interface Deflection {
  /** Where it passes half of its height, with a fraction. */
  readonly edge: number
  /** Sample of the complex on top of its decay; null: there is none. */
  readonly complex: number | null
}

/** Null: it does not look like a recharge. */
function lookAtDeflection(view: EcgView, lead: number, index: number): Deflection | null {
  const p = pulseTailParameters
  const { fsHz } = view
  if (!view.millivolts) return null
  const rise = Math.max(2, Math.ceil(p.riseSeconds * fsHz))
  const level = Math.ceil(p.levelSeconds * fsHz)
  const from = index - level - 3 * rise
  const samples = new Float64Array(index - from + rise + Math.ceil(p.complexSeconds * fsHz))
  view.read(lead, from, samples)
  const top = topNear(samples, index - from, rise)
  const first = top - rise - level
  let sum = 0
  for (let k = first; k < first + level; k++) sum += samples[k]!
  const base = sum / level
  const height = samples[top]! - base
  const size = Math.abs(height)
  // Missing samples make this no number: then nothing of the kind is known.
  if (!(size > 0)) return null
  for (let k = first; k < first + level; k++) if (!(Math.abs(samples[k]! - base) <= p.levelShare * size)) return null
  const decay = fitDecay(samples, top, base, height, Math.max(3, Math.ceil(p.fitSeconds * fsHz)))
  if (decay === null || decay.slope > -1 / (p.longestSeconds * fsHz)) return null
  let half = top
  while ((samples[half - 1]! - base) / height > 0.5) half -= 1
  const above = (samples[half]! - base) / height
  const below = (samples[half - 1]! - base) / height
  const edge = from + half - (above - 0.5) / (above - below)
  // What departs most from the decay, as far as may be seen.
  let most = Math.max(p.complexShare * size, p.complexMillivolts)
  let complex: number | null = null
  const last = Math.ceil(p.complexSeconds * fsHz)
  for (let k = decay.reach + 1; k <= last; k++) {
    const departs = Math.abs(samples[top + k]! - base - height * exp(decay.offset + decay.slope * k))
    if (departs > most) {
      most = departs
      complex = from + top + k
    }
  }
  return { edge, complex }
}

/** The place of the extreme around the peak that was found. */
function topNear(samples: Float64Array, at: number, reach: number): number {
  const level = samples[at - reach]!
  let top = at
  for (let k = at - reach; k <= at + reach; k++) if (Math.abs(samples[k]! - level) > Math.abs(samples[top]! - level)) top = k
  return top
}

/** Logarithm of the share of the height by samples after the top; null where that is no line. Nothing left after a sample: a steep one. */
function fitDecay(samples: Float64Array, top: number, base: number, height: number, reach: number) {
  const share = (k: number): number => (samples[top + k]! - base) / height
  let n = 0
  let st = 0
  let sl = 0
  let stt = 0
  let stl = 0
  for (let k = 1; k <= reach && share(k) > 0.1; k++) {
    const value = log(share(k))
    n += 1
    st += k
    sl += value
    stt += k * k
    stl += k * value
  }
  const slope = n === 0 ? log(0.1) : n === 1 ? sl : (n * stl - st * sl) / (n * stt - st * st)
  const offset = n < 2 ? 0 : (sl - slope * st) / n
  for (let k = 1; k <= reach; k++) {
    if (!(Math.abs(share(k) - exp(offset + slope * k)) <= pulseTailParameters.fitShare)) return null
  }
  return { slope, offset, reach }
}
