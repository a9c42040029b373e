/**
 * What the engine says of itself, in `LoggedEvent`s with `log: "system"`. Bodies, by type:
 * - session      `{session, state: "opened"|"closed"|"disordered", end?, eventHash?, eventCount?}`; `end` is patient time
 * - birth        `{boot, again, model, firmware, clock, battery, streams, unreadable, numerics}`; `unreadable`: streams that no
 *                chain can measure, kept and shown only
 * - birth-refused `{reason, detail, boot}`; reason `mixed-kinds`: the patient's other devices are recorded and this one is live, or
 *                the other way round. It is kept and not scored
 * - link         `{state}`: a device's `state` message
 * - boot         `{boot, implied}`
 * - stream       `{boot, stream, closed}`
 * - refused      `{topic, stream, reason}`; counted, quarantined
 * - lost         `{boot, stream, index, count, reason}`
 * - late         `{boot, stream, index, count, found?}`; analysed apart
 * - clock        `{boot, stream, what, ...}`: step, drift, new anchor
 * - assignment   `{device, patient, author, reason}`
 * - attributes   `{attributes, author, reason}`
 * - limits       `{rules, prescriptions?, author, reason}`; `prescriptions`: all that there are from now on
 * - acknowledge  `{alert, accepted, author, note, revision}`
 * - worker       `{worker, state, detail}`; state is crashed, restored, torn-tail, damaged, blocked, unblocked, record-failed,
 *                snapshot-failed, connected or disconnected. Such events of the engine itself have partition -1
 * - quality-report a QualityReport of src/quality/quality-report.ts: what a device delivered in five minutes; they add up
 * - issue        a QualityIssue of src/quality/issue-desk.ts: a step of an issue of data quality
 * - correction   a CorrectionStep of src/quality/correction.ts: an overlay on what a device sends was made or taken back
 * - retention    `{what, segments, bytes, until, reasons}`: whole segments of journal or event log were deleted by age or bytes;
 *                `until` is the wall time of the newest of it, microseconds
 * - mismatch     `{event}`: a regenerated event differs from the one that is there
 */
export const systemEventTypes = [
  'session',
  'birth',
  'birth-refused',
  'link',
  'boot',
  'stream',
  'refused',
  'lost',
  'late',
  'clock',
  'assignment',
  'attributes',
  'limits',
  'acknowledge',
  'worker',
  'quality-report',
  'issue',
  'correction',
  'retention',
  'mismatch',
] as const
export type SystemEventType = (typeof systemEventTypes)[number]
