/** Seeded uniform numbers in [0, 1) (mulberry32), so that a failing law can be run again from the seed in its name. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Standard normal numbers (sum of twelve uniforms: near enough for test signals, and without a logarithm). */
export function seededNormal(seed: number): () => number {
  const uniform = seededRandom(seed)
  return () => {
    let sum = -6
    for (let i = 0; i < 12; i++) sum += uniform()
    return sum
  }
}
