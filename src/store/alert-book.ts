import type { LoggedEvent } from '../journal/logged-event.js'
import { type AlertLookup, type AlertRow, foldAlert } from './alert-fold.js'

/** Alerts in memory: all that are open, and the last `keepEnded` that are not. */
export class AlertBook implements AlertLookup {
  private readonly rows = new Map<string, AlertRow>()
  private readonly openIds = new Map<string, string>()
  private readonly ended: string[] = []

  constructor(private readonly keepEnded = Number.POSITIVE_INFINITY) {}

  byId(id: string): AlertRow | undefined {
    return this.rows.get(id)
  }

  open(patient: string, stream: string, condition: string): AlertRow | undefined {
    const id = this.openIds.get(openKey(patient, stream, condition))
    return id === undefined ? undefined : this.rows.get(id)
  }

  openOfPatient(patient: string): readonly AlertRow[] {
    return [...this.openIds.values()].flatMap(id => this.rows.get(id) ?? []).filter(row => row.patient === patient)
  }

  all(): IterableIterator<AlertRow> {
    return this.rows.values()
  }

  /** Alerts that this event changed, as they are now. */
  apply(event: LoggedEvent): readonly AlertRow[] {
    const rows = foldAlert(event, this)
    for (const row of rows) this.put(row)
    return rows
  }

  put(row: AlertRow): void {
    const key = openKey(row.patient, row.stream, row.condition)
    const wasEnded = this.rows.get(row.id)?.state === 'absent'
    this.rows.set(row.id, row)
    if (row.state !== 'absent') {
      this.openIds.set(key, row.id)
      return
    }
    if (this.openIds.get(key) === row.id) this.openIds.delete(key)
    if (wasEnded) return
    this.ended.push(row.id)
    while (this.ended.length > this.keepEnded) {
      const oldest = this.ended.shift()!
      if (this.rows.get(oldest)?.state === 'absent') this.rows.delete(oldest)
    }
  }
}

function openKey(patient: string, stream: string, condition: string): string {
  return `${patient}\n${stream}\n${condition}`
}
