import type { StreamKind } from '../signal/stream.js'

/** Names that recordings give their signals, by kind; tried in this order, case ignored. */
const namePatterns: readonly (readonly [StreamKind, RegExp])[] = [
  ['eeg', /^(eeg|eog|emg)\b|^(fpz?|af|f|fc|t|tp|c|cp|p|po|o)[z\d]{1,2}\.*-(\w{1,3}\.*)$|^(fp\d|fz|cz|pz|oz)\.*$/i],
  ['ecg', /^(i|ii|iii|avr|avl|avf|v|v\d{1,2}r?|vx|vy|vz|mcl\d?|ml\d?|mli{1,3}|mv\d|cc5|cm\d|d\d|mod\.? ?v\d)$/i],
  ['ecg', /\becg|^ekg|\blead\b|^fecg$|ecg\d*$/i],
  ['ppg', /pleth|\bppg|^bvp$|^spo2 ?wave/i],
  ['respiration', /^resp|^rsp|impedance|^chest|^abdom|^airflow|^flow$|^nasal|\bbelt\b/i],
  ['pressure', /^(abp|art|ao|pap|cvp|icp|bp|ubp|fbp|p\d|lap|rap)\b|^(abp|art|pap|cvp|bp)|pressure/i],
  ['acceleration', /^acc|acceleromet/i],
  ['temperature', /temp/i],
]

/** Electrodes of the 10-10 system, alone: names that other signals have too, so that only microvolts make them EEG. */
const electrode = /^(n|fp|af|f|ft|fc|t|tp|c|cp|p|po|o|i|a|m)(z|\d{1,2})\.*$/i

/** Units that tell the kind when the name does not. */
const unitKinds: Readonly<Record<string, StreamKind>> = {
  mV: 'ecg',
  'mm[Hg]': 'pressure',
  Cel: 'temperature',
  '[g]': 'acceleration',
  'm/s2': 'acceleration',
}

/** Places of an electrode cap that is labelled by bundle and number, as BioSemi's are: A1 to A32, B1 to B32 and so on. */
const capPlace = /^[A-I](0?[1-9]|[12]\d|3[0-2])$/i

/** An ECG has at most a dozen leads with such names; the smallest caps have sixteen places. */
const leastCapPlaces = 16

const voltages: ReadonlySet<string> = new Set(['nV', 'uV', 'mV', 'V'])

/** `chooseKind` for the signals of one file: where its names are those of a cap, D1 is a place on the head and no lead of an ECG. */
export function kindChooser(names: readonly string[]): typeof chooseKind {
  if (names.filter(name => capPlace.test(name.trim())).length < leastCapPlaces) return chooseKind
  return (name, unit, unitGiven) => {
    if (!capPlace.test(name.trim())) return chooseKind(name, unit, unitGiven)
    return voltages.has(unit) ? 'eeg' : 'other'
  }
}

/** What a signal measures, by its name, else by its UCUM unit. `unitGiven` is false where the unit is only the format's default. */
export function chooseKind(name: string, unit: string, unitGiven = true): StreamKind {
  const text = name.trim()
  // Numbers of a monitor stored as slow signals (heart rate, cuff pressure) are no waveforms.
  if (unit === '/min' || unit === '%' || /^nbp/i.test(text)) return 'other'
  if (unit === 'uV' && electrode.test(text)) return 'eeg'
  for (const [kind, pattern] of namePatterns) if (pattern.test(text)) return kind
  return (unitGiven ? unitKinds[unit] : undefined) ?? 'other'
}

const units: Readonly<Record<string, string>> = {
  mV: 'mV',
  mv: 'mV',
  uV: 'uV',
  µV: 'uV',
  nV: 'nV',
  V: 'V',
  mmHg: 'mm[Hg]',
  'mm[Hg]': 'mm[Hg]',
  mm: 'mm',
  NU: '1',
  nu: '1',
  adu: '1',
  '1': '1',
  '': '1',
  '%': '%',
  bpm: '/min',
  rpm: '/min',
  pm: '/min',
  '/min': '/min',
  ms: 'ms',
  msec: 'ms',
  s: 's',
  degC: 'Cel',
  C: 'Cel',
  Cel: 'Cel',
  K: 'K',
  degF: '[degF]',
  '[degF]': '[degF]',
  degrees: 'deg',
  '°': 'deg',
  Ohm: 'Ohm',
  ohm: 'Ohm',
  g: '[g]',
  '[g]': '[g]',
  uS: 'uS',
  'L/s': 'L/s',
  'l/min': 'L/min',
  'L/min': 'L/min',
  'm/s2': 'm/s2',
  'm/s^2': 'm/s2',
  Hz: 'Hz',
  'mg/dL': 'mg/dL',
  'mmol/L': 'mmol/L',
  '{count}': '{count}',
}

/** UCUM for the unit of a signal of known kind: `mg` of an acceleration is a thousandth of g, not a milligram. */
export function unitOf(text: string, kind: StreamKind): string {
  return kind === 'acceleration' && text === 'mg' ? 'm[g]' : toUcum(text)
}

/** UCUM for a unit as recordings write it. An unknown one is kept as a UCUM annotation, `{text}`: dimensionless, its name shown. */
export function toUcum(unit: string): string {
  const known = Object.hasOwn(units, unit) ? units[unit] : undefined
  if (known !== undefined) return known
  const text = unit.replace(/[^!-z|~]/g, '')
  return text === '' ? '1' : `{${text}}`
}
