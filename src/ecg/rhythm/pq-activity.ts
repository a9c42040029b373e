import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { EcgView } from '../ecg-view.js'

/** Stretch before the R peak in which the P wave of a PR interval of 80 to 260 ms lies, seconds. */
const fromSeconds = -0.288
const toSeconds = -0.056
/** Points are means over 20 ms (a zero at 50 Hz), one each 8 ms. */
const stepSeconds = 0.008
const meanSeconds = 0.02
const points = Math.round((toSeconds - fromSeconds) / stepSeconds)
/** A stretch with more than this many times the median energy is an artefact or an ectopic beat's. */
const outlierEnergy = 6

export interface PqReading {
  /** Beats that it rests on. */
  readonly beats: number
  /** Mean square of the average stretch over that of what each beat departs from it: large when the same wave precedes each beat. */
  readonly coherence: number
  /** Size of the average stretch and of the departures, root mean square, in the view's unit. */
  readonly wave: number
  readonly rest: number
}

/**
 * What precedes the QRS complexes: a P wave repeats from beat to beat and survives averaging, fibrillatory waves and noise do not
 * (the average of n beats keeps 1/n of their power). Stretches have their mean and slope removed, so the end of a T wave and
 * wander of the baseline matter little.
 */
export class PqActivity {
  private readonly window: Float64Array
  private readonly half: number
  private readonly lead: number
  private readonly state: { lead: number; next: number; count: number; stretches: Float64Array; energy: Float64Array }

  /** @param depth beats that are looked back on */
  constructor(
    private readonly fsHz: number,
    private readonly depth: number,
  ) {
    this.half = (meanSeconds / 2) * fsHz
    this.lead = Math.ceil(-fromSeconds * fsHz + this.half) + 1
    this.window = new Float64Array(this.lead + Math.ceil((toSeconds + meanSeconds) * fsHz) + 2)
    this.state = {
      lead: -1,
      next: 0,
      count: 0,
      stretches: new Float64Array(depth * points),
      energy: new Float64Array(depth),
    }
  }

  /** A beat of the ordinary kind with its R peak at `index + fraction`; a change of the lead begins anew. */
  add(lead: number, index: number, fraction: number, view: EcgView): void {
    const { state, window, fsHz, half } = this
    if (lead !== state.lead) {
      state.count = 0
      state.next = 0
      state.lead = lead
    }
    const start = index - this.lead
    if (view.read(lead, start, window) < window.length) return
    const at = state.next * points
    let mean = 0
    let moment = 0
    for (let k = 0; k < points; k++) {
      const centre = this.lead + fraction + (fromSeconds + k * stepSeconds) * fsHz
      const first = Math.ceil(centre - half)
      const last = Math.floor(centre + half)
      let sum = 0
      for (let i = first; i <= last; i++) sum += window[i] as number
      const value = sum / (last - first + 1)
      state.stretches[at + k] = value
      mean += value
      moment += value * (k - (points - 1) / 2)
    }
    mean /= points
    const slope = moment / ((points * (points * points - 1)) / 12)
    let energy = 0
    for (let k = 0; k < points; k++) {
      const value = (state.stretches[at + k] as number) - mean - slope * (k - (points - 1) / 2)
      state.stretches[at + k] = value
      energy += value * value
    }
    state.energy[state.next] = energy
    state.next = (state.next + 1) % this.depth
    if (state.count < this.depth) state.count += 1
  }

  /** Null for fewer than `least` beats. */
  read(least: number): PqReading | null {
    const { count, energy, stretches } = this.state
    if (count < least) return null
    const sorted = energy.slice(0, count).sort()
    const limit = outlierEnergy * (sorted[count >> 1] as number)
    const average = new Float64Array(points)
    let used = 0
    let total = 0
    for (let b = 0; b < count; b++) {
      if ((energy[b] as number) > limit) continue
      used += 1
      total += energy[b] as number
      for (let k = 0; k < points; k++) average[k] = (average[k] as number) + (stretches[b * points + k] as number)
    }
    if (used < 2) return null
    let wave = 0
    for (let k = 0; k < points; k++) wave += ((average[k] as number) / used) * ((average[k] as number) / used)
    wave /= points
    const rest = Math.max(0, total / (used * points) - wave)
    return { beats: used, coherence: rest > 0 ? wave / rest : wave > 0 ? 1e6 : 0, wave: Math.sqrt(wave), rest: Math.sqrt(rest) }
  }

  clear(): void {
    this.state.stretches.fill(0)
    this.state.energy.fill(0)
    this.state.count = 0
    this.state.next = 0
    this.state.lead = -1
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
