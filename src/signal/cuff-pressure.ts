import type { VitalName } from './catalogue.js'
import type { NumericSample } from './numeric.js'

/** Of a cuff, highest first. */
export const pressureNames: readonly VitalName[] = ['nibp-systolic', 'nibp-mean', 'nibp-diastolic']

/** Those of `samples` that were measured by the cuff of `sample`: at the same site, by the same method, as far as was told. */
export function ofSameCuff(samples: readonly NumericSample[], { cuffSite, cuffMethod }: NumericSample): NumericSample[] {
  return samples.filter(one => one.cuffSite === cuffSite && one.cuffMethod === cuffMethod)
}

/** Of one cuff's pressures of one moment: `wrong` when a lower one is above a higher one, which no measurement gives; `equal`: two are. */
export function pressureOrder(together: readonly NumericSample[]): 'right' | 'equal' | 'wrong' {
  let order: 'right' | 'equal' = 'right'
  for (const upper of together) {
    for (const lower of together) {
      if (pressureNames.indexOf(upper.name) >= pressureNames.indexOf(lower.name)) continue
      if (upper.value < lower.value) return 'wrong'
      if (upper.value === lower.value) order = 'equal'
    }
  }
  return order
}
