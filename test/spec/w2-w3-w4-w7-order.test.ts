import { describe, expect, it } from 'vitest'
import { encodeBirth } from '../../src/wire/birth.js'
import { encodeDeviceEvent } from '../../src/wire/device-event.js'
import { Bench, birthOf, chunkOf, ecg } from '../wire/sample-device.js'

const recorded = birthOf({ clock: 'recorded' })

describe('W2: what a chunk means against the expected seq and index', () => {
  it('W2 releases chunks that come in order', () => {
    const bench = new Bench()
    for (let seq = 0; seq < 5; seq++) bench.chunk(seq)
    expect(bench.released()).toEqual([0, 1, 2, 3, 4])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 1250, stored: 1250, lost: 0 })
    expect(bench.receiver.highWater()).toEqual({
      boot: 7,
      streams: { ecg: { seq: 5, index: 1250 }, n: { seq: 0, index: 0 }, e: { seq: 0, index: 0 } },
    })
  })

  it('W2 says at once what the device lost itself', () => {
    const bench = new Bench()
    bench.chunk(0)
    const [gap, block] = bench.chunk(1, { index: 600 })
    expect(gap).toMatchObject({ type: 'gap', index: 250, count: 350, reason: 'device' })
    expect(block).toMatchObject({ type: 'block', gapBefore: 350, gapReason: 'device' })
    expect(bench.receiver.ledger()).toMatchObject({ offered: 850, stored: 500, lost: 350 })
  })

  it('W2 holds for 2 s of the stream, asks for what is missing, then declares a transit gap', () => {
    const bench = new Bench()
    bench.chunk(0)
    expect(bench.chunk(3)).toEqual([{ type: 'command', command: { cmd: 'resend', stream: 'ecg', from: 1, to: 2 } }])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 500, stored: 250, held: 250 })
    const released = bench.chunk(4)
    expect(released[0]).toMatchObject({ type: 'gap', index: 250, count: 500, reason: 'transit' })
    expect(bench.released()).toEqual([0, 3, 4])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 1250, stored: 750, held: 0, lost: 500 })
  })

  it('W2 releases what was held when the missing chunk comes in time', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(2)
    bench.chunk(1)
    expect(bench.released()).toEqual([0, 1, 2])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 750, stored: 750, lost: 0, held: 0 })
  })

  it('W2 only reports a seq jump when no samples are missing', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(2, { index: 250 })
    bench.chunk(3, { index: 500 })
    expect(bench.ofType('gap')).toEqual([{ type: 'gap', boot: 7, stream: 'ecg', index: 250, count: 1, reason: 'seq-jump' }])
    expect(bench.receiver.ledger().lost).toBe(0)
  })

  it('W2 refuses an index that goes backwards under a new seq', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(1, { index: 100 })
    expect(bench.reasons()).toEqual(['index-backwards'])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 500, stored: 250, rejected: 250 })
  })

  it('W2 takes what was rejected inside a gap out of the gap', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(1, { index: 200 })
    bench.chunk(2)
    bench.chunk(3)
    // 250..500 is missing, 250..450 of it was rejected.
    expect(bench.receiver.ledger()).toMatchObject({ rejected: 250, lost: 50, stored: 750, offered: 1050 })
  })

  it('W2 moves a late chunk from lost to late', () => {
    const bench = new Bench()
    for (const seq of [0, 3, 4, 1]) bench.chunk(seq)
    expect(bench.ofType('late').map(late => late.chunk.index)).toEqual([250])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 1250, stored: 750, late: 250, lost: 250 })
  })

  it('W2 knows a duplicate by its CRC', () => {
    const bench = new Bench()
    for (const seq of [0, 1, 0, 1]) bench.chunk(seq)
    expect(bench.released()).toEqual([0, 1])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 1000, stored: 500, duplicate: 500 })
    expect(bench.receiver.ledger().messages).toMatchObject({ accepted: 3, duplicate: 2 })
  })

  it('W2 opens an implied boot at the second conflict in a row and goes on', () => {
    const bench = new Bench()
    for (let seq = 0; seq < 4; seq++) bench.chunk(seq)
    bench.chunk(0, { value: 90 })
    expect(bench.reasons()).toEqual(['seq-conflict'])
    bench.chunk(1, { value: 91 })
    bench.chunk(2, { value: 92 })
    expect(bench.ofType('boot').map(boot => [boot.boot, boot.implied])).toEqual([[7 + 2 ** 32, true]])
    expect(bench.released()).toEqual([0, 1, 2, 3, 91, 92])
    expect(bench.ofType('close').map(close => [close.boot, close.stream, close.reason])).toEqual([
      [7, 'ecg', 'boot'],
      [7, 'n', 'boot'],
    ])
    expect(bench.receiver.highWater()).toMatchObject({ boot: 7, streams: { ecg: { seq: 3, index: 750 } } })
  })

  it('W2 forgets a single conflict when an honest chunk follows', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(0, { value: 90 })
    bench.chunk(1)
    bench.chunk(1, { value: 90 })
    expect(bench.reasons()).toEqual(['seq-conflict', 'seq-conflict'])
    expect(bench.ofType('boot')).toEqual([])
  })

  it('W2 sees a conflict in a chunk that does not fit into its hole', () => {
    const bench = new Bench()
    for (const seq of [0, 3, 4]) bench.chunk(seq)
    bench.chunk(1, { index: 400, n: 500 })
    expect(bench.reasons()).toEqual(['seq-conflict'])
  })

  it('W2 refuses a single wild index instead of putting all that follows behind it', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(1, { index: 2 ** 50, t0: 0 })
    bench.chunk(1)
    expect(bench.reasons()).toEqual(['index-jump'])
    expect(bench.released()).toEqual([0, 1])
  })

  it('W2 knows chunks of this boot and the two before it, and no older ones', () => {
    const bench = new Bench()
    bench.chunk(0)
    for (const boot of [8, 9, 10]) bench.say('birth', encodeBirth(birthOf({ boot })))
    bench.chunk(1, { boot: 9, n: 250, index: 250 })
    bench.chunk(1, { boot: 7 })
    expect(bench.ofType('late').map(late => late.boot)).toEqual([9])
    expect(bench.reasons()).toEqual(['unknown-boot'])
    expect(bench.receiver.ledger()).toMatchObject({ stored: 250, late: 250 })
  })

  it('W2 ends a stream at the chunk marked last', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.chunk(1, { flags: 8 })
    expect(bench.ofType('close')).toEqual([{ type: 'close', boot: 7, stream: 'ecg', reason: 'last' }])
    bench.chunk(2)
    expect(bench.reasons()).toEqual(['after-last'])
  })
})

describe('W3: first contact', () => {
  it('W3 counts from the first chunk seen, asks once for what was before, and never calls it lost', () => {
    const bench = new Bench()
    const actions = bench.chunk(100)
    expect(actions[0]).toEqual({ type: 'command', command: { cmd: 'resend', stream: 'ecg', from: 36, to: 99 } })
    expect(actions[1]).toMatchObject({ type: 'block', gapBefore: 0 })
    bench.chunk(98)
    for (let seq = 101; seq < 165; seq++) bench.chunk(seq)
    expect(bench.ofType('late').map(late => late.chunk.index)).toEqual([98 * 250])
    expect(bench.ofType('gap')).toEqual([{ type: 'gap', boot: 7, stream: 'ecg', index: 0, count: 99 * 250, reason: 'before-contact' }])
    expect(bench.receiver.ledger()).toMatchObject({ lost: 0, late: 250, beforeContact: 99 * 250 })
    expect(bench.ofType('command')).toHaveLength(1)
  })

  it('W3 takes the packs and events before the first contact when they come as asked, and for no restart', () => {
    const bench = new Bench()
    const event = (seq: number) => bench.say('e', encodeDeviceEvent({ boot: 7, seq, event: { t: seq * 1e6, event: 'button', on: true } }))
    const pack = (seq: number) => bench.pack({ seq, clock: (seq + 1) * 1e6 })
    pack(5)
    event(3)
    const asked = bench.ofType('command').map(({ command }) => command)
    expect(bench.reasons()).toEqual([])
    expect(asked).toEqual([
      { cmd: 'resend', stream: 'n', from: 0, to: 4 },
      { cmd: 'resend', stream: 'e', from: 0, to: 2 },
    ])
    for (let seq = 0; seq < 5; seq++) pack(seq)
    for (let seq = 0; seq < 3; seq++) event(seq)
    // And once more, as a device does that was not told what is kept.
    for (let seq = 0; seq < 7; seq++) pack(seq)
    expect(bench.reasons()).toEqual([])
    expect(bench.ofType('boot')).toEqual([])
    expect(bench.ofType('numerics').map(({ late }) => late)).toEqual([false, true, true, true, true, true, false])
    expect(bench.receiver.ledger().byTopic).toMatchObject({
      n: { received: 13, accepted: 7, duplicate: 6 },
      e: { received: 4, accepted: 4 },
    })
  })

  it('W3 counts what was before the first contact as late when it comes from the beginning on, also after the last chunk', () => {
    const bench = new Bench()
    for (const seq of [5, 6]) bench.chunk(seq, seq === 6 ? { flags: 8 } : {})
    expect(bench.ofType('gap')).toEqual([{ type: 'gap', boot: 7, stream: 'ecg', index: 0, count: 1250, reason: 'before-contact' }])
    for (let seq = 0; seq < 7; seq++) bench.chunk(seq, seq === 6 ? { flags: 8 } : {})
    expect(bench.reasons()).toEqual([])
    expect(bench.ofType('boot')).toEqual([])
    expect(bench.receiver.ledger()).toMatchObject({ offered: 9 * 250, stored: 500, late: 1250, duplicate: 500, beforeContact: 0, lost: 0 })
    // A new boot does not tell of it again.
    bench.say('birth', encodeBirth(birthOf({ boot: 8 })))
    expect(bench.ofType('gap')).toHaveLength(1)
  })

  it('W3 takes a device that counts from 0 again for a restart, though those seqs were never seen', () => {
    const bench = new Bench()
    for (let seq = 500; seq < 505; seq++) bench.chunk(seq)
    for (let seq = 0; seq < 4; seq++) bench.chunk(seq, { value: seq + 1000 })
    expect(bench.ofType('boot').map(boot => boot.implied)).toEqual([true])
    expect(bench.released().slice(5)).toEqual([1001, 1002, 1003])
  })

  it('W3 after a restart of the engine goes on from saved positions', () => {
    const bench = new Bench()
    for (const seq of [0, 1, 4]) bench.chunk(seq)
    const saved = structuredClone(bench.receiver.save())
    const other = new Bench(null)
    other.receiver.load(saved)
    for (const seq of [1, 5, 2]) expect(other.chunk(seq)).toEqual(bench.chunk(seq))
    expect(other.receiver.ledger()).toEqual(bench.receiver.ledger())
  })
})

describe('W4: late', () => {
  it('W4 releases a backlog in order, however old, as if it were new', () => {
    const bench = new Bench()
    bench.chunk(0)
    bench.at += 3_600_000_000
    for (let seq = 1; seq < 40; seq++) bench.chunk(seq, { flags: 1 })
    expect(bench.ofType('late')).toEqual([])
    expect(bench.released()).toHaveLength(40)
    expect(bench.ofType('block').at(-1)?.chunk.flags).toBe(1)
  })

  it('W4 is behind the own stream only: another stream that is ahead makes nothing late', () => {
    const bench = new Bench(birthOf({ streams: [ecg, { ...ecg, id: 'ppg' }] }))
    for (let seq = 0; seq < 100; seq++) bench.chunk(seq)
    bench.say('w', chunkOf(0), 'ppg')
    expect(bench.ofType('late')).toEqual([])
    expect(bench.ofType('block').at(-1)).toMatchObject({ stream: 'ppg' })
  })
})

describe('W7: recorded sources', () => {
  it('W7 declares a gap of a recorded source only when its resend failed', () => {
    const bench = new Bench(recorded)
    bench.chunk(0)
    for (let seq = 2; seq < 30; seq++) bench.chunk(seq)
    expect(bench.released()).toEqual([0])
    bench.say('e', encodeDeviceEvent({ boot: 7, seq: 0, from: 1, to: 1, event: { t: 0, event: 'resend-failed', on: true, stream: 'ecg' } }))
    expect(bench.released()).toHaveLength(29)
    expect(bench.ofType('gap')).toMatchObject([{ index: 250, count: 250, reason: 'transit' }])
    expect(bench.ofType('disordered')).toEqual([])
  })

  it('W7 asks three times, each after a second of receive time without an answer', () => {
    const bench = new Bench(recorded)
    bench.chunk(0)
    for (let seq = 2; seq < 20; seq++) {
      bench.chunk(seq)
      bench.at += 500_000
    }
    expect(bench.ofType('command')).toHaveLength(3)
  })

  it('W7 asks in portions of 64', () => {
    const bench = new Bench(recorded)
    bench.chunk(100)
    for (let seq = 0; seq < 100; seq++) bench.chunk(seq)
    expect(bench.ofType('command').map(({ command }) => ('from' in command ? [command.from, command.to] : []))).toEqual([
      [0, 63],
      [64, 99],
    ])
    expect(bench.released()).toEqual(Array.from({ length: 101 }, (_, k) => k))
  })

  it('W7 calls a session disordered after 60 s of signal without an answer, and goes on', () => {
    const bench = new Bench(recorded)
    bench.chunk(0)
    for (let seq = 2; seq < 64; seq++) bench.chunk(seq)
    expect(bench.ofType('disordered')).toEqual([{ type: 'disordered', boot: 7, stream: 'ecg' }])
    expect(bench.released()).toHaveLength(63)
  })

  it('W7 puts packs of a recorded source in order as well', () => {
    const bench = new Bench(recorded)
    for (const seq of [0, 2, 1])
      bench.pack({ seq, clock: (seq + 1) * 1e6, samples: [{ name: 'heart-rate', value: 60 + seq, t: (seq + 1) * 1e6, status: 'valid' }] })
    expect(bench.ofType('numerics').map(pack => pack.samples[0]?.value)).toEqual([60, 61, 62])
  })
})
