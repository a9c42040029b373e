/** More separate stretches than this are not told apart: the oldest is forgotten, and what lies in it would count as new. */
const mostRanges = 256

/** Which sample indexes of a stream and boot were seen: stretches [from, to) in order that do not touch. */
export class IndexRanges {
  #ranges: [from: number, to: number][]

  constructor(saved: readonly (readonly [number, number])[] = []) {
    this.#ranges = saved.map(([from, to]) => [from, to])
  }

  /** Enters [from, to); false when its first index was there. */
  add(from: number, to: number): boolean {
    const last = this.#ranges.at(-1)
    if (last !== undefined && from === last[1]) {
      last[1] = to
      return true
    }
    if (this.has(from)) return false
    const at = this.#ranges.findIndex(range => range[0] > from)
    this.#ranges.splice(at < 0 ? this.#ranges.length : at, 0, [from, to])
    this.#join()
    if (this.#ranges.length > mostRanges) this.#ranges.shift()
    return true
  }

  has(index: number): boolean {
    return this.#ranges.some(([from, to]) => index >= from && index < to)
  }

  /** Takes [from, to) out again. */
  remove(from: number, to: number): void {
    this.#ranges = this.#ranges.flatMap(([begin, end]): [number, number][] => {
      if (end <= from || begin >= to) return [[begin, end]]
      const left: [number, number] = [begin, from]
      const right: [number, number] = [to, end]
      return [left, right].filter(([a, b]) => a < b)
    })
  }

  save(): [number, number][] {
    return this.#ranges.map(([from, to]) => [from, to])
  }

  #join(): void {
    const joined: [number, number][] = []
    for (const range of this.#ranges) {
      const before = joined.at(-1)
      if (before !== undefined && range[0] <= before[1]) before[1] = Math.max(before[1], range[1])
      else joined.push(range)
    }
    this.#ranges = joined
  }
}
