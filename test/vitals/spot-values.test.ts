import { describe, expect, it } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { unknownPatient } from '../../src/signal/patient.js'
import type { Birth } from '../../src/wire/birth.js'
import { decodePack, readPack } from '../../src/wire/pack.js'
import { encodeSenml, type RawRecord } from '../../src/wire/senml.js'

const day = 86_400e6
const ref = { device: 'home', boot: 7 }

/** The values of a pack as a device sends it. */
function read(...records: readonly RawRecord[]): readonly NumericSample[] {
  const bytes = encodeSenml([{ n: 'pack', vs: '7:0' }, { n: 'device-clock', u: 's', v: 60 }, ...records])
  const pack = decodePack(bytes)
  if ('reason' in pack) throw new Error(pack.reason)
  const values = readPack(pack.ok, { birth: { clock: 'free' } as unknown as Birth, at: 0, notBefore: null, counters: {} })
  if ('reason' in values) throw new Error(values.reason)
  expect(values.ok.refused).toEqual([])
  return values.ok.samples
}

/** Events of packs a day apart; the monitor saved and loaded in between. */
function monitor(...packs: readonly (readonly NumericSample[])[]): PatientEvent[] {
  const events: PatientEvent[] = []
  const create = () => new PatientMonitor({ attributes: unknownPatient, limits: {} }, event => void events.push(event))
  let one = create()
  one.open(ref, [], { deviceTime: 0, patientTime: 0 })
  for (const [k, samples] of packs.entries()) {
    const moved = samples.map(sample => ({ ...sample, t: sample.t + k * day }))
    one.numerics(ref, moved, moved.at(-1)!.t)
    const saved = structuredClone(one.save())
    one = create()
    one.load(saved)
  }
  one.close(ref, 'n')
  return events.filter(({ type }) => type === 'measurement')
}

describe('spot values from pack to event', () => {
  it('come in the unit of the catalogue, with their author', () => {
    const values = read(
      { n: 'body-weight', u: '[lb_av]', v: 176 },
      { n: 'peak-flow', u: 'L/s', v: 6 },
      { n: 'author', vs: 'patient' },
      { n: 'dyspnoea', u: '1', v: 4 },
    )
    const bodies = monitor(values).map(({ body }) => body)
    expect(bodies).toMatchObject([
      { name: 'body-weight', unit: 'kg', status: 'valid' },
      { name: 'peak-flow', value: 360, unit: 'L/min', status: 'valid' },
      { name: 'dyspnoea', value: 4, unit: '{score}', status: 'valid', author: 'patient' },
    ])
    expect(bodies[0]!.value).toBeCloseTo(79.832, 3)
  })

  it('mark a symptom that nobody signed', () => {
    expect(monitor(read({ n: 'cough', u: '{score}', v: 2 }))[0]!.body).toMatchObject({ status: 'questionable' })
  })

  it('doubt a mean pressure out of place, and say why', () => {
    const pressure = (n: string, v: number): RawRecord => ({ n, u: 'mm[Hg]', v })
    const events = monitor(read(pressure('nibp-systolic', 140), pressure('nibp-mean', 125), pressure('nibp-diastolic', 80)))
    for (const { body } of events) expect(body).toMatchObject({ status: 'questionable', reason: 'mean-out-of-place' })
    expect(events).toHaveLength(3)
  })

  it('doubt a jump of weight across a restart of the engine', () => {
    const weight = (v: number) => read({ n: 'body-weight', u: 'kg', v })
    expect(monitor(weight(80), weight(90)).map(({ body }) => [body.value, body.status, body.reason])).toEqual([
      [80, 'valid', undefined],
      [90, 'questionable', 'weight-jump'],
    ])
  })
})
