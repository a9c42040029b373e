import { type IPublishPacket, parser } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { checkHashes, checkLedger, timeAlerts } from '../../bench/load/check-run.js'
import type { FeedWatch, SeenAlert } from '../../bench/load/feed-watch.js'
import type { LoadResult } from '../../bench/load/generator-messages.js'
import type { HighWaterWatch } from '../../bench/load/high-water-watch.js'
import { deviceId, deviceNumber, PublishTemplate } from '../../bench/load/packets.js'
import { type ReferenceRun, runReference } from '../../bench/load/reference-run.js'
import { makeTemplate } from '../../bench/load/template.js'
import type { Ledger } from '../../src/engine/partition-types.js'
import { decodeBirth } from '../../src/wire/birth.js'
import { decodeChunk } from '../../src/wire/chunk.js'
import { zeroSamples } from '../../src/wire/ledger.js'
import { decodePack } from '../../src/wire/pack.js'
import { parseTopic } from '../../src/wire/topics.js'

function parse(bytes: Buffer): IPublishPacket[] {
  const packets: IPublishPacket[] = []
  const reader = parser({ protocolVersion: 4 })
  reader.on('packet', packet => packets.push(packet as IPublishPacket))
  reader.parse(bytes)
  return packets
}

const template = await makeTemplate({ seed: 3, seconds: 40, alerting: true })
const reference = runReference(template)

describe('packets of the load generator', () => {
  test('every stamped packet is a PUBLISH that the wire protocol accepts', () => {
    const birth = decodeBirth(template.birth)
    if (!('ok' in birth)) throw new Error(birth.reason)
    const streams = new Map(birth.ok.streams.map(stream => [stream.id, stream]))
    const packets = template.messages.map(({ topic, stream, payload }) => new PublishTemplate(topic, stream, payload))
    const out = Buffer.alloc(packets.reduce((sum, packet) => sum + packet.length, 0))
    let at = 0
    for (const [k, packet] of packets.entries()) at = packet.stamp(out, at, 90_210 + k, 65_000 + k)
    const read = parse(out)
    expect(read).toHaveLength(packets.length)
    const samples = { ecg: 0, ppg: 0 }
    for (const [k, packet] of read.entries()) {
      const topic = parseTopic(packet.topic)!
      expect(deviceNumber(topic.device)).toBe(90_210 + k)
      expect(packet.messageId).toBe(65_000 + k)
      expect(packet.qos).toBe(1)
      const payload = packet.payload as Buffer
      if (topic.kind === 'n') expect(decodePack(payload)).toHaveProperty('ok')
      else {
        const spec = streams.get(topic.stream)!
        const chunk = decodeChunk(payload, spec)
        if (!('ok' in chunk)) throw new Error(chunk.reason)
        samples[spec.kind as 'ecg' | 'ppg'] += chunk.ok.n
      }
    }
    expect(samples).toEqual({ ecg: 40 * 250, ppg: 40 * 100 })
  })

  test('a packet is stamped anew without a trace of the stamp before', () => {
    const packet = new PublishTemplate('n', 'n', Buffer.from('[]'))
    const fresh = Buffer.alloc(packet.length)
    const used = Buffer.alloc(packet.length)
    new PublishTemplate('n', 'n', Buffer.from('[]')).stamp(fresh, 0, 7, 9)
    packet.stamp(used, 0, 999_999, 65_535)
    packet.stamp(used, 0, 7, 9)
    expect(used).toEqual(fresh)
    expect(parse(used)[0]?.topic).toBe(`vw/1/bench/${deviceId(7)}/n`)
  })

  test('an alerting template raises the desaturation at the message that ends its delay', () => {
    const active = reference.alerts.filter(({ condition, from, to }) => condition === 'desaturation' && to === 'active' && from !== to)
    // Below 85 % from second 6 on, for 3 s; from second 36 on while it is latched, so at once.
    expect(active.map(alert => Math.round(alert.t / 1e6))).toEqual([9, 36])
    for (const alert of active) expect(template.messages[alert.message]!.time * 1e6).toBeGreaterThanOrEqual(alert.t)
  })
})

describe('checks of a run', () => {
  const clean = { ...zeroSamples(), offered: 10, stored: 10 }
  const messages: Ledger['messages'] = { received: 1, accepted: 1, duplicate: 0, refused: {} }

  test('refuse a ledger that lost, doubled or refused something', () => {
    expect(() => checkLedger({ ...clean, messages }, 10)).not.toThrow()
    expect(() => checkLedger({ ...clean, offered: 11, messages }, 10)).toThrow(/balance/)
    expect(() => checkLedger({ ...clean, offered: 11, lost: 1, messages }, 10)).toThrow(/were sent/)
    expect(() => checkLedger({ ...clean, messages }, 11)).toThrow(/were sent/)
    expect(() => checkLedger({ ...clean, messages: { ...messages, refused: { crc: 1 } } }, 10)).toThrow(/refused/)
  })

  test('refuse a device that ended with other events', () => {
    const { eventHash, eventCount } = reference
    const marks = (hash: string) => ({ finals: new Map([[0, { eventHash: hash, eventCount }]]) }) as unknown as HighWaterWatch
    expect(() => checkHashes(marks(eventHash), [reference], 1)).not.toThrow()
    expect(() => checkHashes(marks('other'), [reference], 1)).toThrow(/expected/)
    expect(() => checkHashes(marks(eventHash), [reference], 2)).toThrow(/load-000001/)
  })

  test('time an alert from the message that it needed, and refuse one that is missing, doubled or another', () => {
    const own: ReferenceRun = { ...reference, alerts: [{ condition: 'desaturation', from: 'pending', to: 'active', t: 9e6, message: 5 }] }
    const load = { watched: [[1000]] } as unknown as LoadResult
    const frame: SeenAlert = { condition: 'desaturation', to: 'active', t: 9e6, arrived: 13_500 }
    const feed = (...seen: SeenAlert[]) => ({ alerts: new Map([[0, seen]]) }) as unknown as FeedWatch
    expect(timeAlerts(feed(frame), load, [[5]], [own])).toMatchObject({ p50: 12.5, p99: 12.5, count: 1 })
    expect(() => timeAlerts(feed(), load, [[5]], [own])).toThrow(/0 changes/)
    expect(() => timeAlerts(feed(frame, frame), load, [[5]], [own])).toThrow(/2 changes/)
    expect(() => timeAlerts(feed({ ...frame, to: 'clearing' }), load, [[5]], [own])).toThrow(/change 0/)
  })
})
