import { describe, expect, it } from 'vitest'
import { ClockEstimator } from '../../src/intake/clock-estimator.js'
import { DeviceWatch } from '../../src/intake/device-watch.js'
import type { MessageRecord } from '../../src/journal/record.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'

const second = 1_000_000
/** Wall time at which the device's clock was 0. */
const zero = 1_700_000_000 * second

function birth(clock: 'monotonic' | 'recorded', numerics = false, every = 2): MessageRecord {
  const stream = { id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: 250, den: 1 }, t0: 5 * second, codec: 0 } as const
  const payload = encodeBirth({
    boot: 3,
    model: 'm',
    firmware: 'f',
    clock,
    streams: [{ ...stream, gain: [200], baseline: [0], bits: [16] }],
    ...(numerics ? { numerics: { t0: 0, every } } : {}),
  })
  return { type: 'message', device: 'd', topic: 'birth', stream: '', payload, at: zero }
}

/** Chunk `k` of one second; `at` is when it came. */
function chunk(k: number, at: number, clockShift = 0, flags = 0): MessageRecord {
  const header = { codec: 0, flags, boot: 3, seq: k, index: k * 250, t0: (5 + k) * second + clockShift, n: 250 } as const
  return { type: 'message', device: 'd', topic: 'w', stream: 'ecg', payload: encodeChunk(header, [new Float64Array(250)], [16]), at }
}

/** When chunk `k` comes, `delay` after its last sample was taken. */
function due(k: number, delay: number): number {
  return zero + (6 + k) * second + delay
}

describe('device watch', () => {
  it('writes an anchor at first contact and a new one only when the estimate moves by more than 20 ms', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic'))
    const first = watch.observe(chunk(0, due(0, 30_000)))
    expect(first.anchors).toEqual([
      {
        type: 'anchor',
        device: 'd',
        boot: 3,
        stream: 'ecg',
        index: 0,
        patientTime: zero + 5 * second + 30_000,
        uncertaintyMs: 1,
        at: due(0, 30_000),
      },
    ])
    expect(first.placed).toEqual({ boot: 3, index: 0, n: 250, from: zero + 5 * second + 30_000, to: zero + 6 * second + 30_000 })
    for (let k = 1; k < 40; k++) expect(watch.observe(chunk(k, due(k, 25_000 + (k % 5) * 1000))).anchors).toEqual([])
    expect(watch.observe(chunk(40, due(40, 2000))).anchors).toMatchObject([{ index: 10_000, patientTime: zero + 45 * second + 2000 }])
  })

  it('writes at most one anchor in ten seconds', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic'))
    const anchors: number[] = []
    for (let k = 0; k < 60; k++) {
      for (const anchor of watch.observe(chunk(k, due(k, 3 * second - k * 30_000))).anchors) anchors.push(anchor.at)
    }
    expect(anchors.length).toBeGreaterThan(3)
    for (let i = 1; i < anchors.length; i++) expect(anchors[i]! - anchors[i - 1]!).toBeGreaterThanOrEqual(10 * second)
  })

  it('places a stream anew at once when its sample count runs far ahead of its clock, and within ten seconds otherwise', () => {
    const lost = (k: number, samples: number): MessageRecord => {
      const header = { codec: 0, flags: 0, boot: 3, seq: k, index: k * 250 + samples, t0: (5 + k) * second, n: 250 } as const
      const payload = encodeChunk(header, [new Float64Array(250)], [16])
      return { type: 'message', device: 'd', topic: 'w', stream: 'ecg', payload, at: due(k, 0) }
    }
    for (const [samples, after] of [
      [250 * 3600, 0],
      [2 ** 38, 0],
      [250 * 5, 5],
    ] as const) {
      const watch = new DeviceWatch('d')
      watch.observe(birth('monotonic'))
      for (let k = 0; k < 5; k++) watch.observe(lost(k, 0))
      const anchors: unknown[] = []
      for (let k = 5; k < 30; k++) anchors.push(...watch.observe(lost(k, samples)).anchors)
      const k = 5 + after
      expect(anchors).toMatchObject([{ index: k * 250 + samples, patientTime: zero + (5 + k) * second }])
      expect(watch.newest()).toBe(zero + 35 * second)
    }
  })

  it('still tells silence, and follows the clock, when the clock of the engine is set back by a year', () => {
    const year = 365 * 86_400 * second
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic'))
    for (let k = 0; k < 20; k++) watch.observe(chunk(k, due(k, 0)))
    expect(watch.ticks(due(20, 0) - year, 0)).toEqual([])
    expect(watch.ticks(due(23, 0) - year, 0)).toHaveLength(1)
    const anchors: number[] = []
    for (let k = 20; k < 60; k++) for (const { patientTime } of watch.observe(chunk(k, due(k, 0) - year)).anchors) anchors.push(patientTime)
    expect(anchors).toEqual([zero + 25 * second - year])
    // And forward again: an offset that grows is followed once two stretches agree.
    for (let k = 60; k < 100; k++) for (const { patientTime } of watch.observe(chunk(k, due(k, 0))).anchors) anchors.push(patientTime)
    expect(anchors).toHaveLength(2)
  })

  it('takes neither anchors nor ticks for recorded sources and places them by their birth', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('recorded'))
    const seen = watch.observe(chunk(2, zero))
    expect(seen).toEqual({ anchors: [], news: null, placed: { boot: 3, index: 500, n: 250, from: 7 * second, to: 8 * second } })
    expect(watch.ticks(zero + 3600 * second, 0)).toEqual([])
  })

  it('declares a live stream silent once, after three seconds without a newer sample, and again only after it moved', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic'))
    watch.observe(chunk(0, due(0, 0)))
    const came = due(0, 0)
    expect(watch.ticks(came + 2.9 * second, 0)).toEqual([])
    // The same chunk again is no news.
    watch.observe(chunk(0, came + 2.9 * second))
    expect(watch.ticks(came + 3 * second, 0)).toEqual([{ type: 'tick', device: 'd', boot: 3, stream: 'ecg', at: came + 3 * second }])
    expect(watch.ticks(came + 60 * second, 0)).toEqual([])
    watch.observe(chunk(1, came + 61 * second))
    expect(watch.ticks(came + 62 * second, 0)).toEqual([])
    expect(watch.ticks(came + 64 * second, 0)).toHaveLength(1)
  })

  it('waits three times the declared pause for numerics', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic', true))
    const pack = [
      { n: 'pack', vs: '3:0' },
      { n: 'device-clock', u: 's', v: 5 },
      { n: 'heart-rate', u: '/min', v: 70, t: 0 },
    ]
    const payload = Buffer.from(JSON.stringify(pack))
    const anchors = watch.observe({ type: 'message', device: 'd', topic: 'n', stream: '', payload, at: zero + 5 * second }).anchors
    expect(anchors).toMatchObject([{ stream: 'n', index: 5 * second, patientTime: zero + 5 * second }])
    expect(watch.ticks(zero + 10.9 * second, 0)).toEqual([])
    expect(watch.ticks(zero + 11 * second, 0)).toMatchObject([{ stream: 'n' }])
  })

  it('does not call numerics silent that come every five minutes while chunks come', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic', true, 300))
    const pack = [
      { n: 'pack', vs: '3:0' },
      { n: 'device-clock', u: 's', v: 5 },
      { n: 'nibp-systolic', u: 'mm[Hg]', v: 120, t: 0 },
    ]
    const payload = Buffer.from(JSON.stringify(pack))
    watch.observe({ type: 'message', device: 'd', topic: 'n', stream: '', payload, at: zero + 5 * second })
    for (let k = 0; k < 200; k++) {
      watch.observe(chunk(k, due(k, 0)))
      expect(watch.ticks(due(k, 0), watch.newest())).toEqual([])
    }
    // The device says nothing more, another one of the patient goes on: a minute later nobody waits for it.
    const ticks = watch.ticks(due(199, 0) + 61 * second, watch.newest() + 61 * second)
    expect(ticks.map(({ stream }) => stream).sort()).toEqual(['ecg', 'n'])
  })

  it('says nothing of a stream that has ended', () => {
    const watch = new DeviceWatch('d')
    watch.observe(birth('monotonic'))
    watch.observe(chunk(0, due(0, 0), 0, 8))
    expect(watch.ticks(zero + 3600 * second, 0)).toEqual([])
  })

  it('goes on the same after save and load', () => {
    const one = new DeviceWatch('d')
    one.observe(birth('monotonic', true))
    for (let k = 0; k < 30; k++) one.observe(chunk(k, due(k, 40_000 - k * 1000)))
    const two = new DeviceWatch('d')
    two.load(structuredClone(one.save()))
    for (let k = 30; k < 60; k++) expect(two.observe(chunk(k, due(k, 5000)))).toEqual(one.observe(chunk(k, due(k, 5000))))
    expect(two.ticks(due(90, 0), 0)).toEqual(one.ticks(due(90, 0), 0))
    expect(two.save()).toEqual(one.save())
  })
})

describe('clock estimator', () => {
  it('keeps its estimate while a backlog drains', () => {
    const clock = new ClockEstimator()
    for (let s = 0; s < 60; s++) clock.observe(s * second, zero + s * second + 20_000)
    const before = clock.offset
    // 30 s without the link, then ten times as fast until it has caught up.
    for (let k = 0; k < 34; k++) expect(clock.observe((60 + k) * second, zero + 90 * second + k * 100_000)).toBeNull()
    for (let s = 94; s < 120; s++) clock.observe(s * second, zero + s * second + 20_000)
    expect(clock.offset).toBe(before)
  })

  it('reports a step of the device clock, either way', () => {
    for (const step of [-2, 2]) {
      const clock = new ClockEstimator()
      const news = []
      for (let s = 0; s < 120; s++) {
        const said = clock.observe(s * second + (s < 60 ? 0 : step * second), zero + s * second + (s % 3) * 1000)
        if (said !== null) news.push(said)
      }
      expect(news).toEqual([{ what: 'step', byMs: expect.closeTo(-step * 1000, -1) }])
      expect(clock.offset! - zero).toBeCloseTo(-step * second, -4)
    }
  })

  it('reports a drift above 200 ppm once and follows it', () => {
    for (const [ppm, expected] of [
      [300, 1],
      [-300, 1],
      [100, 0],
    ] as const) {
      const clock = new ClockEstimator()
      const news = []
      for (let s = 0; s < 300; s++) {
        const said = clock.observe(s * second, zero + s * (second + ppm))
        if (said !== null) news.push(said)
      }
      expect(news, `${ppm} ppm`).toHaveLength(expected)
      for (const said of news) expect(said).toEqual({ what: 'drift', ppm: expect.closeTo(ppm, 0) })
      expect(Math.abs(clock.offset! - zero - 300 * ppm)).toBeLessThan(10_000)
    }
  })
})
