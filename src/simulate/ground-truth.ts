import type { Physiology, TrueBeat } from './physiology.js'
import type { ScenarioName } from './scenario.js'

/** A stretch of the simulation with something to be found in it; seconds, [from, to). */
export interface TruthLabel {
  readonly label: string
  readonly from: number
  readonly to: number
}

/** What is true of a simulated patient, for tests and benchmarks. All times in seconds from the start. */
export interface GroundTruth {
  readonly scenario: ScenarioName
  /** Beats with their R peaks in [from, to). */
  beats(from: number, to: number): TrueBeat[]
  /** Mean heart rate, /min; 0 in asystole. */
  heartRate(seconds: number): number
  respiratoryRate(seconds: number): number
  /** Arterial saturation, %. */
  saturation(seconds: number): number
  /** Rhythms, disturbances, restarts and outages that begin in [from, to). */
  labels(from: number, to: number): TruthLabel[]
}

export function tellTruth(body: Physiology): GroundTruth {
  const { script } = body
  return {
    scenario: script.scenario,
    beats: (from, to) => body.beats(from, to),
    heartRate: seconds => body.heartRate(seconds),
    respiratoryRate: seconds => body.respiratoryRate(seconds),
    saturation: seconds => body.saturation(seconds),
    labels: (from, to) =>
      [...repeat([...script.rhythms, ...script.disturbances], script.periodSeconds, to), ...once([...script.restarts, ...script.outages])]
        .filter(label => label.from >= from && label.from < to)
        .sort((a, b) => a.from - b.from),
  }
}

interface Named {
  readonly kind: string
  readonly from: number
  readonly to: number
}

function once(episodes: readonly Named[]): TruthLabel[] {
  return episodes.map(({ kind, from, to }) => ({ label: kind, from, to }))
}

/** Every repetition that begins before `until`. */
export function repeat(episodes: readonly Named[], periodSeconds: number, until: number): TruthLabel[] {
  const labels: TruthLabel[] = []
  for (const { kind, from, to } of episodes) {
    for (let shift = 0; from + shift < until; shift += periodSeconds) labels.push({ label: kind, from: from + shift, to: to + shift })
  }
  return labels.sort((a, b) => a.from - b.from)
}
