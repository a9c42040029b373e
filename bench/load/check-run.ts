import type { Ledger } from '../../src/engine/partition-types.js'
import { type Percentiles, percentilesOf } from '../statistics.js'
import type { FeedWatch } from './feed-watch.js'
import type { LoadResult } from './generator-messages.js'
import type { HighWaterWatch } from './high-water-watch.js'
import { deviceId } from './packets.js'
import type { ReferenceRun } from './reference-run.js'

/** Throws unless every sample of every device is stored once and nothing else was counted. */
export function checkLedger(ledger: Ledger, expectedStored: number): void {
  const { offered, stored, late, duplicate, rejected, held, lost } = ledger
  const counted = JSON.stringify({ offered, stored, late, duplicate, rejected, held, lost })
  if (offered !== stored + late + duplicate + rejected + held + lost) throw new Error(`the ledger does not balance: ${counted}`)
  if (stored !== expectedStored || offered !== stored) throw new Error(`${expectedStored} samples were sent, the ledger has ${counted}`)
  if (Object.keys(ledger.messages.refused).length > 0) throw new Error(`refused: ${JSON.stringify(ledger.messages.refused)}`)
}

/** Throws unless every device ended with the event hash that its bytes have in process. */
export function checkHashes(marks: HighWaterWatch, references: readonly ReferenceRun[], devices: number): void {
  for (let device = 0; device < devices; device++) {
    const { eventHash, eventCount } = references[device % references.length]!
    const final = marks.finals.get(device)
    if (final?.eventHash !== eventHash || final.eventCount !== eventCount) {
      throw new Error(
        `${deviceId(device)} ended with ${final?.eventHash} (${final?.eventCount} events), expected ${eventHash} (${eventCount})`,
      )
    }
  }
}

/**
 * Milliseconds from sending the last message that a decision needed to the arrival of its frame, over all alerts that
 * became active. Throws unless every change of every alert came exactly once and in order. What the end of a session
 * decides is checked and not timed: `message` is then the last of all.
 */
export function timeAlerts(
  feed: FeedWatch,
  load: LoadResult,
  watched: readonly number[][],
  references: readonly ReferenceRun[],
): Percentiles {
  const latencies: number[] = []
  for (const [device, sent] of load.watched.entries()) {
    const template = device % references.length
    const expected = references[template]!.alerts
    const seen = feed.alerts.get(device) ?? []
    if (seen.length !== expected.length)
      throw new Error(`${deviceId(device)}: ${seen.length} changes of alerts on the feed, expected ${expected.length}`)
    for (const [k, change] of expected.entries()) {
      const frame = seen[k]!
      if (frame.condition !== change.condition || frame.to !== change.to || frame.t !== change.t) {
        throw new Error(
          `${deviceId(device)}: change ${k} is ${frame.condition} to ${frame.to}, expected ${change.condition} to ${change.to}`,
        )
      }
      if (change.to !== 'active' || change.from === 'active') continue
      const at = sent[watched[template]!.indexOf(change.message)]
      if (at === undefined) throw new Error(`${deviceId(device)}: message ${change.message} has no send time`)
      latencies.push((frame.arrived - at) / 1e3)
    }
  }
  return percentilesOf(Float64Array.from(latencies))
}
