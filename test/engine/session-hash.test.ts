import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SessionHash } from '../../src/engine/session-hash.js'
import type { PatientEvent } from '../../src/monitor/event.js'

const origin = 1_000_000

function event(seconds: number, value: number): PatientEvent {
  return { t: origin + seconds * 1e6, type: 'measurement', stream: 'ecg', body: { name: 'heart-rate', value }, note: { decided: 1 } }
}

function hashOf(events: readonly PatientEvent[]): string | null {
  const hash = new SessionHash(origin)
  for (const each of events) hash.add(each)
  return hash.close().eventHash
}

describe('session hash', () => {
  it('is the SHA-256 over the hashes of the minutes, each over its sorted canonical lines', () => {
    const sha = (text: string) => createHash('sha256').update(text).digest()
    const line = (t: number, value: number) => `{"name":"heart-rate","stream":"ecg","t":${t},"type":"measurement","value":${value}}\n`
    const minutes = [sha(line(1e6, 60) + line(2e6, 61)), sha(line(61e6, 62))]
    const expected = createHash('sha256').update(Buffer.concat(minutes)).digest('hex')
    expect(hashOf([event(1, 60), event(2, 61), event(61, 62)])).toBe(expected)
  })

  it('does not depend on the order in which events of a minute come', () => {
    expect(hashOf([event(2, 61), event(1, 60)])).toBe(hashOf([event(1, 60), event(2, 61)]))
  })

  it('does not contain notes and the absolute time', () => {
    const moved = new SessionHash(origin + 5e6)
    moved.add({ ...event(1, 60), t: origin + 6e6, note: { decided: 99 } })
    expect(moved.close().eventHash).toBe(hashOf([event(1, 60)]))
  })

  it('changes with a value, a time and a missing event', () => {
    const base = hashOf([event(1, 60), event(2, 61)])
    expect(hashOf([event(1, 60), event(2, 62)])).not.toBe(base)
    expect(hashOf([event(1, 60), event(2.000001, 61)])).not.toBe(base)
    expect(hashOf([event(1, 60)])).not.toBe(base)
  })

  it('goes on identically from a saved state', () => {
    const whole = hashOf([event(1, 60), event(2, 61), event(400, 70), event(401, 71)])
    const first = new SessionHash(origin)
    first.add(event(1, 60))
    first.add(event(2, 61))
    const second = new SessionHash(0)
    second.load(structuredClone(first.save()))
    second.add(event(400, 70))
    second.add(event(401, 71))
    expect(second.close()).toMatchObject({ eventHash: whole, eventCount: 4 })
  })

  it('gives no hash when an event comes for a minute that was settled long ago', () => {
    expect(hashOf([event(1, 60), event(1000, 61), event(2, 62)])).toBeNull()
  })
})
