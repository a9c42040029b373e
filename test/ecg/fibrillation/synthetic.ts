import { EcgHistory } from '../../../src/ecg/ecg-history.js'
import type { FibrillationWatch } from '../../../src/ecg/fibrillation/fibrillation-watch.js'
import type { RhythmObservation } from '../../../src/signal/observation.js'

/** Millivolts at a time in seconds. */
export type Wave = (seconds: number) => number

/** Beats of 75/min: a QRS of 80 ms, a T wave, a quiet line between. */
export const beats: Wave = t => {
  const phase = (t % 0.8) - 0.3
  const bump = (centre: number, width: number): number => Math.exp(-(((phase - centre) / width) ** 2))
  return 1.2 * bump(0, 0.012) - 0.25 * bump(0.03, 0.012) + 0.25 * bump(0.25, 0.05) + 0.1 * bump(-0.15, 0.025)
}

/** Waves of 4 to 6 Hz whose frequency and height wander. */
export const fibrillation: Wave = t =>
  (0.5 + 0.2 * Math.sin(1.3 * t)) * Math.sin(2 * Math.PI * 5 * t + 2 * Math.sin(2.1 * t) + Math.sin(5.3 * t)) +
  0.12 * Math.sin(2 * Math.PI * 7.3 * t)

/** Feeds seconds `from` to `to` of one wave a lead to the watch, as the chain would; returns what it told. */
export function feed(
  watch: FibrillationWatch,
  history: EcgHistory,
  waves: readonly Wave[],
  from: number,
  to: number,
  quality = 1,
): RhythmObservation[] {
  const told: RhythmObservation[] = []
  const { fsHz } = history
  for (let second = from; second < to; second++) {
    const start = Math.ceil(second * fsHz)
    const end = Math.ceil((second + 1) * fsHz)
    const channels = waves.map(wave => Float64Array.from({ length: end - start }, (_, i) => wave((start + i) / fsHz)))
    history.push(start, channels, 0, end - start)
    history.end = end
    for (const lead of waves.keys()) {
      watch.second({ lead, from: start, to: end, quality, reason: 'good', chosen: 0 }, end - 1, history, observation => {
        if (observation.kind === 'rhythm') told.push(observation)
      })
    }
  }
  return told
}

export function newHistory(leadCount: number, fsHz: number): EcgHistory {
  return new EcgHistory(leadCount, fsHz, 1)
}
