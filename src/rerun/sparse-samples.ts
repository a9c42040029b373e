const blockLength = 16_384

/** Samples by their index since boot, in blocks that are made when something lies in them; NaN where nothing came. */
export class SparseSamples {
  readonly #blocks = new Map<number, Float64Array>()
  #length = 0

  /** The index after the last sample that came. */
  get length(): number {
    return this.#length
  }

  set(index: number, value: number): void {
    const number = Math.floor(index / blockLength)
    let block = this.#blocks.get(number)
    if (block === undefined) this.#blocks.set(number, (block = new Float64Array(blockLength).fill(Number.NaN)))
    block[index - number * blockLength] = value
    if (index >= this.#length) this.#length = index + 1
  }

  at(index: number): number {
    const number = Math.floor(index / blockLength)
    return this.#blocks.get(number)?.[index - number * blockLength] ?? Number.NaN
  }
}
