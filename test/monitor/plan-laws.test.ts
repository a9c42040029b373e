import { describe, expect, it } from 'vitest'
import { isJoined, planLatencies, planStream } from '../../src/monitor/plan.js'
import type { StreamBlock } from '../../src/signal/sample-block.js'
import { checkChainLaws } from '../laws/chain-laws.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { drawStream, kindsWithoutShape, specOf, streamShapes } from '../support/synthetic-streams.js'

it('every kind of stream has a signal here, so that no chain escapes the laws', () => {
  expect(kindsWithoutShape).toEqual([])
})

/** LAW_SEED: other losses and cuts. */
const seeded = process.env.LAW_SEED === undefined ? {} : { seed: Number(process.env.LAW_SEED) }

/** Each stream by itself, and with the frames that a reader of several streams wants, where it may be joined. */
const cases = streamShapes.flatMap(shape =>
  shape.rates.flatMap(fs => (isJoined(specOf(shape, fs)) ? [false, true] : [false]).map(joins => ({ shape, fs, joins }))),
)

for (const { shape, fs, joins } of cases) {
  describe(`the chain of ${shape.id} at ${fs} Hz${joins ? ', with frames' : ''}`, () => {
    const spec = specOf(shape, fs)
    const plan = planStream(spec, joins)
    const { channels } = drawStream(shape, fs, 60)
    const create = () => planStream(spec, joins).chain

    if (plan.chain.name === 'silent' && !joins) {
      it('says nothing, and has nothing to keep', () => {
        const said: unknown[] = []
        plan.chain.push({ start: 0, length: channels[0]!.length, flags: 0, channels }, one => said.push(one))
        plan.chain.flush(one => said.push(one))
        expect([said, plan.chain.save(), plan.readable, plan.vitals]).toEqual([[], null, true, []])
      })
      return
    }

    it('reads this rate', () => {
      expect(plan.readable).toBe(true)
    })

    const length = channels[0]!.length
    const second = Math.round(fs)
    const block = (from: number, to: number): StreamBlock => ({
      start: from,
      length: to - from,
      flags: 0,
      channels: channels.map(samples => samples.slice(from, to)),
    })
    // A jump that is too long to bridge, one of two and a half seconds, and a second missing in the first channel.
    channels[0]!.fill(Number.NaN, 50 * second, 51 * second)
    const input = [block(5, 15 * second), block(Math.ceil(15.3 * second), 36 * second), block(Math.round(38.5 * second), length)]
    checkStageLaws({ create, input, fs, rounds: 1 })
    checkChainLaws({ create, channels: shape.draw(fs, 60), fs, ...seeded })
  })
}

describe('the plan', () => {
  it('shows chain and latency of every kind of stream', () => {
    const planned = planLatencies()
    for (const shape of streamShapes) {
      const { name, latency } = planStream(specOf(shape, 100)).chain
      const shown = planned.find(({ kind }) => kind === shape.id)
      expect(shown).toMatchObject({ chain: name })
      if (shown!.fs === 100) expect(shown!.latencySeconds).toEqual({ min: latency.min / 100, max: latency.max / 100 })
    }
  })
})
