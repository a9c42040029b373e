/**
 * How much a pulse looks like the pulses before it: correlation with a running template (after Orphanidou et al., IEEE
 * JBHI 19(3), 2015, who average the beats of 10 s; here an exponential mean, so that a beat is judged when it comes).
 */
const points = 24
/** Beats in a row that look alike but unlike the template, before the template is given up. */
const patience = 4
/** Correlation from which two beats look alike, and below which one does not fit. */
const alike = 0.8
const fitting = 0.6

export interface PulseTemplateState {
  template: Float64Array
  beats: number
  /** The latest beat that did not fit, and how many like it came in a row. */
  misfit: Float64Array
  misfits: number
}

export class PulseTemplate {
  readonly state: PulseTemplateState = {
    template: new Float64Array(points),
    beats: 0,
    misfit: new Float64Array(points),
    misfits: 0,
  }
  readonly #beat = new Float64Array(points)

  /** Where the shape is looked at, in seconds before and after the systolic peak. */
  static readonly before = 0.25
  static readonly after = 0.3

  static readonly points = points

  /** Fills slot `i` (0 to points - 1) of the beat to be judged. */
  put(i: number, value: number): void {
    this.#beat[i] = value
  }

  restart(): void {
    this.state.misfits = 0
  }

  /** Correlation (-1 to 1) of the beat that was put with the template, which then learns; NaN for the first beat. */
  judge(): number {
    const s = this.state
    const beat = this.#beat
    let mean = 0
    for (let i = 0; i < points; i += 1) mean += beat[i]!
    mean /= points
    let energy = 0
    for (let i = 0; i < points; i += 1) {
      const value = beat[i]! - mean
      beat[i] = value
      energy += value * value
    }
    if (energy === 0) return 0
    const scale = 1 / Math.sqrt(energy)
    for (let i = 0; i < points; i += 1) beat[i] = beat[i]! * scale
    const template = s.template
    if (s.beats === 0) {
      template.set(beat)
      s.beats = 1
      return Number.NaN
    }
    let dot = 0
    let norm = 0
    for (let i = 0; i < points; i += 1) {
      dot += beat[i]! * template[i]!
      norm += template[i]! * template[i]!
    }
    const correlation = norm > 0 ? dot / Math.sqrt(norm) : 0
    if (correlation < fitting) {
      let likeness = 0
      for (let i = 0; i < points; i += 1) likeness += beat[i]! * s.misfit[i]!
      s.misfits = s.misfits > 0 && likeness >= alike ? s.misfits + 1 : 1
      s.misfit.set(beat)
      if (s.beats < 4 || s.misfits >= patience) {
        template.set(beat)
        s.beats = 1
        s.misfits = 0
      }
      return correlation
    }
    s.misfits = 0
    s.beats += 1
    const weight = s.beats < 8 ? 1 / s.beats : 0.125
    for (let i = 0; i < points; i += 1) template[i] = template[i]! + weight * (beat[i]! - template[i]!)
    return correlation
  }
}
