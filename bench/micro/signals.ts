import { drawEcg } from '../../src/simulate/ecg-model.js'
import { Physiology, type TrueBeat } from '../../src/simulate/physiology.js'
import { drawPpg } from '../../src/simulate/ppg-model.js'
import { drawRespiration } from '../../src/simulate/respiration-model.js'
import { writeScript } from '../../src/simulate/scenario.js'

/** Seconds of signal that one call of a chain's case works through. */
export const signalSeconds = 60

const seed = 11
const baseline = { heartRate: 72, respiratoryRate: 15, saturation: 97, temperature: 36.8, systolic: 122, diastolic: 78 }
const body = new Physiology(writeScript('stable', baseline, 20), seed)

/** ECG of a calm patient at `fs` Hz, one lead, mV. */
export function ecgSamples(fs: number, seconds = signalSeconds): Float64Array {
  const samples = new Float64Array(fs * seconds)
  drawEcg(body, seed, 0, fs, [samples])
  return samples
}

/** Red and infrared at `fs` Hz, in the oximeter's counts. */
export function ppgSamples(fs: number, seconds = signalSeconds): [Float64Array, Float64Array] {
  const pair: [Float64Array, Float64Array] = [new Float64Array(fs * seconds), new Float64Array(fs * seconds)]
  drawPpg(body, seed, 0, fs, pair)
  return pair
}

/** Impedance at `fs` Hz, Ohm. */
export function respirationSamples(fs: number, seconds = signalSeconds): Float64Array {
  const samples = new Float64Array(fs * seconds)
  drawRespiration(body, seed, 0, fs, samples)
  return samples
}

/** The beats that are truly there between two seconds. */
export function trueBeats(from: number, to: number): TrueBeat[] {
  return body.beats(from, to)
}

export const trueRates = { respiratoryRate: baseline.respiratoryRate, saturation: baseline.saturation }
