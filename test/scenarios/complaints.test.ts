import { beforeAll, describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord } from '../../src/journal/record.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodePack } from '../../src/wire/pack.js'
import { type KeptSink, recordsOf, runRecords } from '../support/partition-run.js'

/**
 * What users of other monitoring systems complain about most, each with a test of its name. Those that need a network or a
 * process that is killed are elsewhere: the feed that catches up in test/server/feed.test.ts, messages that were acknowledged
 * and vanished in test/engine/engine-kill.test.ts.
 */
const device = 'complaint-1'

function adopt(): JournalRecord {
  return { type: 'adopt', device, patient: 'p-1', from: 0, author: 'test', reason: 'test', state: null, at: 0 }
}

/** One value a second from a device without waveforms. */
function numbers(
  name: 'spo2' | 'respiratory-rate',
  values: readonly number[],
  clock: 'recorded' | 'monotonic' = 'recorded',
): JournalRecord[] {
  const birth = encodeBirth({ boot: 1, model: 'oximeter', firmware: '1', clock, streams: [], numerics: { t0: 0, every: 1 } })
  const packs = values.map((value, second): JournalRecord => {
    const t = second * 1e6
    const samples = [{ name, value, t, status: 'valid' as const }]
    const payload = encodePack({ boot: 1, seq: second, clock: t, samples, last: clock === 'recorded' && second === values.length - 1 })
    return { type: 'message', device, topic: 'n', stream: '', payload, at: t }
  })
  return [adopt(), { type: 'message', device, topic: 'birth', stream: '', payload: birth, at: 0 }, ...packs]
}

function saturations(values: readonly number[], clock: 'recorded' | 'monotonic' = 'recorded'): JournalRecord[] {
  return numbers('spo2', values, clock)
}

/** Wall time passes and nothing comes. */
function silent(at: number): JournalRecord {
  return { type: 'tick', device, boot: 1, stream: 'n', at }
}

function transitions(sink: KeptSink, condition: string): LoggedEvent[] {
  return sink.events.filter(event => event.type === 'condition' && event.body.condition === condition && event.body.cause === 'phase')
}

function onsets(sink: KeptSink, condition: string): number {
  return transitions(sink, condition).filter(event => event.body.to === 'active' && event.body.from !== 'clearing').length
}

describe('what users of other systems complain about', () => {
  let records: JournalRecord[]

  beforeAll(async () => {
    records = await recordsOf(simulatePatients({ patients: 1, scenario: 'asystole', seed: 11, durationSeconds: 60 })[0]!.played)
  })

  it('alert state lost on restart: an alert that is active stays so, and is not raised again', () => {
    const { sink } = runRecords(records)
    const onset = transitions(sink, 'asystole').find(event => event.body.to === 'active')!
    const at = Number(onset.id.split('-')[1])
    const restarted = runRecords(records, defaultOptions, new Set([at + 1, at + 2, at + 5])).sink
    expect(transitions(restarted, 'asystole')).toEqual(transitions(sink, 'asystole'))
    expect(onsets(restarted, 'asystole')).toBe(1)
  })

  it('duplicates milliseconds apart: a condition has one alert at a time', () => {
    const { sink } = runRecords(records)
    const open = new Set<string>()
    for (const event of sink.events) {
      if (event.type !== 'condition' || event.body.cause !== 'phase') continue
      const key = `${String(event.body.condition)} ${event.stream}`
      if (event.body.from === 'absent') {
        expect(open.has(key), key).toBe(false)
        open.add(key)
      }
      if (event.body.to === 'absent') open.delete(key)
    }
    expect(onsets(sink, 'asystole')).toBe(1)
  })

  it('data that stopped without an alarm: a live device that falls silent raises one', () => {
    const tick = silent(14e6)
    const { sink } = runRecords([...saturations(Array(10).fill(97), 'monotonic'), tick])
    expect(onsets(sink, 'no-data')).toBe(1)
    const back = saturations(Array(20).fill(97), 'monotonic').slice(12)
    const after = runRecords([...saturations(Array(10).fill(97), 'monotonic'), tick, ...back]).sink
    expect(transitions(after, 'no-data').at(-1)?.body.to).toBe('absent')
  })

  it('flapping: a value that moves about its limit for minutes makes one alert', () => {
    const values = [...Array(20).fill(97), ...Array.from({ length: 300 }, (_, k) => (k % 2 === 0 ? 89 : 91)), ...Array(60).fill(97)]
    const { sink } = runRecords(saturations(values as number[]))
    expect(transitions(sink, 'spo2-low').map(event => event.body.to)).toEqual(['pending', 'active', 'clearing', 'absent'])
  })

  it('alarms on a moment: a dip shorter than the delay raises nothing', () => {
    const { sink } = runRecords(saturations([...Array(20).fill(97), ...Array(8).fill(88), ...Array(30).fill(97)] as number[]))
    expect(onsets(sink, 'spo2-low')).toBe(0)
  })

  it('gaps closed silently: samples that are missing are said, and no interval spans them', async () => {
    const gapless = await recordsOf(simulatePatients({ patients: 1, scenario: 'stable', seed: 11, durationSeconds: 40 })[0]!.played)
    // Six seconds of every stream never come, and the device says that it cannot send them again.
    const lost = (record: JournalRecord) => record.type === 'message' && record.topic === 'w' && record.at > 15e6 && record.at <= 21e6
    const { sink } = runRecords(gapless.filter(record => !lost(record)))
    const whole = runRecords(gapless).sink
    const beats = (kept: KeptSink) => kept.events.filter(event => event.type === 'beat')
    expect(beats(sink).length).toBeLessThan(beats(whole).length)
    // Nothing was given up yet (a recorded source may still answer), so nothing of what follows was measured either.
    expect(Math.max(...beats(sink).map(event => event.t))).toBeLessThanOrEqual(15e6)
  })

  it('unknown taken for normal: a value that is no longer fresh neither keeps nor clears an alert silently', () => {
    const values = [...Array(20).fill(97), ...Array(40).fill(80)] as number[]
    const tick = silent(64e6)
    const { sink } = runRecords([...saturations(values, 'monotonic'), tick])
    expect(transitions(sink, 'desaturation').at(-1)?.body.to).toBe('active')
    const last = sink.events.filter(event => event.type === 'condition' && event.body.condition === 'desaturation').at(-1)
    expect(last?.body).toMatchObject({ cause: 'measurable', measurable: false })
    expect(onsets(sink, 'no-data')).toBe(1)
  })

  it('alerts that never end: a partial score lets go of what raised it once that is back, whatever nobody measures', () => {
    const rates = [...Array(60).fill(30), ...Array(120).fill(16)] as number[]
    const { sink } = runRecords(numbers('respiratory-rate', rates))
    expect(transitions(sink, 'news2-single-3').map(event => event.body.to)).toEqual(['pending', 'active', 'clearing', 'absent'])
    const evidence = transitions(sink, 'news2-single-3')[1]!.body.evidence
    expect(evidence).toMatchObject({ to: { stream: 'n' } })
  })

  it('alerts that end because a sensor was taken off: a partial score that knows less keeps what raised it', () => {
    const { sink } = runRecords([...numbers('respiratory-rate', Array(60).fill(30) as number[], 'monotonic'), silent(70e6)])
    expect(transitions(sink, 'news2-single-3').at(-1)?.body.to).toBe('active')
  })

  it('an engine that hangs: a clock that jumps by years is passed in a moment', () => {
    const year = 365 * 86_400e6
    const jumped = numbers('respiratory-rate', Array(40).fill(16) as number[], 'monotonic').map((record, k): JournalRecord => {
      if (k < 20 || record.type !== 'message') return record
      const t = (k - 2) * 1e6 + 30 * year
      const samples = [{ name: 'respiratory-rate' as const, value: 16, t, status: 'valid' as const }]
      return { ...record, payload: encodePack({ boot: 1, seq: k - 2, clock: t, samples }) }
    })
    const { sink } = runRecords(jumped)
    expect(sink.events.filter(event => event.type === 'measurement')).toHaveLength(40)
    expect(sink.events.filter(event => event.type === 'score').length).toBeLessThan(10)
  })

  it('replay that is not deterministic: two runs of the same journal say the same, byte for byte', () => {
    expect(JSON.stringify(runRecords(records).sink.events)).toBe(JSON.stringify(runRecords(records).sink.events))
  })
})
