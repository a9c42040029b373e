import { describe, expect, test } from 'vitest'
import { sampleFlags } from '../../src/signal/sample-block.js'
import { ChannelSplitter } from '../../src/signal/split-valid.js'
import { seededRandom } from '../laws/random.js'

type Said =
  | { start: number; gapBefore: number; bridged: boolean; samples: number[]; arrival: number }
  | { gapFrom: number; arrival: number }

function split(pieces: readonly { start: number; samples: number[] }[], bridgeSamples = 3): Said[] {
  const said: Said[] = []
  const splitter = new ChannelSplitter(bridgeSamples)
  for (const { start, samples } of pieces) {
    splitter.push(start, 0, Float64Array.from(samples), {
      block: ({ start: at, gapBefore, flags, samples: valid }, arrival) => {
        const bridged = (flags & sampleFlags.interpolated) !== 0
        const before = said.at(-1)
        if (before && 'samples' in before && !bridged && !before.bridged && gapBefore === 0) before.samples.push(...valid)
        else said.push({ start: at, gapBefore, bridged, samples: [...valid], arrival })
      },
      gap: (gapFrom, arrival) => said.push({ gapFrom, arrival }),
    })
  }
  return said
}

const { NaN: none } = Number

describe('splitting a channel into valid stretches', () => {
  test('bridges a short gap by a line, once the sample after it is there', () => {
    expect(split([{ start: 5, samples: [1, 2, none, none, 5, 6] }])).toEqual([
      { start: 5, gapBefore: 0, bridged: false, samples: [1, 2], arrival: 5 },
      { start: 7, gapBefore: 0, bridged: true, samples: [3, 4], arrival: 9 },
      { start: 9, gapBefore: 0, bridged: false, samples: [5, 6], arrival: 9 },
    ])
  })

  test('tells a long gap as soon as it is one, and its length with the next stretch', () => {
    expect(split([{ start: 0, samples: [1, none, none, none, none, none, 2] }])).toEqual([
      { start: 0, gapBefore: 0, bridged: false, samples: [1], arrival: 0 },
      { gapFrom: 1, arrival: 4 },
      { start: 6, gapBefore: 5, bridged: false, samples: [2], arrival: 6 },
    ])
  })

  test('takes missing samples and a jump of the index for one gap', () => {
    expect(
      split([
        { start: 0, samples: [1, none, none] },
        { start: 10, samples: [none, 2] },
      ]),
    ).toEqual([
      { start: 0, gapBefore: 0, bridged: false, samples: [1], arrival: 0 },
      { gapFrom: 1, arrival: 10 },
      { start: 11, gapBefore: 10, bridged: false, samples: [2], arrival: 11 },
    ])
  })

  test('says the same however the channel is cut (seed 11)', () => {
    const random = seededRandom(11)
    const samples = Array.from({ length: 2000 }, (_, i) => ((i * 31) % 97 < 8 || (i * 17) % 61 < 2 ? none : i))
    const whole = split([{ start: 0, samples }])
    for (let round = 0; round < 20; round++) {
      const pieces: { start: number; samples: number[] }[] = []
      for (let at = 0; at < samples.length; ) {
        const length = 1 + Math.floor(random() * 40)
        pieces.push({ start: at, samples: samples.slice(at, at + length) })
        at += length
      }
      expect(split(pieces)).toEqual(whole)
    }
  })
})
