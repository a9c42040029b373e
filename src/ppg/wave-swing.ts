/** How far the band-passed wave swings in each second. */
export class WaveSwing {
  readonly state = { high: 0, low: 0, highBefore: Number.NEGATIVE_INFINITY, lowBefore: Number.POSITIVE_INFINITY }

  add(y: number): void {
    const s = this.state
    if (y > s.high) s.high = y
    if (y < s.low) s.low = y
  }

  /** Height of the wave in the second under way. */
  ofSecond(): number {
    return this.state.high - this.state.low
  }

  /** Height in that second and the one before. */
  ofTwoSeconds(): number {
    const { high, low, highBefore, lowBefore } = this.state
    return Math.max(high, highBefore) - Math.min(low, lowBefore)
  }

  /** The next second begins. */
  turn(): void {
    const s = this.state
    s.highBefore = s.high
    s.lowBefore = s.low
    s.high = Number.NEGATIVE_INFINITY
    s.low = Number.POSITIVE_INFINITY
  }
}
