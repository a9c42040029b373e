import { runningKernel } from '../kernel/choose-kernel.js'
import type { Kernel } from '../kernel/kernel.js'
import type { SampleBlock } from '../signal/sample-block.js'
import type { Stage } from '../signal/stage.js'

/**
 * Slope in units per second over a lag: (x[n] - x[n - lag]) * fs / lag, at the index of x[n]. The first sample of a stretch
 * stands for those before it, so a stretch starts with slope 0.
 */
export function createDerivative(options: { fsHz: number; lagSamples: number; kernel?: Kernel }): Stage<SampleBlock, SampleBlock> {
  const { fsHz, lagSamples, kernel = runningKernel() } = options
  if (!Number.isInteger(lagSamples) || lagSamples < 1)
    throw new RangeError(`derivative lag of ${lagSamples} samples: accepted are 1 and more`)
  const ring = new Float64Array(lagSamples)
  const position = new Float64Array(1)
  const scale = fsHz / lagSamples
  let started = false
  let scratch = new Float64Array(0)
  const restart = (): void => {
    ring.fill(0)
    position.fill(0)
    started = false
  }
  return {
    name: 'derivative',
    latency: { min: 0, max: 0 },
    push(block, emit) {
      const length = block.samples.length
      if (length === 0) return
      if (block.gapBefore > 0) restart()
      if (!started) ring.fill(block.samples[0] as number)
      started = true
      if (scratch.length < length) scratch = new Float64Array(length)
      kernel.lagDifference(ring, position, block.samples, scratch, length)
      for (let i = 0; i < length; i++) scratch[i] = (scratch[i] as number) * scale
      emit({ start: block.start, gapBefore: block.gapBefore, flags: block.flags, samples: scratch.subarray(0, length) })
    },
    flush: restart,
    save: () => ({ ring: ring.slice(), position: position.slice(), started }),
    load(saved) {
      const state = saved as { ring: Float64Array; position: Float64Array; started: boolean }
      ring.set(state.ring)
      position.set(state.position)
      started = state.started
    },
  }
}
