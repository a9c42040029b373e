import type { StreamChain } from '../signal/chain.js'
import type { StreamSpec } from '../signal/stream.js'
import { createPulseWaveChain } from './pulse-wave-chain.js'

/** Units in which a PPG has lost its mean level: normalised, dimensionless or per cent. */
const relativeUnits = new Set(['NU', '[nu]', '1', '%', '{nu}', "[arb'U]"])

/**
 * Pulse wave by light: pulses, `pulse-rate`, `perfusion-index`, `respiratory-rate` (from pulse modulation) and quality. The
 * channel may be either way up; it is assumed upright (more blood, higher value, as monitors export it) until its slopes
 * say otherwise. The perfusion index needs a mean level that is light: wavelengths declared, or a unit that is not relative.
 */
export function createPpgChain(spec: StreamSpec): StreamChain {
  return createPulseWaveChain(spec, {
    name: 'ppg',
    channel: {
      lowHz: 0.5,
      highHz: 8,
      bridgeSeconds: 0.1,
      findPolarity: true,
      hasBaseline: spec.wavelengths !== undefined || !relativeUnits.has(spec.unit),
    },
    rateAlgorithm: 'ppg-pulse-rate',
    perfusionAlgorithm: 'ppg-perfusion-index',
    respirationAlgorithm: 'ppg-modulation',
  })
}
