/**
 * One way of doing the work of a case. `run` does it and returns a fingerprint of what came out; the harness holds it
 * against `expected` inside the timed call, so that a wrong result can never be a fast one.
 */
export interface Contender {
  readonly name: string
  run(): number
}

export interface BenchCase {
  /** What one call of `run` works through. */
  readonly work: { readonly count: number; readonly of: string }
  readonly candidate: Contender
  /** What it is held against: another implementation, or the yardstick where there is none. */
  readonly baseline: Contender
  readonly expected: number
  /** Largest difference of a fingerprint from `expected`; default 0. */
  readonly tolerance?: number
}

/** Cases by name. Everything that is made here stays outside the clock. */
export type CaseMaker = () => BenchCase | Promise<BenchCase>

export function checkedRun(contender: Contender, expected: number, tolerance = 0): () => void {
  return () => {
    const result = contender.run()
    if (!(Math.abs(result - expected) <= tolerance)) {
      throw new Error(`${contender.name} gave ${result}, expected ${expected}${tolerance === 0 ? '' : ` +- ${tolerance}`}`)
    }
  }
}

/**
 * For cases without another implementation: a fixed piece of arithmetic that never changes, so that the ratio tells a
 * slower program from a slower machine. 4,000 steps of a resonator; its fingerprint is made to be `expected`.
 */
export function yardstick(expected: number): Contender {
  const run = () => {
    let x = 1
    let y = 0
    for (let k = 0; k < 4000; k++) {
      const next = 1.9 * x - 0.95 * y
      y = x
      x = next
    }
    return x < 1e9 ? expected : x
  }
  return { name: 'yardstick (4,000 resonator steps)', run }
}
