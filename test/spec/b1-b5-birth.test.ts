import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Birth, decodeBirth, encodeBirth } from '../../src/wire/birth.js'
import { encodeDeviceEvent } from '../../src/wire/device-event.js'
import { encodeDocument } from '../../src/wire/document.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'
import { encodePack } from '../../src/wire/pack.js'
import { Bench, birthOf, chunkOf, ecg } from '../wire/sample-device.js'

/** The birth as it stands in a message, with fields of its stream changed. */
function raw(stream: Record<string, unknown> = {}, top: Record<string, unknown> = {}): Record<string, unknown> {
  const { fs, ...rest } = ecg
  return { ...birthOf(), streams: [{ ...rest, fs: [fs.num, fs.den], gain: 200, baseline: 0, bits: 16, ...stream }], ...top }
}

describe('B1: the birth comes first', () => {
  it('B1 holds data without a birth and asks for it at most once in 10 s', () => {
    const bench = new Bench(null)
    for (let seq = 0; seq < 25; seq++) {
      bench.chunk(seq)
      bench.at += 1_000_000
    }
    bench.say('n', encodePack({ boot: 7, seq: 0, clock: 1e6, samples: [] }))
    bench.say('e', encodeDeviceEvent({ boot: 7, seq: 0, event: { t: 5, event: 'button', on: true } }))
    expect(bench.ofType('command')).toHaveLength(3)
    expect(bench.actions.every(action => action.type === 'command')).toBe(true)
    expect(bench.receiver.ledger()).toMatchObject({ offered: 0, waiting: { messages: 27 } })
    bench.say('birth', encodeBirth(birthOf()))
    expect(bench.released()).toEqual(Array.from({ length: 25 }, (_, k) => k))
    expect(
      bench.actions
        .filter(action => action.type !== 'command')
        .slice(0, 2)
        .map(action => action.type),
    ).toEqual(['birth', 'boot'])
    expect(bench.ofType('numerics')).toHaveLength(1)
    expect(bench.ofType('device-event')).toHaveLength(1)
    expect(bench.receiver.ledger()).toMatchObject({ stored: 6250, waiting: { messages: 0, bytes: 0 } })
  })

  it('B1 gives up after 10 min of receive time', () => {
    const bench = new Bench(null)
    bench.chunk(0)
    bench.at += 600_000_001
    bench.chunk(1)
    expect(bench.reasons()).toEqual(['no-birth'])
    expect(bench.receiver.ledger()).toMatchObject({ messages: { received: 1, refused: { 'no-birth': 1 } }, waiting: { messages: 1 } })
  })

  it('B1 keeps at most 16 MiB', () => {
    const bench = new Bench(null)
    const payload = chunkOf(0, { codec: 0, n: 30_000 })
    for (let k = 0; k < 300; k++) bench.say('w', payload)
    expect(bench.reasons().length).toBeGreaterThan(10)
    expect(new Set(bench.reasons())).toEqual(new Set(['no-birth']))
    expect(bench.receiver.ledger().waiting.bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
  })

  it('B1 keeps what it holds over a save', () => {
    const bench = new Bench(null)
    bench.chunk(0)
    const other = new Bench(null)
    other.receiver.load(structuredClone(bench.receiver.save()))
    other.say('birth', encodeBirth(birthOf()))
    expect(other.released()).toEqual([0])
  })

  it('B1 does not hold what no birth can make readable', () => {
    const bench = new Bench(null)
    bench.say('w', Uint8Array.from([1, 2, 3]))
    expect(bench.reasons()).toEqual(['magic'])
  })
})

describe('B2: boots grow', () => {
  it('B2 refuses a lower boot and reports it', () => {
    const bench = new Bench()
    bench.say('birth', encodeBirth(birthOf({ boot: 6 })))
    expect(bench.ofType('birth-refused')).toMatchObject([{ reason: 'birth-lower-boot', boot: 6 }])
    expect(bench.reasons()).toEqual(['birth-lower-boot'])
    expect(bench.receiver.boot).toBe(7)
  })

  it('B2 starts seq and index at 0 again, and files chunks of the older boot under it', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.say('birth', encodeBirth(birthOf({ boot: 8 })))
    bench.chunk(0, { boot: 8 })
    bench.chunk(1)
    expect(bench.ofType('close').map(close => [close.stream, close.reason])).toEqual([
      ['ecg', 'boot'],
      ['n', 'boot'],
    ])
    expect(bench.ofType('block').map(block => block.boot)).toEqual([7, 8])
    expect(bench.ofType('late').map(late => late.boot)).toEqual([7])
    expect(bench.receiver.highWater()).toMatchObject({ boot: 8, streams: { ecg: { seq: 1, index: 250 } } })
  })

  it('B2 refuses data of a boot that was never born and cannot be any more', () => {
    const bench = new Bench()
    bench.chunk(0, { boot: 3 })
    expect(bench.reasons()).toEqual(['unknown-boot'])
  })
})

describe('births', () => {
  it('B3 has no default rate and takes fractions', () => {
    expect(decodeBirth(encodeDocument(raw({ fs: undefined })))).toMatchObject({
      reason: 'birth-shape',
      detail: expect.stringContaining('streams[0].fs') as string,
    })
    for (const fs of [250, [250], [250, 0], [0, 1], [1.5, 1], ['250', 1]])
      expect(decodeBirth(encodeDocument(raw({ fs })))).toMatchObject({ reason: 'birth-shape' })
    expect(decodeBirth(encodeDocument(raw({ fs: [3579, 14] })))).toMatchObject({ ok: { streams: [{ fs: { num: 3579, den: 14 } }] } })
  })

  it('B4 turns digital into physical with gain and baseline of each channel', () => {
    const two = { ...ecg, channels: ['I', 'II'], gain: [200, 1000], baseline: [0, 512], bits: [16, 12], codec: 0 as const }
    const bench = new Bench(birthOf({ streams: [two] }))
    bench.say('w', twoChannels([-100, 400], [512, 1512]))
    expect(bench.ofType('block')[0]?.chunk.channels.map(channel => [...channel])).toEqual([
      [-0.5, 2],
      [0, 1],
    ])
  })

  it('B5 takes the same birth again, with another battery, and refuses any other under the same boot', () => {
    const bench = new Bench()
    bench.say('birth', encodeBirth(birthOf({ battery: 80 })))
    bench.say('birth', encodeBirth(birthOf({ battery: 79 }), 'cbor'))
    expect(bench.ofType('birth').map(action => 'again' in action && action.again)).toEqual([true, true])
    bench.say('birth', encodeBirth(birthOf({ firmware: '1.1' })))
    expect(bench.reasons()).toEqual(['birth-differs'])
  })

  it('reads what it writes, JSON and CBOR', () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/)
    const stream = fc
      .record({
        count: fc.integer({ min: 1, max: 4 }),
        kind: fc.constantFrom('ecg', 'ppg', 'other'),
        codec: fc.constantFrom(0, 1, 2, 3),
        num: fc.integer({ min: 1, max: 5000 }),
      })
      .chain(({ count, kind, codec, num }) =>
        fc.record({
          kind: fc.constant(kind),
          channels: fc.uniqueArray(name, { minLength: count, maxLength: count }),
          unit: fc.constantFrom('mV', '%', 'mm[Hg]'),
          fs: fc.constant({ num, den: 7 }),
          t0: fc.nat(),
          gain: fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: count, maxLength: count }),
          baseline: fc.array(fc.integer({ min: -2048, max: 2048 }), { minLength: count, maxLength: count }),
          bits: fc.array(fc.integer({ min: 2, max: 16 }), { minLength: count, maxLength: count }),
          codec: fc.constant(codec),
        }),
      )
    const birth = fc.record({
      boot: fc.nat(),
      session: fc.stringMatching(/^[a-z]{1,9}$/),
      streams: fc.uniqueArray(fc.tuple(name, stream), { minLength: 1, maxLength: 3, selector: ([id]) => id }),
      encoding: fc.constantFrom('json', 'cbor'),
    })
    fc.assert(
      fc.property(birth, ({ boot, session, streams, encoding }) => {
        const sent = birthOf({
          boot,
          session,
          clock: 'recorded',
          streams: streams.map(([id, rest]) => ({ id: `s-${id}`, ...rest }) as Birth['streams'][0]),
        })
        expect(decodeBirth(encodeBirth(sent, encoding as 'json'))).toEqual({ ok: sent })
      }),
    )
  })

  it.each([
    ['boot', raw({}, { boot: -1 })],
    ['boot', raw({}, { boot: 2 ** 32 })],
    ['model', raw({}, { model: '' })],
    ['clock', raw({}, { clock: 'sundial' })],
    ['battery', raw({}, { battery: 101 })],
    ['session', raw({}, { session: 'a' })],
    ['streams', raw({}, { streams: [], numerics: undefined })],
    ['streams has ecg twice', raw({}, { streams: [0, 1].map(() => (raw().streams as unknown[])[0]) })],
    ['numerics.every', raw({}, { numerics: { t0: 0, every: 0 } })],
    ['streams[0].id', raw({ id: 'n' })],
    ['streams[0].id', raw({ id: 'ECG' })],
    ['streams[0].kind', raw({ kind: 7 })],
    ['streams[0].channels', raw({ channels: [] })],
    ['streams[0].channels', raw({ channels: ['I', 'I'] })],
    ['streams[0].gain', raw({ gain: 0 })],
    ['streams[0].gain', raw({ gain: [1, 2] })],
    ['streams[0].gain', raw({ gain: undefined })],
    ['streams[0].baseline', raw({ baseline: '0' })],
    ['streams[0].bits', raw({ bits: 33 })],
    ['streams[0].bits', raw({ codec: 0, bits: 24 })],
    ['streams[0].codec', raw({ codec: 4 })],
    ['streams[0].wavelengths', raw({ wavelengths: [660, 940] })],
    ['streams[0].t0', raw({ t0: 0.5 })],
    ['streams[0].patient', raw({ patient: 'x' })],
    ['message', []],
  ])('names the mistake: %s', (where, document) => {
    expect(decodeBirth(encodeDocument(document))).toMatchObject({ reason: 'birth-shape', detail: expect.stringContaining(where) as string })
  })

  it('leaves members that it does not know alone, so that a newer device is monitored', () => {
    expect(decodeBirth(encodeDocument(raw({ colour: 'red' }, { maker: 'someone' })))).toHaveProperty('ok')
  })

  it.each([
    ['pleth', 'ppg'],
    ['resp', 'respiration'],
    ['abp', 'pressure'],
    ['accelerometer', 'acceleration'],
    ['impedance-cardiogram', 'other'],
  ])('takes a stream of kind %s as %s, so that the others of its device are monitored', (said, kind) => {
    expect(decodeBirth(encodeDocument(raw({ kind: said })))).toMatchObject({ ok: { streams: [{ kind }] } })
  })

  it('takes the epoch in microseconds or as an ISO 8601 time', () => {
    expect(decodeBirth(encodeDocument(raw({}, { epoch: '2026-01-02T03:04:05.678Z' })))).toMatchObject({ ok: { epoch: 1767323045678000 } })
    expect(decodeBirth(encodeDocument(raw({}, { epoch: 'yesterday' })))).toMatchObject({ reason: 'birth-shape' })
  })
})

function twoChannels(first: number[], second: number[]): Uint8Array {
  return encodeChunk({ codec: 0, flags: 0, boot: 7, seq: 0, index: 0, t0: 0, n: first.length }, [first, second], [16, 12])
}
