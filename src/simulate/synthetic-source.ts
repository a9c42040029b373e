import type { FlaggedStretch, PeriodicNumerics, SignalSource, SourceEvent, SourceFaults } from '../device/signal-source.js'
import type { SignalInfo } from '../recording/recording.js'
import { roundHalfAway } from '../signal/rate.js'
import { sampleFlags } from '../signal/sample-block.js'
import { drawEcg, ecgLeads } from './ecg-model.js'
import { type GroundTruth, repeat, tellTruth } from './ground-truth.js'
import { Physiology } from './physiology.js'
import { drawPpg, ppgCalibration, ppgWavelengths } from './ppg-model.js'
import { purposes, uniformAt } from './random.js'
import { drawRespiration } from './respiration-model.js'
import { type Baseline, type DisturbanceKind, type ScenarioName, type Script, writeScript } from './scenario.js'
import { makeNumerics } from './vital-numbers.js'

export interface SyntheticOptions {
  readonly name: string
  readonly scenario: ScenarioName
  /** Equal seeds make equal bytes. */
  readonly seed: number
  /** Infinity for a patient without end. */
  readonly durationSeconds: number
  /** When the scenario's trouble begins; default 20 s. */
  readonly onsetSeconds?: number
}

/** A simulated patient in the shape of a recording, with what is true of it. */
export interface SyntheticSource extends SignalSource {
  readonly script: Script
  readonly truth: GroundTruth
  readonly numerics: PeriodicNumerics
  readonly faults: SourceFaults
}

const ecgRate = 250
const ppgRate = 100
const respirationRate = 25
const redSignal = 2
const respirationSignal = 4
/** Flags and events of an endless simulation are written down for so long; later repetitions come without disturbances. */
const faultHorizonSeconds = 86_400

/** Samples are computed when they are read, from the seed and their index alone; nothing is kept. */
export function makeSyntheticSource(options: SyntheticOptions): SyntheticSource {
  const { name, scenario, seed, durationSeconds } = options
  const script = writeScript(scenario, drawBaseline(seed), options.onsetSeconds ?? 20)
  const body = new Physiology(script, seed)
  const signals = listSignals(durationSeconds)

  function draw(indexes: readonly number[], from: number, length: number): Float64Array[] {
    const first = signals[indexes[0]!]!
    const count = Math.max(0, Math.min(length, first.length - from))
    const drawn = new Map<number, Float64Array>()
    const fresh = (signal: number) => {
      const samples = new Float64Array(count)
      drawn.set(signal, samples)
      return samples
    }
    // A group is drawn whole: its channels share the beats.
    if (indexes.some(index => index < redSignal)) drawEcg(body, seed, from, ecgRate, [fresh(0), fresh(1)])
    if (indexes.some(index => index >= redSignal && index < respirationSignal)) {
      drawPpg(body, seed, from, ppgRate, [fresh(redSignal), fresh(redSignal + 1)])
    }
    if (indexes.includes(respirationSignal)) drawRespiration(body, seed, from, respirationRate, fresh(respirationSignal))
    return indexes.map(index => drawn.get(index)!)
  }

  return {
    name,
    durationSeconds,
    startTime: null,
    signals,
    numerics: makeNumerics(body, seed),
    faults: listFaults(script, signals, Math.min(durationSeconds, faultHorizonSeconds)),
    calibration: ppgCalibration,
    script,
    truth: tellTruth(body),
    readPhysical: (indexes, from, length) => Promise.resolve(draw(indexes, from, length)),
    readDigital: (indexes, from, length) =>
      Promise.resolve(draw(indexes, from, length).map((samples, k) => digitise(samples, signals[indexes[k]!]!))),
    close: () => Promise.resolve(),
  }
}

function digitise(samples: Float64Array, signal: SignalInfo): Int32Array {
  const limit = 2 ** (signal.bits - 1) - 1
  return Int32Array.from(samples, value => Math.max(-limit, Math.min(limit, roundHalfAway(value * signal.gain + signal.baseline))))
}

function listSignals(durationSeconds: number): SignalInfo[] {
  const signal = (index: number, name: string, kind: SignalInfo['kind'], rate: number, unit: string, gain: number, bits: number) => ({
    index,
    name,
    kind,
    unit,
    fs: { num: rate, den: 1 },
    encoding: 'digital' as const,
    gain,
    baseline: 0,
    bits,
    length: Math.floor(durationSeconds * rate),
    startMicros: 0,
    stream: null,
    wavelength: null,
  })
  return [
    signal(0, ecgLeads[0], 'ecg', ecgRate, 'mV', 1000, 16),
    signal(1, ecgLeads[1], 'ecg', ecgRate, 'mV', 1000, 16),
    { ...signal(redSignal, 'red', 'ppg', ppgRate, '1', 1, 24), wavelength: ppgWavelengths[0] },
    { ...signal(redSignal + 1, 'infrared', 'ppg', ppgRate, '1', 1, 24), wavelength: ppgWavelengths[1] },
    signal(respirationSignal, 'impedance', 'respiration', respirationRate, 'Ohm', 4000, 16),
  ]
}

/** Streams that a disturbance reaches, by their first signal, with the chunk flag and the event it makes. */
const faultsOf: Readonly<Record<DisturbanceKind, { signals: readonly number[]; flag: number; event: SourceEvent['event'] | null }>> = {
  'lead-off': { signals: [0, respirationSignal], flag: sampleFlags.leadOff, event: 'lead-off' },
  'sensor-off': { signals: [redSignal], flag: sampleFlags.sensorOff, event: 'sensor-off' },
  motion: { signals: [0, redSignal, respirationSignal], flag: sampleFlags.motion, event: null },
}

function listFaults(script: Script, signals: readonly SignalInfo[], horizonSeconds: number): SourceFaults {
  const flags: FlaggedStretch[] = []
  const events: SourceEvent[] = []
  for (const { label, from, to } of repeat(script.disturbances, script.periodSeconds, horizonSeconds)) {
    const fault = faultsOf[label as DisturbanceKind]
    for (const signal of fault.signals) {
      const { num } = signals[signal]!.fs
      flags.push({ signal, from: Math.round(from * num), to: Math.round(to * num), flags: fault.flag })
      if (fault.event === null) continue
      for (const [t, on] of [
        [from, true],
        [to, false],
      ] as const) {
        if (t < horizonSeconds) events.push({ t: Math.round(t * 1e6), event: fault.event, on, signal })
      }
    }
  }
  events.sort((a, b) => a.t - b.t)
  return { flags, events }
}

function drawBaseline(seed: number): Baseline {
  const between = (trait: number, low: number, high: number) => low + (high - low) * uniformAt(seed, purposes.trait, trait)
  return {
    heartRate: between(0, 62, 84),
    respiratoryRate: between(1, 13, 18),
    saturation: between(2, 96.6, 98.4),
    temperature: between(3, 36.5, 37.2),
    systolic: between(4, 116, 134),
    diastolic: between(5, 70, 82),
  }
}
