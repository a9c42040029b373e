import type { VitalName } from '../signal/catalogue.js'
import type { CurrentVital } from '../vitals/vital-table.js'
import type { News2ItemName } from './news2.js'

/** Vital signs that NEWS2 is made of; a new reading of one of them, or its going stale, makes the score anew. */
export const news2Vitals: readonly VitalName[] = [
  'respiratory-rate',
  'spo2',
  'supplemental-oxygen',
  'nibp-systolic',
  'heart-rate',
  'pulse-rate',
  'consciousness',
  'temperature',
]

/** The score's inputs from the vital table. The chart's pulse is the heart rate, or the pulse rate where that is not at hand. */
export function collectNews2(current: (name: VitalName) => CurrentVital): Readonly<Record<News2ItemName, CurrentVital>> {
  const heart = current('heart-rate')
  const pulse = current('pulse-rate')
  const usable = (vital: CurrentVital) => vital.value !== null && !vital.stale
  return {
    'respiratory-rate': current('respiratory-rate'),
    spo2: current('spo2'),
    'supplemental-oxygen': current('supplemental-oxygen'),
    'nibp-systolic': current('nibp-systolic'),
    'heart-rate': usable(heart) || (!usable(pulse) && heart.t !== null) ? heart : pulse,
    consciousness: current('consciousness'),
    temperature: current('temperature'),
  }
}
