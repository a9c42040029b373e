import { VitalwireError } from '../errors.js'
import { byteRefusal } from './byte-refusal.js'
import type { FilePool } from './file-pool.js'
import { decodeFlacFrame } from './flac/flac-decoder.js'
import { type FlacFrames, indexFlacFrames, readFlacHead } from './flac/flac-frames.js'
import { missingSample } from './recording.js'

/** Formats 508, 516 and 524 of signal(5): samples of at most 8, 16 or 24 bits in a FLAC file, a channel a signal. */
export const flacFormatCodes: readonly number[] = [508, 516, 524]

/** Frames are decoded in runs of so many, about a quarter of a million samples of a channel. */
const runFrames = 64

interface Run {
  readonly number: number
  /** First frame behind the run. */
  readonly next: number
  /** Samples of a channel, from the start of the file. */
  readonly start: number
  readonly end: number
  readonly channels: readonly Int32Array[]
}

/** Samples of a FLAC file in the order in which other formats store them: frame by frame, signal by signal. */
export class WfdbFlac {
  #frames: FlacFrames | null = null
  #run: Run | null = null

  private constructor(
    readonly path: string,
    readonly code: number,
    readonly signals: number,
    readonly perFrame: number,
    /** Samples of a channel before the first of the record. */
    readonly lead: number,
    readonly pool: FilePool,
    /** Samples of a channel from the first of the record; null: the file does not say. */
    readonly said: number | null,
  ) {}

  /** Throws `recording-format` where the file does not fit its header. */
  static async open(path: string, code: number, perFrame: readonly number[], lead: number, pool: FilePool): Promise<WfdbFlac> {
    const refuse = (what: string, accepted: string): VitalwireError =>
      new VitalwireError('recording-format', `${path} ${what}; accepted: ${accepted}`)
    if (perFrame.some(count => count !== perFrame[0]))
      throw refuse(`has signals of ${perFrame.join(', ')} samples a frame`, 'one number for all signals of a FLAC file')
    const { channels, bits, length } = await readFlacHead(path, pool)
    if (channels !== perFrame.length) throw refuse(`has ${channels} channels and its header ${perFrame.length} signals`, 'equal counts')
    if (bits > code - 500) throw refuse(`has samples of ${bits} bits`, `at most ${code - 500} in format ${code}`)
    return new WfdbFlac(path, code, channels, perFrame[0] ?? 1, lead, pool, length === 0 ? null : Math.max(0, length - lead))
  }

  /** Frames of the record that the file holds. */
  async countFrames(): Promise<number> {
    const samples = this.said ?? Math.max(0, (await this.#index()).length - this.lead)
    return Math.floor(samples / this.perFrame)
  }

  /** All samples of frames `from` to `to` of the record; fewer only where the file ends. */
  async read(from: number, to: number): Promise<Int32Array> {
    const { signals, perFrame } = this
    const frames = await this.#index()
    const first = this.lead + from * perFrame
    const end = Math.min(this.lead + to * perFrame, frames.length)
    const out = new Int32Array(Math.max(0, end - first) * signals)
    for (let frame = frameOf(frames.starts, first); frame < frames.offsets.length - 1 && frames.starts[frame]! < end; ) {
      const run = await this.#decodeRun(frames, Math.floor(frame / runFrames))
      const low = Math.max(first, run.start)
      const high = Math.min(end, run.end)
      for (let channel = 0; channel < signals; channel++) {
        const samples = run.channels[channel]!
        for (let i = low; i < high; i++) {
          const at = i - first
          const within = at % perFrame
          out[(at - within) * signals + channel * perFrame + within] = samples[i - run.start]!
        }
      }
      frame = run.next
    }
    return out
  }

  async #decodeRun(frames: FlacFrames, number: number): Promise<Run> {
    // Windows follow on each other, and mostly lie in one run.
    if (this.#run?.number === number) return this.#run
    const from = number * runFrames
    const next = Math.min(from + runFrames, frames.offsets.length - 1)
    const offset = frames.offsets[from]!
    const bytes = await this.pool.read(this.path, offset, frames.offsets[next]! - offset)
    const start = frames.starts[from]!
    const end = frames.starts[next]!
    const channels = Array.from({ length: this.signals }, () => new Int32Array(end - start))
    for (let frame = from; frame < next; frame++) {
      const part = decodeFlacFrame(bytes.subarray(frames.offsets[frame]! - offset, frames.offsets[frame + 1]! - offset), frames.bits)
      if (part === null || part.length !== this.signals)
        throw byteRefusal(this.path, frames.offsets[frame]!, 'has a frame that cannot be decoded', 'FLAC frames as RFC 9639 has them')
      for (const [channel, samples] of part.entries()) channels[channel]!.set(samples, frames.starts[frame]! - start)
    }
    const missing = -(2 ** (this.code - 501))
    for (const samples of channels) for (let i = 0; i < samples.length; i++) if (samples[i] === missing) samples[i] = missingSample
    this.#run = { number, next, start, end, channels }
    return this.#run
  }

  async #index(): Promise<FlacFrames> {
    this.#frames ??= await indexFlacFrames(this.path, this.pool)
    return this.#frames
  }
}

/** The last frame that begins at or before a sample. */
function frameOf(starts: Float64Array, sample: number): number {
  let low = 0
  let high = starts.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= sample) low = middle
    else high = middle
  }
  return low
}
