import { describe, expect, it } from 'vitest'
import { DailyHistory } from '../../../src/score/trend/daily-history.js'
import { baselineAt, driftOf, robustZ } from '../../../src/score/trend/personal-baseline.js'
import { theilSen } from '../../../src/score/trend/robust-slope.js'
import { calmTrend, nextSum, scoreTrend, trendParameters } from '../../../src/score/trend/trend-score.js'
import type { VitalName } from '../../../src/signal/catalogue.js'
import { uniformAt } from '../../../src/simulate/random.js'

const hour = 3600e6
const day = 24 * hour

describe('the robust slope', () => {
  it('of a line is its slope, whatever three of its points do', () => {
    const line = Array.from({ length: 14 }, (_, i) => ({ time: i, value: 80 + 0.25 * i }))
    expect(theilSen(line)!.slope).toBeCloseTo(0.25, 12)
    const spoilt = line.map((point, i) => (i % 5 === 2 ? { ...point, value: 150 } : point))
    expect(theilSen(spoilt)!.slope).toBeCloseTo(0.25, 1)
  })

  it('has the interval that scipy.stats.theilslopes 95 % gives, ties and missing days included', () => {
    const times = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15]
    const values = [93, 92.5, 94, 93.1, 92.8, 92.1, 92.6, 91.9, 92, 91.2, 91.7, 90.8, 91.1, 90.2]
    const found = theilSen(values.map((value, i) => ({ time: times[i]!, value })))!
    expect([found.slope, found.low!, found.high!].map(value => value.toFixed(6))).toEqual(['-0.185714', '-0.280000', '-0.125000'])
    const tied = theilSen([80, 80, 81, 81, 81, 82, 82, 83].map((value, time) => ({ time, value })))!
    expect([tied.slope, tied.low!, tied.high!].map(value => value.toFixed(6))).toEqual(['0.400000', '0.250000', '0.500000'])
  })

  it('of too few points is none, and of equal values has no interval', () => {
    expect(
      theilSen([
        { time: 0, value: 1 },
        { time: 1, value: 2 },
      ]),
    ).toBeNull()
    expect(theilSen([1, 2, 3].map((value, time) => ({ time, value })))).toMatchObject({ slope: 1, low: null, high: null })
    expect(theilSen([5, 5, 5, 5].map((value, time) => ({ time, value })))).toMatchObject({ slope: 0, low: null })
    expect(theilSen([5, 6, 7].map(value => ({ time: 0, value })))).toBeNull()
  })
})

describe('the history of days', () => {
  it('keeps the median of a day and what a step counter counted, through its resets', () => {
    const history = new DailyHistory()
    for (const [i, value] of [70, 90, 72].entries()) history.take('heart-rate', value, i * hour)
    for (const [i, value] of [1000, 1500, 40, 140].entries()) history.take('steps', value, i * hour)
    history.take('heart-rate', 60, day + hour)
    history.take('heart-rate', 200, 23 * hour)
    expect(history.values('heart-rate', 0, 2)).toEqual([{ day: 0, value: 72 }])
    expect(history.values('steps', 0, 2)).toEqual([{ day: 0, value: 640 }])
    history.closeBefore(2)
    expect(history.values('heart-rate', 0, 5)).toEqual([
      { day: 0, value: 72 },
      { day: 1, value: 60 },
    ])
  })

  it('counts no steps where one counter takes over from another', () => {
    const history = new DailyHistory()
    for (const [i, [source, value]] of (
      [
        ['wrist', 20_000],
        ['wrist', 20_100],
        ['phone', 3000],
        ['phone', 3050],
        ['wrist', 20_400],
        ['wrist', 20_420],
      ] as const
    ).entries())
      history.take('steps', value, i * hour, source)
    history.closeBefore(1)
    expect(history.values('steps', 0, 1)).toEqual([{ day: 0, value: 170 }])
  })

  it('holds no more after a year than after 90 days, and no more of a day than its slots', () => {
    const history = new DailyHistory()
    const sizes: number[] = []
    for (let d = 0; d < 400; d++) {
      for (let k = 0; k < 24; k++) history.take('spo2', 95, d * day + k * hour)
      sizes.push(JSON.stringify(history.save()).length)
    }
    expect(sizes[399]! - sizes[120]!).toBeLessThan(100 * 3)
    for (let s = 0; s < 86_400; s += 10) history.take('heart-rate', 71.5, 400 * day + s * 1e6)
    expect((JSON.stringify(history.save()).match(/71\.5/g) ?? []).length).toBeLessThanOrEqual(288)
  })

  it('goes on from a saved state as if never stopped', () => {
    const run = (turn: number) => {
      let history = new DailyHistory()
      for (let k = 0; k < 300; k++) {
        history.take('spo2', Math.round(90 + 8 * uniformAt(3, 1, k)), k * 5 * hour)
        history.take('steps', Math.round(1e4 * uniformAt(3, 2, k)), k * 5 * hour)
        if (k !== turn) continue
        const next = new DailyHistory()
        next.load(structuredClone(history.save()))
        history = next
      }
      return history.save()
    }
    for (const turn of [0, 17, 150, 299]) expect(run(turn)).toEqual(run(-1))
  })
})

describe('the personal baseline', () => {
  const values = Array.from({ length: 30 }, (_, i) => ({ day: i, value: 100 + (i % 3) }))

  it('is median and scaled MAD of up to 28 days, the newest three left out', () => {
    const baseline = baselineAt([...values.slice(0, 27), { day: 27, value: 900 }, { day: 29, value: 900 }], 30, 0.1)!
    expect(baseline).toEqual({ median: 101, spread: 1.4826, days: 27 })
    expect(robustZ(104, { median: 101, spread: 1.5, days: 9 })).toBe(2)
  })

  it('needs seven days, and has a least spread', () => {
    expect(baselineAt(values.slice(0, 6), 20, 1)).toBeNull()
    expect(
      baselineAt(
        Array.from({ length: 7 }, (_, i) => ({ day: i, value: 95 })),
        10,
        0.8,
      ),
    ).toEqual({ median: 95, spread: 0.8, days: 7 })
  })

  it('weighs the newest deviations most', () => {
    const baseline = { median: 100, spread: 10, days: 20 }
    const drift = driftOf(
      [
        { day: 8, value: 110 },
        { day: 9, value: 110 },
        { day: 1, value: 900 },
      ],
      9,
      baseline,
    )
    expect(drift).toBeCloseTo(0.3 + 0.3 * 0.7, 12)
    expect(driftOf([], 9, baseline)).toBeNull()
  })
})

describe('a trend score', () => {
  const steady: readonly [VitalName, number][] = [
    ['body-weight', 80],
    ['heart-rate', 70],
    ['respiratory-rate', 16],
    ['spo2', 95],
    ['dyspnoea', 2],
    ['swelling', 1],
    ['steps', 0],
  ]
  const scoreAfter = (days: number, last: Partial<Record<VitalName, number>>, names = steady.map(([name]) => name)) => {
    const history = new DailyHistory()
    for (let d = 0; d <= days; d++) {
      for (const [name, usual] of steady) {
        if (!names.includes(name)) continue
        const value = d === days ? (last[name] ?? usual) : usual
        history.take(name, value, d * day)
        if (name === 'steps') history.take(name, value + 4000, d * day + hour)
      }
    }
    history.closeBefore(days + 1)
    return scoreTrend(history, 'heart-failure', days, calmTrend)
  }

  it('says of each item what it adds, from which baseline', () => {
    const result = scoreAfter(20, { 'body-weight': 81, spo2: 96 })
    expect(result).toMatchObject({ score: 'heart-failure-trend', completeness: 1, complete: true, validation: 'experimental, unvalidated' })
    const weight = result.items.find(({ name }) => name === 'body-weight')!
    expect(weight).toMatchObject({ state: 'present', value: 81, usual: 80, baselineDays: 17 })
    expect(weight.z).toBeCloseTo(2.5, 12)
    // Better counts against: saturation above what is usual.
    expect(result.items.find(({ name }) => name === 'spo2')!.contribution).toBeLessThan(0)
    expect(result.items.reduce((sum, item) => sum + item.contribution!, 0)).toBeCloseTo(result.deviation!, 12)
    expect(result.total).toBeCloseTo(Math.max(0, result.deviation! - trendParameters.allowance), 12)
  })

  it('says nothing of a day with less than half of its items, and leaves the sum as it was', () => {
    const result = scoreAfter(20, { 'body-weight': 90 }, ['body-weight', 'spo2'])
    expect(result).toMatchObject({ deviation: null, total: 0, alert: false, complete: false })
    expect(result.completeness).toBeCloseTo(2.5 / 7, 12)
  })

  it('says nothing before there is a baseline', () => {
    const result = scoreAfter(6, { 'body-weight': 90 })
    expect(result.deviation).toBeNull()
    expect(result.items.every(({ state }) => state === 'no-baseline')).toBe(true)
  })

  it('sums up, alerts above 6, and is calm again at 3', () => {
    expect(nextSum(5, 2)).toBe(6.25)
    expect(nextSum(0, 0.5)).toBe(0)
    expect(nextSum(11.9, 9)).toBe(trendParameters.mostSum)
    const empty = new DailyHistory()
    expect(scoreTrend(empty, 'copd', 3, { sum: 6.25, alert: false }).alert).toBe(true)
    expect(scoreTrend(empty, 'copd', 3, { sum: 5, alert: true }).alert).toBe(true)
    expect(scoreTrend(empty, 'copd', 3, { sum: 5, alert: false }).alert).toBe(false)
    expect(scoreTrend(empty, 'copd', 3, { sum: 3, alert: true }).alert).toBe(false)
  })
})
