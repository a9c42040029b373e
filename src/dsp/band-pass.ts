import { butterworthHighPass, butterworthLowPass } from './butterworth.js'

/**
 * Band-pass of a pulse or breath channel, one sample at a time: a Butterworth high-pass and low-pass of second order
 * (12 dB an octave each side), bilinear with prewarped edges, transposed direct form II. A chain that decides sample by
 * sample runs it in its own loop; long blocks of many lanes are the business of sos-filter.
 */
export interface BandPassDesign {
  readonly highPass: Section
  readonly lowPass: Section
}

export interface BandPassState {
  h1: number
  h2: number
  l1: number
  l2: number
}

/** Edges (-3 dB) in Hz; `highHz` is held below 0.45 fs. */
export function designBandPass(options: { fs: number; lowHz: number; highHz: number }): BandPassDesign {
  const { fs, lowHz } = options
  const highHz = Math.min(options.highHz, 0.45 * fs)
  if (!(fs > 0 && lowHz > 0 && lowHz < highHz)) throw new RangeError('band-pass wants 0 < lowHz < highHz < 0.45 fs')
  return {
    highPass: section(butterworthHighPass({ order: 2, cutHz: lowHz, fsHz: fs })),
    lowPass: section(butterworthLowPass({ order: 2, cutHz: highHz, fsHz: fs })),
  }
}

type Section = readonly [b0: number, b1: number, b2: number, a1: number, a2: number]

function section(s: Float64Array): Section {
  return [s[0]!, s[1]!, s[2]!, s[3]!, s[4]!]
}

export function newBandPass(): BandPassState {
  return { h1: 0, h2: 0, l1: 0, l2: 0 }
}

/** As if the signal had stood at `value` for ever: no step at the start. */
export function settleBandPass(state: BandPassState, design: BandPassDesign, value: number): void {
  state.h1 = -design.highPass[0] * value
  state.h2 = design.highPass[2] * value
  state.l1 = state.l2 = 0
}

export function stepBandPass(state: BandPassState, design: BandPassDesign, x: number): number {
  const h = design.highPass
  const l = design.lowPass
  const u = h[0] * x + state.h1
  state.h1 = h[1] * x - h[3] * u + state.h2
  state.h2 = h[2] * x - h[4] * u
  const y = l[0] * u + state.l1
  state.l1 = l[1] * u - l[3] * y + state.l2
  state.l2 = l[2] * u - l[4] * y
  return y
}
