import { describe, expect, it } from 'vitest'
import { Partition } from '../../src/engine/partition.js'
import type { CorrectionKind, CorrectionStep } from '../../src/quality/correction.js'
import { addReports } from '../../src/quality/quality-report.js'
import { plausibleUnit } from '../../src/quality/unit-mislabel.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'
import { closedSession, KeptSink } from '../support/partition-run.js'
import { syntheticEcg } from '../support/synthetic-ecg.js'
import { birthOf } from '../wire/sample-device.js'
import { QualityBench } from './quality-bench.js'

const ecg = syntheticEcg({ fs: 250, seconds: 30 })

/** A recorded device that sends an ECG, upright or inverted. */
function playEcg(bench: QualityBench, sign: 1 | -1): void {
  for (let seq = 0; seq < 30; seq++) {
    const samples = Array.from(ecg.subarray(seq * 250, seq * 250 + 250), value => sign * Math.round(value * 200) + 0)
    const flags = seq === 29 ? 8 : 0
    bench.at = (seq + 1) * 1e6
    bench.message('w', encodeChunk({ codec: 1, flags, boot: 7, seq, index: seq * 250, t0: seq * 1e6, n: 250 }, [samples], [16]))
  }
}

const recordedEcg = () => {
  const { numerics: _, ...birth } = birthOf({ clock: 'recorded' })
  return birth
}

function correct(bench: QualityBench, what: CorrectionKind): string {
  const events = bench.put({ type: 'correct', device: 'device', change: { make: what }, author: 'ana', reason: 'seen', at: bench.at })
  return String(events.find(event => event.type === 'correction')?.body.id ?? '')
}

const undo = (bench: QualityBench, id: string) =>
  bench.put({ type: 'correct', device: 'device', change: { undo: id }, author: 'ben', reason: 'was right', at: bench.at })

const steps = (bench: QualityBench): CorrectionStep[] =>
  bench.sink.events.filter(event => event.type === 'correction').map(event => event.body as unknown as CorrectionStep)

describe('a unit that is labelled wrong', () => {
  it.each([
    ['temperature', 98.6, 'Cel', 'degF'],
    ['temperature', 310.15, 'Cel', 'K'],
    ['temperature', 36.5, 'degF', 'Cel'],
    ['glucose', 5.5, 'mg/dL', 'mmol/L'],
    ['glucose', 120, 'mmol/L', 'mg/dL'],
    ['spo2', 0.97, '%', '1'],
    ['spo2', 97, '1', '%'],
    // Possible as labelled, plausible in none, or a sign whose units cannot be told apart by the number.
    ['temperature', 45, 'Cel', null],
    ['temperature', 70, 'Cel', null],
    ['temperature', 999, 'Cel', null],
    ['spo2', 1, '%', null],
    ['spo2', 0, '%', null],
    ['glucose', 15, 'mg/dL', null],
    ['nibp-systolic', 16, 'mm[Hg]', null],
    ['body-weight', 1500, 'kg', null],
  ] as const)('%s of %d %s is meant in %s', (name, value, label, expected) => {
    expect(plausibleUnit(name, value, label)).toBe(expected)
  })

  it('is found after three numbers, and from then on corrected, flagged, with method, version, author and reason', () => {
    const bench = new QualityBench()
    for (let k = 1; k <= 6; k++) bench.values(k, { temperature: 98.6 })
    expect(steps(bench)).toMatchObject([
      {
        state: 'made',
        what: { kind: 'unit', name: 'temperature', from: 'Cel', to: 'degF' },
        method: 'unit-mislabel',
        version: '1',
        author: 'engine',
        at: 3e6,
      },
    ])
    expect(steps(bench)[0]?.reason).toContain('impossible as labelled')
    const corrected = bench.measurements('temperature')
    expect(corrected).toHaveLength(3)
    for (const { body, note } of corrected) {
      expect(body.value).toBeCloseTo(37, 9)
      expect(body).toMatchObject({ status: 'questionable', reason: 'corrected', unit: 'Cel' })
      expect(note).toMatchObject({ correction: [steps(bench)[0]!.id], old: 98.6 })
    }
  })

  it('is not found in a device that has sent numbers which count: what is impossible there is a fault', () => {
    const bench = new QualityBench()
    bench.values(1, { temperature: 36.8 })
    for (let k = 2; k <= 8; k++) bench.values(k, { temperature: 98.6 })
    expect(steps(bench)).toEqual([])
    expect(bench.measurements('temperature')).toHaveLength(1)
  })

  it('is taken back by a person, and the rule does not insist', () => {
    const bench = new QualityBench()
    for (let k = 1; k <= 4; k++) bench.values(k, { temperature: 98.6 })
    undo(bench, steps(bench)[0]!.id)
    for (let k = 5; k <= 12; k++) bench.values(k, { temperature: 98.6 })
    expect(steps(bench).map(({ state, author }) => [state, author])).toEqual([
      ['made', 'engine'],
      ['undone', 'ben'],
    ])
    expect(bench.measurements('temperature')).toHaveLength(1)
    undo(bench, steps(bench)[0]!.id)
    expect(steps(bench)).toHaveLength(2)
  })

  it('is corrected by a person too, once for each label', () => {
    const bench = new QualityBench()
    const what = { kind: 'unit', name: 'nibp-systolic', from: 'mm[Hg]', to: 'kPa' } as const
    expect(correct(bench, what)).not.toBe('')
    expect(correct(bench, what)).toBe('')
    bench.values(1, { 'nibp-systolic': 16 })
    bench.values(2, {})
    expect(bench.measurements('nibp-systolic')[0]?.body.value).toBeCloseTo(120.0, 1)
    expect(steps(bench)[0]).toMatchObject({ method: 'manual', author: 'ana', reason: 'seen' })
  })

  it('the sums of the log explain the difference between raw and clean, value by value and together', () => {
    const bench = new QualityBench()
    for (let k = 1; k <= 40; k++) bench.values(k, { temperature: 97 + k / 10, glucose: 5 + k / 20, spo2: 96 })
    bench.release()
    const [first, ...rest] = bench.reports()
    const { corrected } = addReports(first!, ...rest)
    expect(Object.keys(corrected)).toHaveLength(2)
    for (const { id, what } of steps(bench)) {
      const name = what.kind === 'unit' ? what.name : ''
      const events = bench.measurements(name)
      const clean = events.reduce((sum, { body }) => sum + Number(body.value), 0)
      const raw = events.reduce((sum, { note }) => sum + Number(note.old), 0)
      expect(corrected[id]?.count).toBe(events.length)
      expect(events).toHaveLength(37)
      expect(corrected[id]?.delta).toBeCloseTo(clean - raw, 6)
    }
  })
})

describe('an inverted lead', () => {
  it('comes out as if it had been upright, to the event hash; raw bytes stay; every event of it names the correction', () => {
    const upright = new QualityBench(recordedEcg())
    playEcg(upright, 1)
    const inverted = new QualityBench(recordedEcg())
    playEcg(inverted, -1)
    const corrected = new QualityBench(recordedEcg())
    const id = correct(corrected, { kind: 'invert', stream: 'ecg', channel: 'II' })
    playEcg(corrected, -1)
    expect(closedSession(inverted.sink).eventHash).not.toBe(closedSession(upright.sink).eventHash)
    expect(closedSession(corrected.sink)).toEqual(closedSession(upright.sink))
    const payloads = (bench: QualityBench) =>
      bench.records.flatMap(record => (record.type === 'message' ? [Buffer.from(record.payload).toString('hex')] : []))
    expect(payloads(corrected)).toEqual(payloads(inverted))
    const beats = corrected.sink.events.filter(event => event.type === 'beat')
    expect(beats.length).toBeGreaterThan(20)
    for (const { note } of beats) expect(note.correction).toEqual([id])
    const [report] = corrected.reports()
    const raw = ecg.reduce((sum, value) => sum - Math.round(value * 200) / 200, 0)
    expect(report?.corrected[id]?.count).toBe(7500)
    expect(report?.corrected[id]?.delta).toBeCloseTo(-2 * raw, 6)
  })

  it('is as it came again once the correction is taken back', () => {
    const bench = new QualityBench(recordedEcg())
    undo(bench, correct(bench, { kind: 'invert', stream: 'ecg', channel: 'II' }))
    playEcg(bench, -1)
    const inverted = new QualityBench(recordedEcg())
    playEcg(inverted, -1)
    expect(closedSession(bench.sink)).toEqual(closedSession(inverted.sink))
  })
})

describe('a clock whose offset is known', () => {
  it('moves all times of the device from its next boot on, and nothing else', () => {
    const plain = new QualityBench(recordedEcg())
    playEcg(plain, 1)
    const moved = new QualityBench({ ...recordedEcg(), boot: 3 })
    correct(moved, { kind: 'clock', offsetMicros: 90e6 })
    moved.message('birth', encodeBirth(recordedEcg()))
    playEcg(moved, 1)
    const times = (bench: QualityBench) => bench.sink.events.filter(event => event.type === 'beat').map(event => event.t)
    expect(times(moved)).toEqual(times(plain).map(t => t + 90e6))
    expect(times(plain).length).toBeGreaterThan(20)
  })
})

describe('corrections and the journal', () => {
  it('a re-run of the records says the same events with the same ids', () => {
    const bench = new QualityBench({ ...birthOf(), clock: 'recorded' })
    correct(bench, { kind: 'invert', stream: 'ecg', channel: 'II' })
    for (let k = 1; k <= 6; k++) bench.values(k, { temperature: 98.6 })
    playEcg(bench, -1)
    undo(bench, steps(bench)[1]!.id)
    bench.values(40, { temperature: 98.6 })
    const again = new KeptSink()
    const partition = new Partition(3)
    for (const [offset, record] of bench.records.entries()) partition.process(structuredClone(record), offset, again)
    expect(again.events).toEqual(bench.sink.events)
  })

  it('go with a device to the patient that it is given to', () => {
    const bench = new QualityBench()
    for (let k = 1; k <= 4; k++) bench.values(k, { temperature: 98.6 })
    const state = structuredClone(bench.partition.handOver('device'))
    const sink = new KeptSink()
    const next = new Partition(4)
    next.process({ type: 'adopt', device: 'device', patient: 'p-2', from: 0, author: 'a', reason: 'r', state, at: 5e6 }, 0, sink)
    const pack = new QualityBench()
    for (let k = 1; k <= 5; k++) pack.values(k, { temperature: 98.6 })
    next.process(pack.records.at(-1)!, 1, sink)
    expect(sink.events.find(event => event.type === 'measurement')?.body.value).toBeCloseTo(37, 9)
    // What the receiver had counted before it came is not counted again.
    next.process({ type: 'release', device: 'device', author: 'a', reason: 'r', at: 6e6 }, 2, sink)
    expect(sink.events.find(event => event.type === 'quality-report')?.body.messages).toMatchObject({ received: 1 })
  })
})
