import { describe, expect, it } from 'vitest'
import { type LimitPrescription, oxygenTarget } from '../../src/alert/prescribed-limits.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { unknownPatient } from '../../src/signal/patient.js'

const ref = { device: 'bed', boot: 1 }
const by = { author: 'Dr Ada', reason: 'COPD' }
const copd: LimitPrescription = { rules: oxygenTarget(88, 92), from: 60e6, until: null, ...by }

interface Patient {
  readonly spo2: (second: number) => number
  readonly oxygen?: (second: number) => boolean | null
  readonly seconds: number
  /** Seconds between two numbers; default 1. */
  readonly every?: number
}

/** Numbers of a patient through a monitor, sent `pack` seconds at a time; saved and loaded before each pack when `restarts`. */
function watch(patient: Patient, prescriptions: readonly LimitPrescription[], pack = 1, restarts = false): PatientEvent[] {
  const said: PatientEvent[] = []
  const create = (own: readonly LimitPrescription[]) =>
    new PatientMonitor({ attributes: unknownPatient, limits: {}, prescriptions: own }, event => void said.push(event))
  let monitor = create(prescriptions)
  monitor.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (let from = 0; from < patient.seconds; from += pack) {
    const samples: NumericSample[] = []
    for (let second = from; second < Math.min(from + pack, patient.seconds); second++) {
      const on = patient.oxygen?.(second) ?? null
      const t = second * 1e6
      if (on !== null) samples.push({ name: 'supplemental-oxygen', value: on, t, status: 'valid', author: 'nurse' })
      if (second % (patient.every ?? 1) === 0) samples.push({ name: 'spo2', value: patient.spo2(second), t, status: 'valid' })
    }
    if (restarts) {
      const state = structuredClone(monitor.save())
      monitor = create([])
      monitor.load(state)
    }
    monitor.numerics(ref, samples, Math.min(from + pack, patient.seconds) * 1e6)
  }
  monitor.close(ref, 'n')
  return said
}

const path = (said: readonly PatientEvent[], condition: string) =>
  said.flatMap(({ t, type, body }) =>
    type === 'condition' && body.condition === condition && body.cause === 'phase' ? [`${t / 1e6} ${body.to}`] : [],
  )
const limitsOf = (said: readonly PatientEvent[], condition: string) =>
  said.flatMap(({ t, type, body }) => (type === 'limits-changed' && body.condition === condition ? [[t / 1e6, body.limit]] : []))

describe('a prescribed range of 88 to 92 %', () => {
  const fromStart = { ...copd, from: -60e6 }

  it('says nothing at 90 %: absent', () => {
    expect(path(watch({ spo2: () => 90, seconds: 300 }, [fromStart]), 'spo2-low')).toEqual([])
    expect(path(watch({ spo2: () => 89.9, seconds: 300 }, []), 'spo2-low')).toEqual(['0 pending', '10 active'])
  })

  it('alerts at 87 %, and says whose limit that is: absent => pending => active', () => {
    const said = watch({ spo2: second => (second < 20 ? 90 : 87), seconds: 60 }, [fromStart])
    expect(path(said, 'spo2-low')).toEqual(['20 pending', '30 active'])
    expect(said.find(({ body }) => body.condition === 'spo2-low' && body.to === 'active')!.body).toMatchObject({
      limit: 88,
      prescribed: by,
      message: 'SpO2 87 %, below 88 % for 10 s (limits by Dr Ada: COPD)',
    })
    expect(limitsOf(said, 'spo2-low')).toEqual([[0, 88]])
  })

  it('alerts at 95 % on oxygen a minute later, and not without', () => {
    const at95 = (on: boolean) => watch({ spo2: () => 95, oxygen: second => (second === 5 ? on : null), seconds: 120 }, [fromStart])
    expect(path(at95(true), 'spo2-above-target')).toEqual(['5 pending', '65 active'])
    expect(path(at95(false), 'spo2-above-target')).toEqual([])
  })
})

describe('limits that change under way', () => {
  it('are judged at that moment, by what is on show: active => clearing => absent, though no new number comes', () => {
    const said = watch({ spo2: () => 89, seconds: 120, every: 50 }, [copd])
    expect(path(said, 'spo2-low')).toEqual(['0 pending', '10 active', '60 clearing', '70 absent'])
    expect(limitsOf(said, 'spo2-low')).toEqual([[60, 88]])
    const change = said.find(({ type, body }) => type === 'limits-changed' && body.condition === 'spo2-above-target')!
    expect(change).toEqual({
      t: 60e6,
      type: 'limits-changed',
      stream: '',
      body: {
        condition: 'spo2-above-target',
        unit: '%',
        before: { enabled: false, limit: 98, clearLimit: 98, onsetDelaySeconds: 60, clearDelaySeconds: 30, prescribed: null },
        enabled: true,
        limit: 92,
        clearLimit: 92,
        onsetDelaySeconds: 60,
        clearDelaySeconds: 30,
        prescribed: by,
      },
      note: { citation: 'prescribed by Dr Ada' },
    })
  })

  it('hold no alert by the hysteresis of a limit that was never crossed: 88.5 % lies within', () => {
    const said = watch({ spo2: () => 88.5, seconds: 120 }, [copd])
    expect(path(said, 'spo2-low')).toEqual(['0 pending', '10 active', '60 clearing', '70 absent'])
  })

  it('leave an alert active that is one by the new limit too, and count its hysteresis from there', () => {
    const spo2 = (second: number) => (second < 80 ? 87 : second < 100 ? 88.5 : 89)
    const said = watch({ spo2, seconds: 120 }, [copd])
    expect(path(said, 'spo2-low')).toEqual(['0 pending', '10 active', '100 clearing', '110 absent'])
  })

  it('begin a pending delay anew: seconds below another limit do not count', () => {
    const said = watch({ spo2: second => (second < 55 ? 95 : 87), seconds: 80 }, [copd])
    expect(path(said, 'spo2-low')).toEqual(['55 pending', '60 absent', '60 pending', '70 active'])
  })

  it('leave the delays of rules alone that they do not name', () => {
    const other = { ...copd, rules: { 'heart-rate-low': { limit: 40, clearLimit: 42 } } }
    const said = watch({ spo2: second => (second < 55 ? 95 : 87), seconds: 80 }, [other])
    expect(path(said, 'spo2-low')).toEqual(['55 pending', '65 active'])
  })

  it('say who switched a rule off, which ends its alert at once: active => absent', () => {
    const off = { ...copd, rules: { 'spo2-low': { enabled: false } } }
    const said = watch({ spo2: () => 89, seconds: 120 }, [off])
    expect(path(said, 'spo2-low')).toEqual(['0 pending', '10 active', '60 clearing', '60 absent'])
    expect(said.find(({ type }) => type === 'limits-changed')!.body).toMatchObject({ enabled: false, limit: 90, prescribed: by })
  })

  it('end with their last moment, and what was given on oxygen before them is known', () => {
    const until = { ...copd, until: 200e6 }
    const said = watch({ spo2: () => 95, oxygen: second => (second === 0 ? true : null), seconds: 300 }, [until])
    expect(path(said, 'spo2-above-target')).toEqual(['60 pending', '120 active', '200 clearing', '200 absent'])
    expect(limitsOf(said, 'spo2-low')).toEqual([
      [60, 88],
      [200, 90],
    ])
  })

  it('say the same however the numbers are cut, and across a restart at any moment', () => {
    const spo2 = (second: number) => 91 + 4.5 * Math.sin(second / 13)
    const patient = { spo2, oxygen: (second: number) => (second % 40 === 0 ? second % 80 === 0 : null), seconds: 300 }
    const later = { rules: oxygenTarget(85, 90), from: 130.4e6, until: 220.7e6, author: 'Dr Bea', reason: 'sleep' }
    const order = (events: readonly PatientEvent[]) => events.map(event => JSON.stringify(event)).sort()
    const whole = watch(patient, [copd, later], 300)
    expect(new Set(limitsOf(whole, 'spo2-low').map(([t]) => t))).toEqual(new Set([60, 130.4, 220.7]))
    expect(path(whole, 'spo2-low').length).toBeGreaterThan(8)
    expect(path(whole, 'spo2-above-target').length).toBeGreaterThan(1)
    for (const pack of [1, 7]) {
      expect(order(watch(patient, [copd, later], pack))).toEqual(order(whole))
      expect(watch(patient, [copd, later], pack, true)).toEqual(watch(patient, [copd, later], pack))
    }
  })
})

describe('numbers that come late', () => {
  const later: LimitPrescription = {
    rules: { 'spo2-low': { limit: 85 }, desaturation: { limit: 80 } },
    from: 100e6,
    until: null,
    ...by,
  }
  const other = { device: 'other', boot: 1 }

  /** SpO2 of 83 % from 50 s; with `late` the device is silent from 40 s while the other goes on to 120 s. */
  function run(late: boolean, restarts = false): PatientEvent[] {
    const said: PatientEvent[] = []
    const create = () =>
      new PatientMonitor({ attributes: unknownPatient, limits: {}, prescriptions: [later] }, event => void said.push(event))
    let monitor = create()
    for (const each of [ref, other]) monitor.open(each, [], { deviceTime: 0, patientTime: 0 })
    const send = (from: number, to: number) => {
      for (let second = from; second < to; second += 1) {
        if (restarts) {
          const state = structuredClone(monitor.save())
          monitor = create()
          monitor.load(state)
        }
        const sample: NumericSample = { name: 'spo2', value: second < 50 ? 96 : 83, t: second * 1e6, status: 'valid' }
        monitor.numerics(ref, [sample], (second + 1) * 1e6)
      }
    }
    send(0, 40)
    if (late) monitor.silence(ref, 'n')
    else send(40, 120)
    monitor.numerics(other, [], 120e6)
    if (late) send(40, 120)
    monitor.close(ref, 'n')
    monitor.close(other, 'n')
    return said
  }

  it('are judged by the limits of their own time: what was an alert in time is one, and changes are said once', () => {
    const late = run(true)
    const active = late.find(({ body }) => body.condition === 'desaturation' && body.to === 'active')!
    expect(active).toMatchObject({ t: path(run(false), 'desaturation').includes('53 active') ? 53e6 : -1, body: { limit: 85 } })
    expect(path(late, 'desaturation')).toEqual(path(run(false), 'desaturation'))
    expect(path(late, 'spo2-low')).toEqual(path(run(false), 'spo2-low'))
    expect(limitsOf(late, 'spo2-low')).toEqual([[100, 85]])
    expect(run(true, true)).toEqual(late)
  })
})
