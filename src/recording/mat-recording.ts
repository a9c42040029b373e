import { basename } from 'node:path'
import { VitalwireError } from '../errors.js'
import { hertz, type Rate } from '../signal/rate.js'
import { type MatlabArray, readMat5 } from './mat5.js'
import type { Recording, SignalInfo } from './recording.js'
import { windowLength } from './signal-window.js'

/**
 * Opens one matrix of a MATLAB file as signals of one rate: time runs along its longer dimension, so that 6 x 37937 and
 * 37937 x 6 are six signals. They are called `NAME 0`, `NAME 1` and so on after the array, of kind `other`, unit 1: a list says what
 * they are. The array is held in memory. `variable` null: the only array of two dimensions. Throws as `readMat5` does, and `recording-format` with the arrays that are there.
 */
export async function openMatRecording(path: string, variable: string | null, fs: Rate | null): Promise<Recording> {
  if (fs === null)
    throw new VitalwireError('recording-format', `${path}: a MATLAB file does not say its rate; accepted: "fs" in the list, such as "125"`)
  const arrays = await readMat5(path)
  const matrices = [...arrays].filter(([name, { dimensions }]) => dimensions.length === 2 && (variable === null || name === variable))
  const [found] = matrices
  if (found === undefined || matrices.length > 1) {
    const accepted = [...arrays].map(([name, { dimensions }]) => `${name} (${dimensions.join(' x ')})`).join(', ')
    const what = variable === null ? `has ${matrices.length} arrays to choose from` : `has no matrix "${variable}"`
    throw new VitalwireError(
      'recording-format',
      `${path} ${what}; accepted: "variable" as one of ${accepted || 'none: the file has no array'}`,
    )
  }
  return new MatRecording(path, found[0], found[1], fs)
}

class MatRecording implements Recording {
  readonly name: string
  readonly durationSeconds: number
  readonly startTime = null
  readonly signals: readonly SignalInfo[]
  readonly numerics = null
  /** Where sample `i` of signal `k` is: `i * step + k * stride`. */
  readonly #step: number
  readonly #stride: number

  constructor(
    readonly path: string,
    variable: string,
    readonly array: MatlabArray,
    fs: Rate,
  ) {
    const [rows = 0, columns = 0] = array.dimensions
    const wide = columns >= rows
    const length = wide ? columns : rows
    this.#step = wide ? rows : 1
    this.#stride = wide ? 1 : rows
    this.name = basename(path).replace(/\.mat$/i, '')
    this.durationSeconds = length / hertz(fs)
    this.signals = Array.from({ length: wide ? rows : columns }, (_, index) => ({
      index,
      name: `${variable} ${index}`,
      kind: 'other',
      unit: '1',
      fs,
      encoding: 'float',
      gain: 1,
      baseline: 0,
      bits: 64,
      length,
      startMicros: 0,
      stream: null,
      wavelength: null,
    }))
  }

  async readDigital(): Promise<Int32Array[]> {
    throw new RangeError(`${this.path} holds physical values: read it with readPhysical`)
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    const { values } = this.array
    return signalIndexes.map(signal => {
      const first = from * this.#step + signal * this.#stride
      return Float64Array.from({ length: count }, (_, i) => {
        const value = values[first + i * this.#step]!
        return Number.isFinite(value) ? value : NaN
      })
    })
  }

  async close(): Promise<void> {}
}
