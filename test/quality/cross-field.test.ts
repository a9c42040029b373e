import { describe, expect, it } from 'vitest'
import { CrossFieldCheck, type CrossFieldIssue } from '../../src/vitals/cross-field.js'
import { PulseCrossCheck } from '../../src/vitals/pulse-cross-check.js'
import type { VitalReading } from '../../src/vitals/vital-reading.js'
import { encodeDeviceEvent } from '../../src/wire/device-event.js'
import { encodeSenml } from '../../src/wire/senml.js'
import { birthOf, chunkOf } from '../wire/sample-device.js'
import { QualityBench } from './quality-bench.js'

function reading(name: VitalReading['name'], value: number, second: number, kind: 'ecg' | 'ppg' | 'acceleration'): VitalReading {
  const source = { device: 'watch', stream: kind, kind, algorithm: 'test' }
  return { name, value, t: second * 1e6, source, quality: 1, status: 'valid' }
}

const refusedReasons = (bench: QualityBench): unknown[] =>
  bench.sink.events.filter(event => event.type === 'refused').map(event => [event.body.reason, event.body.name])

describe('cross-field rules', () => {
  it('systolic is above diastolic: the other way round neither counts; equal ones are flagged', () => {
    const bench = new QualityBench()
    bench.values(1, { 'nibp-systolic': 80, 'nibp-diastolic': 120 })
    bench.values(2, { 'nibp-systolic': 90, 'nibp-diastolic': 90 })
    bench.values(3, { 'nibp-systolic': 120, 'nibp-diastolic': 80 })
    bench.values(4, {})
    expect(refusedReasons(bench)).toEqual([
      ['pressure-order', 'nibp-systolic'],
      ['pressure-order', 'nibp-diastolic'],
    ])
    expect(bench.measurements('nibp-systolic').map(({ body }) => [body.value, body.status])).toEqual([
      [90, 'questionable'],
      [120, 'valid'],
    ])
    expect(bench.issues()[0]).toMatchObject({ rule: 'pressure-order', effect: 'refused', state: 'open' })
  })

  it('an end is not before its start: a device event over samples the other way round is refused', () => {
    const bench = new QualityBench()
    const event = { t: 1_000_000, event: 'resend-failed' as const, on: true, stream: 'ecg' }
    const said = (from: number, to: number): unknown[] => {
      bench.message('e', encodeDeviceEvent({ boot: 7, seq: bench.records.length, from, to, event }))
      return bench.sink.events.filter(({ type }) => type === 'refused').map(({ body }) => body.reason)
    }
    expect(said(3, 3)).toEqual([])
    expect(said(5, 2)).toEqual(['event-shape'])
    bench.release()
    expect(bench.reports()[0]?.rules).toEqual({ 'refused/event-shape': 1 })
  })

  it('a sequence runs on: an index below what was released is refused and counted', () => {
    const bench = new QualityBench()
    for (let seq = 0; seq < 3; seq++) bench.chunk(seq)
    bench.chunk(3, { index: 250 })
    expect(bench.sink.events.filter(({ type }) => type === 'refused').map(({ body }) => body.reason)).toEqual(['index-backwards'])
    bench.release()
    expect(bench.reports()[0]?.rules).toEqual({ 'refused/index-backwards': 1 })
  })

  it('heart rate of the ECG is about the pulse rate of the light: said once when it is not for 10 s, and once when it is again', () => {
    const check = new PulseCrossCheck()
    const fields = new CrossFieldCheck()
    const said: (CrossFieldIssue | null)[] = []
    const both = (heart: number, pulse: number, second: number): void => {
      for (const one of [reading('heart-rate', heart, second, 'ecg'), reading('pulse-rate', pulse, second, 'ppg')]) {
        check.take(one)
        said.push(fields.takeRates(check, one.t))
        fields.load(structuredClone(fields.save()))
      }
    }
    for (let second = 0; second < 20; second++) both(80, 130, second)
    for (let second = 20; second < 25; second++) both(80, 82, second)
    expect(said.filter(issue => issue !== null)).toEqual([
      { rule: 'rates-disagree', on: true, since: 0, values: { 'heart-rate': 80, 'pulse-rate': 130 }, device: null },
      { rule: 'rates-disagree', on: false, since: 0, values: {}, device: null },
    ])
  })

  it('a device that is not worn counts no steps: said once for each time that it lies there', () => {
    const fields = new CrossFieldCheck()
    const steps = (value: number, second: number) => fields.takeReading(reading('steps', value, second, 'acceleration'))
    expect([steps(10, 1), steps(15, 2)]).toEqual([null, null])
    expect(fields.takeWear('watch', false, 3e6)).toBeNull()
    fields.load(structuredClone(fields.save()))
    expect(steps(15, 4)).toBeNull()
    expect(steps(16, 5)).toEqual({
      rule: 'steps-not-worn',
      on: true,
      since: 3e6,
      values: { before: 15, steps: 16 },
      device: 'watch',
    })
    expect(steps(20, 6)).toBeNull()
    expect(fields.takeWear('other', true, 7e6)).toBeNull()
    expect(fields.takeWear('watch', true, 8e6)).toMatchObject({ rule: 'steps-not-worn', on: false, since: 3e6 })
    expect(steps(40, 9)).toBeNull()
  })

  it('a value is not of the future: a number behind now is refused, and opens an issue', () => {
    const epoch = 1_700_000_000_000_000
    const bench = new QualityBench({ clock: 'utc', epoch }, 'device', epoch + 10e6)
    const at = (seconds: number) => ({ n: 'heart-rate', u: '/min', v: 70, t: epoch / 1e6 + seconds })
    const records = [{ n: 'pack', vs: '7:0' }, { n: 'device-clock', u: 's', v: 10 }, at(9), at(11.9), at(13)]
    bench.message('n', encodeSenml(records, 'cbor'))
    expect(refusedReasons(bench)).toEqual([['time-future', 'heart-rate']])
    expect(bench.issues()).toMatchObject([{ rule: 'time-future', state: 'open', count: 1 }])
  })

  it('samples are not of the future: a UTC clock that is more than 2 s ahead opens one issue, and the samples count', () => {
    const epoch = 1_700_000_000_000_000
    const bench = new QualityBench({ ...birthOf(), clock: 'utc', epoch }, 'device', epoch + 1e6)
    const chunk = (seq: number, received: number): void => {
      bench.at = epoch + received
      bench.message('w', chunkOf(seq))
    }
    chunk(0, 1e6)
    chunk(1, 1.5e6)
    expect(bench.issues()).toEqual([])
    for (let seq = 2; seq < 12; seq++) chunk(seq, 1.6e6)
    expect(bench.issues()).toMatchObject([{ rule: 'sample-time-future', effect: 'told', evidence: { stream: 'ecg' } }])
    bench.release()
    expect(bench.reports()[0]?.rules['told/sample-time-future']).toBe(8)
    expect(bench.reports()[0]?.samples.stored).toBe(12 * 250)
  })

  it('a counter does not go down within a boot', () => {
    const bench = new QualityBench()
    bench.values(1, { steps: 100 })
    bench.values(2, { steps: 90 })
    expect(refusedReasons(bench)).toEqual([['counter-backwards', 'steps']])
    expect(bench.issues()).toMatchObject([{ rule: 'counter-backwards' }])
  })
})
