import type { Finding, RunHistory } from '../history.js'
import { checkFeed } from './check-feed.js'
import { checkReference, checkRerun } from './check-log.js'
import { checkAcknowledged, checkHighWater, checkLedgers } from './check-samples.js'
import { checkStore } from './check-store.js'

/** Everything that is wrong with a run; empty: nothing. */
export function checkRun(history: RunHistory): Finding[] {
  return [
    ...checkAcknowledged(history),
    ...checkLedgers(history),
    ...checkHighWater(history),
    ...checkRerun(history),
    ...checkReference(history),
    ...checkFeed(history),
    ...checkStore(history),
  ]
}
