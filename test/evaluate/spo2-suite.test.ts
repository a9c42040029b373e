import { describe, expect, test } from 'vitest'
import type { EvaluationRequest } from '../../src/evaluate/evaluation-request.js'
import { courseOfAlerts } from '../../src/evaluate/oximetry/desaturation-alerts.js'
import { observeOximeter } from '../../src/evaluate/oximetry/observe-oximeter.js'
import { listCases, reportedSeeds, tuningSeeds } from '../../src/evaluate/oximetry/oximeter-cases.js'
import { spo2Suite } from '../../src/evaluate/suites/spo2.js'
import { simulateOximeter } from '../../src/simulate/oximeter/simulate-oximeter.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

const request: EvaluationRequest = {
  suite: 'spo2',
  database: '',
  records: ['5001'],
  channels: null,
  reference: 'atr',
  test: { kind: 'pipeline' },
  compare: null,
  from: 0,
  to: null,
  windowSeconds: 0.15,
  packetSeconds: 1,
  noise: null,
}
const context = { onProgress: () => {}, signal: new AbortController().signal }

describe('suite spo2', () => {
  test('has the seeds of its figures apart from those that constants were chosen on', () => {
    const [first, last] = tuningSeeds
    expect(reportedSeeds.filter(seed => seed >= first && seed <= last)).toEqual([])
    expect(new Set(reportedSeeds).size).toBe(reportedSeeds.length)
  })

  test('refuses a record that is no seed, by its name', async () => {
    await expect(spo2Suite.run({ ...request, records: ['100'.concat('x')] }, context)).rejects.toMatchObject({ code: 'usage-option' })
  })

  test('gives error and coverage by movement, perfusion, averaging and curve, for one seed', { timeout: 60_000 }, async () => {
    const { document } = await spo2Suite.run(request, context)
    const figures = (of: unknown) => of as Record<string, Record<string, number>>
    expect(document.records).toHaveLength(listCases([5001]).length)
    for (const name of ['mae', 'bias', 'coverage', 'arms', 'intervalCoverage']) expect(document.gross[name]).toBeTypeOf('number')
    const bySnr = figures(document.bySnr)
    expect(Object.keys(bySnr)).toEqual(['none', '12 dB', '6 dB', '0 dB', '-6 dB', '-12 dB'])
    expect(bySnr.none!.coverage).toBe(1)
    expect(bySnr.none!.arms).toBeLessThan(1)
    expect(bySnr['12 dB']!.arms).toBeLessThan(1.5)
    expect(figures(document.byPerfusion)['0.02 %']!.coverage).toBe(0)
    expect(figures(document.byPerfusion)['0.05 %']!.coverage).toBe(0)
    const wrong = document.wrongCurve as Record<string, number>
    expect(wrong.bias).toBeGreaterThan(2.5)
    expect(wrong.bias).toBeLessThan(3.5)
  })
})

describe('on simulated light', () => {
  test('SpO2 does not depend on how the stream was cut', () => {
    const simulated = simulateOximeter({ seed: 5002, seconds: 60, course: 'ramp', motion: 'random', snr: 3 })
    const run = { averagingSeconds: 8, curveOffset: 0 } as const
    const whole = observeOximeter(simulated, { ...run, packetSeconds: 60 }).seconds
    expect(observeOximeter(simulated, { ...run, packetSeconds: 0.13 }).seconds).toEqual(whole)
    expect(whole.filter(({ estimate }) => estimate !== null).length).toBeGreaterThan(40)
  })

  for (const [averagingSeconds, settled] of [
    [4, 4],
    [8, 8],
    [16, 16],
  ] as const) {
    test(`a number averaged over ${averagingSeconds} s has left a fall behind after as many seconds`, () => {
      const { seconds } = observeOximeter(simulateOximeter({ seed: 5006, seconds: 120, course: 'desaturations', motion: 'none' }), {
        averagingSeconds,
        curveOffset: 0,
        packetSeconds: 1,
      })
      const late = seconds.filter(({ at, estimate }) => at > 20 && estimate !== null)
      // What was true at some moment within the averaging time is what the number says.
      for (const { at, estimate } of late) {
        const window = seconds.filter(other => other.at > at - settled - 1 && other.at <= at).map(({ now }) => now)
        expect(estimate!).toBeGreaterThan(Math.min(...window) - 1.5)
        expect(estimate!).toBeLessThan(Math.max(...window) + 1.5)
      }
      expect(late.length).toBeGreaterThan(90)
    })
  }
})

describe('alerts on falls of SpO2', () => {
  const steady = (count: number, value: number | null): (number | null)[] => Array.from({ length: count }, () => value)

  test('come within 15 s, and none while the number is 2 % above the limit', () => {
    const { falls, raised, raisedAbove } = courseOfAlerts([...steady(60, 96), ...steady(20, 83), ...steady(60, 96)])
    expect(falls).toEqual([{ from: 60, seconds: 20, least: 83, alertAfter: 3 }])
    expect(raised.map(({ condition, at }) => [condition, at])).toEqual([
      ['desaturation', 63],
      ['spo2-low', 70],
    ])
    expect(raisedAbove).toBe(0)
  })

  test('are none for a fall shorter than the delay, which is listed', () => {
    const { falls, raised } = courseOfAlerts([...steady(60, 96), ...steady(3, 83), ...steady(60, 96)])
    expect(falls).toEqual([{ from: 60, seconds: 3, least: 83, alertAfter: null }])
    expect(raised).toEqual([])
  })

  test('of a fall with missing seconds are of one fall, of one with a number above the limit or a long silence between, of two', () => {
    const fallsAround = (between: (number | null)[]) =>
      courseOfAlerts([...steady(60, 96), ...steady(20, 83), ...between, ...steady(20, 82), ...steady(60, 96)]).falls
    expect(fallsAround([null])).toEqual([{ from: 60, seconds: 41, least: 82, alertAfter: 3 }])
    expect(fallsAround(steady(30, null))).toEqual([{ from: 60, seconds: 70, least: 82, alertAfter: 3 }])
    expect(fallsAround(steady(31, null)).map(({ from, seconds }) => [from, seconds])).toEqual([
      [60, 20],
      [111, 20],
    ])
    expect(fallsAround([85]).map(({ from, seconds }) => [from, seconds])).toEqual([
      [60, 20],
      [81, 20],
    ])
  })

  test.skipIf(!hasDataset('uw-hypoxia'))(
    'of real oximeters (uw-hypoxia): each that lasts 15 s alerts within 15 s, none is raised 2 % or more above the limit',
    { timeout: 60_000 },
    async () => {
      const { document } = await spo2Suite.run({ ...request, database: datasetPath('uw-hypoxia'), records: [] }, context)
      const alerts = document.alerts as Record<string, number> & { falls: { seconds: number; alertAfter: number | null }[] }
      expect(alerts.streams).toBe(12)
      expect(alerts.fallsOf15Seconds).toBeGreaterThanOrEqual(12)
      for (const fall of alerts.falls.filter(({ seconds }) => seconds >= 15)) expect(fall.alertAfter).toBeLessThanOrEqual(15)
      for (const fall of alerts.falls.filter(({ seconds }) => seconds >= 15)) expect(fall.alertAfter).not.toBeNull()
      expect(alerts.raisedWhile2PercentAbove).toBe(0)
    },
  )
})
