import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import type { Vector } from './axes-history.js'

export const nonWearParameters = { blockSeconds: 900, blocks: 4, deviation: 0.013, range: 0.05, leastShare: 0.5 } as const

interface Block {
  from: number
  count: number
  /** Per axis, g; sums from the first sample of the block. */
  first: Vector
  sum: Vector
  squares: Vector
  low: Vector
  high: Vector
}

function newBlock(from: number): Block {
  return { from, count: 0, first: [0, 0, 0], sum: [0, 0, 0], squares: [0, 0, 0], low: [0, 0, 0], high: [0, 0, 0] }
}

function newState() {
  return { blocks: [] as Block[], current: newBlock(-1), on: false }
}

/**
 * Whether the sensor is worn (van Hees et al. 2013, PLoS ONE 8:e61691): an hour, moved by a quarter of an hour, in which at least two axes
 * have a standard deviation below 13 mg or a range below 50 mg, is not. An hour with a quarter of which half is missing says nothing.
 */
export class NonWear {
  readonly #state = newState()

  get on(): boolean {
    return this.#state.on
  }

  add(values: Vector): void {
    const block = this.#state.current
    if (block.count === 0) {
      block.first = [...values]
      block.low = [...values]
      block.high = [...values]
    }
    block.count += 1
    for (let axis = 0; axis < 3; axis += 1) {
      const value = values[axis]!
      const apart = value - block.first[axis]!
      block.sum[axis]! += apart
      block.squares[axis]! += apart * apart
      if (value < block.low[axis]!) block.low[axis] = value
      if (value > block.high[axis]!) block.high[axis] = value
    }
  }

  /**
   * The quarter of an hour [from, to) is over. Says when the state changes: non-wear from the begin of the hour, worn from the begin of
   * the last quarter. What was on before a loss stays on until a stretch behind it moves.
   */
  close(from: number, to: number): { on: boolean; index: number } | null {
    const s = this.#state
    s.current.from = from
    const { blocks, leastShare } = nonWearParameters
    if (s.current.count < leastShare * (to - from)) s.blocks = []
    else s.blocks.push(s.current)
    s.current = newBlock(-1)
    if (s.blocks.length > blocks) s.blocks.shift()
    // Behind a loss movement ends non-wear at once: three quarters more of it would tell nothing else.
    if (s.blocks.length < blocks && (!s.on || s.blocks.length === 0)) return null
    const on = [0, 1, 2].filter(axis => this.#still(axis)).length >= 2
    if (on === s.on) return null
    s.on = on
    return { on, index: on ? s.blocks[0]!.from : from }
  }

  /** Blocks do not follow each other any more. */
  interrupt(): void {
    this.#state.blocks = []
    this.#state.current = newBlock(-1)
  }

  reset(): void {
    Object.assign(this.#state, newState())
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }

  #still(axis: number): boolean {
    const blocks = this.#state.blocks
    const origin = blocks[0]!.first[axis]!
    let count = 0
    let sum = 0
    let squares = 0
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const block of blocks) {
      const apart = block.first[axis]! - origin
      count += block.count
      sum += block.sum[axis]! + block.count * apart
      squares += block.squares[axis]! + 2 * apart * block.sum[axis]! + block.count * apart * apart
      low = Math.min(low, block.low[axis]!)
      high = Math.max(high, block.high[axis]!)
    }
    const mean = sum / count
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean))
    return deviation < nonWearParameters.deviation || high - low < nonWearParameters.range
  }
}
