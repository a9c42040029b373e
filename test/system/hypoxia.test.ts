import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { repository, runCommand, scratchFolder } from '../support/running-server.js'

const present = hasDataset('uw-hypoxia')
const suffix = present ? '' : ' (needs dataset uw-hypoxia)'
const people = ['100001', '100002', '100003'] as const

interface Score {
  readonly t: number
  readonly total: number | null
  readonly atMost: number | null
  readonly complete: boolean
  readonly missing: readonly string[]
  readonly items: readonly { name: string; value: unknown; points: number | null; state: string }[]
  readonly refused?: string
}

interface Document {
  readonly alerts: readonly { condition: string; priority: string; onsetSeconds: number; endSeconds: number | null; value: number }[]
  readonly scores: readonly Score[]
}

/** SpO2 of oximeter 5 (column 6), one row a second; null where the file has 0. */
function readReference(person: string): (number | null)[] {
  const [, ...lines] = readFileSync(datasetPath('uw-hypoxia', `${person}.reference.csv`), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
  return lines.map(line => Number(line.split(',')[5]) || null)
}

/** Onsets of "below `limit` for `delay` s, over when back at `clear` for `clearDelay` s", from the reference alone. */
function expectedOnsets(
  reference: readonly (number | null)[],
  rule: { limit: number; clear: number; delay: number; clearDelay: number; latches: boolean },
) {
  const onsets: number[] = []
  let below: number | null = null
  let backSince: number | null = null
  let active = false
  let delay = rule.delay
  for (const [second, value] of reference.entries()) {
    if (value === null) continue
    if (!active) {
      if (below === null ? value < rule.limit : value < rule.clear) below ??= second
      else below = null
      if (below !== null && second - below >= delay) {
        active = true
        backSince = null
        onsets.push(below + delay)
      }
    } else if (backSince === null ? value < rule.clear : value < rule.limit) backSince = null
    else {
      backSince ??= second
      if (second - backSince >= rule.clearDelay) {
        active = false
        below = null
        // A latched alert that nobody acknowledged is active again at once.
        if (rule.latches) delay = 0
      }
    }
  }
  return onsets
}

async function analyze(person: string, ...args: string[]): Promise<Document> {
  const result = await runCommand(['analyze', `${repository}/datasets/uw-hypoxia/${person}.recording.json`, '--json', ...args])
  expect(result.code, result.stderr).toBe(0)
  return JSON.parse(result.stdout) as Document
}

describe.each(people)('induced hypoxia of person %s, reference numerics', person => {
  const folder = scratchFolder('hypoxia')
  let document: Document

  beforeAll(async () => {
    if (present) document = await analyze(person)
  })
  afterAll(() => folder.remove())

  const onsets = (condition: string) => document.alerts.filter(alert => alert.condition === condition).map(alert => alert.onsetSeconds)

  it.skipIf(!present)(`raises spo2-low and desaturation when the reference says, to 1 s, and at no other time${suffix}`, () => {
    const reference = readReference(person)
    const low = expectedOnsets(reference, { limit: 90, clear: 92, delay: 10, clearDelay: 10, latches: false })
    const deep = expectedOnsets(reference, { limit: 85, clear: 87, delay: 3, clearDelay: 10, latches: true })
    expect(low.length).toBeGreaterThan(0)
    expect(deep.length).toBeGreaterThan(0)
    for (const [condition, expected] of [
      ['spo2-low', low],
      ['desaturation', deep],
    ] as const) {
      const told = onsets(condition)
      expect(told.length, `${condition}: told ${told.join(' ')}, expected ${expected.join(' ')}`).toBe(expected.length)
      for (const [k, onset] of told.entries()) expect(Math.abs(onset - (expected[k] as number)), condition).toBeLessThanOrEqual(1)
    }
  })

  it.skipIf(!present)(`gives a partial NEWS2 that names what is missing, with the bounds that it leaves${suffix}`, () => {
    expect(document.scores.length).toBeGreaterThan(2)
    for (const score of document.scores) {
      expect(score.complete).toBe(false)
      expect([...score.missing].sort()).toEqual(
        expect.arrayContaining(['consciousness', 'nibp-systolic', 'supplemental-oxygen', 'temperature']),
      )
      const known = score.items.reduce((sum, item) => sum + (item.points ?? 0), 0)
      expect(score.total).toBe(known)
      for (const item of score.items) expect(item.points === null, item.name).toBe(item.state !== 'present')
      expect(score.atMost as number).toBeGreaterThan(score.total as number)
    }
    // Saturation of 91 % and less is 3 points: the lower bound alone raises "3 in one item".
    expect(document.scores.some(score => (score.total as number) >= 3)).toBe(true)
    expect(onsets('news2-single-3').length).toBe(1)
  })

  it.skipIf(!present)(`refuses NEWS2 for an age band below 16, and still raises desaturation${suffix}`, async () => {
    const attributes = `${folder.path}/attributes.json`
    writeFileSync(attributes, JSON.stringify({ ageBand: 'adolescent' }))
    const young = await analyze(person, '--attributes', attributes)
    expect(young.scores.length).toBeGreaterThan(0)
    for (const score of young.scores)
      expect({ refused: score.refused, total: score.total }).toEqual({ refused: 'age-below-16', total: null })
    expect(young.alerts.filter(alert => alert.condition.startsWith('news2'))).toEqual([])
    expect(young.alerts.map(alert => alert.condition)).toContain('desaturation')
  })
})
