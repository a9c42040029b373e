import type { TraceBuffer } from './trace-buffer.js'

/** CSS pixels of a millimetre, by the CSS definition; what it is on the glass depends on the screen. */
export const pixelsPerMm = 96 / 25.4
const mmPerSecond = 25
export const pixelsPerSecond = pixelsPerMm * mmPerSecond

export interface WaveScale {
  /** Value at the middle of the strip. */
  readonly centre: number
  /** CSS pixels of one unit. */
  readonly pixelsPerUnit: number
  /** Height of the scale bar in units. */
  readonly barUnits: number
  /** For the label, e.g. `10 mm/mV`, or `bar 40 mmHg`. */
  readonly label: string
}

/** Gains of an ECG in mm/mV, the standard one first; smaller ones only where the signal would not fit. */
const ecgGains = [10, 5, 2.5, 1.25, 0.5]
/** Of a small signal, where the standard gain would use less than a sixth of the strip. */
const largeGain = 20

/** A scale under which [low, high] fits into `height` CSS pixels. `unit` as the stream has it; mV means ECG. */
export function chooseScale(low: number, high: number, unit: string, height: number): WaveScale {
  const usable = height * 0.86
  const range = high - low
  const centre = (low + high) / 2
  if (unit === 'mV') {
    const standard = range * 10 * pixelsPerMm
    const gain = standard < usable / 6 ? largeGain : (ecgGains.find(own => range * own * pixelsPerMm <= usable) ?? ecgGains.at(-1)!)
    return { centre, pixelsPerUnit: gain * pixelsPerMm, barUnits: usable >= gain * pixelsPerMm ? 1 : 0.5, label: `${gain} mm/mV` }
  }
  const spread = range > 0 ? range : 1
  const pixelsPerUnit = (usable * 0.9) / spread
  const barUnits = niceBelow(spread)
  const named = unit === '1' || unit === '' ? '' : ` ${unit === 'mm[Hg]' ? 'mmHg' : unit}`
  return { centre, pixelsPerUnit, barUnits, label: `bar ${Number(barUnits.toPrecision(3))}${named}` }
}

/** Lowest and highest value in [from, to), without the outer hundredth at each end, so that one spike does not flatten the rest. */
export function rangeOf(buffer: TraceBuffer, from: number, to: number): { low: number; high: number } | null {
  const values: number[] = []
  buffer.forEach(from, to, (_, value) => {
    values.push(value)
  })
  if (values.length < 20) return null
  values.sort((a, b) => a - b)
  const cut = Math.floor(values.length / 200)
  return { low: values[cut]!, high: values[values.length - 1 - cut]! }
}

/** 1, 2, 4 or 5 times a power of ten, at most the value. */
function niceBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([5, 4, 2, 1].find(own => own * power <= value) ?? 1) * power
}
