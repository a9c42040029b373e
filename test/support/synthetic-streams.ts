import { type StreamKind, type StreamSpec, streamKinds } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { pulseTrain } from '../ppg/synthetic-pulses.js'
import { regularBeats, syntheticEcg } from './synthetic-ecg.js'

/** A stream as a device could declare it, and what one body gives to it. */
export interface SyntheticStream {
  readonly spec: StreamSpec
  readonly channels: readonly Float64Array[]
}

/** What streams of a kind look like; several where chains differ by more than the kind. */
export interface StreamShape {
  readonly id: string
  readonly kind: StreamKind
  readonly channels: readonly string[]
  readonly unit: string
  readonly wavelengths?: readonly number[]
  /** Usual rates of devices in Hz. */
  readonly rates: readonly number[]
  draw(fs: number, seconds: number): Float64Array[]
}

/** Heart beats of the body that all signals are of: 75 /min, from 42 s on faster. */
function beatsOf(seconds: number): number[] {
  return [...regularBeats(0.5, 0.8, Math.min(42, seconds)), ...regularBeats(42.4, 0.6, seconds)]
}

function noisy(fs: number, seconds: number, seed: number, sigma: number, value: (t: number) => number): Float64Array {
  const normal = seededNormal(seed)
  return Float64Array.from({ length: Math.round(fs * seconds) }, (_, i) => value(i / fs) + sigma * normal())
}

const cycle = (t: number, hz: number): number => Math.sin(2 * Math.PI * hz * t)

/** 16 breaths a minute move pulses and level. */
function light(fs: number, seconds: number, level: number, perfusion: number, seed: number): Float64Array {
  const peaks = beatsOf(seconds).map(beat => beat + 0.3)
  const height = peaks.map(peak => level * perfusion * (1 + 0.1 * cycle(peak, 0.27)))
  const pulses = pulseTrain({ fs, seconds, peaks, height, level, sign: -1, noise: (level * perfusion) / 100, seed })
  return pulses.map((value, i) => value + 0.2 * level * perfusion * cycle(i / fs, 0.27))
}

/** Walking from 20 s to 35 s at 1.8 steps a second, then a fall at 45 s and lying on the back; else sitting. */
function acceleration(fs: number, seconds: number): Float64Array[] {
  const axis = (seed: number, value: (t: number) => number) => noisy(fs, seconds, seed, 0.01, value)
  const steps = (t: number) => (t > 20 && t < 35 ? 1 : 0)
  const impact = (t: number) => (t >= 44.6 && t < 45 ? -0.9 : t >= 45 && t < 45.1 ? 3.5 : 0)
  const lying = (t: number) => (t >= 45.1 ? 1 : 0)
  return [
    axis(31, t => 0.15 * steps(t) * cycle(t, 1.8) + 0.5 * Math.max(0, impact(t))),
    axis(32, t => (1 - lying(t)) * (1 + 0.35 * steps(t) * cycle(t, 1.8)) + impact(t)),
    axis(33, t => 0.1 * steps(t) * cycle(t, 0.9) + 0.98 * lying(t)),
  ]
}

export const streamShapes: readonly StreamShape[] = [
  {
    id: 'ecg',
    kind: 'ecg',
    channels: ['I', 'II'],
    unit: 'mV',
    rates: [128, 250, 360],
    draw: (fs, seconds) => [
      syntheticEcg({ fs, seconds, beats: beatsOf(seconds), amplitude: 0.6, seed: 11 }),
      syntheticEcg({ fs, seconds, beats: beatsOf(seconds), seed: 12 }),
    ],
  },
  {
    id: 'ppg',
    kind: 'ppg',
    channels: ['green'],
    unit: '1',
    rates: [30, 64, 125],
    draw: (fs, seconds) => [light(fs, seconds, 1000, 0.03, 13)],
  },
  {
    id: 'oximeter',
    kind: 'ppg',
    channels: ['red', 'infrared'],
    unit: '1',
    wavelengths: [660, 940],
    rates: [50, 100],
    draw: (fs, seconds) => [light(fs, seconds, 13_000, 0.012, 14), light(fs, seconds, 20_000, 0.02, 15)],
  },
  {
    id: 'pressure',
    kind: 'pressure',
    channels: ['ABP'],
    unit: 'mm[Hg]',
    rates: [62.5, 125],
    draw: (fs, seconds) => [
      pulseTrain({ fs, seconds, peaks: beatsOf(seconds).map(beat => beat + 0.2), height: 45, level: 75, noise: 0.4 }),
    ],
  },
  {
    id: 'respiration',
    kind: 'respiration',
    channels: ['Resp'],
    unit: 'Ohm',
    rates: [25, 62.5],
    draw: (fs, seconds) => [noisy(fs, seconds, 16, 0.01, t => 100 + cycle(t, 0.27) + 0.03 * cycle(t, 1.25))],
  },
  { id: 'acceleration', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', rates: [25, 50, 100, 200], draw: acceleration },
  {
    id: 'eeg',
    kind: 'eeg',
    channels: ['Fp1', 'Cz'],
    unit: 'uV',
    rates: [160, 250],
    draw: (fs, seconds) => [
      noisy(fs, seconds, 17, 5, t => 25 * cycle(t, 10) + 10 * cycle(t, 2)),
      noisy(fs, seconds, 18, 5, t => 15 * cycle(t, 6) + 8 * cycle(t, 20)),
    ],
  },
  {
    id: 'temperature',
    kind: 'temperature',
    channels: ['skin'],
    unit: 'Cel',
    rates: [1, 4],
    draw: (fs, seconds) => [noisy(fs, seconds, 19, 0.01, t => 33 + t / 600)],
  },
  {
    id: 'other',
    kind: 'other',
    channels: ['EDA'],
    unit: 'uS',
    rates: [4],
    draw: (fs, seconds) => [noisy(fs, seconds, 20, 0.01, t => 2 + cycle(t, 0.02))],
  },
]

/** Kinds of streams that no shape is of: each must have one. */
export const kindsWithoutShape: readonly StreamKind[] = streamKinds.filter(kind => !streamShapes.some(shape => shape.kind === kind))

export function specOf(shape: StreamShape, fs: number): StreamSpec {
  const { id, kind, channels, unit, wavelengths } = shape
  return { id, kind, channels, unit, fs: { num: fs * 10, den: 10 }, ...(wavelengths === undefined ? {} : { wavelengths }) }
}

export function drawStream(shape: StreamShape, fs: number, seconds: number): SyntheticStream {
  return { spec: specOf(shape, fs), channels: shape.draw(fs, seconds) }
}
