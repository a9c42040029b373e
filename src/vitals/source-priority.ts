import type { VitalName } from '../signal/catalogue.js'
import type { SourceKind } from './vital-reading.js'

/**
 * Which source a vital sign is taken from when several are usable, best first. A kind that is not listed ranks behind
 * those that are. Reasons:
 * - heart-rate: our own measurement of the ECG leads back to its beats; a device's number does not; a pulse may miss
 *   beats that carry no pressure wave.
 * - spo2: a device's number rests on its maker's calibration; ours on a table of the sensor family.
 * - respiratory-rate: a device's number comes from capnography or its own impedance channel; then our measurement of
 *   impedance or a belt; then of what breathing does to the ECG, and to the PPG.
 * - temperature: of the body only; waveforms of temperature are of the skin, `skin-temperature`, where a device's own number goes first.
 * - body-weight, peak-flow: an instrument that sends its number makes no slip of the pen.
 * - all others: what a person entered, then what a device sent.
 */
const otherwise: readonly SourceKind[] = ['manual', 'numeric']

const sourcePriority: Readonly<Record<VitalName, readonly SourceKind[]>> = {
  'heart-rate': ['ecg', 'numeric', 'manual', 'ppg'],
  'pulse-rate': ['ppg', 'pressure', 'numeric', 'manual'],
  spo2: ['numeric', 'ppg', 'manual'],
  'respiratory-rate': ['manual', 'numeric', 'respiration', 'ecg', 'ppg'],
  temperature: otherwise,
  'nibp-systolic': otherwise,
  'nibp-diastolic': otherwise,
  'nibp-mean': otherwise,
  'perfusion-index': ['ppg', 'numeric', 'manual'],
  steps: ['numeric', 'acceleration', 'manual'],
  glucose: otherwise,
  'glucose-rate': otherwise,
  'glucose-predicted': otherwise,
  consciousness: otherwise,
  'supplemental-oxygen': otherwise,
  battery: otherwise,
  'body-weight': ['numeric', 'manual'],
  'peak-flow': ['numeric', 'manual'],
  dyspnoea: otherwise,
  cough: otherwise,
  sputum: otherwise,
  swelling: otherwise,
  'skin-temperature': ['numeric', 'temperature', 'manual'],
}

/** 0 is best. */
export function sourceRank(name: VitalName, kind: SourceKind): number {
  const order = sourcePriority[name]
  const rank = order.indexOf(kind)
  return rank < 0 ? order.length : rank
}
