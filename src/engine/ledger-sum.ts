import { addMessages, addSamples, zeroMessages, zeroSamples } from '../wire/ledger.js'
import type { Ledger } from './partition-types.js'

/** Sum of ledgers, count by count. */
export function addLedgers(ledgers: readonly Ledger[]): Ledger {
  const samples = zeroSamples()
  const messages = zeroMessages()
  for (const { messages: more, ...counts } of ledgers) {
    addSamples(samples, counts)
    addMessages(messages, more)
  }
  return { ...samples, messages }
}
