import { copyState, restoreState } from '../../dsp/state.js'
import type { SampleBlock } from '../../signal/sample-block.js'
import type { Latency, Stage, StageState } from '../../signal/stage.js'

export interface PacerParameters {
  /** A spike has come back most of the way after this time, whatever the front end made of a pulse of 0.1 to 2 ms, */
  readonly spikeSeconds: number
  /** and its tail is over after this time. */
  readonly tailSeconds: number
  /** The tail ends with a step of at most this share of the smallest spike. */
  readonly tailShare: number
  /** It stands out by at least this much, */
  readonly smallestMillivolts: number
  /** and by this many times the mean size of the difference of neighbouring samples over the last second. */
  readonly overNoise: number
  /** The steps right before and after it are at most this share of its height: the flanks of a QRS complex are steep too. */
  readonly flankShare: number
  /** What lies after it differs from what lies before by at most this share of its height. */
  readonly returnShare: number
}

const pacerDefaults: PacerParameters = {
  spikeSeconds: 0.008,
  tailSeconds: 0.024,
  tailShare: 0.15,
  smallestMillivolts: 0.3,
  overNoise: 10,
  flankShare: 0.25,
  returnShare: 0.4,
}

/** Samples that have left and are still looked at. */
const past = 3
/** A pulse of this many times the least height has a tail. */
const tailHeight = 2.5
/** How noisy the signal is must be known before anything is called a spike. */
const settlingSeconds = 0.2
/** Marks this much older than a new one have no samples to wait for any more. */
const keptMarksSeconds = 8

/**
 * Takes the spikes of a pacemaker out of an ECG: a line takes their place, and `onSpike` is told where each began. A spike is
 * a few samples that jump away from their surroundings and come back at once. Marks that a device sends with its samples are
 * blanked as well (`mark`), whatever they look like: such a pulse is certain, and its tail is always held. Delay: the longest spike and a sample. At a gap and at the end
 * what is still held leaves as it is.
 *
 * Where the unit is no voltage (`millivolts` null) only the noise decides.
 */
export class PacerBlanker implements Stage<SampleBlock, SampleBlock> {
  readonly name = 'ecg-pacer-blanker'
  readonly latency: Latency
  private readonly longest: number
  private readonly tail: number
  private readonly delay: number
  private readonly smallest: number
  private readonly second: number
  private readonly settling: number
  private readonly keptMarks: number
  private readonly state
  private work = new Float64Array(0)

  constructor(
    fsHz: number,
    millivolts: number | null,
    private readonly onSpike: (index: number, marked: boolean) => void = () => {},
    private readonly parameters: PacerParameters = pacerDefaults,
  ) {
    this.longest = Math.max(1, Math.ceil(parameters.spikeSeconds * fsHz))
    this.tail = Math.max(this.longest, Math.ceil(parameters.tailSeconds * fsHz))
    this.delay = this.longest + 1
    this.latency = { min: this.delay, max: this.delay }
    this.smallest = millivolts === null ? 0 : parameters.smallestMillivolts / millivolts
    this.second = Math.round(fsHz)
    this.settling = Math.round(settlingSeconds * fsHz)
    this.keptMarks = Math.round(keptMarksSeconds * fsHz)
    this.state = newState(this.delay)
  }

  /** The device says that a pulse was given at sample `index`; to be told before that sample leaves. */
  mark(index: number): void {
    const { marks } = this.state
    // Where the lead is off there are no samples that would use them up.
    while (marks.length > 0 && (marks[0] as number) < index - this.keptMarks) marks.shift()
    marks.push(index)
  }

  push(block: SampleBlock, emit: (output: SampleBlock) => void): void {
    if (block.samples.length === 0) return
    const { state } = this
    if (block.gapBefore > 0) this.endStretch(emit)
    // Flags are of whole blocks; the few samples that are held go on under those of the new one.
    state.flags = block.flags
    if (state.next < 0) {
      state.next = block.start
      state.gapBefore = block.gapBefore
      state.past.fill(block.samples[0] as number)
      state.last = block.samples[0] as number
    }
    const length = state.held + block.samples.length
    if (this.work.length < length + past) this.work = new Float64Array(length + past)
    // Samples that have left, those that are held, and the new ones.
    const { work } = this
    for (let k = 0; k < past; k++) work[k] = state.past[k] as number
    for (let k = 0; k < state.held; k++) work[past + k] = state.pending[k] as number
    work.set(block.samples, past + state.held)
    const out = Math.max(0, length - this.delay)
    this.blank(work, out)
    state.held = length - out
    for (let k = 0; k < state.held; k++) state.pending[k] = work[past + out + k] as number
    this.leave(work, out, emit)
  }

  /** Lets go what is held; the next block begins a stretch of its own. */
  endStretch(emit: (output: SampleBlock) => void): void {
    const { state } = this
    if (state.held > 0) {
      const rest = new Float64Array(past + state.held)
      rest.set(state.pending.subarray(0, state.held), past)
      state.held = 0
      this.leave(rest, rest.length - past, emit)
    }
    state.next = -1
    state.blankedTo = -1
    state.tailTo = -1
  }

  flush(emit: (output: SampleBlock) => void): void {
    this.endStretch(emit)
    restoreState(this.state, newState(this.delay))
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  /** The first `length` samples of `work` after those that have left. */
  private leave(work: Float64Array, length: number, emit: (output: SampleBlock) => void): void {
    const { state } = this
    if (length <= 0) return
    for (let k = 0; k < past; k++) state.past[k] = work[length + k] as number
    const { gapBefore, next: start, flags } = state
    state.gapBefore = 0
    state.next += length
    emit({ start, gapBefore, flags, samples: work.subarray(past, past + length) })
  }

  /** Judges the first `count` samples after those that have left; what follows them is there to look at. */
  private blank(work: Float64Array, count: number): void {
    const { state, second, smallest, settling } = this
    const marks = state.marks.length > 0
    const { overNoise, tailShare } = this.parameters
    const first = state.next
    let { noise, seen, blankedTo, last, tailTo, tailLevel, tailStep } = state
    let share = 1 / Math.max(1, seen)
    for (let i = past; i < past + count; i++) {
      const index = first + i - past
      if (index < blankedTo) continue
      const x = work[i] as number
      const step = x - last
      const size = step < 0 ? -step : step
      last = x
      const marked = marks && this.isMarked(index)
      if (index < tailTo && !marked) {
        // A large pulse dies away in the front end's filter: the level from before it stays until that is over.
        if (size > tailStep) {
          work[i] = tailLevel
          continue
        }
        tailTo = -1
      }
      // A spike begins with a jump; half of it at least lies in one step.
      const jumps = size * 2 > smallest && size * 2 > overNoise * noise && seen > settling
      const least = jumps || marked ? Math.max(smallest, overNoise * noise) : 0
      const length = marked ? this.longest : jumps ? this.spikeAt(work, i, least) : 0
      if (length > 0) {
        tailLevel = work[i - 1] as number
        tailStep = tailShare * least
        blankedTo = index + length
        tailTo = index + (marked || heightOf(work, i, length) >= tailHeight * least ? this.tail : length)
        last = work[i + length - 1] as number
        const over = Math.abs((work[i + length] as number) - last) <= tailStep
        if (over || tailTo === blankedTo) line(work, i, length)
        else work.fill(tailLevel, i, i + length)
        this.onSpike(index, marked)
        continue
      }
      if (seen < second) share = 1 / ++seen
      noise += (size - noise) * share
    }
    state.last = last
    state.tailTo = tailTo
    state.tailLevel = tailLevel
    state.tailStep = tailStep
    state.noise = noise
    state.seen = seen
    state.blankedTo = blankedTo
  }

  /** Length of the spike that begins at `work[i]`; 0: none does. */
  private spikeAt(work: Float64Array, i: number, least: number): number {
    const { flankShare, returnShare } = this.parameters
    const before = work[i - 1] as number
    const stepBefore = Math.abs(before - (work[i - 2] as number))
    const riseBefore = Math.abs(before - (work[i - 3] as number))
    let height = 0
    for (let length = 1; length <= this.longest; length++) {
      height = Math.max(height, Math.abs((work[i + length - 1] as number) - before))
      const after = work[i + length] as number
      if (height < least || stepBefore > flankShare * height) continue
      // The end of a steep rise, too, is not where a spike begins: a notch at the top of a wide complex looks like one.
      if (riseBefore > returnShare * height || Math.abs(after - before) > returnShare * height) continue
      const next = i + length + 1
      if (Math.abs((work[next] as number) - after) <= flankShare * height) return length
    }
    return 0
  }

  private isMarked(index: number): boolean {
    const { marks } = this.state
    while (marks.length > 0 && (marks[0] as number) < index) marks.shift()
    return marks[0] === index
  }
}

/** How far the samples from `at` on go from the one before them. */
function heightOf(work: Float64Array, at: number, length: number): number {
  const before = work[at - 1] as number
  let height = 0
  for (let k = 0; k < length; k++) height = Math.max(height, Math.abs((work[at + k] as number) - before))
  return height
}

/** A straight line from the sample before `at` to the one after `length` samples. */
function line(work: Float64Array, at: number, length: number): void {
  const from = work[at - 1] as number
  const rise = ((work[at + length] as number) - from) / (length + 1)
  for (let k = 0; k < length; k++) work[at + k] = from + rise * (k + 1)
}

function newState(delay: number) {
  return {
    /** Index of the next sample that leaves, or -1 outside a stretch. */
    next: -1,
    gapBefore: 0,
    flags: 0,
    held: 0,
    pending: new Float64Array(delay),
    past: new Float64Array(past),
    /** Mean size of the difference of neighbouring samples. */
    noise: 0,
    /** Differences in that mean, at most a second of them. */
    seen: 0,
    blankedTo: -1,
    /** The sample before as it came, the end of a tail that may go on, the level that it is held at, the step that ends it. */
    last: 0,
    tailTo: -1,
    tailLevel: 0,
    tailStep: 0,
    marks: [] as number[],
  }
}
