import { describe, expect, it } from 'vitest'
import { decodeBirth } from '../../src/wire/birth.js'
import { decodeCommand, decodeHighWater, encodeCommand, encodeHighWater } from '../../src/wire/commands.js'
import { decodeDeviceEvent, encodeDeviceEvent } from '../../src/wire/device-event.js'
import { encodeDocument } from '../../src/wire/document.js'
import { Quarantine } from '../../src/wire/quarantine.js'
import { deviceStates } from '../../src/wire/receiver-actions.js'
import { decodeState, encodeState } from '../../src/wire/state.js'
import { Bench } from './sample-device.js'

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

describe('state', () => {
  it('reads each of its words, JSON and CBOR', () => {
    for (const state of deviceStates) {
      for (const encoding of ['json', 'cbor'] as const)
        expect(decodeState(encodeState({ state, boot: 3 }, encoding))).toEqual({ ok: { state, boot: 3 } })
    }
  })

  it('is refused by reason', () => {
    const bench = new Bench()
    bench.say('state', Uint8Array.from([0]))
    bench.say('state', text({ state: 'dreaming', boot: 7 }))
    bench.say('state', encodeState({ state: 'lost', boot: 7 }))
    expect(bench.reasons()).toEqual(['state-syntax', 'state-shape'])
    expect(bench.ofType('state')).toEqual([{ type: 'state', state: 'lost', boot: 7 }])
  })
})

describe('device events', () => {
  it('are read as they are written', () => {
    const message = {
      boot: 7,
      seq: 1,
      event: { t: 5, event: 'lead-off', on: false, stream: 'ecg', channel: 'II', index: 250, value: 1, unit: '1' },
    } as const
    for (const encoding of ['json', 'cbor'] as const)
      expect(decodeDeviceEvent(encodeDeviceEvent(message, encoding))).toEqual({ ok: message })
  })

  it('are on unless they say otherwise', () => {
    expect(decodeDeviceEvent(text({ boot: 7, seq: 0, t: 0, event: 'button' }))).toMatchObject({ ok: { event: { on: true } } })
  })

  it('are told apart from their duplicates by boot and seq', () => {
    const bench = new Bench()
    const bytes = encodeDeviceEvent({ boot: 7, seq: 0, event: { t: 0, event: 'button', on: true } })
    bench.say('e', bytes)
    bench.say('e', bytes)
    bench.say('e', text({ boot: 7, seq: 1, t: 0, event: 'explosion' }))
    bench.say('e', text('x'))
    bench.say('e', Uint8Array.from([0]))
    bench.say('e', text({ boot: 7, seq: 1, t: 0, event: 'resend-failed' }))
    expect(bench.ofType('device-event')).toHaveLength(1)
    expect(bench.receiver.ledger().byTopic.e).toEqual({
      received: 6,
      accepted: 1,
      duplicate: 1,
      refused: { 'event-shape': 3, 'event-syntax': 1 },
    })
  })
})

describe('commands and high water', () => {
  it('are read as they are written', () => {
    for (const command of [
      { id: 'a', cmd: 'rebirth' },
      { id: 'b', cmd: 'resend', stream: 'ecg', from: 3, to: 66 },
      { id: 'c', cmd: 'time', utc: 1_700_000_000_000_000 },
    ] as const)
      expect(decodeCommand(encodeCommand(command))).toEqual(command)
    const water = {
      boot: 7,
      level: 'process',
      streams: { ecg: { seq: 5, index: 1250 } },
      final: true,
      eventHash: 'ab',
      eventCount: 3,
    } as const
    expect(decodeHighWater(encodeHighWater(water))).toEqual(water)
    expect(decodeHighWater(encodeHighWater({ ...water, eventHash: null, eventCount: null }))).toMatchObject({ eventHash: null })
  })

  it.each([
    { id: 'b', cmd: 'resend', stream: 'ecg', from: 3, to: 67 },
    { id: 'b', cmd: 'resend', stream: 'ecg', from: 3, to: 2 },
    { id: 'x', cmd: 'dance' },
    5,
  ])('are left alone when they are not accepted: %j', command => {
    expect(decodeCommand(encodeDocument(command))).toBeNull()
    expect(decodeHighWater(encodeDocument(command))).toBeNull()
  })
})

describe('JSON chunks', () => {
  const chunk = { boot: 7, seq: 0, index: 0, t0: 0, values: [[0.5, null, -1]] }

  it('are read in physical values and counted apart', () => {
    const bench = new Bench()
    bench.say('w', text(chunk))
    bench.say('w', text(chunk))
    expect(bench.ofType('block')[0]?.chunk).toMatchObject({ index: 0, n: 3, channels: [Float64Array.of(0.5, Number.NaN, -1)] })
    expect(bench.receiver.ledger()).toMatchObject({ jsonChunks: 2, stored: 3, duplicate: 3, invalid: 1 })
  })

  it.each<[string, unknown]>([
    ['json-shape', { ...chunk, seq: -1 }],
    ['json-shape', { ...chunk, values: [['a']] }],
    ['json-shape', { ...chunk, patient: 1 }],
    ['channels', { ...chunk, values: [[1], [2]] }],
    ['empty', { ...chunk, values: [[]] }],
    ['unknown-boot', { ...chunk, boot: 1 }],
    ['range', { ...chunk, index: Number.MAX_SAFE_INTEGER }],
    ['too-long', { ...chunk, values: [new Array(40_000).fill(1)] }],
  ])('are refused with the reason %s', (reason, document) => {
    const bench = new Bench()
    bench.say('w', text(document))
    expect(bench.reasons()).toEqual([reason])
  })

  it('are refused when they are no JSON', () => {
    const bench = new Bench()
    bench.say('w', new TextEncoder().encode('{"boot":'))
    expect(bench.reasons()).toEqual(['json-syntax'])
  })
})

describe('quarantine', () => {
  it('keeps the newest up to its bound, and all counts', () => {
    const quarantine = new Quarantine(10_000)
    const bytes = new Uint8Array(744)
    for (let at = 0; at < 100; at++) quarantine.add({ device: 'd', topic: 'w', stream: 'ecg', reason: at % 2 ? 'crc' : 'size', at, bytes })
    expect(quarantine.list().map(item => item.at)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
    expect(quarantine.bytes).toBeLessThanOrEqual(10_000)
    expect(quarantine.countsByReason()).toEqual({ crc: 50, size: 50 })
    quarantine.add({ device: 'd', topic: 'w', stream: 'ecg', reason: 'size', at: 0, bytes: new Uint8Array(20_000) })
    expect(quarantine.list()).toHaveLength(10)
  })
})

describe('birth', () => {
  it('has at most 1,024 channels over all its streams', () => {
    const stream = (id: string, count: number) => ({
      id,
      kind: 'ecg',
      channels: Array.from({ length: count }, (_, k) => `c${k}`),
      unit: 'mV',
      fs: [250, 1],
      t0: 0,
      gain: 1000,
      baseline: 0,
      bits: 16,
      codec: 0,
    })
    const birth = (counts: number[]) =>
      decodeBirth(
        text({ boot: 1, model: 'm', firmware: 'f', clock: 'monotonic', streams: counts.map((count, k) => stream(`s${k}`, count)) }),
      )
    expect(birth([256, 256, 256, 256])).toHaveProperty('ok')
    expect(birth([256, 256, 256, 256, 1])).toMatchObject({ reason: 'birth-shape', detail: expect.stringContaining('at most 1024') })
  })
})
