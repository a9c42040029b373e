import type { Finding, RunHistory } from '../history.js'
import { expectedRows } from '../store-contents.js'

/** Every event that the store keeps is there once with its value, nothing else is, and it leads to all raw chunks. */
export function checkStore({ store, storeKind, log, devices }: RunHistory): Finding[] {
  const findings: Finding[] = store.doubled.map(key => ({ check: 'store-doubled', detail: key }))
  const left = new Map(store.rows)
  const expected = new Map<string, string>()
  const once = [...new Map(log.map(event => [event.id, event])).values()]
  for (const { key, value } of expectedRows(storeKind, once)) {
    const before = expected.get(key)
    if (before !== undefined && before !== value) findings.push({ check: 'store-collision', detail: `${key}: ${before} and ${value}` })
    expected.set(key, value)
  }
  for (const [key, value] of expected) {
    const found = left.get(key)
    left.delete(key)
    if (found === undefined) findings.push({ check: 'store-missing', detail: key })
    else if (!sameValue(found, value)) findings.push({ check: 'store-changed', detail: `${key}: ${found}, expected ${value}` })
  }
  for (const key of left.keys()) findings.push({ check: 'store-extra', detail: key })
  for (const { device, offered } of devices) {
    for (const { topic, stream, payload } of offered) {
      if (topic !== 'w') continue
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
      const place = `${device}/${stream}/${Number(view.getBigUint64(16, true))}`
      if (view.getUint16(32, true) > 0 && !store.chunks.has(place)) findings.push({ check: 'store-chunk-missing', detail: place })
    }
  }
  return findings
}

/** Numbers come back in another notation (1e-7, 0.0000001). */
function sameValue(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b))
}
