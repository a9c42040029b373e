import { butterworthLowPass } from './butterworth.js'

/**
 * The slow course of a signal: a Butterworth low-pass of fourth order, and which of its samples are kept. Steep, because what
 * is kept is few: the third harmonic of a pulse of 75 /min would pass for a breath of 15 /min at 4 values a second.
 */
export interface SlowLevelDesign {
  readonly sections: Float64Array
  readonly step: number
}

export interface SlowLevelState {
  a1: number
  a2: number
  b1: number
  b2: number
  /** Number of the last piece of `step` samples of which the level was taken. */
  piece: number
}

/** -3 dB at `cutHz`; one value is kept every 1/`keptHz` s, at places that belong to the sample counter. */
export function designSlowLevel({ fs, cutHz, keptHz }: { fs: number; cutHz: number; keptHz: number }): SlowLevelDesign {
  return { sections: butterworthLowPass({ order: 4, cutHz, fsHz: fs }), step: fs / keptHz }
}

export function newSlowLevel(): SlowLevelState {
  return { a1: 0, a2: 0, b1: 0, b2: 0, piece: -1 }
}

/** As if the signal had stood at `value` for ever. */
export function settleSlowLevel(state: SlowLevelState, { sections: c }: SlowLevelDesign, value: number): void {
  state.a1 = (1 - c[0]!) * value
  state.a2 = (c[2]! - c[4]!) * value
  state.b1 = (1 - c[5]!) * value
  state.b2 = (c[7]! - c[9]!) * value
}

/** The level at sample `index` when it is one that is kept, else NaN. */
export function stepSlowLevel(state: SlowLevelState, { sections: c, step }: SlowLevelDesign, x: number, index: number): number {
  const between = c[0]! * x + state.a1
  state.a1 = c[1]! * x - c[3]! * between + state.a2
  state.a2 = c[2]! * x - c[4]! * between
  const y = c[5]! * between + state.b1
  state.b1 = c[6]! * between - c[8]! * y + state.b2
  state.b2 = c[7]! * between - c[9]! * y
  const piece = Math.floor(index / step)
  if (piece === state.piece) return Number.NaN
  state.piece = piece
  return y
}
