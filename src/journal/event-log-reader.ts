import type { EventBatch, EventLog, EventLogReader, LogContent, LogPosition } from './event-log.js'

/** Reads on from `from`, batch by batch. */
export function followEventLog(
  log: EventLog,
  from: LogPosition,
  options: { maxEvents?: number; content?: LogContent } = {},
): EventLogReader {
  let position = from
  let closed = false
  let news = true
  let wake: (() => void) | null = null
  const forget = log.onAppend(() => {
    news = true
    wake?.()
  })
  return {
    get position() {
      return position
    },
    bytesBehind: () => log.bytesBehind(position),
    close() {
      closed = true
      forget()
      wake?.()
    },
    async next(): Promise<EventBatch | null> {
      while (!closed) {
        news = false
        const batch = await log.read(position, options.maxEvents ?? 1000, options.content)
        if (closed) return null
        position = batch.position
        if (batch.events.length + batch.segments.length > 0) return batch
        if (news) continue
        await new Promise<void>(resolve => {
          wake = resolve
        })
        wake = null
      }
      return null
    },
  }
}
