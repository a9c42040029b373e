import type { IntervalName } from '../signal/catalogue.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { measureLomb } from './frequency-domain.js'
import { measureDfa, measureSampleEntropy } from './nonlinear.js'
import { VariabilityChain, type VariabilityMethod } from './variability-chain.js'

/** What costs more is told once a window. */
const spectrumEveryMinutes = 5

const method: VariabilityMethod = {
  algorithm: 'hrv',
  parameters: { spectrumEverySeconds: 60 * spectrumEveryMinutes },
  beatOf(observation, fsHz) {
    if (observation.kind !== 'beat') return null
    const { index, channel, fraction, beatClass, rrSeconds, quality } = observation
    return { index, channel, beat: { time: (index + fraction) / fsHz, normal: beatClass === 'N', rrSeconds, quality } }
  },
  measure(running, minute, enough) {
    const { sdnn, rmssd, pnn50, sd1, sd2 } = running.timeDomain
    const values: [IntervalName, number | null][] = [
      ['hrv-sdnn', sdnn],
      ['hrv-rmssd', rmssd],
      ['hrv-pnn50', pnn50],
      ['hrv-sd1', sd1],
      ['hrv-sd2', sd2],
    ]
    if (minute % spectrumEveryMinutes === 0) {
      const bands = enough ? measureLomb(running.series) : null
      values.push(['hrv-lf', bands?.lf ?? null], ['hrv-hf', bands?.hf ?? null], ['hrv-lf-hf', bands?.lfHf ?? null])
      values.push(['hrv-sample-entropy', enough ? measureSampleEntropy(running.series) : null])
      values.push(['hrv-dfa-alpha1', enough ? measureDfa(running.series) : null])
    }
    return values
  },
}

/**
 * An ECG stream: all that its beat chain says, and the variability of the heart rate over the last five minutes, once a
 * minute. The beat chain comes as an argument, because modalities do not import each other.
 */
export function createHrvChain(spec: StreamSpec, beats: StreamChain): StreamChain {
  return new VariabilityChain(hertz(spec.fs), beats, method)
}
