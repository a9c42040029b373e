import { GlucoseCourse, type GlucoseOutlook, predictGlucose } from '../../glucose/glucose-course.js'
import { findGlucoseEvents, type GlucoseLevel } from '../../glucose/glucose-events.js'
import type { GlucoseReading } from '../../glucose/glucose-metrics.js'
import type { MeasuredPair } from '../compare/agreement.js'

/** Readings further apart are not joined to a reference between them. */
const joinedSeconds = 930
/** An alert speaks for an event that begins within this time. */
const hopedSeconds = 3600
/** An alert ends with this much time above its limit. */
const clearSeconds = 900

interface Point extends GlucoseReading {
  readonly outlook: GlucoseOutlook | null
}

/** Every reading with what the shipped course says at it. */
export function followCourse(readings: readonly GlucoseReading[]): Point[] {
  const course = new GlucoseCourse()
  return readings.map(({ time, value }) => ({ time, value, outlook: course.push(time, value) }))
}

/** Outlook `seconds` ahead beside the trace at that time (linear between its readings); times without a trace are no pairs. */
export function predictionPairs(points: readonly Point[], seconds: number): { pair: MeasuredPair; held: number }[] {
  const pairs: { pair: MeasuredPair; held: number }[] = []
  let next = 0
  for (const { time, value, outlook } of points) {
    const at = time + seconds
    while (next < points.length && points[next]!.time < at) next++
    const after = points[next]
    const before = points[next - 1]
    if (after === undefined) break
    if (before === undefined || after.time - before.time > joinedSeconds) continue
    const reference = before.value + ((after.value - before.value) * (at - before.time)) / (after.time - before.time)
    // The floor of a sensor, as in the outlook of the course.
    const estimate = outlook === null ? null : Math.max(10, predictGlucose(value, outlook.rate, seconds))
    pairs.push({ pair: { reference, estimate }, held: value - reference })
  }
  return pairs
}

/** Counts of events and of episodes of a predictive alert; seconds of warning of the events that it spoke for. */
export interface AlertCounts {
  readonly events: number
  readonly alerted: number
  readonly alerts: number
  readonly falseAlerts: number
  readonly leads: readonly number[]
}

/**
 * Episodes in which the 20-min outlook lies below `limit` against events of `level`, episode by episode rather than reading by
 * reading. An event is alerted when an episode that began before its first reading is still on then, or began in the hour before;
 * an episode is false when no event begins while it is on or within an hour of its beginning. Episodes that begin in an event are
 * not counted.
 */
export function scoreAlerts(points: readonly Point[], limit: number, level: GlucoseLevel): AlertCounts {
  const events = findGlucoseEvents(points, level)
  const alerts = findAlerts(points, limit).filter(({ start }) => !events.some(({ from, to }) => start >= from && start < to))
  const speaksFor = ({ start, end }: Alert, from: number) => start < from && from <= Math.max(end + clearSeconds, start + hopedSeconds)
  const leads = events.flatMap(({ from }) => {
    const first = alerts.find(alert => speaksFor(alert, from))
    return first === undefined ? [] : [from - first.start]
  })
  const falseAlerts = alerts.filter(alert => !events.some(({ from }) => speaksFor(alert, from))).length
  return { events: events.length, alerted: leads.length, alerts: alerts.length, falseAlerts, leads }
}

interface Alert {
  readonly start: number
  /** Last reading whose outlook lies below the limit. */
  end: number
}

function findAlerts(points: readonly Point[], limit: number): Alert[] {
  const alerts: Alert[] = []
  for (const { time, outlook } of points) {
    if (outlook === null || outlook.predicted >= limit) continue
    const last = alerts.at(-1)
    if (last === undefined || time - last.end > clearSeconds) alerts.push({ start: time, end: time })
    else last.end = time
  }
  return alerts
}
