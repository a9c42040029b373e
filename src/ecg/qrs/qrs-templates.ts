import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/** `compare` is written out for this many. */
const count = 4
/** Share of a new beat in the template that it resembles. */
const newestShare = 0.15
/** A beat less like every template than this starts a template of its own, in place of the one used least. */
const sameShape = 0.8
/** Use fades by this factor with every beat. */
const fading = 0.97
/** How far the window is moved to find the best fit. */
const shiftSeconds = 0.032
/** Templates are sampled at about this rate: the slope of the QRS band holds nothing above half of it. */
const templateHz = 125

/** Best correlation of a peak with the templates (0 to 1), which one, and at what shift in samples. */
export interface Likeness {
  value: number
  template: number
  shift: number
}

/** What an accepted beat was taken for. */
export interface Learned {
  likeness: number
  /** Place of the beat as its template sees it: the same point of the shape from beat to beat. */
  anchor: number
}

/** Running templates of the slope around the QRS complexes that were accepted. */
export class QrsTemplates {
  private readonly step: number
  private readonly points: number
  private readonly maxShift: number
  /** From the peak of the feature back to the first point of the window. */
  private readonly reach: number
  private readonly likeness: Likeness = { value: 0, template: -1, shift: 0 }
  private readonly learned: Learned = { likeness: 0, anchor: 0 }
  private readonly products = new Float64Array(count)
  /** The peak that `likeness` is of, as long as the templates have not changed since; -1: of none. */
  private comparedAt = -1
  private readonly state

  constructor(fsHz: number, templateSeconds: number) {
    this.step = Math.max(1, Math.round(fsHz / templateHz))
    const length = Math.max(1, Math.round(templateSeconds * fsHz))
    this.points = Math.floor(length / this.step) + 1
    this.maxShift = Math.max(1, Math.round(shiftSeconds * fsHz))
    this.reach = length + this.maxShift
    this.state = { shapes: new Float64Array(count * this.points), use: new Float64Array(count) }
  }

  /** Likens the slope before `at` to the templates. `ring[i & mask]` is sample i. The result is lent until the next call. */
  compare(ring: Float64Array, mask: number, at: number): Likeness {
    const { likeness, state, points, step, products } = this
    if (at === this.comparedAt) return likeness
    this.comparedAt = at
    likeness.value = 0
    likeness.template = -1
    likeness.shift = 0
    const { shapes, use } = state
    const second = points
    const third = 2 * points
    const fourth = 3 * points
    for (let shift = -this.maxShift; shift <= this.maxShift; shift += step) {
      let k = at - this.reach + shift
      // All templates in one pass: sums that do not wait for each other.
      let power = 0
      let product0 = 0
      let product1 = 0
      let product2 = 0
      let product3 = 0
      for (let j = 0; j < points; j++, k += step) {
        const x = ring[k & mask] as number
        power += x * x
        product0 += x * (shapes[j] as number)
        product1 += x * (shapes[second + j] as number)
        product2 += x * (shapes[third + j] as number)
        product3 += x * (shapes[fourth + j] as number)
      }
      if (power === 0) continue
      products[0] = product0
      products[1] = product1
      products[2] = product2
      products[3] = product3
      const size = Math.sqrt(power)
      for (let template = 0; template < count; template++) {
        if ((use[template] as number) === 0) continue
        const value = (products[template] as number) / size
        if (value > likeness.value) {
          likeness.value = value
          likeness.template = template
          likeness.shift = shift
        }
      }
    }
    return likeness
  }

  /** Takes an accepted beat into the template that it resembles, or makes one of it. The result is lent. */
  learn(ring: Float64Array, mask: number, at: number): Learned {
    const { state, points, step } = this
    const { value, template: found, shift } = this.compare(ring, mask, at)
    this.comparedAt = -1
    const known = found >= 0 && value >= sameShape
    const template = known ? found : this.leastUsed()
    const share = known ? newestShare : 1
    const from = at - this.reach + (known ? shift : 0)
    const base = template * points
    let power = 0
    for (let j = 0; j < points; j++) {
      const x = ring[(from + j * step) & mask] as number
      power += x * x
    }
    const scale = power > 0 ? share / Math.sqrt(power) : 0
    let norm = 0
    for (let j = 0; j < points; j++) {
      const x = (1 - share) * (state.shapes[base + j] as number) + scale * (ring[(from + j * step) & mask] as number)
      state.shapes[base + j] = x
      norm += x * x
    }
    const toUnit = norm > 0 ? 1 / Math.sqrt(norm) : 0
    for (let j = 0; j < points; j++) state.shapes[base + j] = (state.shapes[base + j] as number) * toUnit
    if (!known) state.use[template] = 0
    for (let i = 0; i < count; i++) state.use[i] = (state.use[i] as number) * fading
    state.use[template] = (state.use[template] as number) + 1
    const { learned } = this
    learned.likeness = value
    learned.anchor = known ? at + shift : at
    return learned
  }

  restart(): void {
    this.comparedAt = -1
    this.state.shapes.fill(0)
    this.state.use.fill(0)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    this.comparedAt = -1
    restoreState(this.state, saved)
  }

  private leastUsed(): number {
    let least = 0
    for (let i = 1; i < count; i++) if ((this.state.use[i] as number) < (this.state.use[least] as number)) least = i
    return least
  }
}
