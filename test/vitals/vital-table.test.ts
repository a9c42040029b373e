import { describe, expect, it } from 'vitest'
import type { VitalName } from '../../src/signal/catalogue.js'
import { checkValue } from '../../src/vitals/reading-check.js'
import { sourceRank } from '../../src/vitals/source-priority.js'
import type { SourceKind, VitalReading } from '../../src/vitals/vital-reading.js'
import { VitalTable } from '../../src/vitals/vital-table.js'

const second = 1e6

function reading(
  name: VitalName,
  kind: SourceKind,
  value: VitalReading['value'],
  atSeconds: number,
  more: Partial<VitalReading> & { stream?: string } = {},
): VitalReading {
  const { stream = kind === 'numeric' ? 'n' : kind, ...rest } = more
  return { name, value, t: atSeconds * second, quality: 1, status: 'valid', source: { stream, kind, algorithm: `${kind}-test` }, ...rest }
}

describe('choosing among sources', () => {
  it('takes the own ECG measurement before a device number, and a device number before a pulse', () => {
    const table = new VitalTable()
    for (let s = 0; s <= 20; s++) {
      table.take(reading('heart-rate', 'ppg', 60, s))
      table.take(reading('heart-rate', 'numeric', 61, s))
      table.take(reading('heart-rate', 'ecg', 62, s))
    }
    expect(table.current('heart-rate', 20 * second)).toMatchObject({ value: 62, source: { kind: 'ecg' } })
  })

  it('ranks respiratory rate from the PPG below impedance and impedance below a device number', () => {
    const ranks = (['numeric', 'respiration', 'ecg', 'ppg'] as const).map(kind => sourceRank('respiratory-rate', kind))
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    expect(new Set(ranks).size).toBe(4)
  })

  it('leaves a source that cannot measure at once, and comes back only after it has been usable for 10 s', () => {
    const table = new VitalTable()
    const shown: (string | undefined)[] = []
    for (let s = 0; s < 30; s++) {
      table.take(reading('heart-rate', 'ecg', s >= 5 && s < 8 ? null : 62, s))
      table.take(reading('heart-rate', 'numeric', 61, s))
      shown.push(table.current('heart-rate', s * second).source?.kind)
    }
    expect(shown.slice(0, 5)).toEqual(Array(5).fill('ecg'))
    expect(shown.slice(5, 18)).toEqual(Array(13).fill('numeric'))
    expect(shown.slice(18)).toEqual(Array(12).fill('ecg'))
  })

  it('shows no respiratory rate of lesser sources while a better one says apnoea, and their rate again when it can say nothing', () => {
    const table = new VitalTable()
    const shown: (string | null)[] = []
    for (let s = 0; s < 50; s++) {
      const reason = s < 20 ? 'no-breath' : s < 35 ? 'apnea' : 'lead-off'
      table.take(
        s < 10 ? reading('respiratory-rate', 'respiration', 15, s) : reading('respiratory-rate', 'respiration', null, s, { reason }),
      )
      table.take(reading('respiratory-rate', 'ecg', 14, s))
      const { value, source, reason: why } = table.current('respiratory-rate', s * second)
      shown.push(value === null ? why : `${value} ${source?.kind}`)
    }
    expect(shown.slice(0, 10)).toEqual(Array(10).fill('15 respiration'))
    expect(shown.slice(10, 20)).toEqual(Array(10).fill('14 ecg'))
    expect(shown.slice(20, 35)).toEqual(Array(15).fill('apnea'))
    expect(shown.slice(35)).toEqual(Array(15).fill('14 ecg'))
  })

  it('lets an apnoea of a lesser source not hide a device number', () => {
    const table = new VitalTable()
    table.take(reading('respiratory-rate', 'numeric', 12, 0))
    table.take(reading('respiratory-rate', 'respiration', null, 0, { reason: 'apnea' }))
    expect(table.current('respiratory-rate', second)).toMatchObject({ value: 12, source: { kind: 'numeric' } })
  })

  it('is not moved by small differences of quality between sources of one rank', () => {
    const table = new VitalTable()
    for (let s = 0; s < 30; s++) {
      table.take(reading('spo2', 'ppg', 97, s, { stream: 'a', quality: 0.7 }))
      table.take(reading('spo2', 'ppg', 93, s, { stream: 'b', quality: s < 15 ? 0.85 : 0.95 }))
    }
    expect(table.current('spo2', 14 * second).source?.stream).toBe('b')
    const first = new VitalTable()
    first.take(reading('spo2', 'ppg', 97, 0, { stream: 'a', quality: 0.7 }))
    for (let s = 1; s < 30; s++) {
      first.take(reading('spo2', 'ppg', 93, s, { stream: 'b', quality: 0.85 }))
      first.take(reading('spo2', 'ppg', 97, s, { stream: 'a', quality: 0.7 }))
      expect(first.current('spo2', s * second).source?.stream).toBe('a')
    }
  })

  it('does not depend on how often someone looks', () => {
    const looked = new VitalTable()
    const unseen = new VitalTable()
    for (let s = 0; s < 40; s++) {
      const next = reading('heart-rate', s % 3 === 0 ? 'ecg' : 'numeric', s % 7 === 0 ? null : 60 + s, s)
      looked.take(next)
      for (let i = 0; i < 5; i++) looked.current('heart-rate', s * second + i * 1e5)
      unseen.take(next)
    }
    expect(looked.save()).toEqual(unseen.save())
  })
})

describe('what is shown', () => {
  it('says never measured, not measurable, poor quality and stale apart', () => {
    const table = new VitalTable()
    expect(table.current('spo2', 0)).toMatchObject({ value: null, t: null, stale: false, source: null, reason: 'never-measured' })
    table.take(reading('spo2', 'ppg', 97, 0))
    expect(table.current('spo2', 30 * second)).toMatchObject({ value: 97, stale: false, ageSeconds: 30, reason: null })
    expect(table.current('spo2', 30 * second + 1)).toMatchObject({ value: 97, stale: true, reason: 'stale' })
    expect(table.staleAt('spo2', 0)).toBe(30 * second + 1)
    table.take(reading('spo2', 'ppg', null, 31, { reason: 'motion', quality: 0.1 }))
    expect(table.current('spo2', 32 * second)).toMatchObject({ value: null, stale: false, reason: 'motion' })
    table.take(reading('spo2', 'ppg', 91, 33, { quality: 0.3 }))
    expect(table.current('spo2', 33 * second)).toMatchObject({ value: null, quality: 0.3, reason: 'poor-quality' })
  })

  it('refuses the impossible, flags the implausible and drops what comes late', () => {
    const table = new VitalTable()
    expect(table.take(reading('heart-rate', 'numeric', 351, 0))).toBe('impossible')
    expect(table.names()).toEqual([])
    expect(table.take(reading('heart-rate', 'numeric', 310, 5))).toBe('taken')
    expect(table.current('heart-rate', 5 * second)).toMatchObject({ value: 310, status: 'questionable', reason: 'implausible' })
    expect(table.take(reading('heart-rate', 'numeric', 70, 4))).toBe('late')
    expect(checkValue('consciousness', 'X')).toBe('impossible')
    expect(checkValue('supplemental-oxygen', 'yes')).toBe('impossible')
    expect(checkValue('temperature', Number.NaN)).toBe('impossible')
  })

  it('forgets a stream and goes on with the others', () => {
    const table = new VitalTable()
    table.take(reading('heart-rate', 'ecg', 62, 0))
    table.take(reading('heart-rate', 'numeric', 61, 0))
    table.forget('ecg')
    expect(table.current('heart-rate', 0)).toMatchObject({ value: 61, source: { kind: 'numeric' } })
    table.forget('n')
    expect(table.current('heart-rate', 0).reason).toBe('never-measured')
  })
})

it('goes on identically after save and load, through JSON', () => {
  const one = new VitalTable()
  const other = new VitalTable()
  const step = (table: VitalTable, s: number) => {
    table.take(reading('heart-rate', 'ecg', s % 11 < 3 ? null : 60 + (s % 5), s))
    table.take(reading('heart-rate', 'numeric', 64, s))
    table.take(reading('temperature', 'manual', 37.2, s))
  }
  for (let s = 0; s < 25; s++) step(one, s)
  other.load(JSON.parse(JSON.stringify(one.save())))
  for (let s = 25; s < 60; s++) {
    step(one, s)
    step(other, s)
    expect(other.current('heart-rate', s * second)).toEqual(one.current('heart-rate', s * second))
  }
  expect(other.save()).toEqual(one.save())
})
