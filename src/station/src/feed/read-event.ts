import type { FeedEvent } from '../../../server/feed-protocol.js'
import type { WardScore, WardVital } from './ward-types.js'

/** A `measurement` event as a vital sign; what is not as expected counts as not measurable, never as a value. */
export function vitalOf(event: FeedEvent): WardVital {
  const { name, value, unit, quality, status, reason } = event.body
  return {
    name: String(name),
    value: typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null,
    unit: String(unit ?? ''),
    quality: typeof quality === 'number' ? quality : null,
    status: String(status ?? ''),
    reason: typeof reason === 'string' ? reason : null,
    stream: event.stream,
    t: event.t,
    at: event.at,
  }
}

/** A `score` event. */
export function scoreOf(event: FeedEvent): WardScore {
  const { score, total, complete, band, items, missing, stale, refused } = event.body
  return {
    score: String(score),
    total: typeof total === 'number' ? total : null,
    complete: complete === true,
    band: typeof band === 'string' ? band : null,
    items: Array.isArray(items) ? items : [],
    missing: Array.isArray(missing) ? missing.map(String) : [],
    stale: Array.isArray(stale) ? stale.map(String) : [],
    refused: typeof refused === 'string' ? refused : null,
    t: event.t,
    at: event.at,
  }
}
