import type { EngineDevice, EngineLagView, EnginePort, LedgerView } from '../../src/server/engine-port.js'
import type { WaveMessage } from '../../src/server/wave-frame.js'
import { AlertBook } from '../../src/store/alert-book.js'
import { MemoryLog } from '../store/memory-log.js'
import { begin, systemEvent } from '../store/synthetic-events.js'

/** The server's side of an engine: a log in memory, compare-and-set of acknowledgements as the alert machine does it. */
export class SyntheticEngine implements EnginePort {
  readonly partitions = 64
  readonly startedAt = begin
  readonly log: MemoryLog
  readonly calls: { what: string; request: unknown }[] = []
  lagNow: EngineLagView = {
    journalMs: 3,
    messages: 0,
    blocked: [],
    failing: [],
    damaged: [],
    workers: [{ worker: 0, state: 'running', restarts: 0 }],
    brokerConnected: true,
  }
  deviceList: EngineDevice[] = [
    {
      device: 'monitor-1',
      patient: 'p-1',
      boot: 3,
      clock: 'recorded',
      model: 'recording',
      firmware: '1',
      streams: [{ id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: 250, den: 1 } }],
    },
  ]
  private readonly given: Awaited<ReturnType<EnginePort['assign']>>[] = [
    { device: 'monitor-1', patient: 'p-1', from: 0, to: null, author: 'auto', reason: 'demo' },
  ]
  private readonly waveListeners = new Set<(waves: readonly WaveMessage[]) => void>()
  private readonly book = new AlertBook()
  private folded = '0'

  constructor(log = new MemoryLog()) {
    this.log = log
  }

  get epoch(): string {
    return this.log.epoch
  }

  events: EnginePort['events'] = (position, options) => this.log.events(position, options)
  eventsEnd: EnginePort['eventsEnd'] = () => this.log.eventsEnd()

  assign: EnginePort['assign'] = async request => {
    this.calls.push({ what: 'assign', request })
    const { device, patient, author, reason } = request
    const assignment = { device, patient, from: request.from ?? begin, to: request.to ?? null, author, reason }
    this.given.push(assignment)
    return assignment
  }

  assignments: EnginePort['assignments'] = () => this.given

  setAttributes: EnginePort['setAttributes'] = async request => {
    this.calls.push({ what: 'setAttributes', request })
    const event = systemEvent(
      'attributes',
      0,
      { attributes: request.attributes, author: request.author, reason: request.reason },
      { patient: request.patient },
    )
    this.log.append(event)
    return event
  }

  setLimits: EnginePort['setLimits'] = async request => {
    this.calls.push({ what: 'setLimits', request })
  }

  acknowledge: EnginePort['acknowledge'] = async request => {
    this.calls.push({ what: 'acknowledge', request })
    // As in the journal: one after the other.
    await Promise.resolve()
    const reader = this.log.events(this.folded)
    while (reader.bytesBehind() > 0) for (const event of (await reader.next())?.events ?? []) this.book.apply(event)
    this.folded = reader.position
    reader.close()
    const { alert, author, note } = request
    const row = this.book.byId(alert)
    const revision = row?.revision ?? 0
    const accepted = row !== undefined && revision === request.expectedRevision && row.acknowledged === null
    const verdict = accepted ? { accepted, revision: revision + 1 } : { accepted, reason: 'revision-moved', revision }
    const event = systemEvent('acknowledge', 20, { alert, author, note, ...verdict }, { patient: request.patient })
    this.book.apply(event)
    this.log.append(event)
    return event
  }

  /** As of an engine that has no such issue and no such correction; `QualityEngine` has a partition. */
  stepIssue: EnginePort['stepIssue'] = async request => {
    this.calls.push({ what: 'stepIssue', request })
    return null
  }

  correct: EnginePort['correct'] = async request => {
    this.calls.push({ what: 'correct', request })
    return null
  }

  sayIssue: EnginePort['sayIssue'] = body => {
    this.log.append(systemEvent('issue', 0, { ...body }, { patient: '', device: '' }))
  }

  ledger: EnginePort['ledger'] = async (): Promise<LedgerView> => ({
    offered: 1000,
    stored: 970,
    late: 10,
    duplicate: 5,
    rejected: 0,
    held: 5,
    lost: 10,
    invalid: 2,
    messages: { received: 12, accepted: 10, duplicate: 1, refused: { crc: 1 } },
  })

  lag: EnginePort['lag'] = () => this.lagNow
  kept: EnginePort['kept'] = () => [{ what: 'journal', segments: 2, bytes: 700, oldest: null, deletedSegments: 1, deletedBytes: 300 }]
  devices: EnginePort['devices'] = () => this.deviceList
  sessions: EnginePort['sessions'] = () => [
    {
      session: 's-1',
      patient: 'p-1',
      devices: ['monitor-1'],
      state: 'closed',
      eventHash: 'ab12',
      eventCount: 101,
      record: 'mitdb/203',
      openedAt: begin,
      closedAt: begin + 60e6,
    },
  ]

  onWave: EnginePort['onWave'] = listener => {
    this.waveListeners.add(listener)
    return () => this.waveListeners.delete(listener)
  }

  readWaveform: EnginePort['readWaveform'] = async (segments, range) =>
    segments.map(segment => ({
      boot: segment.boot,
      channel: 'II',
      unit: 'mV',
      fs: [250, 1] as const,
      start: segment.chunks[0]?.[0] ?? 0,
      t: Math.max(segment.from, range.from),
      values: Float64Array.of(0.5, Number.NaN, -0.25),
    }))

  sendWaves(waves: readonly WaveMessage[]): void {
    for (const listener of this.waveListeners) listener(waves)
  }
}
