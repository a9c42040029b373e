import { secondOf, secondStart } from '../dsp/second-grid.js'
import type { Kernel } from '../kernel/kernel.js'
import type { QualityReason } from '../signal/observation.js'
import { hertz, type Rate } from '../signal/rate.js'
import type { SampleBlock } from '../signal/sample-block.js'
import { ChannelSplitter, type SplitSink } from '../signal/split-valid.js'
import type { StageState } from '../signal/stage.js'
import { PacerBlanker } from './conditioning/pacer-blanker.js'
import { LeadQuality, noContact } from './lead-quality.js'
import { QrsDetector, type QrsOutput } from './qrs/qrs-detector.js'

/** What one lead says, in the order of `decided`. */
export type LeadEvent =
  | {
      readonly kind: 'beat'
      readonly decided: number
      readonly channel: number
      readonly index: number
      readonly fraction: number
      readonly height: number
      readonly likeness: number
      readonly searchedBack: boolean
    }
  /** A pacing spike, which the detector does not see; `marked`: the device says that it paced. */
  | { readonly kind: 'pace'; readonly decided: number; readonly channel: number; readonly index: number; readonly marked: boolean }
  | { readonly kind: 'fast'; readonly decided: number; readonly channel: number; readonly index: number }
  | { readonly kind: 'candidate' | 'candidate-over' | 'unsure' | 'sure'; readonly decided: number; readonly channel: number }
  | { readonly kind: 'gap'; readonly decided: number; readonly channel: number; readonly from: number }
  | {
      readonly kind: 'second'
      readonly decided: number
      readonly channel: number
      readonly from: number
      readonly to: number
      readonly quality: number
      readonly reason: QualityReason
    }

/** Missing stretches up to this long are bridged for the filters. */
export const bridgeSeconds = 0.1

/**
 * One lead from raw samples to beats and quality, in step with the stream's seconds: splitter, quality, and behind the blanking
 * of pacing spikes the detector.
 */
export class EcgLead {
  private readonly splitter: ChannelSplitter
  private readonly quality: LeadQuality
  private readonly pacer: PacerBlanker
  private readonly detector: QrsDetector
  /** Samples by which the detector is behind: those that the blanking holds; none when a stretch ends. */
  private behind: number
  /** The second that is open: its start, or -1. */
  private open = -1
  private next = -1
  private arrival = 0
  private events: LeadEvent[] = []
  /** Of the block that is being taken in. */
  private readonly spikes: LeadEvent[] = []

  constructor(
    private readonly channel: number,
    private readonly fs: Rate,
    millivolts: number | null,
    kernel: Kernel,
  ) {
    const fsHz = hertz(fs)
    this.splitter = new ChannelSplitter(Math.floor(bridgeSeconds * fsHz))
    this.quality = new LeadQuality(fsHz, millivolts, kernel)
    this.pacer = new PacerBlanker(fsHz, millivolts, this.onSpike)
    this.behind = this.pacer.latency.max
    this.detector = new QrsDetector({ fsHz, millivolts, kernel })
  }

  get latency(): { min: number; max: number } {
    const { min, max } = this.detector.latency
    return { min, max: max + this.pacer.latency.max }
  }

  /** The device says that it paced at sample `index`, which is pushed next or later. */
  mark(index: number): void {
    this.pacer.mark(index)
  }

  /** Pushes the samples and appends what they tell to `events`. */
  push(start: number, flags: number, samples: Float64Array, events: LeadEvent[]): void {
    this.events = events
    if (this.open >= 0 && start > this.next) {
      const to = this.secondEnd()
      if (start >= to) this.closeSecond(to, start)
    }
    // Without contact there is no signal, whatever the samples are: the step when it returns must not be learned from.
    const off = (flags & noContact) !== 0
    const valid = off ? new Float64Array(samples.length).fill(Number.NaN) : samples
    let at = start
    const end = start + samples.length
    while (at < end) {
      if (this.open < 0) this.open = secondStart(secondOf(at, this.fs), this.fs)
      const to = this.secondEnd()
      const stop = Math.min(to, end)
      if (off) this.quality.flag(flags)
      this.splitter.push(at, flags, stop - at === valid.length ? valid : valid.subarray(at - start, stop - start), this.sink)
      if (stop === to) this.closeSecond(to, to - 1)
      at = stop
    }
    this.next = end
  }

  flush(events: LeadEvent[]): void {
    this.events = events
    this.arrival = this.next
    this.behind = 0
    this.pacer.flush(this.toDetector)
    this.detector.flush(this.onQrs)
    this.behind = this.pacer.latency.max
    this.splitter.reset()
    this.quality.restart()
    this.open = -1
    this.next = -1
    this.arrival = 0
  }

  save(): StageState {
    const { open, next, arrival } = this
    return {
      open,
      next,
      arrival,
      splitter: this.splitter.save(),
      quality: this.quality.save(),
      pacer: this.pacer.save(),
      detector: this.detector.save(),
    }
  }

  load(saved: StageState): void {
    const state = saved as Record<'open' | 'next' | 'arrival', number> & Record<'splitter' | 'quality' | 'pacer' | 'detector', StageState>
    this.open = state.open
    this.next = state.next
    this.arrival = state.arrival
    this.splitter.load(state.splitter)
    this.quality.load(state.quality)
    this.pacer.load(state.pacer)
    this.detector.load(state.detector)
  }

  private readonly sink: SplitSink = {
    block: (block: SampleBlock, arrival: number) => {
      this.arrival = arrival
      this.quality.add(block)
      const before = this.events.length
      this.pacer.push(block, this.toDetector)
      // Spikes are found before the detector sees the block that they are in.
      if (this.spikes.length > 0) this.mergeSpikes(before)
    },
    gap: (from: number, arrival: number) => {
      this.arrival = arrival
      this.behind = 0
      this.pacer.endStretch(this.toDetector)
      this.detector.endStretch(arrival, this.onQrs)
      this.behind = this.pacer.latency.max
      this.events.push({ kind: 'gap', decided: arrival, channel: this.channel, from })
    },
  }

  private readonly toDetector = (blanked: SampleBlock): void => this.detector.push(blanked, this.onQrs)

  private readonly onSpike = (index: number, marked: boolean): void => {
    const decided = Math.max(index + this.behind, this.arrival)
    this.spikes.push({ kind: 'pace', decided, channel: this.channel, index, marked })
  }

  /** Puts the spikes of a block among what its samples told, in the order of `decided`. */
  private mergeSpikes(before: number): void {
    const told = this.events.splice(before)
    this.events.push(...[...this.spikes, ...told].sort((a, b) => a.decided - b.decided))
    this.spikes.length = 0
  }

  /** Samples that bridge a gap come late: nothing can be decided before the sample that closed it. */
  private readonly onQrs = (output: QrsOutput): void => {
    const decided = Math.max(output.decided + this.behind, this.arrival)
    const { channel } = this
    if (output.kind === 'qrs') {
      const { index, fraction, height, likeness, searchedBack } = output
      this.events.push({ kind: 'beat', decided, channel, index, fraction, height, likeness, searchedBack })
    } else if (output.kind === 'fast') this.events.push({ kind: 'fast', decided, channel, index: output.index })
    else this.events.push({ kind: output.kind, decided, channel })
  }

  private secondEnd(): number {
    return secondStart(secondOf(this.open, this.fs) + 1, this.fs)
  }

  private closeSecond(to: number, decided: number): void {
    const { quality, reason } = this.quality.close(to - this.open)
    this.events.push({ kind: 'second', decided, channel: this.channel, from: this.open, to, quality, reason })
    this.open = -1
  }
}
