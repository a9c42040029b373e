import { VitalwireError } from '../../errors.js'
import type { Suite } from '../suite.js'

/** Every suite under its name; its file is loaded only when it runs. */
const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  beats: async () => (await import('./beats.js')).beatsSuite,
  classes: async () => (await import('./classes.js')).classesSuite,
  rhythm: async () => (await import('./rhythm.js')).rhythmSuite,
  delineation: async () => (await import('./delineation.js')).delineationSuite,
  hrv: async () => (await import('./hrv.js')).hrvSuite,
  'heart-rate': async () => (await import('./heart-rate.js')).heartRateSuite,
  respiration: async () => (await import('./respiration.js')).respirationSuite,
  spo2: async () => (await import('./spo2.js')).spo2Suite,
  noise: async () => (await import('./noise.js')).noiseSuite,
  falls: async () => (await import('./falls.js')).fallsSuite,
  glucose: async () => (await import('./glucose.js')).glucoseSuite,
  patterns: async () => (await import('./patterns.js')).patternsSuite,
}

export const suiteNames: readonly string[] = Object.keys(suites)

/** Throws `usage-option` for a suite that there is none of. */
export async function loadSuite(name: string): Promise<Suite> {
  if (Object.hasOwn(suites, name)) return (suites[name] as () => Promise<Suite>)()
  throw new VitalwireError('usage-option', `suite ${JSON.stringify(name)} is not accepted; accepted: ${suiteNames.join(', ')}`)
}
