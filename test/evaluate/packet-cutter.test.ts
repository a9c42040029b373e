import { describe, expect, it } from 'vitest'
import { PacketCutter } from '../../src/evaluate/sources/packet-cutter.js'

/** Packets as [start, values, flags] of a stream of two channels whose second is the negative of the first. */
function cut(packetSamples: number, chunks: readonly (readonly [start: number, n: number, flags?: number])[]) {
  const packets: [number, number[], number][] = []
  const cutter = new PacketCutter(2, packetSamples, ({ start, length, flags, channels }) => {
    expect(channels.map(channel => channel.length)).toEqual([length, length])
    expect(Array.from(channels[1]!)).toEqual(Array.from(channels[0]!, value => -value))
    packets.push([start, Array.from(channels[0]!), flags])
  })
  for (const [start, n, flags = 0] of chunks) {
    const samples = Float64Array.from({ length: n }, (_, k) => start + k + 1)
    cutter.push(start, flags, [samples, samples.map(value => -value)])
  }
  cutter.flush()
  return packets
}

describe('packets', () => {
  it('have the same borders however the signal came', () => {
    const whole = cut(14.4, [[0, 720]])
    expect(whole.map(([start]) => start).slice(0, 6)).toEqual([0, 14, 29, 43, 58, 72])
    expect(
      cut(14.4, [
        [0, 7],
        [7, 500],
        [507, 1],
        [508, 212],
      ]),
    ).toEqual(whole)
    expect(whole.flatMap(([, values]) => values)).toEqual(Array.from({ length: 720 }, (_, k) => k + 1))
  })

  it('end before lost samples, and begin on the grid again', () => {
    expect(
      cut(10, [
        [0, 13],
        [25, 10],
      ]).map(([start, values]) => [start, values.length]),
    ).toEqual([
      [0, 10],
      [10, 3],
      [25, 5],
      [30, 5],
    ])
  })

  it('never mix samples of different flags', () => {
    expect(
      cut(10, [
        [0, 5],
        [5, 5, 2],
      ]).map(([start, values, flags]) => [start, values.length, flags]),
    ).toEqual([
      [0, 5, 0],
      [5, 5, 2],
    ])
  })

  it('may be longer than the chunks they are made of', () => {
    expect(
      cut(100, [
        [0, 60],
        [60, 60],
      ]).map(([start, values]) => [start, values.length]),
    ).toEqual([
      [0, 100],
      [100, 20],
    ])
  })
})
