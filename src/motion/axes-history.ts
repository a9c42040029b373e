import type { StageState } from '../signal/stage.js'

export type Vector = [x: number, y: number, z: number]

/** The last samples of three axes, by their place since the history began; those older than its size are forgotten. */
export class AxesHistory {
  readonly #size: number
  #x: Float64Array
  #y: Float64Array
  #z: Float64Array
  /** Samples since the beginning. */
  #seen = 0

  constructor(size: number) {
    this.#size = size
    this.#x = new Float64Array(size)
    this.#y = new Float64Array(size)
    this.#z = new Float64Array(size)
  }

  get seen(): number {
    return this.#seen
  }

  /** Oldest place that is still known. */
  get oldest(): number {
    return Math.max(0, this.#seen - this.#size)
  }

  push(x: number, y: number, z: number): void {
    const at = this.#seen % this.#size
    this.#x[at] = x
    this.#y[at] = y
    this.#z[at] = z
    this.#seen += 1
  }

  clear(): void {
    this.#seen = 0
  }

  magnitude(place: number): number {
    const at = place % this.#size
    const x = this.#x[at]!
    const y = this.#y[at]!
    const z = this.#z[at]!
    return Math.sqrt(x * x + y * y + z * z)
  }

  /** Mean vector over [from, to), at least one sample of the history. */
  mean(from: number, to: number): Vector {
    let x = 0
    let y = 0
    let z = 0
    for (let place = from; place < to; place += 1) {
      const at = place % this.#size
      x += this.#x[at]!
      y += this.#y[at]!
      z += this.#z[at]!
    }
    const count = to - from
    return [x / count, y / count, z / count]
  }

  /** Sum of the axes' standard deviations over [from, to). */
  spread(from: number, to: number): number {
    const mean = this.mean(from, to)
    const squares: Vector = [0, 0, 0]
    for (let place = from; place < to; place += 1) {
      const at = place % this.#size
      squares[0] += (this.#x[at]! - mean[0]) * (this.#x[at]! - mean[0])
      squares[1] += (this.#y[at]! - mean[1]) * (this.#y[at]! - mean[1])
      squares[2] += (this.#z[at]! - mean[2]) * (this.#z[at]! - mean[2])
    }
    const count = to - from
    return Math.sqrt(squares[0] / count) + Math.sqrt(squares[1] / count) + Math.sqrt(squares[2] / count)
  }

  save(): StageState {
    return { x: this.#x.slice(), y: this.#y.slice(), z: this.#z.slice(), seen: this.#seen }
  }

  load(saved: StageState): void {
    const from = saved as { x: Float64Array; y: Float64Array; z: Float64Array; seen: number }
    this.#x = from.x.slice()
    this.#y = from.y.slice()
    this.#z = from.z.slice()
    this.#seen = from.seen
  }
}
