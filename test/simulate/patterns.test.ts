import { describe, expect, it } from 'vitest'
import { qrsComplex, tachycardiaBeat, triangularQrs, tWave } from '../../src/simulate/patterns/beat-shape.js'
import { convert, frontEnds, runAnalogue } from '../../src/simulate/patterns/front-end.js'
import { overshootHeight, type PacerPulse } from '../../src/simulate/patterns/pacer-pulse.js'
import { PatternRecorder } from '../../src/simulate/patterns/record-pattern.js'
import { type IrregularName, irregularBeats, irregularRhythms, steadyTimes, stepTimes } from '../../src/simulate/patterns/rhythms.js'
import { analogueHz, drawPattern, emptyPattern, type TestPattern } from '../../src/simulate/patterns/test-pattern.js'

const second: TestPattern = { ...emptyPattern, name: 'one second', durationSeconds: 1 }
const pulse: PacerPulse = { time: 0.5, height: 700, width: 0.002, overshoot: null }
const slewLimited = frontEnds['slew-limited']

function sum(samples: Float64Array): number {
  return samples.reduce((total, value) => total + value, 0)
}

function above(samples: Float64Array, level: number): number {
  return samples.filter(value => Math.abs(value) > level).length / analogueHz
}

describe('beats of test patterns', () => {
  it('a triangle has its height and its width', () => {
    const drawn = drawPattern({ ...second, beats: [{ time: 0.5, shape: triangularQrs(2, 0.1) }] }, 1)
    expect(Math.max(...drawn)).toBeCloseTo(2, 6)
    expect(drawn.indexOf(Math.max(...drawn))).toBe(0.5 * analogueHz)
    expect(above(drawn, 0)).toBeCloseTo(0.1, 3)
    expect(sum(drawn) / analogueHz).toBeCloseTo((2 * 0.1) / 2, 6)
  })

  it('a complex of Q, R and S has its height from the lowest to the highest point', () => {
    const drawn = drawPattern({ ...second, beats: [{ time: 0.5, shape: qrsComplex(5, 0.08) }] }, 1)
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeCloseTo(5, 2)
    expect(above(drawn, 0)).toBeCloseTo(0.08, 3)
  })

  it('a T wave ends at the QT interval after the onset of the QRS complex', () => {
    const { from, to } = tWave(1.2, 0.18, 0.35, -0.05)
    expect([from, to].map(time => Number(time.toFixed(6)))).toEqual([0.12, 0.3])
  })

  it('a beat of tachycardia has its height from trough to peak', () => {
    const beats = steadyTimes(206, 0, 3).map(time => ({ time, shape: tachycardiaBeat(2, 60 / 206) }))
    const drawn = drawPattern({ ...second, durationSeconds: 3, beats }, 1).subarray(analogueHz, 2 * analogueHz)
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(1.7)
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeLessThan(2.1)
  })

  it('an irregular rhythm has the rate in its name', () => {
    for (const name of Object.keys(irregularRhythms) as IrregularName[]) {
      const beats = irregularBeats(name, 0, 60)
      expect(Math.abs(beats.length - irregularRhythms[name].rate)).toBeLessThanOrEqual(1)
    }
  })

  it('a step of the rate has one beat that ends the old interval and begins the new', () => {
    const times = stepTimes(80, 40, 20, 30)
    const at = times.findIndex(time => Math.abs(time - 20) < 1e-9)
    expect(times[at]! - times[at - 1]!).toBeCloseTo(0.75, 9)
    expect(times[at + 1]! - times[at]!).toBeCloseTo(1.5, 9)
  })
})

describe('pulses of a pacemaker', () => {
  it('keep their area wherever they lie between the samples', () => {
    for (const time of [0.5, 0.50001, 0.50003]) {
      const drawn = drawPattern({ ...second, pulses: [{ ...pulse, time, width: 0.0001 }] }, 1)
      expect(sum(drawn) / analogueHz).toBeCloseTo(700 * 0.0001, 9)
    }
  })

  it('method A leaves a tenth of the pulse, at most 2 mV, of the other sign', () => {
    const overshoot = { method: 'A', timeConstant: 0.01 } as const
    expect(overshootHeight({ ...pulse, height: 10, overshoot })).toBe(-1)
    expect(overshootHeight({ ...pulse, height: -700, overshoot })).toBe(2)
  })

  it('method B gives back the charge of the pulse', () => {
    const overshoot = { method: 'B', timeConstant: 0.025 } as const
    const drawn = drawPattern({ ...second, pulses: [{ ...pulse, overshoot }] }, 1)
    expect(Math.abs(sum(drawn) / analogueHz)).toBeLessThan(0.01 * 700 * 0.002)
  })
})

describe('front end', () => {
  it('the slew limit holds the largest pulse to what it can rise in its time', () => {
    const out = runAnalogue(drawPattern({ ...second, pulses: [pulse] }, 1), slewLimited)
    expect(Math.max(...out)).toBeGreaterThan(0.6)
    expect(Math.max(...out)).toBeLessThan(0.65)
  })

  it('lets the steepest QRS complex through', () => {
    const out = runAnalogue(drawPattern({ ...second, beats: [{ time: 0.5, shape: triangularQrs(5, 0.07) }] }, 1), slewLimited)
    expect(Math.max(...out)).toBeGreaterThan(0.98 * 5)
  })

  it('without a slew limit a pulse ends at the rail and stays there for the recovery', () => {
    const out = runAnalogue(drawPattern({ ...second, pulses: [pulse] }, 1), frontEnds.wide)
    expect(Math.max(...out)).toBeGreaterThan(0.99 * 300)
    expect(Math.max(...out)).toBeLessThanOrEqual(300)
    expect(above(out, 250)).toBeCloseTo(0.003, 3)
  })

  it('a step fades with the time constant of 0.05 Hz', () => {
    const step = new Float64Array(8 * analogueHz).fill(1, analogueHz)
    const out = runAnalogue(step, slewLimited)
    const seconds = 1 / (2 * Math.PI * 0.05)
    expect(out[Math.round((1 + seconds) * analogueHz)]).toBeCloseTo(Math.exp(-1), 2)
  })

  it('takes what lies above half the sampling rate out before sampling', () => {
    const hum: TestPattern = { ...second, mains: { hertz: 1000, millivolts: 2 } }
    const samples = convert(drawPattern(hum, 1), 250, { ...slewLimited, noise: 0 }, 1, 0)
    expect(Math.max(...samples.subarray(25).map(Math.abs))).toBeLessThan(0.01)
  })

  it('samples are whole steps of the converter and carry its noise', () => {
    const samples = convert(new Float64Array(analogueHz), 500, slewLimited, 1, 0)
    expect(samples.length).toBe(500)
    for (const value of samples) expect(Math.abs(value / 0.005 - Math.round(value / 0.005))).toBeLessThan(1e-6)
    expect(Math.sqrt(samples.reduce((total, value) => total + value * value, 0) / 500)).toBeCloseTo(0.004, 3)
  })
})

describe('PatternRecorder', () => {
  const pattern: TestPattern = {
    ...second,
    durationSeconds: 3,
    beats: steadyTimes(80, 0.5, 3).map(time => ({ time, shape: triangularQrs(1, 0.1) })),
    pulses: [pulse],
  }

  it('equal seeds make equal samples, others other noise', () => {
    const record = (seed: number) => new PatternRecorder(pattern, slewLimited, seed).record(360, 2).leads
    expect(record(1)).toEqual(record(1))
    expect(record(1)).not.toEqual(record(2))
  })

  it('places beats at the same time at every rate, within the delay of the filter', () => {
    const recorder = new PatternRecorder({ ...pattern, pulses: [] }, { ...slewLimited, noise: 0 }, 1)
    for (const fsHz of [128, 200, 250, 360, 500]) {
      const lead = recorder.record(fsHz, 1).leads[0]!.subarray(0, Math.round(fsHz))
      expect(lead.indexOf(Math.max(...lead)) / fsHz).toBeGreaterThanOrEqual(0.5)
      expect(lead.indexOf(Math.max(...lead)) / fsHz).toBeLessThan(0.52)
    }
  })

  it('the second lead sees the pattern smaller; marks name the samples of the pulses', () => {
    const { leads, marks } = new PatternRecorder(pattern, slewLimited, 1).record(250, 2)
    const [first, other] = leads.map(lead => Math.max(...lead.subarray(250)))
    expect(other! / first!).toBeCloseTo(0.7, 1)
    expect(marks).toEqual([125])
  })

  it('refuses more leads than there are', () => {
    expect(() => new PatternRecorder(pattern, slewLimited, 1).record(250, 3)).toThrow(RangeError)
  })
})
