import type { StreamChain } from '../signal/chain.js'
import type { StreamSpec } from '../signal/stream.js'
import { createPulseWaveChain } from './pulse-wave-chain.js'

/**
 * Invasive arterial pressure (mm[Hg]): pulses, `pulse-rate` and quality by the detector of the PPG. Pressure is upright by
 * definition and has no perfusion index.
 */
export function createPressureChain(spec: StreamSpec): StreamChain {
  return createPulseWaveChain(spec, {
    name: 'pressure',
    channel: { lowHz: 0.5, highHz: 8, bridgeSeconds: 0.1, findPolarity: false, hasBaseline: false },
    rateAlgorithm: 'pressure-pulse',
    perfusionAlgorithm: null,
    respirationAlgorithm: null,
  })
}
