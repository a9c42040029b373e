import { describe, expect, test } from 'vitest'
import { type MotionRate, MotionRateTracker } from '../../../src/ppg/motion-rate/motion-rate-tracker.js'
import { motionRateParameters } from '../../../src/ppg/motion-rate/parameters.js'
import { type MovingWrist, movingWrist, secondOf } from './moving-wrist.js'

interface Change {
  readonly lagSeconds?: number
  /** What the tracker is given instead of a second. */
  readonly ppg?: (samples: Float64Array[], second: number) => Float64Array[]
  readonly acceleration?: (samples: Float64Array[], second: number) => Float64Array[] | null
}

function track(wrist: MovingWrist, change: Change = {}): MotionRate[] {
  const { ppg, acceleration } = movingWrist(wrist)
  const tracker = new MotionRateTracker({
    channels: ppg.length,
    ...(change.lagSeconds === undefined ? {} : { lagSeconds: change.lagSeconds }),
  })
  return Array.from({ length: wrist.seconds }, (_, second) => {
    const light = secondOf(ppg, second)
    const axes = secondOf(acceleration, second)
    const told = tracker.step(
      change.ppg?.(light, second) ?? light,
      change.acceleration === undefined ? axes : change.acceleration(axes, second),
    )
    for (const lent of [...light, ...axes]) lent.fill(1e9)
    return told
  })
}

const nothing = () => new Float64Array(25).fill(Number.NaN)
const width = (told: MotionRate) => told.high! - told.low!

/** The window of a second is the 8 s that end with it; its rate is that of its middle. */
const middleOf = (second: number) => second + 1 - motionRateParameters.spectrumSeconds / 2

describe('pulse rate under motion', () => {
  for (const rate of [42, 60, 95, 150, 195]) {
    test(`is ${rate} /min at rest, from the first window on`, () => {
      const told = track({ seconds: 30, rateAt: () => rate, cadence: 0, artefact: 0 })
      expect(told.slice(0, 5).every(({ value, reason }) => value === null && reason === 'starting')).toBe(true)
      for (const each of told.slice(7)) {
        expect(Math.abs(each.value! - rate)).toBeLessThan(1)
        expect(each.low! <= rate && rate <= each.high!).toBe(true)
        expect(each).toMatchObject({ held: false, reason: 'good' })
        expect(each.quality).toBeGreaterThan(0.9)
      }
    })
  }

  for (const [cadence, rate] of [
    [150, 96],
    [168, 135],
    [128, 82],
    [110, 165],
  ] as const) {
    test(`is ${rate} /min through steps of ${cadence} /min that shake the light twice as much`, () => {
      const told = track({ seconds: 60, rateAt: () => rate, cadence, artefact: 2 })
      const errors = told.slice(15).map(({ value }) => Math.abs(value! - rate))
      expect(Math.max(...errors)).toBeLessThan(3)
    })
  }

  test('is that of the pulse when the steps become as fast, by its second harmonic', () => {
    const told = track({ seconds: 70, rateAt: () => 95, cadence: 95, artefact: 2, movesFrom: 30 })
    for (const { value } of told.slice(8)) expect(Math.abs(value! - 95)).toBeLessThan(2)
  })

  test('is held when swing and steps hide both harmonics of the pulse, less sure with time', () => {
    const told = track({ seconds: 90, rateAt: () => 82, cadence: 164, artefact: 2, movesFrom: 30 })
    const hidden = told.slice(44)
    expect(hidden.filter(({ held, reason }) => held && reason === 'ambiguous').length).toBeGreaterThan(10)
    for (const { value, low, high } of told.slice(30)) {
      if (value === null) continue
      expect(Math.abs(value - 82)).toBeLessThan(12)
      expect(low! <= 82 && 82 <= high!).toBe(true)
    }
    expect(hidden.at(-1)!.quality).toBeLessThan(0.6)
    expect(width(hidden.at(-1)!)).toBeGreaterThan(4 * width(told[29]!))
  })

  test('follows a rise from 80 to 160 /min that crosses the cadence', () => {
    const rateAt = (t: number) => Math.min(160, Math.max(80, 80 + (t - 30) * 0.8))
    const told = track({ seconds: 150, rateAt, cadence: 130, artefact: 2 })
    const errors = told.slice(20).map(({ value }, k) => Math.abs(value! - rateAt(middleOf(k + 20))))
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(2)
    const inside = told.slice(20).filter(({ low, high }, k) => low! <= rateAt(middleOf(k + 20)) && rateAt(middleOf(k + 20)) <= high!)
    expect(inside.length / errors.length).toBeGreaterThan(0.85)
  })

  test('needs the acceleration for that: without it the interval is wider, and says why', () => {
    const wrist = { seconds: 60, rateAt: () => 96, cadence: 150, artefact: 1 }
    const corrected = track(wrist)
    const alone = track(wrist, { acceleration: () => null })
    expect(alone.slice(15).every(({ reason }) => reason === 'no-acceleration')).toBe(true)
    for (let second = 20; second < 60; second++) expect(width(alone[second]!)).toBeGreaterThan(1.5 * width(corrected[second]!))
  })

  test('goes on with one channel, and with acceleration that stops', () => {
    const wrist = { seconds: 60, rateAt: () => 96, cadence: 150, artefact: 1 }
    const one = track(wrist, { ppg: ([first], second) => [first!, second < 30 ? new Float64Array(25).fill(7) : nothing()] })
    for (const { value } of one.slice(15)) expect(Math.abs(value! - 96)).toBeLessThan(3)
    const stopped = track(wrist, { acceleration: (axes, second) => (second < 40 ? axes : axes.map(nothing)) })
    expect(stopped.map(({ reason }) => reason).slice(38)).toEqual(['good', 'good', ...Array.from({ length: 20 }, () => 'no-acceleration')])
  })

  test('is held with a growing interval while the sensor is off, and unknown after 15 s', () => {
    const off = (samples: Float64Array[], second: number) => (second >= 30 && second < 60 ? samples.map(nothing) : samples)
    const told = track({ seconds: 90, rateAt: () => 75, cadence: 0, artefact: 0 }, { ppg: off })
    for (let second = 30; second < 45; second++) {
      expect(told[second]).toMatchObject({ held: true, reason: 'missing' })
      expect(Math.abs(told[second]!.value! - 75)).toBeLessThan(1)
      expect(width(told[second]!)).toBeGreaterThan(width(told[second - 1]!))
      expect(told[second]!.quality).toBeLessThan(told[second - 1]!.quality)
    }
    for (let second = 45; second < 60; second++) {
      expect(told[second]).toEqual({ value: null, low: null, high: null, quality: 0, held: false, reason: 'missing' })
    }
    // Six seconds of the window must be there.
    expect(told.slice(60, 65).every(({ value }) => value === null)).toBe(true)
    for (const { value } of told.slice(66)) expect(Math.abs(value! - 75)).toBeLessThan(1)
  })

  test('says nothing of a wave that never was there', () => {
    const flat = track(
      { seconds: 20, rateAt: () => 75, cadence: 0, artefact: 0 },
      { ppg: samples => samples.map(() => new Float64Array(25).fill(3)) },
    )
    expect(flat.every(({ value, reason }) => value === null && reason === 'missing')).toBe(true)
  })

  test('is no surer of noise than noise deserves', () => {
    const told = track({ seconds: 60, rateAt: () => 0, cadence: 0, artefact: 0 })
    for (const each of told.slice(10)) expect(each.quality).toBeLessThan(0.9)
  })

  test('does not depend on the units of light and acceleration', () => {
    const wrist = { seconds: 40, rateAt: () => 96, cadence: 150, artefact: 2 }
    const scaled = track(wrist, {
      ppg: samples => samples.map(channel => channel.map(value => 4096 * value)),
      acceleration: axes => axes.map(axis => axis.map(value => 1024 * value)),
    })
    const plain = track(wrist)
    scaled.forEach(({ value }, k) => {
      if (value !== null) expect(value).toBeCloseTo(plain[k]!.value!, 6)
    })
  })
})

describe('pulse rate told later', () => {
  const rateAt = (t: number) => 100 + 25 * Math.sin((2 * Math.PI * t) / 60)
  const wrist = { seconds: 120, rateAt, cadence: 150, artefact: 2 }

  test('tells each second so many seconds later, nearer to what it was', () => {
    const error = (told: MotionRate[], lag: number) =>
      told.slice(30).reduce((sum, { value }, k) => sum + Math.abs(value! - rateAt(middleOf(k + 30 - lag))), 0) / (told.length - 30)
    const later = track(wrist, { lagSeconds: 6 })
    expect(later.slice(0, 6).every(({ value, reason }) => value === null && reason === 'starting')).toBe(true)
    expect(error(later, 6)).toBeLessThan(0.8 * error(track(wrist), 0))
  })

  test('takes a lag of 0 to 30 whole seconds, and at least one channel', () => {
    for (const lagSeconds of [-1, 0.5, 31]) expect(() => new MotionRateTracker({ channels: 1, lagSeconds })).toThrow(RangeError)
    expect(() => new MotionRateTracker({ channels: 0 })).toThrow(RangeError)
    const tracker = new MotionRateTracker({ channels: 1 })
    expect(() => tracker.step([nothing(), nothing()], null)).toThrow(/2 channels/)
    expect(() => tracker.step([nothing()], [nothing()])).toThrow(/1 axes/)
    expect(() => tracker.step([new Float64Array(24)], null)).toThrow(/24 samples/)
  })
})

describe('a saved tracker', () => {
  for (const lagSeconds of [0, 6]) {
    test(`goes on as if it had never stopped, at any second, with a lag of ${lagSeconds} s`, () => {
      const { ppg, acceleration } = movingWrist({ seconds: 60, rateAt: () => 96, cadence: 150, artefact: 2 })
      const given = (second: number): [Float64Array[], Float64Array[] | null] => [
        second >= 35 && second < 55 ? [nothing(), nothing()] : secondOf(ppg, second),
        second === 25 ? null : secondOf(acceleration, second),
      ]
      const whole = new MotionRateTracker({ channels: 2, lagSeconds })
      const told = Array.from({ length: 60 }, (_, second) => whole.step(...given(second)))
      let tracker = new MotionRateTracker({ channels: 2, lagSeconds })
      for (let second = 0; second < 60; second++) {
        const state = tracker.save()
        const frozen = structuredClone(state)
        const next = new MotionRateTracker({ channels: 2, lagSeconds })
        next.load(frozen)
        expect(tracker.step(...given(second))).toEqual(told[second])
        expect(state).toEqual(frozen)
        tracker = next
        expect(tracker.step(...given(second))).toEqual(told[second])
      }
    })
  }

  test('is as new after a silence as long as it remembers', () => {
    const { ppg, acceleration } = movingWrist({ seconds: 40, rateAt: () => 96, cadence: 150, artefact: 2 })
    const used = new MotionRateTracker({ channels: 2 })
    for (let second = 0; second < 40; second++) used.step(secondOf(ppg, second), secondOf(acceleration, second))
    for (let second = 0; second < 60; second++) used.step([nothing(), nothing()], null)
    const fresh = new MotionRateTracker({ channels: 2 })
    for (let second = 0; second < 40; second++) {
      const given = [secondOf(ppg, second), secondOf(acceleration, second)] as const
      expect(used.step(...given)).toEqual(fresh.step(...given))
    }
  })
})
