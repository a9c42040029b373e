import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'

const ref = { device: 'oximeter', boot: 1 }

/** Events of a device that sends SpO2 every so many seconds, restarted in the middle. */
function tell(every: number, valueAt: (second: number) => number): PatientEvent[] {
  const said: PatientEvent[] = []
  const create = () => new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
  let monitor = create()
  monitor.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (let second = 0; second < 300; second += every) {
    if (second === 150) {
      const state = structuredClone(monitor.save())
      monitor = create()
      monitor.load(state)
    }
    monitor.numerics(ref, [{ name: 'spo2', value: valueAt(second), t: second * 1e6, status: 'valid' }], (second + every) * 1e6)
  }
  return said.filter(({ type }) => type === 'episode')
}

const fall = (second: number) => (second >= 140 && second < 170 ? 90 : 97)

describe('desaturations in the numbers of a device', () => {
  it.each([1, 5])('are told with their depth and their places, at a number every %i s', every => {
    const [on, off, ...more] = tell(every, fall)
    expect(more).toEqual([])
    expect(on).toMatchObject({ stream: 'n', body: { episode: 'desaturation', on: true, value: 7, unit: '%', sample: { index: 140e6 } } })
    expect(on!.t / 1e6).toBeGreaterThanOrEqual(149)
    expect(on!.t / 1e6).toBeLessThanOrEqual(155)
    expect(off).toMatchObject({ body: { on: false, sample: { index: 170e6 } } })
  })

  it('are not made of a short fall, a slow device, or numbers that stay', () => {
    expect(tell(1, second => (second >= 140 && second < 147 ? 90 : 97))).toEqual([])
    expect(tell(30, fall)).toEqual([])
    expect(tell(1, () => 97)).toEqual([])
    // One low number before a pause is not ten seconds.
    expect(tell(5, second => (second === 140 ? 90 : 97))).toEqual([])
  })
})
