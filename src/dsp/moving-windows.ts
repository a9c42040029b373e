import { runningKernel } from '../kernel/choose-kernel.js'
import type { Kernel } from '../kernel/kernel.js'
import type { SampleBlock } from '../signal/sample-block.js'
import type { Stage, StageState } from '../signal/stage.js'
import { copyState, restoreState } from './state.js'

/**
 * Causal moving windows as stages: each output lies at the index of the newest sample in its window. At a start and after
 * a gap the window holds only what there is since. `windowSamples` is a positive integer.
 */
export function createMovingAverage(options: { windowSamples: number; kernel?: Kernel }): Stage<SampleBlock, SampleBlock> {
  const { windowSamples, kernel = runningKernel() } = options
  checkWindow(windowSamples)
  const ring = new Float64Array(windowSamples)
  const state = new Float64Array(2)
  const counted = { seen: 0 }
  return windowStage({
    name: 'moving-average',
    windowSamples,
    restart() {
      ring.fill(0)
      state.fill(0)
      counted.seen = 0
    },
    run(input, output, length) {
      kernel.movingSum(ring, state, input, output, length)
      for (let i = 0; i < length; i++) {
        if (counted.seen < windowSamples) counted.seen++
        output[i] = (output[i] as number) / counted.seen
      }
    },
    save: () => ({ ring: ring.slice(), state: state.slice(), seen: counted.seen }),
    load(saved) {
      const from = saved as { ring: Float64Array; state: Float64Array; seen: number }
      ring.set(from.ring)
      state.set(from.state)
      counted.seen = from.seen
    },
  })
}

/** Moving maximum in constant time per sample on average: a queue of the values that can still become the maximum. */
export function createMovingMaximum(options: { windowSamples: number }): Stage<SampleBlock, SampleBlock> {
  return movingExtreme('moving-maximum', options.windowSamples, 1)
}

export function createMovingMinimum(options: { windowSamples: number }): Stage<SampleBlock, SampleBlock> {
  return movingExtreme('moving-minimum', options.windowSamples, -1)
}

/** Moving median of a window kept in order; the mean of the middle two for an even count. Meant for short windows. */
export function createMovingMedian(options: { windowSamples: number }): Stage<SampleBlock, SampleBlock> {
  const { windowSamples } = options
  checkWindow(windowSamples)
  const state = { ring: new Float64Array(windowSamples), sorted: new Float64Array(windowSamples), at: 0, count: 0 }
  return windowStage({
    name: 'moving-median',
    windowSamples,
    restart() {
      state.at = 0
      state.count = 0
    },
    run(input, output, length) {
      for (let i = 0; i < length; i++) {
        const x = input[i] as number
        const { ring, sorted } = state
        if (state.count === windowSamples) {
          const place = placeOf(sorted, state.count, ring[state.at] as number)
          sorted.copyWithin(place, place + 1, state.count)
          state.count--
        }
        const place = placeOf(sorted, state.count, x)
        sorted.copyWithin(place + 1, place, state.count)
        sorted[place] = x
        state.count++
        ring[state.at] = x
        state.at = state.at + 1 === windowSamples ? 0 : state.at + 1
        output[i] = ((sorted[(state.count - 1) >> 1] as number) + (sorted[state.count >> 1] as number)) / 2
      }
    },
    save: () => copyState(state),
    load: saved => restoreState(state, saved),
  })
}

function movingExtreme(name: string, windowSamples: number, sign: 1 | -1): Stage<SampleBlock, SampleBlock> {
  checkWindow(windowSamples)
  const state = { values: new Float64Array(windowSamples), ages: new Float64Array(windowSamples), head: 0, count: 0, now: 0 }
  return windowStage({
    name,
    windowSamples,
    restart() {
      state.head = 0
      state.count = 0
      state.now = 0
    },
    run(input, output, length) {
      const { values, ages } = state
      let { head, count, now } = state
      for (let i = 0; i < length; i++) {
        const x = sign * (input[i] as number)
        if (count > 0 && (ages[head] as number) <= now - windowSamples) {
          head = head + 1 === windowSamples ? 0 : head + 1
          count--
        }
        while (count > 0 && (values[(head + count - 1) % windowSamples] as number) <= x) count--
        const tail = (head + count) % windowSamples
        values[tail] = x
        ages[tail] = now
        count++
        now++
        output[i] = sign * (values[head] as number)
      }
      Object.assign(state, { head, count, now })
    },
    save: () => copyState(state),
    load: saved => restoreState(state, saved),
  })
}

/** First place in the sorted values that is not smaller than x. */
function placeOf(sorted: Float64Array, count: number, x: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < x) low = middle + 1
    else high = middle
  }
  return low
}

interface WindowLoop {
  readonly name: string
  readonly windowSamples: number
  restart(): void
  run(input: Float64Array, output: Float64Array, length: number): void
  save(): StageState
  load(saved: StageState): void
}

/** The newest sample is in each output, so there is no delay in the sense of `latency`; the window's lag is its half. */
function windowStage(loop: WindowLoop): Stage<SampleBlock, SampleBlock> {
  let scratch = new Float64Array(0)
  const fresh = loop.save()
  return {
    name: loop.name,
    latency: { min: 0, max: 0 },
    push(block, emit) {
      const length = block.samples.length
      if (length === 0) return
      if (block.gapBefore > 0) loop.restart()
      if (scratch.length < length) scratch = new Float64Array(length)
      loop.run(block.samples, scratch, length)
      emit({ start: block.start, gapBefore: block.gapBefore, flags: block.flags, samples: scratch.subarray(0, length) })
    },
    flush: () => loop.load(structuredClone(fresh)),
    save: () => loop.save(),
    load: saved => loop.load(saved),
  }
}

function checkWindow(windowSamples: number): void {
  if (!Number.isInteger(windowSamples) || windowSamples < 1) {
    throw new RangeError(`moving window of ${windowSamples} samples: accepted are whole numbers from 1 on`)
  }
}
