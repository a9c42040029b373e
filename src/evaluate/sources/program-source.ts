import type { BeatClass } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import type { StreamBlock } from '../../signal/sample-block.js'
import type { TestInput, TestOutput, TestSource } from '../test-source.js'
import { openEcgFeed } from './ecg-feed.js'
import { LatencyMeter } from './latency-meter.js'
import { ProgramConversation } from './program-conversation.js'
import { type ProgramBeat, type ProgramFrame, parseProgramFrame } from './program-frame.js'

export interface ProgramSourceOptions {
  /** A command line, run by the shell. */
  readonly command: string
  readonly channels: readonly (string | number)[] | null
  readonly packetSeconds: number
  readonly windowSeconds: number
  /** How long the program may be silent while it is waited for. */
  readonly timeoutSeconds: number
}

/** A detector in a program of its own, over standard input and output; docs/evaluate.md has the frames. */
export class ProgramSource implements TestSource {
  readonly name: string
  readonly #options: ProgramSourceOptions
  #conversation: ProgramConversation | null = null

  constructor(options: ProgramSourceOptions) {
    this.name = `program ${options.command}`
    this.#options = options
  }

  async read(input: TestInput): Promise<TestOutput> {
    const before = this.#conversation
    try {
      return await this.#readOnce(input)
    } catch (error) {
      await this.#conversation?.close({ atOnce: true })
      this.#conversation = null
      // A program may end after each record. Its end can come to light only after this record was begun with it.
      if (before?.leftInOrder !== true) throw error
      return this.#readOnce(input)
    }
  }

  async #readOnce(input: TestInput): Promise<TestOutput> {
    const { channels, packetSeconds } = this.#options
    const source = await input.open()
    try {
      const { spec, signals, firstSample, samples, run } = openEcgFeed(source, channels, packetSeconds)
      const conversation = this.#start(input.name)
      const fs = hertz(spec.fs)
      conversation.say({
        type: 'start',
        protocol: 1,
        record: input.name,
        fs,
        rate: [spec.fs.num, spec.fs.den],
        channels: spec.channels,
        unit: spec.unit,
      })
      const ends: number[] = []
      await run(
        packet => {
          ends.push(packet.start + packet.length)
          conversation.say({ type: 'samples', start: packet.start, values: writeValues(packet) })
        },
        async handOver => {
          handOver()
          await conversation.drained(input.name)
        },
      )
      conversation.say({ type: 'end' })
      const { beats, cpuSeconds } = await this.#collect(conversation, input.name, samples)
      const scale = (input.fs.num * spec.fs.den) / (input.fs.den * spec.fs.num)
      return {
        annotations: beats
          .map(beat => ({ sample: Math.round((beat.sample + firstSample) * scale), symbol: beat.beatClass, channel: signals[0] ?? 0 }))
          .sort((a, b) => a.sample - b.sample),
        fastBeats: null,
        rejected: null,
        latency: this.#latency(beats, ends, fs),
        cpuSeconds,
        signalSeconds: samples / fs,
        observations: null,
      }
    } finally {
      await source.close()
    }
  }

  parameters(): null {
    return null
  }

  files(): readonly string[] {
    return []
  }

  async close(): Promise<void> {
    await this.#conversation?.close({ atOnce: false })
    this.#conversation = null
  }

  /** The program of the record before, if it is still there; else a new one. Throws `detector-failed` when it left with an error. */
  #start(record: string): ProgramConversation {
    if (this.#conversation?.ended === true) {
      if (!this.#conversation.leftInOrder) throw this.#conversation.failed(record)
      this.#conversation = null
    }
    this.#conversation ??= new ProgramConversation(this.#options.command, this.#options.timeoutSeconds * 1000)
    return this.#conversation
  }

  async #collect(
    conversation: ProgramConversation,
    record: string,
    samples: number,
  ): Promise<{ beats: (ProgramBeat & { beatClass: BeatClass })[]; cpuSeconds: number | null }> {
    const beats: (ProgramBeat & { beatClass: BeatClass })[] = []
    for (;;) {
      const line = await conversation.nextLine(record)
      const frame: ProgramFrame = parseProgramFrame(line.text, samples, problem => conversation.fault(record, line.number, problem))
      if (frame.type === 'done') {
        conversation.recordDone()
        return { beats, cpuSeconds: frame.cpuSeconds }
      }
      beats.push(frame)
    }
  }

  /** By the program's own word: when the packet came that holds the sample with which it could decide. */
  #latency(beats: readonly ProgramBeat[], ends: readonly number[], fs: number): TestOutput['latency'] {
    if (beats.length === 0 || beats.some(beat => beat.decided === null)) return null
    const meter = new LatencyMeter(fs, Math.round(this.#options.windowSeconds * fs))
    for (const { sample, decided } of beats) meter.confirmed(Math.round(sample), packetEnd(ends, decided as number) - 1)
    return meter.latency()
  }
}

function packetEnd(ends: readonly number[], index: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] as number) > index) high = middle
    else low = middle + 1
  }
  return ends[low] ?? index + 1
}

/** One array a channel, null where a sample is missing. */
function writeValues(packet: StreamBlock): (number | null)[][] {
  return packet.channels.map(samples => Array.from(samples, value => (Number.isNaN(value) ? null : value)))
}
