import type { SampleBlock } from './sample-block.js'
import { isMissing, sampleFlags } from './sample-block.js'
import type { StageState } from './stage.js'

/** Receives one channel's valid stretches and gaps in order. `arrival`: index of the sample that made it known. */
export interface SplitSink {
  block(block: SampleBlock, arrival: number): void
  gap(from: number, arrival: number): void
}

/**
 * Cuts one channel of a stream into its contiguous, valid stretches. Missing samples (NaN, infinities) and lost ones (jumps of the
 * index) are the same thing and merge into one gap, however the stream is cut. Up to `bridgeSamples` missing samples are
 * bridged by a straight line flagged `interpolated`, known only when the sample after them arrives; more are a gap, said
 * once, as soon as it is one, and `gapBefore` of the next block has its length.
 */
export class ChannelSplitter {
  private next = -1
  private missing = 0
  private lastValue = 0
  private lastIndex = -1
  private announced = false

  constructor(private readonly bridgeSamples: number) {}

  push(start: number, flags: number, samples: Float64Array, sink: SplitSink): void {
    if (this.next >= 0 && start > this.next) this.miss(start - this.next, start, sink)
    const length = samples.length
    let i = 0
    while (i < length) {
      const from = i
      while (i < length && !isMissing(samples[i] as number)) i++
      if (i > from) this.valid(start + from, flags, i - from === length ? samples : samples.subarray(from, i), sink)
      for (; i < length && isMissing(samples[i] as number); i++) this.miss(1, start + i, sink)
    }
    this.next = start + length
  }

  reset(): void {
    this.next = -1
    this.missing = 0
    this.lastValue = 0
    this.lastIndex = -1
    this.announced = false
  }

  save(): StageState {
    return { next: this.next, missing: this.missing, lastValue: this.lastValue, lastIndex: this.lastIndex, announced: this.announced }
  }

  load(saved: StageState): void {
    Object.assign(this, saved)
  }

  private miss(count: number, arrival: number, sink: SplitSink): void {
    this.missing += count
    if (this.missing > this.bridgeSamples && !this.announced && this.lastIndex >= 0) {
      this.announced = true
      sink.gap(this.lastIndex + 1, arrival)
    }
  }

  private valid(start: number, flags: number, samples: Float64Array, sink: SplitSink): void {
    let gapBefore = this.missing
    if (gapBefore > 0 && !this.announced && this.lastIndex >= 0) {
      const step = ((samples[0] as number) - this.lastValue) / (gapBefore + 1)
      const line = Float64Array.from({ length: gapBefore }, (_, k) => this.lastValue + step * (k + 1))
      sink.block({ start: this.lastIndex + 1, gapBefore: 0, flags: flags | sampleFlags.interpolated, samples: line }, start)
      gapBefore = 0
    }
    sink.block({ start, gapBefore, flags, samples }, start)
    this.missing = 0
    this.announced = false
    this.lastIndex = start + samples.length - 1
    this.lastValue = samples[samples.length - 1] as number
  }
}
