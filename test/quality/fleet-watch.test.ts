import { describe, expect, it } from 'vitest'
import { upperLimit } from '../../src/quality/control-limits.js'
import { QualityBook } from '../../src/quality/quality-book.js'
import type { QualityReport } from '../../src/quality/quality-report.js'
import { zeroMessages, zeroSamples } from '../../src/wire/ledger.js'

const hourMicros = 3600e6

function report(firmware: string, hour: number, refused: number): QualityReport {
  return {
    hour: hour * hourMicros,
    model: 'patch',
    firmware,
    samples: zeroSamples(),
    messages: { ...zeroMessages(), received: 100, accepted: 100 },
    points: { stored: 0, lost: 0 },
    gaps: 0,
    judgedSeconds: 0,
    usableSeconds: 0,
    qualitySum: 0,
    values: { accepted: 100 - refused, refused, flagged: 0 },
    rules: {},
    corrected: {},
  }
}

/** 40 devices of 1.0 and 10 of 2.0; `refused` says how many of 100 numbers each refuses in an hour. */
function fleet(hours: number, refused: (firmware: string, k: number, hour: number) => number, into = new QualityBook()): QualityBook {
  for (let hour = 0; hour < hours; hour++) {
    for (let k = 0; k < 50; k++) {
      const firmware = k < 40 ? '1.0' : '2.0'
      const device = `d-${k}`
      const at = hour * hourMicros
      const body = report(firmware, hour, refused(firmware, k, hour)) as unknown as Record<string, unknown>
      into.apply({ log: 'system', type: 'quality-report', patient: `p-${k}`, device, at, body })
    }
  }
  return into
}

function openIssue(book: QualityBook, k: number, firmware: string): void {
  const body = { issue: `3-${k}-1`, model: 'patch', firmware, rule: 'impossible', effect: 'refused', state: 'open' }
  book.apply({ log: 'system', type: 'issue', patient: `p-${k}`, device: `d-${k}`, at: 1, body })
}

describe('quality by model and firmware', () => {
  it('a bad batch of firmware gives one grouped issue, not one a device, and none twice', () => {
    const book = fleet(2, firmware => (firmware === '2.0' ? 40 : 0))
    for (let k = 40; k < 50; k++) openIssue(book, k, '2.0')
    openIssue(book, 3, '1.0')
    expect(book.issues()).toHaveLength(11)
    const due = book.dueGroups(7)
    expect(due).toHaveLength(1)
    expect(due[0]).toMatchObject({
      effect: 'group',
      rule: 'refused',
      model: 'patch',
      firmware: '2.0',
      count: 10,
      group: { metric: 'refused', hours: 20, bad: 20, baseline: 0, devices: 10 },
    })
    book.apply({ log: 'system', type: 'issue', patient: '', device: '', at: 7, body: due[0]! })
    expect(book.dueGroups(8)).toEqual([])
    const queue = book.issues({ state: 'open' })
    expect(queue.map(({ effect, firmware }) => [effect, firmware])).toEqual([
      ['refused', '1.0'],
      ['group', '2.0'],
    ])
    expect(queue[1]?.members).toHaveLength(10)
    expect(book.issues({ device: 'd-41' })).toHaveLength(1)
  })

  it('is the same after it was saved and loaded', () => {
    const book = fleet(1, firmware => (firmware === '2.0' ? 40 : 0))
    const again = new QualityBook()
    again.load(structuredClone(book.save()))
    expect(again.dueGroups(7)).toEqual(book.dueGroups(7))
    expect(again.fleet()).toEqual(book.fleet())
    expect(again.dueGroups(7)).toHaveLength(1)
  })

  it('one broken device of a firmware, however bad, is no group', () => {
    expect(fleet(6, (_, k) => (k === 45 ? 90 : 0)).dueGroups(1)).toEqual([])
    expect(fleet(6, (_, k) => (k === 45 || k === 46 ? 90 : 0)).dueGroups(1)).toEqual([])
  })

  it('what is so in the whole fleet is no fault of one firmware', () => {
    expect(fleet(2, () => 40).dueGroups(1)).toEqual([])
    expect(fleet(2, (_, k) => (k % 2 === 0 ? 40 : 0)).dueGroups(1)).toEqual([])
  })

  it('comes again once the issue is resolved and it is still so; hours of before six hours ago do not count', () => {
    const book = fleet(1, firmware => (firmware === '2.0' ? 40 : 0))
    const [due] = book.dueGroups(1)
    const say = (state: string) => book.apply({ log: 'system', type: 'issue', patient: '', device: '', at: 2, body: { ...due, state } })
    say('open')
    say('resolved')
    expect(book.dueGroups(3)).toHaveLength(1)
    const later = fleet(8, (firmware, _, hour) => (firmware === '2.0' && hour === 0 ? 40 : 0))
    expect(later.dueGroups(3)).toEqual([])
  })

  it('the limit of a share is three standard deviations above the baseline, which is at least 2 %', () => {
    expect(upperLimit(0.1, 100)).toBeCloseTo(0.1 + 3 * Math.sqrt((0.1 * 0.9) / 100), 12)
    expect(upperLimit(0, 49)).toBeCloseTo(0.02 + (3 * Math.sqrt(0.02 * 0.98)) / 7, 12)
    expect(upperLimit(0.5, 0)).toBe(1)
    expect(upperLimit(0.9, 2)).toBe(1)
  })
})
