import { describe, expect, it } from 'vitest'
import type { Slab } from '../../src/intake/incoming.js'
import { SlabSender } from '../../src/intake/slab-sender.js'
import { decodeRecord } from '../../src/journal/record-codec.js'
import { recordHeaderBytes } from '../../src/journal/segment-format.js'

function texts(slab: Slab): string[] {
  const bytes = Buffer.from(slab.buffer)
  const found: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + recordHeaderBytes + bytes.readUInt32LE(at)
    const record = decodeRecord(bytes[at + 10]!, bytes.subarray(at + recordHeaderBytes, end))
    if (record.type === 'message') found.push(`${bytes.readUInt16LE(at + 8)} ${record.topic} ${Buffer.from(record.payload)}`)
    at = end
  }
  return found
}

function make() {
  const sent: { id: number; texts: string[] }[] = []
  const settled: number[] = []
  const sender = new SlabSender((id, slab) => sent.push({ id, texts: texts(slab) }))
  const offer = (n: number) => {
    const message = { tenant: 't', device: 'd', topic: 'n', stream: '', payload: Buffer.from(`${n}`), at: n } as const
    sender.offer({ partition: n % 64, message }, () => settled.push(n))
  }
  return { sent, settled, sender, offer }
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

describe('slab sender', () => {
  it('sends what came in one turn in one slab and settles it in order when it comes back', async () => {
    const { sent, settled, sender, offer } = make()
    sender.resume()
    for (let n = 0; n < 3; n++) offer(n)
    expect(sent).toEqual([])
    await nextTurn()
    expect(sent).toEqual([{ id: 1, texts: ['0 n 0', '1 n 1', '2 n 2'] }])
    expect([settled, sender.messages, sender.oldest()]).toEqual([[], 3, 0])
    sender.journaled(1)
    expect([settled, sender.messages, sender.oldest()]).toEqual([[0, 1, 2], 0, null])
  })

  it('has four slabs of 64 messages on their way at most, whatever is offered', async () => {
    const { sent, settled, sender, offer } = make()
    sender.resume()
    for (let n = 0; n < 1000; n++) offer(n)
    await nextTurn()
    expect(sent.map(slab => slab.texts.length)).toEqual([64, 64, 64, 64])
    sender.journaled(1)
    expect(sent).toHaveLength(5)
    for (let id = 2; id <= 16; id++) sender.journaled(id)
    expect(settled).toEqual(Array.from({ length: 1000 }, (_, n) => n))
  })

  it('sends again, in order, what a dead worker had not confirmed', async () => {
    const { sent, settled, sender, offer } = make()
    sender.resume()
    for (let n = 0; n < 130; n++) offer(n)
    await nextTurn()
    sender.journaled(1)
    sender.pause()
    // What the dead one still says counts for nothing.
    sender.journaled(2)
    offer(130)
    await nextTurn()
    sent.length = 0
    sender.resume()
    expect(sent.flatMap(slab => slab.texts)).toEqual(Array.from({ length: 67 }, (_, k) => `${(64 + k) % 64} n ${64 + k}`))
    for (const { id } of sent) sender.journaled(id)
    expect(settled).toEqual(Array.from({ length: 131 }, (_, n) => n))
  })
})
