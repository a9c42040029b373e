import { describe, expect, it } from 'vitest'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { unknownPatient } from '../../src/signal/patient.js'
import type { Birth } from '../../src/wire/birth.js'
import { decodePack, encodePack, readPack } from '../../src/wire/pack.js'
import { encodeSenml, type RawRecord } from '../../src/wire/senml.js'

const day = 86_400e6
const ref = { device: 'home', boot: 7 }

/** The values of a pack as a device sends it. */
function read(...records: readonly RawRecord[]): readonly NumericSample[] {
  const bytes = encodeSenml([{ n: 'pack', vs: '7:0' }, { n: 'device-clock', u: 's', v: 60 }, ...records])
  const pack = decodePack(bytes)
  if ('reason' in pack) throw new Error(pack.reason)
  const values = readPack(pack.ok, { birth: { clock: 'free', streams: [] } as unknown as Birth, at: 0, notBefore: null, counters: {} })
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

  it('hold pressures of one moment against each other however the device cut its packs', () => {
    const at = (t: number, systolic: number, mean: number, diastolic: number): NumericSample[] => [
      { name: 'nibp-systolic', value: systolic, t, status: 'valid' },
      { name: 'heart-rate', value: 70, t, status: 'valid' },
      { name: 'nibp-mean', value: mean, t, status: 'valid' },
      { name: 'nibp-diastolic', value: diastolic, t, status: 'valid' },
    ]
    const values = [...at(1e6, 140, 125, 80), ...at(2e6, 120, 93, 80), ...at(3e6, 80, 93, 120), ...at(4e6, 90, 84, 81)]
    const whole = cutInto(values, [4, 8, 12])
    expect(whole.refused).toEqual(Array(3).fill('pressure-order'))
    expect(whole.events.map(({ body }) => body.reason)).toEqual([
      ...[undefined, ...Array(3).fill('mean-out-of-place')],
      ...Array(5).fill(undefined),
      ...[undefined, ...Array(3).fill('narrow-pulse-pressure')],
    ])
    for (const cuts of [[1, 2, 3, 5, 6, 9, 10, 11, 13], [2, 6, 10, 14], [3, 7, 11, 15], []]) {
      expect(cutInto(values, cuts)).toEqual(whole)
    }
  })

  it('keep where the cuff sat and how it measured, through the wire and back', () => {
    const samples: NumericSample[] = [
      { name: 'nibp-systolic', value: 120, t: 1e6, status: 'valid', cuffSite: 'wrist', cuffMethod: 'oscillometric' },
      { name: 'temperature', value: 37, t: 1e6, status: 'valid' },
      { name: 'nibp-diastolic', value: 80, t: 1e6, status: 'valid', cuffSite: 'wrist', cuffMethod: 'oscillometric' },
      { name: 'nibp-systolic', value: 122, t: 2e6, status: 'valid', cuffSite: 'upper-arm' },
      { name: 'nibp-systolic', value: 124, t: 3e6, status: 'valid' },
    ]
    const { events } = cutInto(samples, [])
    const of = ({ body }: PatientEvent) => [body.name, body.cuffSite, body.cuffMethod]
    expect(events.map(of)).toEqual([
      ['temperature', undefined, undefined],
      ['nibp-systolic', 'wrist', 'oscillometric'],
      ['nibp-diastolic', 'wrist', 'oscillometric'],
      ['nibp-systolic', 'upper-arm', undefined],
      ['nibp-systolic', undefined, undefined],
    ])
    const pressure = { n: 'nibp-mean', u: 'mm[Hg]', v: 90 }
    const word = decodePack(
      encodeSenml([{ n: 'pack', vs: '7:0' }, { n: 'device-clock', u: 's', v: 60 }, { n: 'cuff-site', vs: 'nose' }, pressure]),
    )
    if ('reason' in word) throw new Error(word.reason)
    const values = readPack(word.ok, { birth: { clock: 'free', streams: [] } as unknown as Birth, at: 0, notBefore: null, counters: {} })
    expect(values).toMatchObject({ ok: { samples: [{ value: 90 }], refused: [{ name: 'cuff-site', reason: 'wrong-value' }] } })
  })

  it('do not hold the cuffs of two sites against each other (upper arm and the ankle of an occluded leg)', () => {
    const samples: NumericSample[] = [
      { name: 'nibp-systolic', value: 140, t: 1e6, status: 'valid', cuffSite: 'upper-arm' },
      { name: 'nibp-diastolic', value: 85, t: 1e6, status: 'valid', cuffSite: 'upper-arm' },
      { name: 'nibp-systolic', value: 75, t: 1e6, status: 'valid', cuffSite: 'ankle' },
    ]
    for (const cuts of [[], [2], [1, 2]]) {
      const { events, refused } = cutInto(samples, cuts)
      expect(refused).toEqual([])
      expect(events.map(({ body }) => body.value)).toEqual([140, 85, 75])
      expect(events.slice(0, 2).map(({ body }) => body.status)).toEqual(['valid', 'valid'])
      expect(events[2]!.body.reason).not.toBe('pressure-order')
    }
  })

  it('say a pressure that came alone once its moment is over, or its device is silent', () => {
    const events: PatientEvent[] = []
    const one = new PatientMonitor({ attributes: unknownPatient, limits: {} }, event => void events.push(event))
    one.open(ref, [], { deviceTime: 0, patientTime: 0 })
    const said = () => events.filter(({ body }) => body.name === 'nibp-systolic').length
    const send = (t: number) => one.numerics(ref, [{ name: 'nibp-systolic', value: 120, t, status: 'valid' }], t)
    send(1e6)
    expect(said()).toBe(0)
    one.numericsUpTo(ref, 1e6 + 1, 1e6 + 1)
    expect(said()).toBe(1)
    send(2e6)
    one.silence(ref, 'n')
    expect(said()).toBe(2)
  })
})

/** Values through the wire and the monitor, a pack ending before each of `cuts`, the monitor saved and loaded in between. */
function cutInto(values: readonly NumericSample[], cuts: readonly number[]): { events: PatientEvent[]; refused: string[] } {
  const events: PatientEvent[] = []
  const refused: string[] = []
  const create = () =>
    new PatientMonitor(
      { attributes: unknownPatient, limits: {} },
      event => void events.push(event),
      () => {},
      ({ reason }) => void refused.push(reason),
    )
  let one = create()
  one.open(ref, [], { deviceTime: 0, patientTime: 0 })
  const bounds = [0, ...cuts, values.length]
  for (let k = 1; k < bounds.length; k += 1) {
    const samples = values.slice(bounds[k - 1], bounds[k])
    const pack = decodePack(encodePack({ boot: 7, seq: k, clock: samples.at(-1)!.t, samples }))
    if ('reason' in pack) throw new Error(pack.reason)
    const read = readPack(pack.ok, { birth: { clock: 'free', streams: [] } as unknown as Birth, at: 0, notBefore: null, counters: {} })
    if ('reason' in read) throw new Error(read.reason)
    for (const { reason } of read.ok.refused) refused.push(reason)
    const pressures = read.ok.refused.flatMap(({ t }) => t ?? [])
    one.numerics(ref, read.ok.samples, read.ok.t, pressures)
    const saved = structuredClone(one.save())
    one = create()
    one.load(saved)
  }
  one.close(ref, 'n')
  return { events: events.filter(({ type }) => type === 'measurement'), refused }
}
