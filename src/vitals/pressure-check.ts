import type { VitalName } from '../signal/catalogue.js'
import { pressureOrder } from '../signal/cuff-pressure.js'
import type { NumericSample } from '../signal/numeric.js'

/**
 * A cuff's mean lies a third of the pulse pressure above the diastolic pressure, more with a fast heart and in the aged: 0.33 to 0.45
 * in measurements (W. J. W. Bos et al., J Hypertens 25 (2007) 751). Beyond these shares, with 3 mmHg for rounding, the three do not belong together.
 */
const meanShare = { least: 0.2, most: 0.6 } as const
const roundingPressure = 3
/** Narrower is no pulse of an adult that a cuff would measure, or a slip in the entry. */
const leastPulsePressure = 10

/**
 * What speaks against one cuff's pressures of one moment, mm[Hg]: `wrong-order` when a lower one is above a higher one, which no measurement gives;
 * `pressure-order` when two are equal; null: nothing, or there is nothing to compare.
 */
export type PressureVerdict = 'wrong-order' | 'pressure-order' | 'narrow-pulse-pressure' | 'mean-out-of-place' | null

export function pressureVerdict(samples: readonly NumericSample[]): PressureVerdict {
  const order = pressureOrder(samples)
  if (order !== 'right') return order === 'wrong' ? 'wrong-order' : 'pressure-order'
  const of = (name: VitalName): number | null => {
    const value = samples.find(sample => sample.name === name)?.value
    return typeof value === 'number' ? value : null
  }
  const [systolic, mean, diastolic] = [of('nibp-systolic'), of('nibp-mean'), of('nibp-diastolic')]
  if (systolic === null || diastolic === null) return null
  const width = systolic - diastolic
  if (width < leastPulsePressure) return 'narrow-pulse-pressure'
  if (mean === null) return null
  const low = diastolic + meanShare.least * width - roundingPressure
  const high = diastolic + meanShare.most * width + roundingPressure
  return mean < low || mean > high ? 'mean-out-of-place' : null
}
