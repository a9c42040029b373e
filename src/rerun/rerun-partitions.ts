import { join } from 'node:path'
import type { RuleOverrides } from '../alert/limits-profile.js'
import type { PatientPrescription } from '../alert/prescribed-limits.js'
import { Partition } from '../engine/partition.js'
import { type AttributesByPatient, defaultOptions, type OximetrySettings } from '../engine/partition-options.js'
import type { PartitionSink } from '../engine/partition-types.js'
import { eventsType } from '../journal/event-log-writer.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { describeLines, type LoggedLines } from '../journal/logged-lines.js'
import type { JournalRecord, LimitsRecord } from '../journal/record.js'
import { noPartition } from '../journal/segment-format.js'
import { SnapshotStore } from '../journal/snapshot-store.js'
import { crc32c } from '../signal/crc32c.js'
import { AlertBook } from '../store/alert-book.js'
import { type AlertRow, isTold } from '../store/alert-fold.js'
import { parseEventId } from '../store/event-id.js'
import { JournalFolder, type ReadProblem } from './journal-folder.js'

/** Settings that take the place of those that were in force; what is left out stays as it was journaled. */
export interface ChangedSettings {
  readonly limits?: RuleOverrides
  readonly prescriptions?: readonly PatientPrescription[]
  readonly attributes?: AttributesByPatient
  readonly oximetry?: OximetrySettings
}

/** How the events of the re-run lie beside those of the event log, in journal records. */
export interface Agreement {
  /** Records whose events are the same to the byte (most have none on both sides). */
  readonly same: number
  /** Records whose events differ, are missing, or are more. */
  readonly different: number
  /** Records that are newer than what the event log holds: a crash came between, or the engine is at work. */
  readonly ahead: number
  /** Records whose events stand in the log and that could not be run: they are gone from the journal, or behind a hole in it. */
  readonly notRun: number
  /** Id of the first event of the first record that differs. */
  readonly first: string | null
}

export interface RerunResult {
  readonly partitions: number
  readonly records: number
  /** Events of patients and system that the re-run said. */
  readonly events: number
  readonly agreement: Agreement
  /** Partitions whose beginning is no longer in the journal: they go on from a snapshot (offset), or not at all (null). */
  readonly begins: readonly { readonly partition: number; readonly offset: number | null }[]
  /** Partitions with a hole in their records: what comes after it was not run. */
  readonly broken: readonly { readonly partition: number; readonly offset: number }[]
  readonly patients: readonly RerunPatient[]
  readonly problems: readonly ReadProblem[]
}

export interface RerunPatient {
  readonly patient: string
  /** Patient time of the first and last event of the re-run, microseconds. */
  readonly from: number
  readonly to: number
  /** Alerts that were raised, by onset; as logged and as re-run. */
  readonly before: readonly AlertRow[]
  readonly after: readonly AlertRow[]
}

interface Running {
  readonly machine: Partition
  /** Offset of the first record that is run. */
  readonly from: number
  next: number
  broken: boolean
}

/**
 * Runs the records of partitions through the same machine again, from the beginning, with the settings that were in
 * force or with others. Without a change every event must come out as it is in the event log.
 */
export function rerunPartitions(
  dir: string,
  change: ChangedSettings,
  partitions: ReadonlySet<number> | null,
  onEvent: (event: LoggedEvent) => void = () => {},
): RerunResult {
  const folder = new JournalFolder(dir)
  const logged = readLog(folder, partitions)
  const after = new AlertBook()
  const spans = new Map<string, { from: number; to: number }>()
  const begins: { partition: number; offset: number | null }[] = []
  const broken: { partition: number; offset: number }[] = []
  const running = new Map<number, Running | null>()
  let records = 0
  let events = 0
  let lines = ''
  const sink: PartitionSink = {
    event(event) {
      events += 1
      lines += JSON.stringify(event) + '\n'
      after.apply(event)
      if (event.log === 'patient') extend(spans, event.patient, event.t)
      onEvent(event)
    },
    command() {},
    highWater() {},
    wave() {},
    wavesWanted: () => false,
  }
  const agreement = { same: 0, different: 0, ahead: 0, notRun: 0, first: null as string | null }
  for (const { partition, offset, record } of folder.records(partitions)) {
    let own = running.get(partition)
    if (own === undefined) {
      own = begin({ dir, partition, first: offset, change, at: record.at }, sink)
      running.set(partition, own)
      if (offset > 0) begins.push({ partition, offset: own?.next ?? null })
    }
    if (own === null || own.broken || offset < own.next) continue
    if (offset > own.next) {
      own.broken = true
      broken.push({ partition, offset: own.next })
      continue
    }
    own.next += 1
    records += 1
    lines = ''
    try {
      own.machine.process(withSettings(record, change), offset, sink)
    } catch {
      // The engine passes over a record that its machine cannot take, with what was said of it until then; so does this.
    }
    compare(agreement, partition, offset, lines, logged.lines.get(partition))
  }
  const stretches = new Map([...running].map(([partition, own]) => [partition, own === null ? null : { from: own.from, to: own.next }]))
  for (const [partition, lines] of logged.lines) agreement.notRun += countNotRun(lines, stretches.get(partition) ?? null)
  return {
    partitions: running.size,
    records,
    events,
    agreement,
    begins,
    broken,
    patients: patientsOf(spans, logged.book, after, stretches),
    problems: folder.problems,
  }
}

interface Log {
  readonly lines: Map<number, Map<number, LoggedLines>>
  readonly book: AlertBook
}

const alertTypes = ['"type":"condition"', '"type":"acknowledge"', '"type":"session"']

function readLog(folder: JournalFolder, partitions: ReadonlySet<number> | null): Log {
  const lines = new Map<number, Map<number, LoggedLines>>()
  const book = new AlertBook()
  for (const raw of folder.raw('events', partitions)) {
    // What the engine says of itself follows from no record.
    if (raw.type !== eventsType || raw.partition === noPartition) continue
    let own = lines.get(raw.partition)
    if (own === undefined) lines.set(raw.partition, (own = new Map()))
    own.set(raw.offset, { bytes: raw.body.length, crc: crc32c(raw.body) })
    for (const line of Buffer.from(raw.body.buffer, raw.body.byteOffset, raw.body.length).toString().split('\n')) {
      if (alertTypes.some(type => line.includes(type))) book.apply(JSON.parse(line) as LoggedEvent)
    }
  }
  return { lines, book }
}

interface Beginning {
  readonly dir: string
  readonly partition: number
  /** Offset and wall time of the first record at hand. */
  readonly first: number
  readonly at: number
  readonly change: ChangedSettings
}

/**
 * From the beginning, or where that is gone from the snapshot that the records at hand follow; null: there is none. Other settings hold
 * from there on; only oximeters that are open keep the curve and averaging that they were opened with.
 */
function begin({ dir, partition, first, at, change }: Beginning, sink: PartitionSink): Running | null {
  const machine = new Partition(partition, { ...defaultOptions, ...change })
  if (first === 0) return { machine, from: 0, next: 0, broken: false }
  const snapshot = new SnapshotStore(join(dir, 'snapshots')).load(partition, Number.MAX_SAFE_INTEGER, () => {})
  if (snapshot === null || snapshot.offset < first) return null
  machine.load((snapshot.state as { machine: unknown }).machine)
  const { offset } = snapshot
  if (Object.keys(change).length > 0) {
    const { options } = machine.save()
    const record = {
      type: 'limits',
      rules: options.limits as LimitsRecord['rules'],
      author: 'rerun',
      reason: 'other settings',
      at,
    } as const
    machine.process(withSettings(record, change), offset - 1, sink)
  }
  return { machine, from: offset, next: offset, broken: false }
}

function countNotRun(lines: ReadonlyMap<number, LoggedLines>, run: { from: number; to: number } | null): number {
  let count = 0
  // What lies before a snapshot is told as where the partition begins.
  for (const offset of lines.keys()) if (run === null || offset >= run.to) count += 1
  return count
}

function withSettings(record: JournalRecord, change: ChangedSettings): JournalRecord {
  if (record.type !== 'limits') return record
  return {
    ...record,
    ...(change.limits === undefined ? {} : { rules: change.limits as LimitsRecord['rules'] }),
    ...(change.prescriptions === undefined ? {} : { prescriptions: change.prescriptions }),
    ...(change.attributes === undefined ? {} : { attributes: change.attributes }),
    ...(change.oximetry === undefined ? {} : { oximetry: change.oximetry }),
  }
}

function compare(
  agreement: { same: number; different: number; ahead: number; first: string | null },
  partition: number,
  offset: number,
  lines: string,
  logged: ReadonlyMap<number, LoggedLines> | undefined,
): void {
  const there = logged?.get(offset)
  const again = lines === '' ? undefined : describeLines(lines)
  if (there?.bytes === again?.bytes && there?.crc === again?.crc) agreement.same += 1
  else if (there === undefined && offset > newest(logged)) agreement.ahead += 1
  else {
    agreement.different += 1
    agreement.first ??= `${partition}-${offset}-0`
  }
}

const newestOffsets = new WeakMap<ReadonlyMap<number, LoggedLines>, number>()

function newest(logged: ReadonlyMap<number, LoggedLines> | undefined): number {
  if (logged === undefined) return -1
  let offset = newestOffsets.get(logged)
  if (offset === undefined) {
    offset = [...logged.keys()].reduce((most, key) => Math.max(most, key), -1)
    newestOffsets.set(logged, offset)
  }
  return offset
}

function extend(spans: Map<string, { from: number; to: number }>, patient: string, t: number): void {
  const span = spans.get(patient)
  if (span === undefined) spans.set(patient, { from: t, to: t })
  else {
    span.from = Math.min(span.from, t)
    span.to = Math.max(span.to, t)
  }
}

function patientsOf(
  spans: ReadonlyMap<string, { from: number; to: number }>,
  before: AlertBook,
  after: AlertBook,
  stretches: ReadonlyMap<number, { from: number; to: number } | null>,
): RerunPatient[] {
  // What was told where nothing was run has nothing beside it.
  const wasRun = ({ id }: AlertRow) => {
    const { partition, offset } = parseEventId(id)
    const run = stretches.get(Number(partition)) ?? null
    return run !== null && offset >= run.from - 1 && offset < run.to
  }
  const told = (book: AlertBook, patient: string) =>
    [...book.all()].filter(row => row.patient === patient && isTold(row) && wasRun(row)).sort((a, b) => a.onset - b.onset)
  const patients = new Set([...spans.keys(), ...[...before.all()].map(({ patient }) => patient)])
  return [...patients].sort().map(patient => {
    const span = spans.get(patient) ?? { from: Number.NaN, to: Number.NaN }
    return { patient, ...span, before: told(before, patient), after: told(after, patient) }
  })
}
