import { notch } from '../../dsp/notch.js'
import { SosCascade } from '../../dsp/sos-filter.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { Kernel } from '../../kernel/kernel.js'
import type { SampleBlock } from '../../signal/sample-block.js'
import type { Stage, StageState } from '../../signal/stage.js'
import { type Mains, MainsWatch } from './mains-watch.js'

/** Width of the notch between its -3 dB points. Narrower ones ring longer after each QRS complex. */
const notchWidthHz = 2
/** The notch is made anew when the line has moved by this much. */
const followHz = 0.05

/**
 * Takes hum of the mains out of an ECG while there is some, and only then: what is there is looked at each second of the
 * stretch (`MainsWatch`), and from the next sample on a notch lies at the line's own frequency. Without delay but the
 * filter's phase. `onChange` is told the index from which on the notch is on, moved or off.
 */
export class MainsNotch implements Stage<SampleBlock, SampleBlock> {
  readonly name = 'ecg-mains-notch'
  readonly latency = { min: 0, max: 0 }
  private readonly watch: MainsWatch
  private readonly state
  private filter: SosCascade | null = null
  private output = new Float64Array(0)

  constructor(
    private readonly fsHz: number,
    millivolts: number | null,
    private readonly kernel: Kernel,
    private readonly onChange: (index: number, mains: Mains | null) => void = () => {},
  ) {
    this.watch = new MainsWatch(fsHz, millivolts)
    this.state = { second: new Float64Array(this.watch.length), filled: 0, notchHz: 0 }
  }

  /** What the notch is at now. */
  get mains(): Mains | null {
    return this.watch.mains
  }

  push(block: SampleBlock, emit: (output: SampleBlock) => void): void {
    const { samples } = block
    if (samples.length === 0) return
    if (block.gapBefore > 0) this.startStretch()
    if (this.output.length < samples.length) this.output = new Float64Array(samples.length)
    const output = this.output.subarray(0, samples.length)
    const { state } = this
    for (let from = 0; from < samples.length; ) {
      const to = Math.min(samples.length, from + state.second.length - state.filled)
      const piece = samples.subarray(from, to)
      if (this.filter) this.filter.run(piece, output.subarray(from, to), to - from)
      else output.set(piece, from)
      state.second.set(piece, state.filled)
      state.filled += to - from
      from = to
      if (state.filled < state.second.length) continue
      state.filled = 0
      this.watch.second(state.second)
      this.follow(block.start + to)
    }
    emit({ start: block.start, gapBefore: block.gapBefore, flags: block.flags, samples: output })
  }

  flush(): void {
    this.watch.restart()
    this.filter = null
    this.state.second.fill(0)
    this.state.filled = 0
    this.state.notchHz = 0
  }

  save(): StageState {
    return { state: copyState(this.state), watch: this.watch.save(), filter: this.filter?.save() ?? null }
  }

  load(saved: StageState): void {
    const { state, watch, filter } = saved as Record<'state' | 'watch' | 'filter', StageState>
    restoreState(this.state, state)
    this.watch.load(watch)
    this.filter = filter === null ? null : this.newFilter()
    if (filter !== null) this.filter?.load(filter)
  }

  private startStretch(): void {
    this.state.second.fill(0)
    this.state.filled = 0
    this.watch.gap()
    this.filter?.restart()
  }

  /** Puts the notch where the line is from sample `index` on; a notch that moves keeps its state. */
  private follow(index: number): void {
    const { mains } = this.watch
    const { state } = this
    if (!mains && !this.filter) return
    if (mains && this.filter && Math.abs(mains.hz - state.notchHz) < followHz) return
    state.notchHz = mains?.hz ?? 0
    const before = this.filter?.save()
    this.filter = mains ? this.newFilter() : null
    if (before !== undefined) this.filter?.load(before)
    this.onChange(index, mains)
  }

  private newFilter(): SosCascade {
    return new SosCascade(notch({ hz: this.state.notchHz, widthHz: notchWidthHz, fsHz: this.fsHz }), this.kernel)
  }
}
