import { describe, expect, it } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import type { StreamChain } from '../../src/signal/chain.js'

const rate = { num: 250, den: 1 }
const chains: [string, () => StreamChain][] = [
  ['ecg', () => createEcgChain({ id: 'e', kind: 'ecg', channels: ['II'], unit: 'mV', fs: rate })],
  ['ppg', () => createPpgChain({ id: 'p', kind: 'ppg', channels: ['PLETH'], unit: '1', fs: rate })],
]
const block = (start: number, length: number, channels = [new Float64Array(Math.max(0, Math.floor(length) || 0))]) => ({
  start,
  length,
  flags: 0,
  channels,
})

describe.each(chains)('the %s chain refuses blocks that no stream can have said', (_, create) => {
  it.each([
    ['an index beyond all', block(2 ** 53, 10), /starts at 9007199254740992; accepted: an integer from 0/],
    ['an index that is none', block(Number.NaN, 10), /starts at NaN/],
    ['an index below 0', block(-1, 10), /starts at -1/],
    ['half an index', block(0.5, 10), /starts at 0.5/],
    ['a length that is none', block(0, 1.5), /length of 1.5/],
    ['a missing channel', block(0, 10, []), /0 channels; accepted: 1 of at least 10 samples/],
    ['a channel that is short', block(0, 10, [new Float64Array(9)]), /accepted: 1 of at least 10 samples/],
  ])('%s', (_name, wrong, message) => {
    expect(() => create().push(wrong, () => {})).toThrow(message)
  })

  it('samples of which it has had some', () => {
    const chain = create()
    chain.push(block(100, 50), () => {})
    expect(() => chain.push(block(149, 10), () => {})).toThrow(/starts at 149; accepted: an integer from 150/)
    chain.push(block(150, 10), () => {})
  })
})
