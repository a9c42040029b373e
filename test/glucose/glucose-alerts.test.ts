import { describe, expect, it } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { unknownPatient } from '../../src/signal/patient.js'

const minute = 60_000_000
const ref = { device: 'cgm', boot: 1 }

/** What the monitor says of readings every five minutes; saved and loaded after the reading `turn`. */
function monitor(values: readonly number[], turn = -1): PatientEvent[] {
  const events: PatientEvent[] = []
  const create = () => new PatientMonitor({ attributes: unknownPatient, limits: {} }, event => void events.push(event))
  let one = create()
  one.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (const [k, value] of values.entries()) {
    one.numerics(ref, [{ name: 'glucose', value, t: 5 * minute * k, status: 'valid' }], 5 * minute * k)
    if (k !== turn) continue
    const saved = structuredClone(one.save())
    one = create()
    one.load(saved)
  }
  one.close(ref, 'n')
  return events
}

const numbers = (events: readonly PatientEvent[], name: string) =>
  events.flatMap(({ type, body }) => (type === 'measurement' && body.name === name ? [body.value as number] : []))
const raised = (events: readonly PatientEvent[]) =>
  events.flatMap(({ type, t, body }) =>
    type === 'condition' && body.to === 'active' && body.from !== 'active' ? [[body.condition, t / minute]] : [],
  )

describe('readings of a glucose sensor', () => {
  it('come with rate and outlook from the third on', () => {
    const events = monitor([120, 115, 110, 105])
    expect(numbers(events, 'glucose')).toEqual([120, 115, 110, 105])
    expect(numbers(events, 'glucose-rate')).toEqual([-1, -1])
    expect(numbers(events, 'glucose-predicted').map(value => Math.round(value))).toEqual([101, 96])
  })

  it('below 70 for 15 min, and below 54 at once, raise their alerts', () => {
    expect(raised(monitor([80, 72, 68, 66, 64, 63, 62]))).toEqual([['glucose-low', 25]])
    expect(raised(monitor([58, 56, 53, 53]))).toEqual([
      ['glucose-very-low', 10],
      ['glucose-predicted-low', 10],
      ['glucose-low', 15],
    ])
  })

  it('that fall fast raise an alert before they are low', () => {
    const events = monitor([140, 120, 100, 80])
    expect(raised(events)).toEqual([['glucose-predicted-low', 15]])
  })

  it('above 250 for 15 min raise one', () => {
    expect(raised(monitor([240, 255, 260, 265, 266]))).toEqual([['glucose-high', 20]])
  })

  it('are judged the same after the monitor was saved and loaded', () => {
    const values = [140, 130, 118, 104, 90, 76, 66, 64, 60, 58, 53]
    for (const turn of [1, 3, 6]) expect(monitor(values, turn)).toEqual(monitor(values))
  })
})
