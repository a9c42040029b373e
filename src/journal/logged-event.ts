/**
 * A line of the event log as consumers (stores, live feed, exports) read it. `id` is `partition-offset-ordinal` of the
 * journal record that caused it, so a re-run writes the same ids and every consumer can drop what it has.
 */
export interface LoggedEvent {
  readonly id: string
  readonly log: 'patient' | 'system'
  readonly partition: number
  /** Empty in the system log where no patient is concerned. */
  readonly patient: string
  readonly device: string
  readonly session: string
  /** Patient time in microseconds for the patient log, wall time for the system log. */
  readonly t: number
  /** Wall time in microseconds of the journal record that caused it. */
  readonly at: number
  /** Patient log: see monitor/event.ts. System log: see engine/system-event.ts. */
  readonly type: string
  readonly stream: string
  readonly body: Readonly<Record<string, unknown>>
  readonly note: Readonly<Record<string, unknown>>
}
