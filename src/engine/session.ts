import type { Aside } from '../monitor/aside.js'
import type { PatientEvent } from '../monitor/event.js'
import { type MonitorOptions, type MonitorState, PatientMonitor, type RefusedNumeric } from '../monitor/patient-monitor.js'
import { SessionHash, type SessionHashState } from './session-hash.js'

export type SessionKind = 'recorded' | 'live'

/** An event that is this much later than the session's least delay comes from a backlog and is marked `delayed`. */
const delayedMicros = 10_000_000

/** More signal than this in one stream while another is waited for: a recorded session out of order. */
export const longestSpreadSeconds = 60

export interface SessionState {
  id: string
  patient: string
  kind: SessionKind
  source: string | null
  devices: string[]
  monitor: MonitorState
  hash: SessionHashState | null
  disordered: boolean
  baseline: number | null
  newest: number
  alerts: [string, { alert: string; episode: number }][]
}

/**
 * What one recording makes of a patient, with its hash; or, for live devices, the patient's monitoring without an end.
 * A recorded session has a monitor of its own, so that nothing of an earlier replay is left in it.
 */
export class Session {
  readonly id: string
  readonly patient: string
  readonly kind: SessionKind
  /** `session` of the births that belong to it, if they said one. */
  readonly source: string | null
  readonly devices = new Set<string>()
  readonly monitor: PatientMonitor
  disordered = false
  /** Newest patient time that has been delivered, microseconds. */
  newest = 0
  /** Who acknowledges right now, for the event that comes of it. */
  acknowledging: { author: string; note: string } | null = null
  /** Smallest difference between receive time and patient time so far: what is far above it comes from a backlog. */
  #baseline: number | null = null
  /** Id of the first event of each condition's running episode, by condition, stream and device. */
  readonly alerts = new Map<string, { alert: string; episode: number }>()
  #hash: SessionHash | null = null

  constructor(
    about: { id: string; patient: string; kind: SessionKind; source: string | null },
    options: MonitorOptions,
    emit: (session: Session, event: PatientEvent) => void,
    aside: (aside: Aside) => void,
    refuse: (refused: RefusedNumeric) => void,
  ) {
    this.id = about.id
    this.patient = about.patient
    this.kind = about.kind
    this.source = about.source
    this.monitor = new PatientMonitor(
      options,
      event => {
        if (this.kind === 'recorded') {
          this.#hash ??= new SessionHash(this.monitor.origin ?? event.t)
          this.#hash.add(event)
        }
        emit(this, event)
      },
      aside,
      refuse,
    )
  }

  /** Samples up to patient time `t` were received at wall time `at` (microseconds both). */
  notice(t: number, at: number): void {
    if (t > this.newest) this.newest = t
    if (this.#baseline === null || at - t < this.#baseline) this.#baseline = at - t
  }

  /** Whether an event of patient time `t`, decided by what was received at `at`, comes from a backlog. */
  isDelayed(t: number, at: number): boolean {
    return this.#baseline !== null && at - t - this.#baseline > delayedMicros
  }

  /** Ends a recorded session: its hash, or null when it ran out of order. */
  close(): { eventHash: string | null; eventCount: number } {
    if (this.#hash === null) this.#hash = new SessionHash(this.monitor.origin ?? 0)
    const { eventHash, eventCount } = this.#hash.close()
    return { eventHash: this.disordered ? null : eventHash, eventCount }
  }

  save(): SessionState {
    return {
      id: this.id,
      patient: this.patient,
      kind: this.kind,
      source: this.source,
      devices: [...this.devices],
      monitor: this.monitor.save(),
      hash: this.#hash?.save() ?? null,
      disordered: this.disordered,
      baseline: this.#baseline,
      newest: this.newest,
      alerts: [...this.alerts],
    }
  }

  load(state: SessionState): void {
    for (const device of state.devices) this.devices.add(device)
    this.monitor.load(state.monitor)
    if (state.hash !== null) {
      this.#hash = new SessionHash(state.hash.origin)
      this.#hash.load(state.hash)
    }
    this.disordered = state.disordered
    this.#baseline = state.baseline
    this.newest = state.newest
    for (const [key, alert] of state.alerts) this.alerts.set(key, alert)
  }
}
