import { missingSample } from '../recording/recording.js'
import { samplesToMicros } from '../signal/rate.js'
import { sampleFlags } from '../signal/sample-block.js'
import { codecs } from '../wire/chunk.js'
import { encodeChunk } from '../wire/encode-chunk.js'
import type { SignalSource } from './signal-source.js'
import type { StreamPlan } from './stream-plan.js'

/** Seconds of signal that are read from the source at a time. */
const readSeconds = 20

/** Encodes the chunks of one stream from its source; holds one window of samples. Not to be shared between readers. */
export class ChunkMaker {
  readonly #source: SignalSource
  readonly #plan: StreamPlan
  readonly #boot: number
  /** Whether the last chunk says that it is. */
  readonly #finished: boolean
  /** Digital (or, with codec 3, physical) values, NaN missing, from sample `#start` of the stream. */
  #window: readonly Float64Array[] = []
  #start = 0
  #length = 0

  constructor(source: SignalSource, plan: StreamPlan, boot: number, finished: boolean) {
    this.#source = source
    this.#plan = plan
    this.#boot = boot
    this.#finished = finished
  }

  /** The chunk with this sequence number, 0 <= seq < count. */
  async make(seq: number): Promise<Uint8Array> {
    const { grid, birth, signals, firstSample } = this.#plan
    const { index, n, flags } = grid.place(seq)
    if (index < this.#start || index + n > this.#start + this.#length) await this.#read(index, n)
    const at = index - this.#start
    const marks = this.#source.paceMarks?.(signals[0]!, firstSample + index, firstSample + index + n) ?? []
    return encodeChunk(
      {
        codec: birth.codec,
        flags: this.#finished && seq === grid.count - 1 ? flags | sampleFlags.last : flags,
        boot: this.#boot,
        seq,
        index,
        t0: birth.t0 + samplesToMicros(index, birth.fs),
        n,
        ...(marks.length > 0 && { paceMarks: marks.map(mark => mark - firstSample) }),
      },
      this.#window.map(samples => samples.subarray(at, at + n)),
      birth.bits,
    )
  }

  async #read(index: number, n: number): Promise<void> {
    const { birth, signals, firstSample, samples } = this.#plan
    const wanted = Math.min(samples - index, Math.max(n, Math.ceil((readSeconds * birth.fs.num) / birth.fs.den)))
    const from = firstSample + index
    this.#window =
      birth.codec === codecs.float32
        ? await this.#source.readPhysical(signals, from, wanted)
        : (await this.#source.readDigital(signals, from, wanted)).map(markMissing)
    this.#start = index
    this.#length = wanted
    // The source promised so many; a shorter answer would shift everything behind it.
    for (const channel of this.#window) {
      if (channel.length !== wanted) throw new RangeError(`${this.#source.name}: ${channel.length} samples at ${from}, expected ${wanted}`)
    }
  }
}

function markMissing(digital: Int32Array): Float64Array {
  const values = new Float64Array(digital.length)
  for (let i = 0; i < digital.length; i++) {
    const value = digital[i]!
    values[i] = value === missingSample ? Number.NaN : value
  }
  return values
}
