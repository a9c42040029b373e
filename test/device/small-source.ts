import type { SignalSource } from '../../src/device/signal-source.js'
import { missingSample, type SignalInfo } from '../../src/recording/recording.js'

export interface SmallSignal {
  readonly name: string
  readonly kind?: SignalInfo['kind']
  readonly unit?: string
  readonly fs?: SignalInfo['fs']
  readonly gain?: number
  readonly baseline?: number
  readonly bits?: number
  readonly startMicros?: number
  readonly stream?: string
  readonly encoding?: SignalInfo['encoding']
  /** Digital values (null missing), or physical ones with encoding `float`. */
  readonly values: readonly (number | null)[]
}

/** A recording in memory, for what files are too coarse for. */
export function makeSmallSource(signals: readonly SmallSignal[], more: Partial<SignalSource> = {}): SignalSource {
  const infos = signals.map((signal, index): SignalInfo => {
    const { name, kind = 'ecg', unit = 'mV', fs = { num: 100, den: 1 }, gain = 200, baseline = 0, bits = 16, encoding = 'digital' } = signal
    const { startMicros = 0, stream = null, values } = signal
    return { index, name, kind, unit, fs, gain, baseline, bits, encoding, length: values.length, startMicros, stream, wavelength: null }
  })
  const ends = infos.map(({ startMicros, length, fs }) => startMicros / 1e6 + (length * fs.den) / fs.num)
  return {
    name: 'small',
    durationSeconds: Math.max(...ends),
    startTime: null,
    signals: infos,
    numerics: null,
    readDigital: (indexes, from, length) =>
      Promise.resolve(indexes.map(i => Int32Array.from(signals[i]!.values.slice(from, from + length), value => value ?? missingSample))),
    readPhysical: (indexes, from, length) =>
      Promise.resolve(indexes.map(i => Float64Array.from(signals[i]!.values.slice(from, from + length), value => value ?? Number.NaN))),
    close: () => Promise.resolve(),
    ...more,
  }
}

export function ramp(length: number, step = 1): number[] {
  return Array.from({ length }, (_, i) => i * step)
}
