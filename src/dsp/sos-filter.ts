import { runningKernel } from '../kernel/choose-kernel.js'
import type { Kernel } from '../kernel/kernel.js'
import type { SampleBlock } from '../signal/sample-block.js'
import type { Stage, StageState } from '../signal/stage.js'
import type { Sections } from './butterworth.js'

/**
 * A cascade with its state. It starts, and starts anew after a gap, in the steady state for its first sample, so an
 * offset of thousands of units makes no step transient.
 */
export class SosCascade {
  private readonly state: Float64Array
  private started = false

  constructor(
    private readonly sections: Sections,
    private readonly kernel: Kernel = runningKernel(),
  ) {
    this.state = new Float64Array((2 * sections.length) / 5)
  }

  /** Forget the past: the next sample starts a new stretch. */
  restart(): void {
    this.state.fill(0)
    this.started = false
  }

  run(input: Float64Array, output: Float64Array, length: number): void {
    if (length === 0) return
    if (!this.started) {
      steadyState(this.sections, input[0] as number, this.state)
      this.started = true
    }
    this.kernel.sosCascade(this.sections, this.state, input, output, length)
  }

  save(): StageState {
    return { state: this.state.slice(), started: this.started }
  }

  load(saved: StageState): void {
    const { state, started } = saved as { state: Float64Array; started: boolean }
    this.state.set(state)
    this.started = started
  }
}

/** Writes the state (two values a section) that a cascade has after infinitely many samples of `level`. */
export function steadyState(sections: Sections, level: number, state: Float64Array): void {
  let x = level
  for (let section = 0; 5 * section < sections.length; section++) {
    const [b0, b1, b2, a1, a2] = sections.subarray(5 * section, 5 * section + 5) as unknown as [number, number, number, number, number]
    const y = (x * (b0 + b1 + b2)) / (1 + a1 + a2)
    state[2 * section] = (b1 + b2) * x - (a1 + a2) * y
    state[2 * section + 1] = b2 * x - a2 * y
    x = y
  }
}

/** The cascade as a stage: one output sample per input sample, at the same index, without latency but its phase delay. */
export function createSosFilter(options: { name: string; sections: Sections; kernel?: Kernel }): Stage<SampleBlock, SampleBlock> {
  const cascade = new SosCascade(options.sections, options.kernel)
  let scratch = new Float64Array(0)
  return {
    name: options.name,
    latency: { min: 0, max: 0 },
    push(block, emit) {
      const length = block.samples.length
      if (length === 0) return
      if (block.gapBefore > 0) cascade.restart()
      if (scratch.length < length) scratch = new Float64Array(length)
      cascade.run(block.samples, scratch, length)
      emit({ start: block.start, gapBefore: block.gapBefore, flags: block.flags, samples: scratch.subarray(0, length) })
    },
    flush() {
      cascade.restart()
    },
    save: () => cascade.save(),
    load: state => cascade.load(state),
  }
}
