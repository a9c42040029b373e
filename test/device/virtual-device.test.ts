import { describe, expect, it } from 'vitest'
import { createVirtualDevice, type VirtualDeviceOptions } from '../../src/device/create-virtual-device.js'
import type { DeviceMessage } from '../../src/device/virtual-device.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'
import { decodeBirth } from '../../src/wire/birth.js'
import { decodePack } from '../../src/wire/pack.js'
import { collect, receiveAll } from './receive.js'
import { makeSmallSource, ramp } from './small-source.js'

const chunkLengths = [0.25, 0.5, 0.7, 1, 1.37, 2]

function birthOf(options: VirtualDeviceOptions) {
  const read = decodeBirth(createVirtualDevice(options).birth())
  if (!('ok' in read)) throw new Error(`${read.reason}: ${read.detail}`)
  return read.ok
}

function simulated(scenario: 'lead-off' | 'motion' | 'sensor-off', seconds: number) {
  return makeSyntheticSource({ name: 'sim', scenario, seed: 11, durationSeconds: seconds, onsetSeconds: 7 })
}

describe('a virtual device', () => {
  it('says the same bytes each time it is asked', async () => {
    const make = () => createVirtualDevice({ source: simulated('motion', 30), boot: 4 })
    const first = make()
    const a = await collect(first.messages())
    expect(await collect(first.messages())).toEqual(a)
    expect(await collect(make().messages())).toEqual(a)
    expect(make().birth()).toEqual(first.birth())
  })

  it('is received without a refusal, a gap or a hold, and closes every stream', async () => {
    const source = simulated('lead-off', 61.4)
    const device = createVirtualDevice({ source, boot: 4 })
    const { actions, streams, receiver } = await receiveAll(device)
    expect(actions.filter(({ type }) => !['birth', 'boot', 'close', 'device-event'].includes(type))).toEqual([])
    expect(actions.filter(({ type }) => type === 'close').map(action => 'stream' in action && action.stream)).toEqual([
      'n',
      'ecg',
      'ppg',
      'respiration',
    ])
    expect(receiver.closed).toBe(true)
    expect(streams.get('ecg')!.samples[0]!.length).toBe(Math.floor(61.4 * 250))
  })

  it('decodes to the same samples, flags and numerics however it is chunked', async () => {
    for (const scenario of ['lead-off', 'sensor-off'] as const) {
      const receptions = await Promise.all(
        chunkLengths.map(chunkSeconds => receiveAll(createVirtualDevice({ source: simulated(scenario, 60.3), boot: 1, chunkSeconds }))),
      )
      const [first, ...others] = receptions
      for (const other of others) {
        expect(other.streams).toEqual(first!.streams)
        expect(other.numerics).toEqual(first!.numerics)
      }
      expect(new Set(first!.streams.get(scenario === 'lead-off' ? 'ecg' : 'ppg')!.flags).size).toBe(2)
    }
  })

  it('marks missing samples in their own channel and never jumps an index', async () => {
    const a = ramp(1000).map((value, i) => (i >= 150 && i < 470 ? null : value - 500))
    const b = ramp(1000).map(value => value % 700)
    const source = makeSmallSource([
      { name: 'a', values: a, bits: 12, gain: 100, baseline: 3 },
      { name: 'b', values: b, bits: 16 },
    ])
    for (const chunkSeconds of chunkLengths) {
      const { streams } = await receiveAll(createVirtualDevice({ source, boot: 1, chunkSeconds }))
      const { samples, gaps } = streams.get('ecg')!
      expect(gaps).toEqual([])
      expect(samples[0]).toEqual(a.map(value => (value === null ? Number.NaN : (value - 3) / 100)))
      expect(samples[1]).toEqual(b.map(value => value / 200))
    }
  })

  it('sends full-scale values of a narrow converter as values', async () => {
    const values = [-2048, 2047, -128, -2047, null, 0]
    const source = makeSmallSource([{ name: 'a', values, bits: 12, gain: 1 }])
    const { streams } = await receiveAll(createVirtualDevice({ source, boot: 1 }))
    expect(streams.get('ecg')!.samples[0]).toEqual([-2048, 2047, -128, -2047, Number.NaN, 0])
  })

  it('sends float signals as float32 with NaN for what is missing', async () => {
    const source = makeSmallSource([
      { name: 'a', encoding: 'float', gain: 1, bits: 64, values: [0.1, null, -1e5, Number.POSITIVE_INFINITY] },
    ])
    const device = createVirtualDevice({ source, boot: 1 })
    expect(birthOf({ source, boot: 1 }).streams[0]).toMatchObject({ codec: 3, gain: [1], baseline: [0] })
    const { streams } = await receiveAll(device)
    expect(streams.get('ecg')!.samples[0]).toEqual([Math.fround(0.1), Number.NaN, -1e5, Number.NaN])
  })

  it('stays below the limits of a chunk with many fast channels', async () => {
    const signals = Array.from({ length: 40 }, (_, k) => ({
      name: `c${k}`,
      kind: 'eeg' as const,
      fs: { num: 2000, den: 1 },
      bits: 32,
      values: ramp(5000).map(i => (i % 2 === 0 ? 2147483647 : -2147483647)),
    }))
    const { actions, streams } = await receiveAll(createVirtualDevice({ source: makeSmallSource(signals), boot: 1, chunkSeconds: 2 }))
    expect(actions.filter(({ type }) => type === 'refused')).toEqual([])
    expect(streams.get('eeg')!.samples[39]!.length).toBe(5000)
  })

  it('puts signals of one kind, rate, unit and start into one stream and others apart', () => {
    const values = ramp(100)
    const source = makeSmallSource([
      { name: 'II', values },
      { name: 'II', values, gain: 100, baseline: 5 },
      { name: 'aVR', values, unit: 'uV' },
      { name: 'pleth', kind: 'ppg', unit: '1', values },
      { name: 'V', values: ramp(50), fs: { num: 50, den: 1 } },
      { name: 'late', values, startMicros: 1000 },
    ])
    expect(birthOf({ source, boot: 1 }).streams.map(({ id, channels, t0 }) => ({ id, channels, t0 }))).toEqual([
      { id: 'ecg', channels: ['II', 'II 2'], t0: 0 },
      { id: 'ecg-2', channels: ['aVR'], t0: 0 },
      { id: 'ppg', channels: ['pleth'], t0: 0 },
      { id: 'ecg-3', channels: ['V'], t0: 0 },
      { id: 'ecg-4', channels: ['late'], t0: 1000 },
    ])
    expect(birthOf({ source, boot: 1 }).streams[0]).toMatchObject({ gain: [200, 100], baseline: [0, 5] })
  })

  it('takes channels by name or index and names what is accepted', () => {
    const source = makeSmallSource([
      { name: 'MLII', values: ramp(100) },
      { name: 'V5', values: ramp(100) },
    ])
    expect(birthOf({ source, boot: 1, channels: [1] }).streams[0]!.channels).toEqual(['V5'])
    expect(birthOf({ source, boot: 1, channels: ['v5', 'MLII'] }).streams[0]!.channels).toEqual(['MLII', 'V5'])
    expect(() => createVirtualDevice({ source, boot: 1, channels: ['aVF'] })).toThrow(/aVF.*0 \(MLII\), 1 \(V5\)/)
  })

  it('plays a part: the first sample at or after `from`, none at or after `to`', async () => {
    const source = makeSmallSource([{ name: 'a', values: ramp(1000), gain: 1, fs: { num: 360, den: 1 } }])
    const { streams } = await receiveAll(createVirtualDevice({ source, boot: 1, from: 0.5, to: 1.001 }))
    expect(streams.get('ecg')!.samples[0]).toEqual(ramp(361).slice(180))
    expect(birthOf({ source, boot: 1, from: 0.5, to: 1.001 }).streams[0]!.t0).toBe(500_000)
    expect(() => createVirtualDevice({ source, boot: 1, from: 5 })).toThrow(/accepted are 0 <= from/)
    expect(() => createVirtualDevice({ source, boot: 1, chunkSeconds: 3 })).toThrow(/0.25 to 2 s/)
  })

  it('sends packs and events in the order of their times and before any chunk that ends later (N5)', async () => {
    const times = Float64Array.from([0.2, 0.2001, 3.9, 9.05, 9.06, 9.99].map(t => t * 1e6))
    const small = makeSmallSource([{ name: 'a', values: ramp(1000) }], {
      numerics: [{ name: 'spo2', unit: '%', times, values: new Float64Array(times.length).fill(97) }],
    })
    for (const source of [small, simulated('lead-off', 60)]) {
      for (const chunkSeconds of chunkLengths) {
        const messages = await collect(createVirtualDevice({ source, boot: 1, chunkSeconds, from: 0.1 }).messages())
        const late = messages.filter((message, i) => {
          const before = messages.slice(0, i)
          const bound = message.topic === 'w' ? before.filter(({ stream }) => stream === message.stream) : before
          return bound.some(({ time }) => time > message.time)
        })
        expect(late).toEqual([])
      }
    }
  })

  it('sends a pack for each distinct time, one at least every second, and the last of them at the end', async () => {
    const times = Float64Array.from([0.5, 0.5, 4, 4.2].map(t => t * 1e6))
    const series = (name: string) => ({ name, unit: name === 'spo2' ? '%' : '/min', times, values: Float64Array.from([97, 96, 95, 94]) })
    const source = makeSmallSource([{ name: 'a', values: ramp(600) }], {
      numerics: [series('spo2'), series('heart-rate'), series('unknown thing')],
    })
    const device = createVirtualDevice({ source, boot: 9 })
    const packs = (await collect(device.messages())).filter(({ topic }) => topic === 'n')
    expect(packs.map(({ time }) => time)).toEqual([0, 0.5, 1.5, 2.5, 3.5, 4, 4.2, 5.2, 6])
    const read = packs.map(({ payload }) => decodePack(payload))
    expect(read.map(pack => ('ok' in pack ? [pack.ok.boot, pack.ok.seq, pack.ok.last] : pack))).toEqual(
      packs.map((_, k) => [9, k, k === packs.length - 1]),
    )
    const { numerics, actions } = await receiveAll(device)
    expect(numerics.flatMap(({ values }) => values)).toEqual([
      ['spo2', 97, 500_000],
      ['spo2', 96, 500_000],
      ['heart-rate', 97, 500_000],
      ['heart-rate', 96, 500_000],
      ['spo2', 95, 4_000_000],
      ['heart-rate', 95, 4_000_000],
      ['spo2', 94, 4_200_000],
      ['heart-rate', 94, 4_200_000],
    ])
    expect(actions.filter(({ type }) => type === 'refused')).toEqual([])
  })

  it('keeps a number that stands at the very end of the recording', async () => {
    const numerics = [{ name: 'spo2', unit: '%', times: Float64Array.from([2e6]), values: Float64Array.from([91]) }]
    const source = makeSmallSource([{ name: 'a', values: ramp(100) }], { numerics, durationSeconds: 2 })
    const { numerics: received } = await receiveAll(createVirtualDevice({ source, boot: 1 }))
    expect(received.flatMap(({ values }) => values)).toEqual([['spo2', 91, 2_000_000]])
  })

  it('makes any message again, byte for byte', async () => {
    const device = createVirtualDevice({ source: simulated('lead-off', 60.3), boot: 1, chunkSeconds: 0.7 })
    const all = await collect(device.messages())
    for (const stream of ['ecg', 'ppg', 'respiration', 'n', 'e']) {
      const own = all.filter(message => message.stream === stream)
      expect(await device.resend(stream, 0, own.length + 5)).toEqual(own)
      expect(await device.resend(stream, 2, 3)).toEqual(own.slice(2, 4))
    }
    expect(await device.resend('ecg', 100_000, 100_001)).toEqual([])
    expect(await device.resend('nothing', 0, 1)).toEqual([])
  })

  it('goes on from any position with exactly what is missing', async () => {
    const device = createVirtualDevice({ source: simulated('motion', 40), boot: 1 })
    const all = await collect(device.messages())
    const position = { ecg: { seq: 17 }, n: { seq: 20 }, e: { seq: 0 } }
    const bySeq = (message: DeviceMessage) => message.seq >= ((position as Record<string, { seq: number }>)[message.stream]?.seq ?? 0)
    expect(await collect(device.fromPosition(position))).toEqual(all.filter(bySeq))
  })

  it('stops without a word when it is unfinished', async () => {
    const { actions } = await receiveAll(createVirtualDevice({ source: simulated('motion', 60), boot: 1, to: 20, unfinished: true }))
    expect(actions.filter(({ type }) => type === 'close')).toEqual([])
  })

  it('of an endless source is read without end and from anywhere', async () => {
    const source = makeSyntheticSource({ name: 'sim', scenario: 'stable', seed: 3, durationSeconds: Number.POSITIVE_INFINITY })
    const device = createVirtualDevice({ source, boot: 1 })
    expect(device.durationSeconds).toBe(Number.POSITIVE_INFINITY)
    const month = 30 * 86_400
    const later: DeviceMessage[] = []
    for await (const message of device.fromPosition({
      ecg: { seq: month },
      ppg: { seq: month },
      respiration: { seq: month },
      n: { seq: month },
    })) {
      later.push(message)
      if (later.length === 8) break
    }
    expect(later.map(({ stream, time }) => `${stream} ${time - month}`)).toEqual([
      'n 0',
      'n 1',
      'ecg 1',
      'ppg 1',
      'respiration 1',
      'n 2',
      'ecg 2',
      'ppg 2',
    ])
    expect(await device.resend('ecg', month, month)).toEqual([later[2]])
  })
})
