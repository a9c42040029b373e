import { workingHz } from './working-signal.js'

const side = 40
const delay = workingHz / 2

/**
 * Phase space reconstruction (Amann et al., IEEE TBME 54(1), 2007): the signal against itself half a second before, on a grid of 40 x 40
 * over its range; the share of squares that the curve visits. Small for a regular rhythm, large for a disorderly one.
 */
export class PhaseSpace {
  private readonly visited = new Uint8Array(side * side)

  measure(x: Float64Array): number {
    const { visited } = this
    visited.fill(0)
    let low = x[0] as number
    let high = low
    for (let i = 1; i < x.length; i++) {
      const value = x[i] as number
      if (value < low) low = value
      if (value > high) high = value
    }
    if (high === low) return 0
    const scale = (side * 0.999999) / (high - low)
    let count = 0
    for (let i = delay; i < x.length; i++) {
      const column = Math.floor(((x[i] as number) - low) * scale)
      const row = Math.floor(((x[i - delay] as number) - low) * scale)
      const square = row * side + column
      if (visited[square] === 0) {
        visited[square] = 1
        count++
      }
    }
    return count / (side * side)
  }
}
