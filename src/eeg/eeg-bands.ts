import type { IntervalName } from '../signal/catalogue.js'

export interface EegBand {
  readonly name: IntervalName
  /** Bins at or above `from` and below `to`, in Hz. */
  readonly from: number
  readonly to: number
}

/** The bands of clinical EEG, as the International Federation of Clinical Neurophysiology names them, gamma up to 45 Hz: below the mains. */
export const eegBands: readonly EegBand[] = [
  { name: 'eeg-delta', from: 0.5, to: 4 },
  { name: 'eeg-theta', from: 4, to: 8 },
  { name: 'eeg-alpha', from: 8, to: 13 },
  { name: 'eeg-beta', from: 13, to: 30 },
  { name: 'eeg-gamma', from: 30, to: 45 },
]

/** Spectral edge: below it lie `share` of the power of 0.5 to 30 Hz. */
const edge = { from: 0.5, to: 30, share: 0.95 } as const

/** Power of a band, in unit^2: its bins' density times their width. */
export function bandPower(density: Float64Array, binHz: number, from: number, to: number): number {
  let power = 0
  for (let k = firstBin(from, binHz); k < density.length && k < firstBin(to, binHz); k += 1) power += density[k]! * binHz
  return power
}

/** Frequency in Hz, between bins by the share of the bin in which the edge falls; null without power. */
export function spectralEdge(density: Float64Array, binHz: number): number | null {
  const total = bandPower(density, binHz, edge.from, edge.to)
  if (!(total > 0)) return null
  let sum = 0
  for (let k = firstBin(edge.from, binHz); k < firstBin(edge.to, binHz); k += 1) {
    const power = density[k]! * binHz
    if (sum + power >= edge.share * total) return (k - 0.5 + (edge.share * total - sum) / power) * binHz
    sum += power
  }
  return edge.to
}

/** The first bin at or above a frequency; one that misses it by rounding counts. */
function firstBin(hz: number, binHz: number): number {
  return Math.ceil(hz / binHz - 1e-9)
}
