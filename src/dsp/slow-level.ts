import { butterworthLowPass } from './butterworth.js'

/** The slow course of a signal: a Butterworth low-pass of second order, and which of its samples are kept. */
export interface SlowLevelDesign {
  readonly sections: Float64Array
  readonly step: number
}

export interface SlowLevelState {
  l1: number
  l2: number
  /** Number of the last piece of `step` samples of which the level was taken. */
  piece: number
}

/** `-3 dB` at `cutHz`; one value is kept every 1/`keptHz` s, at places that belong to the sample counter. */
export function designSlowLevel({ fs, cutHz, keptHz }: { fs: number; cutHz: number; keptHz: number }): SlowLevelDesign {
  return { sections: butterworthLowPass({ order: 2, cutHz, fsHz: fs }), step: fs / keptHz }
}

export function newSlowLevel(): SlowLevelState {
  return { l1: 0, l2: 0, piece: -1 }
}

/** As if the signal had stood at `value` for ever. */
export function settleSlowLevel(state: SlowLevelState, { sections }: SlowLevelDesign, value: number): void {
  state.l1 = (1 - sections[0]!) * value
  state.l2 = (sections[2]! - sections[4]!) * value
}

/** The level at sample `index` when it is one that is kept, else NaN. */
export function stepSlowLevel(state: SlowLevelState, { sections, step }: SlowLevelDesign, x: number, index: number): number {
  const y = sections[0]! * x + state.l1
  state.l1 = sections[1]! * x - sections[3]! * y + state.l2
  state.l2 = sections[2]! * x - sections[4]! * y
  const piece = Math.floor(index / step)
  if (piece === state.piece) return Number.NaN
  state.piece = piece
  return y
}
