import { describe, expect, test } from 'vitest'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { unknownPatient } from '../../src/signal/patient.js'

const ref = { device: 'bed', boot: 1 }

/** Seconds at which the condition became active, for numbers one a second of a patient with a prescribed 88 to 92 %. */
function onsets(
  condition: string,
  spo2: (second: number) => number,
  oxygen: (second: number) => boolean | null,
  seconds: number,
): number[] {
  const found: number[] = []
  const monitor = new PatientMonitor({ attributes: { ...unknownPatient, spo2Scale: 2 }, limits: {} }, ({ t, type, body }) => {
    if (type === 'condition' && body.condition === condition && body.to === 'active' && body.from !== 'active') found.push(t / 1e6)
  })
  monitor.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (let second = 0; second < seconds; second++) {
    const t = second * 1e6
    const samples: NumericSample[] = [{ name: 'spo2', value: spo2(second), t, status: 'valid' }]
    const on = oxygen(second)
    if (on !== null) samples.unshift({ name: 'supplemental-oxygen', value: on, t, status: 'valid', author: 'nurse' })
    monitor.numerics(ref, samples, t)
  }
  monitor.close(ref, 'n')
  return found
}

describe('the upper limit of a prescribed range of SpO2', () => {
  test('alerts a minute after the first number above it, on oxygen', () => {
    expect(
      onsets(
        'spo2-above-target',
        second => (second < 30 ? 91 : 95),
        second => (second === 0 ? true : null),
        120,
      ),
    ).toEqual([90])
  })

  test('says nothing without oxygen, and nothing while nobody has said', () => {
    const spo2 = () => 96
    expect(onsets('spo2-above-target', spo2, second => (second === 0 ? false : null), 200)).toEqual([])
    expect(onsets('spo2-above-target', spo2, () => null, 200)).toEqual([])
  })

  test('begins to look when oxygen is given', () => {
    expect(
      onsets(
        'spo2-above-target',
        () => 96,
        second => (second === 0 ? false : second === 100 ? true : null),
        200,
      ),
    ).toEqual([160])
  })
})

test('88.5 % lies within the prescribed range, 87 % below it', () => {
  expect(
    onsets(
      'spo2-low',
      () => 88.5,
      () => true,
      60,
    ),
  ).toEqual([])
  expect(
    onsets(
      'spo2-low',
      second => (second < 20 ? 90 : 87),
      () => true,
      60,
    ),
  ).toEqual([30])
})
