import type { WardScore } from '../feed/ward-types.js'
import { printReason } from './reasons.js'
import { longName } from './vital-format.js'

/** NEWS2 as it may be said: a partial score is a lower bound and names what it lacks; it is never shown as a NEWS2. */
export interface News2Words {
  readonly figure: string
  readonly detail: string
  readonly complete: boolean
}

const bands: Readonly<Record<string, string>> = {
  low: 'low',
  'low-medium': 'low-medium',
  medium: 'medium: urgent',
  high: 'high: emergency',
}

export function describeNews2(score: WardScore | null): News2Words {
  if (score === null) return { figure: '—', detail: 'not scored yet', complete: false }
  if (score.refused !== null) return { figure: '—', detail: printReason(score.refused), complete: false }
  const lacking = [
    ...score.missing.map(name => lowerFirst(longName(name))),
    ...score.stale.map(name => `${lowerFirst(longName(name))} (too old)`),
  ]
  const missing = lacking.length === 0 ? '' : `missing: ${lacking.join(', ')}`
  if (score.total === null) return { figure: '—', detail: missing || 'no item measured', complete: false }
  const band = score.band === null ? '' : `risk ${bands[score.band] ?? score.band}`
  if (score.complete) return { figure: String(score.total), detail: band, complete: true }
  return { figure: `at least ${score.total}`, detail: [band, missing].filter(part => part !== '').join('; '), complete: false }
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text
}
