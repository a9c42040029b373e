import type { StreamChain } from '../signal/chain.js'
import { hertz } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import { VariabilityChain, type VariabilityMethod } from './variability-chain.js'

/**
 * Intervals between pulses are not those between heart beats: the time that a pulse travels varies with breathing and tone of the vessels,
 * and no pulse tells an ectopic beat by its shape (Schäfer and Vagedes, Int J Cardiol 166 (2013) 15). So it goes by names of its own, and only
 * what the time domain gives.
 */
const method: VariabilityMethod = {
  algorithm: 'prv',
  parameters: {},
  beatOf(observation, fsHz) {
    if (observation.kind !== 'pulse') return null
    const { index, channel, intervalSeconds, quality } = observation
    return { index, channel, beat: { time: index / fsHz, normal: true, rrSeconds: intervalSeconds, quality } }
  },
  measure({ timeDomain }) {
    return [
      ['prv-sdnn', timeDomain.sdnn],
      ['prv-rmssd', timeDomain.rmssd],
      ['prv-pnn50', timeDomain.pnn50],
    ]
  },
}

/**
 * A stream of pulses: all that its pulse chain says, and the variability of the pulse rate over the last five minutes, once a
 * minute. The pulse chain comes as an argument, because modalities do not import each other.
 */
export function createPrvChain(spec: StreamSpec, pulses: StreamChain): StreamChain {
  return new VariabilityChain(hertz(spec.fs), pulses, method)
}
