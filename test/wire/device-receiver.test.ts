import { serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBirth } from '../../src/wire/birth.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import { Bench, birthOf, chunkOf, ecg } from './sample-device.js'

const total = 30

/** A link that drops, repeats and swaps chunks; the device answers every resend, with another swap and loss now and then. */
function deliver(bench: Bench, choices: readonly number[]): void {
  let choice = 0
  const next = () => choices[choice++ % choices.length]!
  const waiting: number[] = []
  const send = (seq: number): void => {
    bench.at += 400_000
    for (const action of bench.say('w', chunkOf(seq, { flags: seq === total - 1 ? 8 : 0 }))) {
      if (action.type !== 'command' || action.command.cmd !== 'resend') continue
      for (let k = action.command.from; k <= action.command.to; k++) waiting.push(k)
    }
  }
  for (let seq = 0; seq < total; seq++) {
    const what = next()
    if (what > 2 || seq === total - 1) send(seq)
    if (what === 9) send(seq)
    if (next() > 4) for (const missing of waiting.splice(0)) send(missing)
  }
  // A reconnect: the device sends from the high-water mark on.
  for (let round = 0; round < 3 && !bench.receiver.isStreamClosed('ecg'); round++) {
    bench.say('birth', encodeBirth(bench.receiver.birth!))
    for (let seq = bench.receiver.highWater()!.streams.ecg!.seq; seq < total; seq++) send(seq)
  }
}

const link = fc.array(fc.nat(9), { minLength: 20, maxLength: 80 })

describe('DeviceReceiver', () => {
  it('gives the same blocks of a recorded source however the link treats it', () => {
    fc.assert(
      fc.property(link, choices => {
        const bench = new Bench(birthOf({ clock: 'recorded' }))
        deliver(bench, choices)
        expect(bench.released()).toEqual(Array.from({ length: total }, (_, k) => k))
        expect(bench.ofType('block').every(block => block.gapBefore === 0)).toBe(true)
        expect(bench.ofType('close')).toHaveLength(1)
        expect(bench.receiver.ledger()).toMatchObject({ stored: total * 250, lost: 0, held: 0, late: 0 })
      }),
    )
  })

  it('never releases a sample of a live source twice or out of order', () => {
    fc.assert(
      fc.property(link, choices => {
        const bench = new Bench()
        deliver(bench, choices)
        let end = 0
        for (const { chunk, gapBefore } of bench.ofType('block')) {
          expect(chunk.index - gapBefore === end || end === 0).toBe(true)
          end = chunk.index + chunk.n
        }
        const all = [...bench.ofType('block'), ...bench.ofType('late')].map(action => action.chunk.index)
        expect(new Set(all).size).toBe(all.length)
      }),
    )
  })

  it('goes on identically from a save at any moment', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { minLength: 4, maxLength: 40 }), fc.nat(40), (seqs, cut) => {
        const straight = new Bench()
        const broken = new Bench()
        seqs.forEach((seq, k) => {
          if (k === cut) {
            const copy = new DeviceReceiver('device')
            copy.load(structuredClone(broken.receiver.save()))
            broken.receiver = copy
          }
          for (const bench of [straight, broken]) {
            bench.at += 300_000
            bench.chunk(seq, { value: seq + (k % 5 === 0 ? 1 : 0) })
          }
        })
        expect(broken.actions).toEqual(straight.actions)
        expect(broken.receiver.ledger()).toEqual(straight.receiver.ledger())
        expect(broken.receiver.save()).toEqual(straight.receiver.save())
      }),
    )
  })

  it('keeps a stream without losses in a small state', () => {
    const bench = new Bench(birthOf({ streams: [ecg] }))
    for (let seq = 0; seq < 2000; seq++) bench.chunk(seq, { n: 1, index: seq })
    expect(serialize(bench.receiver.save()).length).toBeLessThan(6_000)
  })

  it('lets go of what waits when a live stream is declared silent', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(2)
    bench.receiver.declareSilent('ecg', bench.at, action => bench.actions.push(action))
    bench.checkLedger()
    expect(bench.ofType('gap')).toMatchObject([{ reason: 'transit', count: 250 }])
    expect(bench.receiver.ledger()).toMatchObject({ stored: 500, lost: 250, held: 0 })
  })
})
