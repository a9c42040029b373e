import type { Finding } from './history.js'
import type { Deed } from './nemesis.js'
import type { SeedResult } from './run-seed.js'

const shownOfACheck = 3

/** One line a seed. */
export function seedLine({ plan, findings, deeds, kills, closeKills, seconds, figures }: SeedResult): string {
  const verdict = findings.length === 0 ? 'ok' : `FAILED ${[...new Set(findings.map(({ check }) => check))].join(', ')}`
  const kinds = deeds.map(({ fault }) => fault.kind).join(' ')
  return `seed ${plan.seed}: ${verdict}; ${plan.broker}, ${plan.store}, ${plan.workers} workers, ${plan.devices.length} devices; ${kinds}; ${kills} kills, ${closeKills} within 50 ms of a write; ${figures.messagesOffered ?? '?'} messages, ${figures.events ?? '?'} events; ${seconds} s`
}

/** What a person needs who wants to know why: plan, deeds, findings and the command. */
export function failureReport({ plan, findings, deeds, said }: SeedResult): string {
  const lines = [
    `seed ${plan.seed} failed; again: npm run bench:faults -- --seeds 1 --from ${plan.seed}`,
    `  ${plan.broker} broker, ${plan.store} store, ${plan.workers} workers`,
    ...plan.devices.map(device => `  device ${JSON.stringify(device)}`),
    ...deeds.map(deed => `  ${describeDeed(deed)}`),
  ]
  for (const [check, list] of groupByCheck(findings)) {
    lines.push(`  ${check}: ${list.length}`, ...list.slice(0, shownOfACheck).map(({ detail }) => `    ${detail.slice(0, 600)}`))
  }
  const last = said.trim().split('\n').slice(-12)
  lines.push('  last words of the engine:', ...last.map(line => `    ${line}`))
  return lines.join('\n')
}

function describeDeed({ at, fault, outcome, sinceWrite, restartMs }: Deed): string {
  const times = sinceWrite === undefined ? '' : ` ms since writes ${JSON.stringify(sinceWrite)}, back after ${restartMs} ms`
  return `${at} ms ${JSON.stringify(fault)} ${outcome}${times}`
}

function groupByCheck(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) groups.set(finding.check, [...(groups.get(finding.check) ?? []), finding])
  return groups
}

/** Sums over all seeds, for the results file and the last lines. */
export function sumUp(results: readonly SeedResult[]) {
  const deeds = results.flatMap(result => result.deeds)
  const faults: Record<string, number> = {}
  for (const { fault } of deeds) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1
  const since = deeds.flatMap(({ sinceWrite }) => (sinceWrite === undefined ? [] : [sinceWrite]))
  const within = (kind: 'journal' | 'events' | 'snapshots') => since.filter(times => (times[kind] ?? Number.POSITIVE_INFINITY) <= 50).length
  const restarts = deeds.flatMap(({ restartMs }) => (restartMs === undefined ? [] : [restartMs])).sort((a, b) => a - b)
  const seconds = results.map(result => result.seconds).sort((a, b) => a - b)
  const total = (name: string) => results.reduce((sum, { figures }) => sum + (figures[name] ?? 0), 0)
  return {
    seeds: results.length,
    failed: results.filter(({ findings }) => findings.length > 0).map(({ plan }) => plan.seed),
    kills: since.length,
    seedsWithCloseKill: results.filter(({ closeKills }) => closeKills > 0).length,
    killsWithin50Ms: { journal: within('journal'), events: within('events'), snapshots: within('snapshots') },
    faults,
    messagesOffered: total('messagesOffered'),
    messagesJournaled: total('messagesJournaled'),
    events: total('events'),
    storeRows: total('storeRows'),
    feedConnections: total('feedConnections'),
    feedRepeated: total('feedRepeated'),
    restartMs: { median: restarts[restarts.length >> 1] ?? 0, max: restarts.at(-1) ?? 0 },
    secondsPerSeed: { median: seconds[seconds.length >> 1] ?? 0, max: seconds.at(-1) ?? 0 },
  }
}
