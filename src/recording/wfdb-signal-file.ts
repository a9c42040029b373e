import { VitalwireError } from '../errors.js'
import { type FilePool, fileSize } from './file-pool.js'
import { missingSample } from './recording.js'
import { flacFormatCodes, WfdbFlac } from './wfdb-flac.js'
import { bytesForSamples, findWfdbFormat, samplesInBytes, type WfdbFormat, wfdbFormatCodes } from './wfdb-format.js'
import type { WfdbSignalSpec } from './wfdb-header.js'

/** Where differences of format 8 have been summed up to: values of each signal before `frame`. */
interface Sums {
  readonly frame: number
  readonly values: Int32Array
}

const sumStep = 65_536

/** One signal file of a record and the signals in it, which stand frame by frame. */
export class WfdbSignalFile {
  /** Samples of all signals in a frame. */
  readonly #frameSamples: number
  /** First sample of each signal in a frame. */
  readonly #places: readonly number[]
  readonly #start: Sums
  #sums: Sums

  private constructor(
    readonly path: string,
    readonly format: WfdbFormat | WfdbFlac,
    readonly specs: readonly WfdbSignalSpec[],
    /** Frames in the file. */
    readonly frames: number,
    readonly pool: FilePool,
  ) {
    const places: number[] = []
    let samples = 0
    for (const spec of specs) {
      places.push(samples)
      samples += spec.samplesPerFrame
    }
    this.#frameSamples = samples
    this.#places = places
    this.#start = { frame: 0, values: Int32Array.from(specs, spec => spec.initialValue) }
    this.#sums = this.#start
  }

  /**
   * Checks that the file is there and as long as `length` frames need; null takes the length from its size.
   * Throws `recording-missing`, `recording-short` (with both sizes) or `recording-format`.
   */
  static async open(path: string, specs: readonly WfdbSignalSpec[], length: number | null, pool: FilePool): Promise<WfdbSignalFile> {
    const code = specs[0]?.format ?? -1
    const offset = specs[0]?.byteOffset ?? 0
    for (const spec of specs) {
      if (spec.format !== code || spec.byteOffset !== offset) {
        throw new VitalwireError(
          'recording-format',
          `signals of ${path} differ in format or byte offset; accepted: one for all signals of a file`,
        )
      }
    }
    if (flacFormatCodes.includes(code)) return WfdbSignalFile.#openFlac(path, specs, length, pool)
    const format = findWfdbFormat(code)
    if (format === undefined) {
      throw new VitalwireError(
        'recording-format',
        `${path} is of format ${code}; accepted: ${[...wfdbFormatCodes, ...flacFormatCodes].join(', ')}`,
      )
    }
    const frameSamples = specs.reduce((sum, spec) => sum + spec.samplesPerFrame, 0)
    const needed = length === null ? null : offset + bytesForSamples(format, length * frameSamples)
    const size = await fileSize(
      path,
      needed === null ? `a signal file of format ${code}` : `a signal file of ${needed} bytes, found none (0 bytes)`,
    )
    if (needed !== null && size < needed) {
      throw new VitalwireError(
        'recording-short',
        `signal file ${path} is shorter than its header says: expected ${needed} bytes, found ${size} bytes`,
      )
    }
    const frames = length ?? Math.floor(samplesInBytes(format, Math.max(0, size - offset)) / frameSamples)
    return new WfdbSignalFile(path, format, specs, frames, pool)
  }

  static async #openFlac(path: string, specs: readonly WfdbSignalSpec[], length: number | null, pool: FilePool): Promise<WfdbSignalFile> {
    const { format: code = 0, byteOffset = 0 } = specs[0] ?? {}
    await fileSize(path, `a signal file of format ${code}`)
    // Of a FLAC file the offset counts samples.
    const perFrame = specs.map(spec => spec.samplesPerFrame)
    const flac = await WfdbFlac.open(path, code, perFrame, byteOffset, pool)
    const found = length !== null && flac.said === null ? length : await flac.countFrames()
    if (length !== null && found < length)
      throw new VitalwireError(
        'recording-short',
        `signal file ${path} is shorter than its header says: expected ${length} frames, found ${found} frames`,
      )
    return new WfdbSignalFile(path, flac, specs, length ?? found, pool)
  }

  /** Samples `from` to `from + length` of signals (by their place in `specs`) that have equal samples a frame. */
  async read(signals: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    const perFrame = this.specs[signals[0] ?? 0]?.samplesPerFrame ?? 1
    const skews = signals.map(signal => this.specs[signal]?.skew ?? 0)
    const firstFrame = Math.min(this.frames, Math.floor(from / perFrame) + Math.min(...skews))
    const lastFrame = Math.min(this.frames, Math.ceil((from + length) / perFrame) + Math.max(...skews))
    const data = await this.#readFrames(firstFrame, lastFrame)
    return signals.map((signal, i) => {
      const out = new Int32Array(length)
      const stride = this.#frameSamples
      const shift = (skews[i] ?? 0) * perFrame
      const end = Math.max(0, Math.min(length, this.frames * perFrame - from - shift))
      // Place of the first sample, and how far it stands into its frame.
      let within = (from + shift) % perFrame
      let at = ((from + shift - within) / perFrame - firstFrame) * stride + (this.#places[signal] ?? 0) + within
      for (let k = 0; k < end; k++) {
        out[k] = data[at] as number
        if (++within < perFrame) at++
        else {
          within = 0
          at += stride - perFrame + 1
        }
      }
      out.fill(missingSample, end)
      return out
    })
  }

  async #readFrames(from: number, to: number): Promise<Int32Array> {
    if (this.format instanceof WfdbFlac || this.format.code !== 8) return this.#readStored(from, to)
    let sums = from >= this.#sums.frame ? this.#sums : this.#start
    while (sums.frame < from) {
      const next = Math.min(from, sums.frame + sumStep)
      sums = { frame: next, values: this.#sumUp(await this.#readStored(sums.frame, next), sums.values) }
    }
    const data = await this.#readStored(from, to)
    this.#sums = { frame: to, values: this.#sumUp(data, sums.values) }
    return data
  }

  /** Turns differences into values, in place; returns the last value of each signal. */
  #sumUp(data: Int32Array, before: Int32Array): Int32Array {
    const values = before.slice()
    for (let frame = 0; frame < data.length; frame += this.#frameSamples) {
      for (let signal = 0; signal < values.length; signal++) {
        const start = frame + (this.#places[signal] ?? 0)
        const end = start + (this.specs[signal]?.samplesPerFrame ?? 0)
        let value = values[signal] ?? 0
        for (let i = start; i < end; i++) data[i] = value = (value + (data[i] ?? 0)) | 0
        values[signal] = value
      }
    }
    return values
  }

  async #readStored(from: number, to: number): Promise<Int32Array> {
    const { format } = this
    const count = Math.max(0, (to - from) * this.#frameSamples)
    if (count === 0) return new Int32Array(0)
    if (format instanceof WfdbFlac) {
      const samples = await format.read(from, to)
      if (samples.length < count)
        throw new VitalwireError(
          'recording-short',
          `signal file ${this.path} ended while reading: expected ${count} samples, found ${samples.length} samples`,
        )
      return samples
    }
    const first = from * this.#frameSamples
    const lead = first % format.blockSamples
    const start = ((first - lead) / format.blockSamples) * format.blockBytes
    const needed = bytesForSamples(format, lead + count)
    const bytes = await this.pool.read(this.path, (this.specs[0]?.byteOffset ?? 0) + start, needed)
    if (bytes.length < needed) {
      throw new VitalwireError(
        'recording-short',
        `signal file ${this.path} ended while reading: expected ${needed} bytes at ${start}, found ${bytes.length} bytes`,
      )
    }
    const samples = new Int32Array(lead + count)
    format.decode(bytes, lead + count, samples)
    return lead === 0 ? samples : samples.subarray(lead)
  }
}
