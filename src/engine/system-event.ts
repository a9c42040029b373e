/**
 * What the engine says of itself, in `LoggedEvent`s with `log: "system"`. Bodies, by type:
 * - session      `{session, state: "opened"|"closed"|"disordered", eventHash?, eventCount?, record?}`
 * - birth        `{boot, model, firmware, clock, streams, numerics}`; the streams of the device as born
 * - birth-refused `{reason, boot}`
 * - link         `{state}`: a device's `state` message
 * - boot         `{boot, implied}`
 * - stream       `{boot, stream, closed}`
 * - refused      `{topic, stream, reason}`; counted, quarantined
 * - lost         `{boot, stream, index, count, reason}`
 * - late         `{boot, stream, index, count, found?}`; analysed apart
 * - clock        `{boot, stream, what, ...}`: step, drift, new anchor
 * - assignment   `{device, patient, author, reason}`
 * - attributes   `{attributes, author, reason}`
 * - limits       `{rules, author, reason}`
 * - acknowledge  `{alert, accepted, author, note, revision}`
 * - worker       `{worker, state: "crashed"|"restored", detail}`
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
  'mismatch',
] as const
export type SystemEventType = (typeof systemEventTypes)[number]
