import { convert, type FrontEnd, runAnalogue } from './front-end.js'
import { drawPattern, leadGains, type TestPattern } from './test-pattern.js'

/** A pattern as a device records it. */
export interface PatternRecording {
  readonly fsHz: number
  /** mV, lead by lead. */
  readonly leads: readonly Float64Array[]
  /** Samples in which pulses of a pacemaker begin, as a device with a pulse detector of its own would mark them. */
  readonly marks: readonly number[]
}

/**
 * Records a pattern at any sampling rate and with one lead or two; the analogue side is computed once for all of them. Equal
 * arguments make equal samples.
 */
export class PatternRecorder {
  readonly #pattern: TestPattern
  readonly #frontEnd: FrontEnd
  readonly #seed: number
  readonly #analogue: Float64Array[] = []

  constructor(pattern: TestPattern, frontEnd: FrontEnd, seed: number) {
    this.#pattern = pattern
    this.#frontEnd = frontEnd
    this.#seed = seed
  }

  /** Throws RangeError for more leads than there are gains. */
  record(fsHz: number, leadCount: number): PatternRecording {
    if (leadCount > leadGains.length) throw new RangeError(`${leadCount} leads: accepted are 1 to ${leadGains.length}`)
    const leads = Array.from({ length: leadCount }, (_, lead) => convert(this.#lead(lead), fsHz, this.#frontEnd, this.#seed, lead))
    return { fsHz, leads, marks: this.#pattern.pulses.map(({ time }) => Math.floor(time * fsHz)) }
  }

  #lead(lead: number): Float64Array {
    const known = this.#analogue[lead]
    if (known !== undefined) return known
    const analogue = runAnalogue(drawPattern(this.#pattern, leadGains[lead] as number), this.#frontEnd)
    this.#analogue[lead] = analogue
    return analogue
  }
}
