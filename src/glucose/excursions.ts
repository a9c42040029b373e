import { spreadOf } from './spread.js'

/** Mean amplitude of glycaemic excursions, mg/dL; null where there is none of more than one standard deviation. */
export interface Excursions {
  /** Of rises, of falls, of both. */
  readonly rising: number | null
  readonly falling: number | null
  readonly both: number | null
  /** In the direction of the first that counts, as the measure was defined. */
  readonly mage: number | null
}

const none: Excursions = { rising: null, falling: null, both: null, mage: null }

/**
 * MAGE after F. J. Service et al., Diabetes 19 (1970) 644: mean of the differences between consecutive peaks and nadirs that exceed
 * one standard deviation of the values (n - 1), counted in the direction of the first. Peaks and nadirs are the turning
 * points that remain when every turn smaller than the standard deviation is taken for none: what a hand draws with a ruler. The
 * readings are taken as they are; nothing is smoothed. Missing ones leave no mark: cut the values where they are missing for long.
 */
export function measureExcursions(values: readonly number[]): Excursions {
  if (values.length < 3) return none
  const { sd } = spreadOf(values)
  if (sd === null || sd === 0) return none
  const turns = turningPoints(values, sd)
  const legs = turns.slice(1).flatMap((value, i) => {
    const leg = value - (turns[i] as number)
    return Math.abs(leg) > sd ? [leg] : []
  })
  const rises = legs.filter(leg => leg > 0)
  const falls = legs.flatMap(leg => (leg < 0 ? [-leg] : []))
  const rising = meanOf(rises)
  const falling = meanOf(falls)
  const first = legs[0]
  return { rising, falling, both: meanOf([...rises, ...falls]), mage: first === undefined ? null : first > 0 ? rising : falling }
}

/** Values of peaks and nadirs in turn; between two of them nothing turns back by `least` or more. */
function turningPoints(values: readonly number[], least: number): number[] {
  const turns: number[] = []
  let direction = 0
  let high = values[0] as number
  let low = high
  let highest = 0
  let lowest = 0
  let extreme = high
  for (const [i, value] of values.entries()) {
    if (direction === 0) {
      if (value > high) [high, highest] = [value, i]
      if (value < low) [low, lowest] = [value, i]
      if (high - low < least) continue
      // The first leg: from the extreme that came first to the other, which may go on.
      turns.push(highest > lowest ? low : high)
      direction = highest > lowest ? 1 : -1
      extreme = value
    } else if (direction * (value - extreme) > 0) extreme = value
    else if (direction * (extreme - value) >= least) {
      turns.push(extreme)
      direction = -direction
      extreme = value
    }
  }
  if (direction !== 0) turns.push(extreme)
  return turns
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
