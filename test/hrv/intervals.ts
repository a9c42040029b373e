/** The intervals of scripts/hrv-golden.py, seconds. */
export function madeUpIntervals(seed: number, count: number): number[] {
  let state = seed
  let time = 0
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647
    const noise = state / 2147483647 - 0.5
    const wave = 30 * Math.sin(2 * Math.PI * 0.1 * time) + 20 * Math.sin(2 * Math.PI * 0.25 * time)
    const value = Math.round(800 + 50 * (seed % 5) + wave + 40 * noise)
    time += value / 1000
    return value / 1000
  })
}
