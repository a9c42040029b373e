import type { Observation } from '../../signal/observation.js'
import type { BeatWaves } from './wave-marks.js'

/** The waves that a chain told, as marks to score, in order of the beats. */
export function wavesOf(observations: readonly Observation[]): BeatWaves[] {
  const waves = observations.flatMap(o => (o.kind === 'delineation' ? [{ ...o, beat: o.index }] : []))
  return waves
    .map(({ beat, pOnset, pPeak, pEnd, qrsOnset, qrsEnd, tPeak, tEnd }) => ({ beat, pOnset, pPeak, pEnd, qrsOnset, qrsEnd, tPeak, tEnd }))
    .sort((a, b) => a.beat - b.beat)
}
