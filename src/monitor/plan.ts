import { canFrame, withFrames } from '../dsp/framing-chain.js'
import { createEcgChain } from '../ecg/ecg-chain.js'
import { createEegChain } from '../eeg/eeg-chain.js'
import { createHrvChain } from '../hrv/hrv-chain.js'
import { createPrvChain } from '../hrv/prv-chain.js'
import { createMotionChain } from '../motion/motion-chain.js'
import { createOximetryChain, type OximetryOptions, oximeterChannels } from '../oximetry/oximetry-chain.js'
import { createPpgChain } from '../ppg/ppg-chain.js'
import { createPressureChain } from '../ppg/pressure-chain.js'
import { createRespirationChain } from '../respiration/respiration-chain.js'
import type { VitalName } from '../signal/catalogue.js'
import { vitalNames } from '../signal/catalogue.js'
import type { StreamChain } from '../signal/chain.js'
import { isSkinTemperature } from '../signal/skin-sensor.js'
import { type StreamKind, type StreamSpec, streamKinds } from '../signal/stream.js'
import { createSkinTemperatureChain } from '../vitals/skin-temperature-chain.js'

/** Streams whose signal nobody interprets are kept and shown; their chain says nothing. */
class SilentChain implements StreamChain {
  readonly name = 'silent'
  readonly latency = { min: 0, max: 0 }
  readonly parameters = {}
  push(): void {}
  flush(): void {}
  save(): null {
    return null
  }
  load(): void {}
}

interface KindPlan {
  /** Vital signs that the chain can measure. */
  readonly vitals: readonly VitalName[]
  readonly create: (spec: StreamSpec, oximetry: OximetryOptions) => StreamChain
}

const ecg: KindPlan = { vitals: ['heart-rate', 'respiratory-rate'], create: spec => createHrvChain(spec, createEcgChain(spec)) }
const ppg: KindPlan = {
  vitals: ['pulse-rate', 'perfusion-index', 'respiratory-rate'],
  create: spec => createPrvChain(spec, createPpgChain(spec)),
}
const oximeter: KindPlan = {
  vitals: ['pulse-rate', 'perfusion-index', 'spo2', 'respiratory-rate'],
  create: (spec, oximetry) => createPrvChain(spec, createOximetryChain(spec, createPpgChain(spec), oximetry)),
}
const respiration: KindPlan = { vitals: ['respiratory-rate'], create: spec => createRespirationChain(spec) }
const pressure: KindPlan = { vitals: ['pulse-rate'], create: spec => createPressureChain(spec) }
const eeg: KindPlan = { vitals: [], create: spec => createEegChain(spec) }
const acceleration: KindPlan = { vitals: ['steps'], create: spec => createMotionChain(spec) }
const skinTemperature: KindPlan = { vitals: ['skin-temperature'], create: createSkinTemperatureChain }
const silent: KindPlan = { vitals: [], create: () => new SilentChain() }

export interface StreamPlan {
  /** Fresh, for this stream. */
  readonly chain: StreamChain
  readonly vitals: readonly VitalName[]
  /** False: it should be measured, but no chain can read it. */
  readonly readable: boolean
  /** Why no chain can read it, and what is accepted; null: one can. */
  readonly refusal: string | null
}

/**
 * The chain that reads a stream, and what it can say. A stream that its chain cannot read (a sampling rate outside its range)
 * is kept and shown like one of kind `other`: it must not take the other streams of its device with it. `joins`: a reader of several
 * streams reads it too, second by second. `oximetry`: how red and infrared light become SpO2.
 */
export function planStream(spec: StreamSpec, joins = false, oximetry: OximetryOptions = {}): StreamPlan {
  const { vitals, create } = planKind(spec)
  try {
    const chain = create(spec, oximetry)
    return { chain: joins ? withFrames(spec, chain) : chain, vitals, readable: true, refusal: null }
  } catch (cause) {
    const refusal = cause instanceof Error ? cause.message : String(cause)
    return { chain: silent.create(spec, oximetry), vitals: silent.vitals, readable: false, refusal }
  }
}

function planKind(spec: StreamSpec): KindPlan {
  switch (spec.kind) {
    case 'ecg':
      return ecg
    case 'ppg':
      return oximeterChannels(spec) === null ? ppg : oximeter
    case 'respiration':
      return respiration
    case 'pressure':
      return pressure
    case 'eeg':
      return eeg
    case 'acceleration':
      return acceleration
    case 'temperature':
      return isSkinTemperature(spec) ? skinTemperature : silent
    default:
      return silent
  }
}

/** Whether a device with these streams has a pulse rate of light and acceleration together. */
export function joinsStreams(specs: readonly StreamSpec[]): boolean {
  const joined = specs.filter(isJoined)
  return joined.some(({ kind }) => kind === 'acceleration') && joined.some(({ kind }) => kind === 'ppg')
}

/** Whether a reader of several streams reads this one, in a device where `joinsStreams`. */
export function isJoined(spec: StreamSpec): boolean {
  return (spec.kind === 'ppg' || spec.kind === 'acceleration') && canFrame(spec)
}

/** Numerics may carry any vital sign. */
export const numericVitals: readonly VitalName[] = vitalNames

/** Order in which readers take what several streams say at the same time: by kind, then by id. */
export const planOrder = ['ecg', 'ppg', 'pressure', 'respiration', 'acceleration', 'eeg', 'temperature', 'other', 'n'] as const

export interface PlannedStage {
  readonly kind: string
  readonly chain: string
  readonly fs: number
  readonly latencySeconds: { readonly min: number; readonly max: number }
  readonly vitals: readonly VitalName[]
}

/** A usual stream of each kind; of light with one wavelength and with the two of an oximeter. */
const usualStreams: Readonly<Record<StreamKind, readonly Omit<StreamSpec, 'kind'>[]>> = {
  ecg: [{ id: 'ecg', channels: ['II'], unit: 'mV', fs: { num: 250, den: 1 } }],
  ppg: [
    { id: 'ppg', channels: ['PLETH'], unit: '1', fs: { num: 100, den: 1 } },
    { id: 'oximeter', channels: ['red', 'infrared'], unit: '1', fs: { num: 100, den: 1 }, wavelengths: [660, 940] },
  ],
  pressure: [{ id: 'pressure', channels: ['ABP'], unit: 'mm[Hg]', fs: { num: 100, den: 1 } }],
  respiration: [{ id: 'respiration', channels: ['RESP'], unit: 'Ohm', fs: { num: 25, den: 1 } }],
  acceleration: [{ id: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: 50, den: 1 } }],
  eeg: [{ id: 'eeg', channels: ['Fpz-Cz'], unit: 'uV', fs: { num: 250, den: 1 } }],
  temperature: [{ id: 'temperature', channels: ['skin'], unit: 'Cel', fs: { num: 4, den: 1 } }],
  other: [{ id: 'other', channels: ['EDA'], unit: 'uS', fs: { num: 4, den: 1 } }],
}

/** The chain of each kind of stream with its declared delay, at a usual sampling rate. */
export function planLatencies(): PlannedStage[] {
  const usual = streamKinds.flatMap(kind => usualStreams[kind].map((stream): StreamSpec => ({ ...stream, kind })))
  return usual.map(spec => {
    const { chain, vitals } = planStream(spec)
    const fs = spec.fs.num / spec.fs.den
    const latencySeconds = { min: chain.latency.min / fs, max: chain.latency.max / fs }
    return { kind: spec.id, chain: chain.name, fs, latencySeconds, vitals }
  })
}
