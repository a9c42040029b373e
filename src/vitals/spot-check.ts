import type { VitalName } from '../signal/catalogue.js'
import type { NumericSample } from '../signal/numeric.js'
import type { StageState } from '../signal/stage.js'

/**
 * A cuff's mean lies a third of the pulse pressure above the diastolic pressure, more with a fast heart and in the aged: 0.33 to 0.45
 * in measurements (W. J. W. Bos et al., J Hypertens 25 (2007) 751). Beyond these shares, with 3 mmHg for rounding, the three do not belong together.
 */
const meanShare = { least: 0.2, most: 0.6 } as const
const roundingPressure = 3
/** Narrower is no pulse of an adult that a cuff would measure, or a slip in the entry. */
const leastPulsePressure = 10

/** Fluid comes and goes by less than this in a day, and by less than the other with each further day (choice of this project). */
const weightJump = { firstDayKg: 4, dayKg: 1, mostKg: 15 } as const
const dayMicros = 86_400e6

/**
 * Holds values of one source against each other; a reason for each that is doubtful. `mean-out-of-place`, `pressure-order` and
 * `narrow-pulse-pressure` for pressures of one moment, `weight-jump` for a weight far from the one before. A weight that comes twice about
 * the same is believed: the person has changed, or the scale.
 */
export class SpotCheck {
  #weight: { t: number; value: number } | null = null

  /** `samples` of one pack in the order of their times; null: nothing speaks against the value. */
  check(samples: readonly NumericSample[]): (string | null)[] {
    return samples.map(sample => {
      if (typeof sample.value !== 'number') return null
      if (sample.name === 'body-weight') return this.#checkWeight(sample.t, sample.value)
      return sample.name.startsWith('nibp-') ? checkPressures(samples, sample.t) : null
    })
  }

  save(): StageState {
    return this.#weight === null ? null : { ...this.#weight }
  }

  load(state: StageState): void {
    this.#weight = state === null ? null : { ...(state as { t: number; value: number }) }
  }

  #checkWeight(t: number, value: number): string | null {
    const before = this.#weight
    this.#weight = { t, value }
    if (before === null) return null
    const days = Math.max(0, (t - before.t) / dayMicros)
    const allowed = Math.min(weightJump.mostKg, weightJump.firstDayKg + weightJump.dayKg * days)
    return Math.abs(value - before.value) > allowed ? 'weight-jump' : null
  }
}

function checkPressures(samples: readonly NumericSample[], t: number): string | null {
  const of = (name: VitalName): number | null => {
    const value = samples.find(sample => sample.t === t && sample.name === name)?.value
    return typeof value === 'number' ? value : null
  }
  const [systolic, diastolic, mean] = [of('nibp-systolic'), of('nibp-diastolic'), of('nibp-mean')]
  if (systolic === null || diastolic === null) return null
  const width = systolic - diastolic
  if (width <= 0) return 'pressure-order'
  if (width < leastPulsePressure) return 'narrow-pulse-pressure'
  if (mean === null) return null
  if (mean >= systolic || mean <= diastolic) return 'pressure-order'
  const low = diastolic + meanShare.least * width - roundingPressure
  const high = diastolic + meanShare.most * width + roundingPressure
  return mean < low || mean > high ? 'mean-out-of-place' : null
}
