import type { Ledger } from './partition-types.js'

function emptyLedger(): Ledger {
  return {
    offered: 0,
    stored: 0,
    late: 0,
    duplicate: 0,
    rejected: 0,
    held: 0,
    lost: 0,
    invalid: 0,
    messages: { received: 0, accepted: 0, duplicate: 0, refused: {} },
  }
}

/** Sum of ledgers, count by count; whatever counts a partition keeps besides are summed too. */
export function addLedgers(ledgers: readonly Ledger[]): Ledger {
  const sum = emptyLedger()
  for (const ledger of ledgers) addCounts(sum as unknown as Counts, ledger as unknown as Counts)
  return sum
}

interface Counts {
  [name: string]: number | Counts
}

function addCounts(sum: Counts, more: Counts): void {
  for (const [name, value] of Object.entries(more)) {
    if (typeof value === 'number') sum[name] = ((sum[name] as number | undefined) ?? 0) + value
    else addCounts((sum[name] ??= {}) as Counts, value)
  }
}
