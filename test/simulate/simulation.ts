import type { ScenarioName } from '../../src/simulate/scenario.js'
import { makeSyntheticSource, type SyntheticSource } from '../../src/simulate/synthetic-source.js'

export function simulate(scenario: ScenarioName, seconds: number, seed = 1, onsetSeconds = 20): SyntheticSource {
  return makeSyntheticSource({ name: 'sim', scenario, seed, durationSeconds: seconds, onsetSeconds })
}

export const signal = { leadII: 0, leadV5: 1, red: 2, infrared: 3, respiration: 4 } as const
export const rate = { ecg: 250, ppg: 100, respiration: 25 } as const

/** Physical values of one signal over [from, to) seconds. */
export async function read(source: SyntheticSource, index: number, from: number, to: number): Promise<Float64Array> {
  const fs = source.signals[index]!.fs.num
  const [values] = await source.readPhysical([index], Math.round(from * fs), Math.round((to - from) * fs))
  return values!
}

export function spread(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(sorted.length * 0.99)]! - sorted[Math.floor(sorted.length * 0.01)]!
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2
  return Math.sqrt(sum / values.length)
}

export function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!)
}
