/**
 * An event of the patient log. `t` is patient time in microseconds; `body` is plain JSON data and, with `t`, `type` and
 * `stream`, all that enters the session hash; `note` holds what must not (algorithm ids, versions, latency, wall time).
 */
export interface PatientEvent {
  readonly t: number
  readonly type: PatientEventType
  /** Stream id from the birth; empty when it stands for several. */
  readonly stream: string
  readonly body: Readonly<Record<string, unknown>>
  readonly note: Readonly<Record<string, unknown>>
}

/**
 * Bodies, by type:
 * - beat         `{sample: {stream, index}, channel, class, confidence, reasons?, rrSeconds, quality}`
 * - pulse        `{sample, channel, intervalSeconds, quality}`
 * - breath       `{sample, channel, intervalSeconds, quality}`
 * - measurement  `{name, value, unit, quality, low?, high?, held?, status, reason?, method?, channel?, from?: sample, to?: sample, author?, cuffSite?, cuffMethod?}`
 * - rhythm       `{rhythm, on, sample, confidence, beats?, rate?, evidence: {from, to} samples}`
 * - episode      `{episode, on, sample, confidence, value?, unit?, evidence: {from, to} samples}`
 * - quality      `{channel, quality, reason, sample}` (on change of the reason only)
 * - gap          `{channel, sample, count}`: told at its end, `t` is the time of the first sample behind it
 * - data-issue   `{rule, on, since, values}`: a check across fields fails (`on`) or holds again; `since` microseconds before `t`
 * - score        `{score: "news2", total, complete, items: [{name, points, value, ageSeconds, state}], missing, stale, band, refused?}`
 *                or of trends `{score: "copd-trend" | "heart-failure-trend", day, deviation, total, alert, completeness, complete, items, validation}`
 * - condition    `{condition, priority, kind, from, to, name?, value?, limit?, prescribed?: {author, reason}, measurable, message,
 *                evidence: {from, to} samples}`
 * - limits-changed `{condition, unit, enabled, limit, clearLimit, onsetDelaySeconds, clearDelaySeconds, prescribed: {author, reason} | null,
 *                before: the same six}`; from `t` on the rule is judged by these
 */
export const patientEventTypes = [
  'beat',
  'pulse',
  'breath',
  'measurement',
  'rhythm',
  'episode',
  'quality',
  'gap',
  'data-issue',
  'score',
  'condition',
  'limits-changed',
] as const
export type PatientEventType = (typeof patientEventTypes)[number]

export interface SampleRef {
  readonly stream: string
  readonly index: number
}

export type EmitEvent = (event: PatientEvent) => void
