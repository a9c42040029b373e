import type { Check, PatternCase } from './pattern-case.js'
import type { PatternOutput } from './run-pattern.js'

/** One check of one waveform at one rate. */
export interface Verdict {
  /** Heart rate farthest from the expected, number of beats, or seconds; null: nothing to measure. */
  readonly measured: number | null
  readonly passed: boolean
  /** Beats from the settling on that were not found, and found beats that are none. */
  readonly missed: number
  readonly extra: number
}

/** Largest distance of a beat and what is found of it, seconds. */
const matchSeconds = 0.15
/** The last beat of a pattern may not be confirmed before it ends. */
const tailSeconds = 1.5

export function judge({ check, pattern }: PatternCase, output: PatternOutput): Verdict {
  const from = settledAt(check)
  const times = pattern.beats.map(beat => beat.time)
  const counted = countBeats(times, output.beats, from, pattern.durationSeconds - tailSeconds)
  switch (check.kind) {
    case 'rate':
      return { ...judgeRate(check, output, counted, pattern.durationSeconds), ...counted }
    case 'silent': {
      const found = output.beats.filter(time => time >= from).length
      return { measured: found, passed: found === 0 && !output.rates.some(({ value }) => value !== null), missed: 0, extra: found }
    }
    case 'response': {
      const reading = output.rates.find(({ time, value }) => time >= from && value !== null && Math.abs(value - check.target) <= 1)
      const measured = reading === undefined ? null : reading.time - from
      return { measured, passed: measured !== null && measured <= check.atMost, ...counted }
    }
    case 'alert': {
      const alert = output.alerts.find(({ time, condition }) => time > from && check.conditions.includes(condition))
      const early = output.alerts.some(({ time, condition }) => time <= from && check.conditions.includes(condition))
      const measured = alert === undefined ? null : alert.time - from
      const quiet = !check.silent || counted.extra === 0
      return { measured, passed: measured !== null && measured <= check.atMost && !early && quiet, ...counted }
    }
  }
}

function settledAt(check: Check): number {
  return check.kind === 'rate' ? check.settled : check.from
}

function judgeRate(
  { expected, tolerance, settled, exact }: Check & { kind: 'rate' },
  { rates }: PatternOutput,
  { missed, extra }: { missed: number; extra: number },
  durationSeconds: number,
): Pick<Verdict, 'measured' | 'passed'> {
  const readings = rates.filter(({ time }) => time >= settled)
  const values = readings.map(({ value }) => value).filter(value => value !== null)
  const worst = values.reduce<number | null>(
    (far, value) => (far === null || Math.abs(value - expected) > Math.abs(far - expected) ? value : far),
    null,
  )
  // One each second; a stretch without them would be an unmeasured rate.
  const complete = values.length === readings.length && values.length >= Math.floor(durationSeconds - settled) - 1
  const counts = !exact || (missed === 0 && extra === 0)
  return { measured: worst, passed: worst !== null && complete && counts && Math.abs(worst - expected) <= tolerance }
}

/** Both lists ascending. Each found beat belongs to the nearest beat that has none yet. */
function countBeats(truth: readonly number[], found: readonly number[], from: number, to: number): { missed: number; extra: number } {
  const inside = (time: number): boolean => time >= from && time < to
  let missed = 0
  let k = 0
  const taken = new Set<number>()
  for (const time of truth) {
    while (k < found.length && (found[k] as number) < time - matchSeconds) k++
    let best = -1
    for (let j = k; j < found.length && (found[j] as number) <= time + matchSeconds; j++) {
      if (taken.has(j)) continue
      if (best < 0 || Math.abs((found[j] as number) - time) < Math.abs((found[best] as number) - time)) best = j
    }
    if (best >= 0) taken.add(best)
    else if (inside(time)) missed += 1
  }
  const extra = found.filter((time, j) => !taken.has(j) && inside(time)).length
  return { missed, extra }
}
