import type { CorrectionStep } from './correction.js'
import { type FleetGroup, type FleetMetric, FleetWatch } from './fleet-watch.js'
import type { IssueState, QualityIssue } from './issue-desk.js'
import { addReports, coverageOf, type QualityReport, qualityOf } from './quality-report.js'

/** What of an event of the log the book reads. */
export interface BookEvent {
  readonly log: 'patient' | 'system'
  readonly type: string
  readonly patient: string
  readonly device: string
  readonly at: number
  readonly body: Readonly<Record<string, unknown>>
}

/** An issue of one device, or one of a model and firmware that stands for those of its devices. */
export interface IssueView extends Omit<QualityIssue, 'effect'> {
  readonly effect: QualityIssue['effect'] | 'group'
  readonly device: string
  readonly patient: string
  readonly openedAt: number
  readonly changedAt: number
  /** Of a group: its metric, the devices with bad hours, and how far it lies above the fleet. */
  readonly group: GroupBody | null
  /** Issues of single devices that a group stands for. */
  readonly members: readonly string[]
}

export interface GroupBody {
  readonly metric: FleetMetric
  readonly hours: number
  readonly bad: number
  readonly baseline: number
  readonly limit: number
  readonly devices: number
  readonly named: readonly string[]
}

export interface DeviceView {
  readonly device: string
  readonly patient: string
  readonly coverage: number | null
  readonly quality: number | null
  /** Sum of the reports since the book was begun. */
  readonly total: QualityReport
}

const mostDevices = 20_000
/** Issues kept; resolved ones go first, the oldest before others. The event log has them all. */
const mostIssues = 5000
const mostSteps = 5000

interface BookState {
  devices: [string, { patient: string; total: QualityReport }][]
  issues: [string, IssueView][]
  corrections: CorrectionView[]
  fleet: unknown
}

export interface CorrectionView extends CorrectionStep {
  readonly device: string
  readonly patient: string
}

/** Quality of all devices as the event log tells it: a fold without a clock, bounded by devices and by what is kept of issues. */
export class QualityBook {
  #devices = new Map<string, { patient: string; total: QualityReport }>()
  #issues = new Map<string, IssueView>()
  /** Steps of the log of corrections, newest last. */
  #corrections: CorrectionView[] = []
  readonly #fleet = new FleetWatch()

  apply({ log, type, patient, device, at, body }: BookEvent): void {
    if (log !== 'system') return
    if (type === 'quality-report') this.#report(device, patient, body as unknown as QualityReport)
    else if (type === 'issue') this.#step(device, patient, at, body)
    else if (type === 'correction') {
      this.#corrections.push({ ...(body as unknown as CorrectionStep), device, patient })
      if (this.#corrections.length > mostSteps) this.#corrections.shift()
    }
  }

  devices(wanted: { device?: string; patient?: string } = {}): DeviceView[] {
    return [...this.#devices]
      .filter(([device, entry]) => (wanted.device ?? device) === device && (wanted.patient ?? entry.patient) === entry.patient)
      .map(([device, { patient, total }]) => ({ device, patient, coverage: coverageOf(total), quality: qualityOf(total), total }))
      .sort((a, b) => (a.device < b.device ? -1 : 1))
  }

  fleet(): FleetGroup[] {
    return this.#fleet.groups()
  }

  /** Steps of corrections, oldest first. */
  corrections(device?: string): CorrectionView[] {
    return this.#corrections.filter(step => device === undefined || step.device === device)
  }

  /** The review queue, oldest first: what a group stands for is listed with it, not beside it. */
  issues(wanted: { state?: IssueState; device?: string } = {}): IssueView[] {
    const groups = [...this.#issues.values()].filter(issue => issue.group !== null && issue.state !== 'resolved')
    const listed: IssueView[] = []
    for (const issue of this.#issues.values()) {
      const group = groups.find(candidate => standsFor(candidate, issue))
      if (group !== undefined && issue.state !== 'resolved' && wanted.device === undefined) continue
      if ((wanted.state ?? issue.state) !== issue.state || (wanted.device ?? issue.device) !== issue.device) continue
      listed.push(issue.group === null ? issue : { ...issue, members: this.#membersOf(issue) })
    }
    return listed
  }

  issue(id: string): IssueView | null {
    const issue = this.#issues.get(id)
    if (issue === undefined) return null
    return issue.group === null ? issue : { ...issue, members: this.#membersOf(issue) }
  }

  /** Bodies of `issue` events for groups that are out of control and have no issue yet; `at`: wall time, microseconds. */
  dueGroups(at: number): Record<string, unknown>[] {
    const due: Record<string, unknown>[] = []
    for (const { model, firmware, shares } of this.#fleet.groups()) {
      for (const { metric, hours, bad, baseline, limit, out, devices, named } of shares) {
        if (!out || this.#hasGroup(model, firmware, metric)) continue
        due.push({
          issue: `group-${metric}-${at}-${due.length}`,
          rule: metric,
          effect: 'group',
          state: 'open',
          count: devices,
          evidence: { stream: '', at: [at, at], t: null },
          assignee: null,
          outcome: null,
          author: 'engine',
          reason: 'share of bad device-hours above its control limit',
          model,
          firmware,
          group: { metric, hours, bad, baseline, limit, devices, named },
        })
      }
    }
    return due
  }

  save(): unknown {
    const state: BookState = {
      devices: [...this.#devices],
      issues: [...this.#issues],
      corrections: this.#corrections,
      fleet: this.#fleet.save(),
    }
    return structuredClone(state)
  }

  load(saved: unknown): void {
    const { devices, issues, corrections, fleet } = structuredClone(saved as BookState)
    this.#devices = new Map(devices)
    this.#issues = new Map(issues)
    this.#corrections = corrections
    this.#fleet.load(fleet)
  }

  #report(device: string, patient: string, report: QualityReport): void {
    const before = this.#devices.get(device)
    this.#devices.delete(device)
    // A new firmware is another device as far as its quality goes.
    const same = before !== undefined && before.total.model === report.model && before.total.firmware === report.firmware
    this.#devices.set(device, { patient, total: same ? addReports(before.total, report) : report })
    for (const oldest of this.#devices.keys()) {
      if (this.#devices.size <= mostDevices) break
      this.#devices.delete(oldest)
    }
    if (report.model !== '') this.#fleet.take(device, report)
  }

  #step(device: string, patient: string, at: number, body: Readonly<Record<string, unknown>>): void {
    const issue = body as unknown as QualityIssue & { group?: GroupBody }
    const before = this.#issues.get(issue.issue)
    this.#issues.set(issue.issue, {
      ...issue,
      device,
      patient,
      openedAt: before?.openedAt ?? at,
      changedAt: at,
      group: issue.group ?? null,
      members: [],
    })
    if (this.#issues.size <= mostIssues) return
    const resolved = [...this.#issues.values()].find(({ state }) => state === 'resolved')
    this.#issues.delete(resolved?.issue ?? this.#issues.keys().next().value ?? '')
  }

  #hasGroup(model: string, firmware: string, metric: FleetMetric): boolean {
    for (const issue of this.#issues.values()) {
      const { group, state } = issue
      if (group?.metric === metric && state !== 'resolved' && issue.model === model && issue.firmware === firmware) return true
    }
    return false
  }

  #membersOf(group: IssueView): string[] {
    return [...this.#issues.values()].filter(issue => issue.state !== 'resolved' && standsFor(group, issue)).map(({ issue }) => issue)
  }
}

const metricOf: Readonly<Record<string, FleetMetric>> = { 'low-coverage': 'lost' }

function standsFor(group: IssueView, issue: IssueView): boolean {
  if (issue.group !== null || group.group === null || issue.model !== group.model || issue.firmware !== group.firmware) return false
  const metric = issue.effect === 'refused' || issue.effect === 'flagged' ? issue.effect : metricOf[issue.rule]
  return metric === group.group.metric
}
