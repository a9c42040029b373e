import { describe, expect, it } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { type PatientAttributes, unknownPatient } from '../../src/signal/patient.js'
import { simulateCohort } from '../../src/simulate/flare-cohort.js'

const day = 86_400e6
const hour = 3600e6
const ref = { device: 'home', boot: 1 }
const copd: PatientAttributes = { ...unknownPatient, conditions: ['copd'] }
const person = simulateCohort({ seed: 12, people: 1, days: 60, kind: 'copd', flares: true })[0]!

interface Run {
  readonly attributes?: PatientAttributes
  /** Saved and loaded after this day. */
  readonly turn?: number
  /** Attributes set on this day. */
  readonly set?: { readonly day: number; readonly attributes: PatientAttributes }
  /** Each value in a pack of its own. */
  readonly singly?: boolean
}

function follow({ attributes = copd, turn = -1, set, singly = false }: Run): { events: PatientEvent[]; monitor: PatientMonitor } {
  const events: PatientEvent[] = []
  const create = (own: PatientAttributes) => new PatientMonitor({ attributes: own, limits: {} }, event => void events.push(event))
  let monitor = create(attributes)
  monitor.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (const one of person.days) {
    if (one.day === set?.day) monitor.setAttributes(set.attributes)
    const samples = one.values.map(({ name, value }, i): NumericSample => {
      return { name, value, t: one.day * day + 8 * hour + i * 1e6, status: 'valid' }
    })
    const packs = singly ? samples.map(sample => [sample]) : [samples]
    for (const pack of packs) monitor.numerics(ref, pack, pack.at(-1)?.t ?? one.day * day)
    if (one.day !== turn) continue
    const saved = structuredClone(monitor.save())
    monitor = create(attributes)
    monitor.load(saved)
  }
  monitor.close(ref, 'n')
  return { events, monitor }
}

const trends = (events: readonly PatientEvent[]) => events.filter(({ type, body }) => type === 'score' && body.score !== 'news2')

describe('trends in the patient log', () => {
  it('are said at the end of each day, with an alert before the height of the flare', () => {
    const found = trends(follow({}).events)
    // The last day has not ended.
    expect(found.map(({ t }) => t / day)).toEqual(person.days.slice(0, -1).map(one => one.day + 1))
    const first = found.find(({ body }) => body.alert === true)!
    expect(first.body).toMatchObject({ score: 'copd-trend', validation: 'experimental, unvalidated' })
    expect(first.body.day as number).toBeLessThanOrEqual(person.flareDay!)
    expect(first.body.day as number).toBeGreaterThan(person.flareDay! - 10)
  })

  it('raise an alert of low priority beyond their limit, with the score that explains it, until they have calmed down', () => {
    const alerts = (events: readonly PatientEvent[]) =>
      events.filter(({ type, body }) => type === 'condition' && body.condition === 'copd-trend')
    const { events } = follow({})
    const scores = new Map(trends(events).map(({ t, body }) => [t, body]))
    const raised = alerts(events).filter(({ body }) => body.to === 'active')
    expect(raised).toHaveLength(1)
    const { t, body } = raised[0]!
    expect(body).toMatchObject({ priority: 'low', kind: 'physiological', limit: 6, value: scores.get(t)!.total })
    expect(body.message).toMatch(/^Experimental trend score of days \d+(\.\d)?, above 6/)
    expect(scores.get(t)).toMatchObject({ alert: true })
    const first = [...scores].find(([, score]) => score.alert === true)!
    expect(t).toBe(first[0])
    // As the score says it itself, with its hysteresis.
    for (const { t: at, body: told } of alerts(events).filter(one => one.body.to === 'absent')) {
      expect([told.cause, scores.get(at)!.alert]).toEqual(['phase', false])
    }
    expect(alerts(follow({ singly: true }).events)).toEqual(alerts(events))
    for (const turn of [20, 58]) expect(alerts(follow({ turn }).events)).toEqual(alerts(events))
    expect(alerts(follow({ attributes: unknownPatient }).events)).toEqual([])
  })

  it('are not said of patients of whom nobody asked for them', () => {
    const { events, monitor } = follow({ attributes: unknownPatient })
    expect(trends(events)).toEqual([])
    expect(monitor.save().readers.some(({ key }) => key === 'trend')).toBe(false)
  })

  it('are the same however the values were packed, and when the monitor was saved and loaded', () => {
    const whole = trends(follow({}).events)
    expect(trends(follow({ singly: true }).events)).toEqual(whole)
    for (const turn of [0, 20, 58]) expect(trends(follow({ turn }).events)).toEqual(whole)
  })

  it('begin when the condition is set and end when it is taken away', () => {
    const from = trends(follow({ attributes: unknownPatient, set: { day: 10, attributes: copd } }).events)
    expect(from[0]!.t / day).toBe(11)
    const until = trends(follow({ set: { day: 10, attributes: unknownPatient } }).events)
    expect(until.at(-1)!.t / day).toBeLessThanOrEqual(11)
    expect(until.length).toBeGreaterThan(5)
  })

  it('leave SpO2 limits and scale as the clinician has set them', () => {
    const scale = (events: readonly PatientEvent[]) => events.filter(({ type, body }) => type === 'score' && body.score === 'news2')
    expect(scale(follow({}).events)).toEqual(scale(follow({ attributes: unknownPatient }).events))
  })
})
