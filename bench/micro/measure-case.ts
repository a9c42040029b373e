import { Bench } from 'tinybench'
import { type Spread, spreadOf } from '../statistics.js'
import { type BenchCase, checkedRun } from './bench-case.js'

export interface CaseResult {
  readonly name: string
  readonly work: BenchCase['work']
  /** Nanoseconds for one call of `run`, by round: the median of the calls in the round. */
  readonly candidate: { readonly name: string; readonly nanoseconds: Spread }
  readonly baseline: { readonly name: string; readonly nanoseconds: Spread }
  /** Baseline's time over the candidate's, by round: above 1 the candidate is faster. */
  readonly ratio: Spread
  readonly rounds: number
}

/**
 * Candidate and baseline take turns, and the one that begins changes from round to round: what runs second in a process
 * finds another heap and another compiler state.
 */
export function measureCase(name: string, bench: BenchCase, options: { rounds: number; roundMs: number }): CaseResult {
  const contenders = {
    candidate: checkedRun(bench.candidate, bench.expected, bench.tolerance),
    baseline: checkedRun(bench.baseline, bench.expected, bench.tolerance),
  }
  const times = { candidate: [] as number[], baseline: [] as number[] }
  for (let round = 0; round <= options.rounds; round++) {
    const order = round % 2 === 0 ? (['candidate', 'baseline'] as const) : (['baseline', 'candidate'] as const)
    for (const which of order) {
      const milliseconds = timeRound(contenders[which], options.roundMs)
      // The first round warms up both.
      if (round > 0) times[which].push(milliseconds * 1e6)
    }
  }
  return {
    name,
    work: bench.work,
    candidate: { name: bench.candidate.name, nanoseconds: spreadOf(times.candidate) },
    baseline: { name: bench.baseline.name, nanoseconds: spreadOf(times.baseline) },
    ratio: spreadOf(times.baseline.map((time, round) => time / times.candidate[round]!)),
    rounds: options.rounds,
  }
}

/** Median of the calls of one round, milliseconds. */
function timeRound(run: () => void, roundMs: number): number {
  // Calls that take less than the clock's step are bundled, so that each measurement is at least 20 us.
  const bundle = bundleFor(run)
  const bench = new Bench({
    time: roundMs,
    warmup: false,
    throws: true,
    iterations: 8,
    retainSamples: false,
    timestampProvider: 'hrtimeNow',
  })
  bench.add('round', () => {
    for (let k = 0; k < bundle; k++) run()
  })
  bench.runSync()
  const { result } = bench.tasks[0]!
  if (result.state !== 'completed') throw new Error(`a round ended as ${result.state}`)
  return result.latency.p50 / bundle
}

function bundleFor(run: () => void): number {
  for (let bundle = 1; ; bundle *= 2) {
    const start = process.hrtime.bigint()
    for (let k = 0; k < bundle; k++) run()
    if (process.hrtime.bigint() - start > 20_000n) return bundle
  }
}
