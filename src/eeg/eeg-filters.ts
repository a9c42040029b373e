import { butterworthHighPass, butterworthLowPass, type Sections } from '../dsp/butterworth.js'
import { notch } from '../dsp/notch.js'

/** The band of scalp EEG, and what is around it. Both mains lie above the band: both are taken out, wherever the patient is. */
export const eegFilterParameters = { lowHz: 0.5, highHz: 45, mainsHz: [50, 60], notchWidthHz: 2, noiseFromHz: 30 } as const

/** Band-pass of 0.5 to 45 Hz (Butterworth, 2nd and 4th order) with notches at 50 and 60 Hz, as far as the rate has them. */
export function eegBandPass(fsHz: number): Sections {
  const { lowHz, highHz } = eegFilterParameters
  return join(
    butterworthHighPass({ order: 2, cutHz: lowHz, fsHz }),
    butterworthLowPass({ order: 4, cutHz: highHz, fsHz }),
    ...mainsNotches(fsHz),
  )
}

/** What lies above 30 Hz besides mains: hardly any EEG, but muscle and the noise of a poor contact. */
export function eegNoisePass(fsHz: number): Sections {
  return join(butterworthHighPass({ order: 4, cutHz: eegFilterParameters.noiseFromHz, fsHz }), ...mainsNotches(fsHz))
}

function mainsNotches(fsHz: number): Sections[] {
  const { mainsHz, notchWidthHz } = eegFilterParameters
  return mainsHz.filter(hz => hz + notchWidthHz < fsHz / 2).map(hz => notch({ hz, widthHz: notchWidthHz, fsHz }))
}

function join(...parts: readonly Sections[]): Sections {
  return Float64Array.from(parts.flatMap(part => [...part]))
}
