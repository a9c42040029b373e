import type { DeviceEvent } from '../signal/numeric.js'
import type { SignalSource, SourceEvent } from './signal-source.js'
import { type StreamPlan, sampleAtOrAfter, type Window } from './stream-plan.js'

/** Events of the source in the window, with streams and channels by their names in the birth; times on the device clock. */
export function listEvents(source: SignalSource, plans: readonly StreamPlan[], window: Window): DeviceEvent[] {
  const events: DeviceEvent[] = []
  for (const event of source.faults?.events ?? []) {
    if (event.t < window.from || event.t >= window.to) continue
    const placed = placeEvent(source, plans, event)
    if (placed !== null) events.push({ ...placed, t: event.t - window.zero })
  }
  return events
}

/** Null when it concerns a signal that was not chosen. */
function placeEvent(source: SignalSource, plans: readonly StreamPlan[], event: SourceEvent): DeviceEvent | null {
  const { signal, channelOnly, ...plain } = event
  if (signal === undefined) return plain
  const plan = plans.find(candidate => candidate.signals.includes(signal))
  const info = source.signals[signal]
  if (plan === undefined || info === undefined) return null
  const channel = plan.birth.channels[plan.signals.indexOf(signal)]!
  return {
    ...plain,
    stream: plan.birth.id,
    ...(channelOnly === true ? { channel } : {}),
    index: Math.max(0, sampleAtOrAfter(event.t, info) - plan.firstSample),
  }
}
