import { type Rate, sameRate } from '../signal/rate.js'
import type { SampleBlock } from '../signal/sample-block.js'
import type { Stage, StageState } from '../signal/stage.js'
import { cos, sin } from './math.js'
import { copyState, restoreState } from './state.js'

export interface ResamplerOptions {
  readonly from: Rate
  readonly to: Rate
  /** Zero crossings of the sinc to each side, at the lower of the two rates. More is sharper and slower. */
  readonly crossings?: number
}

/** Largest up factor that a filter bank is made for. */
const mostPhases = 65_536

/**
 * Changes the rate by a rational factor up/down. Polyphase FIR: a sinc under a Blackman window, cut at 0.4 of the lower
 * rate, so nothing from half of it on folds back (below -70 dB); every phase has unit gain at 0 Hz, so a level stays.
 * Linear phase, and output n stands for the time of input n * down / up: no shift between the two time axes; the price
 * is the latency of half the filter. Output indices count from index 0 of the stream, whatever the first sample was, so
 * the result is the same however the stream is cut. After a gap it starts anew: outputs whose filter would reach across
 * the border are left out, on both sides.
 */
export function createResampler(options: ResamplerOptions): Stage<SampleBlock, SampleBlock> {
  return new Resampler(options)
}

class Resampler implements Stage<SampleBlock, SampleBlock> {
  readonly name = 'resampler'
  readonly latency
  readonly #up: number
  readonly #down: number
  readonly #half: number
  readonly #taps: number
  readonly #bank: Float64Array
  readonly #mask: number
  readonly #state: { ring: Float64Array; next: number; output: number; emitted: number }

  constructor({ from, to, crossings = 16 }: ResamplerOptions) {
    const up = to.num * from.den
    const down = from.num * to.den
    const divisor = greatestCommonDivisor(up, down)
    this.#up = up / divisor
    this.#down = down / divisor
    if (!(Number.isInteger(up) && Number.isInteger(down) && up > 0 && down > 0 && this.#up <= mostPhases)) {
      throw new RangeError(`resampler: ${from.num}/${from.den} to ${to.num}/${to.den} Hz needs more than ${mostPhases} phases`)
    }
    // Half length in input samples.
    const stretch = sameRate(from, to) ? 1 : Math.max(1, this.#down / this.#up)
    this.#half = sameRate(from, to) ? 0 : Math.ceil(crossings * stretch)
    this.#taps = 2 * this.#half + 1
    this.#bank = sameRate(from, to) ? new Float64Array([1]) : filterBank(this.#up, this.#half, 0.8 / stretch)
    let size = 2
    while (size < this.#taps + 1) size *= 2
    this.#mask = size - 1
    this.#state = { ring: new Float64Array(size), next: -1, output: 0, emitted: -1 }
    // In input samples, counted from the newest input sample that an output stands for.
    this.latency = { min: this.#half, max: this.#half }
  }

  push(block: SampleBlock, emit: (output: SampleBlock) => void): void {
    const s = this.#state
    const length = block.samples.length
    if (length === 0) return
    if (s.next < 0 || block.gapBefore > 0 || block.start !== s.next) this.#begin(block.start)
    const out = new Float64Array(Math.ceil((length * this.#up) / this.#down) + 2)
    const start = s.output
    let count = 0
    // Position of the next output in input samples: whole part and phase.
    let whole = Math.floor((s.output * this.#down) / this.#up)
    let phase = s.output * this.#down - whole * this.#up
    const { ring } = s
    const bank = this.#bank
    const taps = this.#taps
    const half = this.#half
    const mask = this.#mask
    for (let i = 0; i < length; i += 1) {
      const index = block.start + i
      ring[index & mask] = block.samples[i]!
      while (whole + half <= index) {
        const row = phase * taps
        let sum = 0
        let at = whole - half
        for (let k = 0; k < taps; k += 1, at += 1) sum += bank[row + k]! * ring[at & mask]!
        out[count] = sum
        count += 1
        phase += this.#down
        while (phase >= this.#up) {
          phase -= this.#up
          whole += 1
        }
      }
    }
    s.next = block.start + length
    s.output += count
    if (count === 0) return
    const gapBefore = s.emitted >= 0 && start > s.emitted ? start - s.emitted : 0
    s.emitted = s.output
    emit({ start, gapBefore, flags: block.flags, samples: out.subarray(0, count) })
  }

  flush(): void {
    Object.assign(this.#state, { next: -1, output: 0, emitted: -1 })
    this.#state.ring.fill(0)
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }

  /** The first output whose whole filter lies on this side. */
  #begin(start: number): void {
    const s = this.#state
    s.output = Math.ceil(((start + this.#half) * this.#up) / this.#down)
  }
}

/** Row p: taps for an output that lies p / up after the middle input sample. `cut` is the pass band over the input's Nyquist rate. */
function filterBank(up: number, half: number, cut: number): Float64Array {
  const taps = 2 * half + 1
  const bank = new Float64Array(up * taps)
  const span = half + 1
  for (let p = 0; p < up; p += 1) {
    let sum = 0
    for (let k = 0; k < taps; k += 1) {
      const t = k - half - p / up
      const x = Math.PI * cut * t
      const angle = (Math.PI * t) / span
      const window = 0.42 + 0.5 * cos(angle) + 0.08 * cos(2 * angle)
      const value = (t === 0 ? 1 : sin(x) / x) * window
      bank[p * taps + k] = value
      sum += value
    }
    for (let k = 0; k < taps; k += 1) bank[p * taps + k] = bank[p * taps + k]! / sum
  }
  return bank
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}
