import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkRun } from '../../bench/faults/check/check-run.js'
import type { RunHistory } from '../../bench/faults/history.js'
import { readFaultOptions } from '../../bench/faults/options.js'
import { type Fault, planSeed } from '../../bench/faults/plan.js'
import { expectedRows } from '../../bench/faults/store-contents.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { SampleCounts } from '../../src/wire/ledger.js'
import { quietRun } from './quiet-run.js'

let quiet: RunHistory

const folder = mkdtempSync(join(tmpdir(), 'vitalwire-checker-'))
beforeAll(async () => {
  quiet = await quietRun(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const names = (history: RunHistory) => [...new Set(checkRun(history).map(({ check }) => check))].sort()

/** An event of the patient log that the store keeps, in the middle of the recorded session. */
function victim(): LoggedEvent {
  const kept = quiet.log.filter(({ log, type, session }) => log === 'patient' && type === 'measurement' && session.startsWith('rec-0'))
  return kept[kept.length >> 1]!
}

const changed = (event: LoggedEvent): LoggedEvent => ({ ...event, body: { ...event.body, value: 999 } })
const swap = (events: readonly LoggedEvent[], by: (event: LoggedEvent) => LoggedEvent[]): LoggedEvent[] =>
  events.flatMap(event => (event.id === victim().id ? by(event) : [event]))

function withCounts(by: (counts: SampleCounts) => Partial<SampleCounts>, engine = true): RunHistory {
  const ledgers = new Map(quiet.ledgers)
  const counts = ledgers.get('rec-0/ecg')!
  const planted = by(counts)
  ledgers.set('rec-0/ecg', { ...counts, ...planted })
  const engineLedger = { ...quiet.engineLedger }
  if (engine)
    for (const [field, value] of Object.entries(planted) as [keyof SampleCounts, number][]) engineLedger[field] += value - counts[field]
  return { ...quiet, ledgers, engineLedger }
}

const withRows = (change: (rows: Map<string, string>) => void): RunHistory => {
  const rows = new Map(quiet.store.rows)
  change(rows)
  return { ...quiet, store: { ...quiet.store, rows } }
}
const vitalKey = () => `vital ${victim().id}`

const planted: readonly [what: string, make: () => RunHistory, expected: readonly string[]][] = [
  [
    'a lost chunk: below hw and not in the journal',
    () => ({ ...quiet, journal: quiet.journal.filter((_, k) => k !== quiet.journal.findIndex(({ topic }) => topic === 'w')) }),
    ['acknowledged-lost'],
  ],
  [
    'a lost event message: below hw and changed in the journal',
    () => ({
      ...quiet,
      journal: quiet.journal.map(entry => (entry.topic === 'n' ? { ...entry, payload: entry.payload.slice(1) } : entry)),
    }),
    ['acknowledged-lost'],
  ],
  [
    'a chunk that is counted as lost',
    () => withCounts(({ stored, lost }) => ({ stored: stored - 250, lost: lost + 250 })),
    ['samples-lost'],
  ],
  ['a doubled chunk', () => withCounts(({ stored, offered }) => ({ stored: stored + 250, offered: offered + 250 })), ['samples-doubled']],
  ['a ledger that does not balance', () => withCounts(({ offered }) => ({ offered: offered + 1 })), ['ledger-unbalanced']],
  [
    'an engine whose sum is not the journal’s',
    () => ({ ...quiet, engineLedger: { ...quiet.engineLedger, stored: quiet.engineLedger.stored + 250 } }),
    ['engine-ledger'],
  ],
  [
    'a high-water mark that goes back',
    () => ({ ...quiet, devices: quiet.devices.map(device => ({ ...device, regressions: ['ecg 9 to 3'] })) }),
    ['high-water-back'],
  ],
  [
    'a changed event',
    () => ({ ...quiet, log: swap(quiet.log, event => [changed(event)]) }),
    ['feed-changed', 'log-changed', 'patient-log-differs', 'store-changed'],
  ],
  [
    'a lost event',
    () => ({ ...quiet, log: swap(quiet.log, () => []) }),
    ['feed-extra', 'log-missing', 'patient-log-differs', 'store-extra'],
  ],
  ['an event that is logged twice', () => ({ ...quiet, log: swap(quiet.log, event => [event, event]) }), ['log-doubled']],
  [
    'an event that the journal does not make',
    () => ({ ...quiet, log: swap(quiet.log, event => [event, { ...event, id: '0-999999-0' }]) }),
    ['feed-order', 'log-extra', 'patient-log-differs', 'store-missing'].filter(name => name !== 'feed-order'),
  ],
  [
    'a mismatch that the engine itself has seen',
    () => ({
      ...quiet,
      log: [...quiet.log, { ...victim(), id: 'engine-1-0', log: 'system', type: 'mismatch', partition: -1 } as LoggedEvent],
    }),
    ['log-mismatch'],
  ],
  [
    'another hash than that of the fault-free run',
    () => ({
      ...quiet,
      devices: quiet.devices.map(device => ({ ...device, final: { eventHash: 'ff', eventCount: device.final?.eventCount ?? null } })),
    }),
    ['hash-differs'],
  ],
  ['a missing feed event', () => ({ ...quiet, feed: { ...quiet.feed, events: swap(quiet.feed.events, () => []) } }), ['feed-missing']],
  [
    'a feed event under a used id with other content',
    () => ({ ...quiet, feed: { ...quiet.feed, events: swap(quiet.feed.events, event => [event, changed(event)]) } }),
    ['feed-changed'],
  ],
  [
    'a feed event before one that it follows',
    () => {
      const { events } = quiet.feed
      const at = events.findIndex(({ id }) => id === victim().id)
      return { ...quiet, feed: { ...quiet.feed, events: [...events.slice(0, at), ...events.slice(at + 1), events[at]!] } }
    },
    ['feed-order'],
  ],
  ['a missing store point', () => withRows(rows => rows.delete(vitalKey())), ['store-missing']],
  ['a store point with another value', () => withRows(rows => rows.set(vitalKey(), '999')), ['store-changed']],
  ['a store point too many', () => withRows(rows => rows.set('vital 0-999999-0', '60')), ['store-extra']],
  ['a doubled store point', () => ({ ...quiet, store: { ...quiet.store, doubled: [vitalKey()] } }), ['store-doubled']],
  [
    'a raw chunk that the store does not lead to',
    () => ({ ...quiet, store: { ...quiet.store, chunks: new Set([...quiet.store.chunks].slice(1)) } }),
    ['store-chunk-missing'],
  ],
  [
    'two measurements on one point of InfluxDB',
    () => {
      const twin = { ...changed(victim()), id: victim().id.replace(/-(\d+)-\d+$/, (_, offset: string) => `-${Number(offset) + 1000}-0`) }
      const log = swap(quiet.log, event => [event, twin])
      const rows = new Map(log.flatMap(event => expectedRows('influx-v1', [event])).map(({ key, value }) => [key, value]))
      return { ...quiet, log, rerun: log, storeKind: 'influx-v1', store: { ...quiet.store, rows, doubled: [] } }
    },
    ['patient-log-differs', 'store-collision'],
  ],
]

describe('checker of the fault bench', () => {
  it('finds nothing in a run in which nothing failed, and that run is no empty one', () => {
    expect(checkRun(quiet)).toEqual([])
    expect(quiet.journal.length).toBeGreaterThan(60)
    expect(quiet.log.length).toBeGreaterThan(200)
    expect(quiet.store.rows.size).toBeGreaterThan(100)
    expect(quiet.store.chunks.size).toBeGreaterThan(30)
    expect(quiet.reference.lines.get('rec-0-1')?.length).toBeGreaterThan(100)
  })

  it.each(planted)('names %s', (_, make, expected) => {
    expect(names(make())).toEqual([...expected].sort())
  })
})

describe('plans of the fault bench', () => {
  const means = { mosquitto: true, influxd: true, mount: true, limits: true }
  const kinds = (faults: readonly { fault: Fault }[]) => faults.map(({ fault }) => fault.kind)

  it('are the same for the same seed, kill in every seed and come to every kind of fault', () => {
    const plans = Array.from({ length: 200 }, (_, seed) => planSeed(seed, means))
    expect(plans.map(plan => planSeed(plan.seed, means))).toEqual(plans)
    for (const plan of plans) expect(kinds(plan.faults)).toContain('kill-engine')
    const all = new Set(plans.flatMap(plan => kinds(plan.faults)))
    expect([...all].sort()).toEqual([
      'end-worker',
      'fill-disk',
      'freeze-files',
      'kill-broker',
      'kill-engine',
      'kill-store',
      'part-links',
      'pause-engine',
      'reset-links',
      'step-clock',
      'trouble-store',
    ])
    expect(new Set(plans.map(({ workers }) => workers))).toEqual(new Set([1, 2, 3]))
  })

  it('do without what the machine lacks', () => {
    const poor = { mosquitto: false, influxd: false, mount: false, limits: false }
    const plans = Array.from({ length: 100 }, (_, seed) => planSeed(seed, poor))
    expect(plans.filter(({ broker, store }) => broker === 'mosquitto' || store === 'influx-v1')).toEqual([])
    const used = plans.flatMap(({ faults }) => faults).map(({ fault }) => fault)
    expect(used.filter(({ kind }) => ['kill-broker', 'kill-store', 'trouble-store', 'fill-disk', 'freeze-files'].includes(kind))).toEqual(
      [],
    )
    expect(used.filter(fault => fault.kind === 'kill-engine' && fault.readOnlyStart)).toEqual([])
  })
})

describe('options of the fault bench', () => {
  it('say what is accepted', () => {
    expect(() => readFaultOptions(['--seeds', 'many'])).toThrow(/whole number from 1/)
    expect(readFaultOptions(['--seeds', '200', '--from', '7'])).toMatchObject({ seeds: 200, from: 7, jobs: 1, save: false, keep: null })
  })
})
