import { heartRateDefaults } from '../../ecg/heart-rate.js'
import type { ResultTable } from '../suite.js'
import { type Check, limitSources, type PatternGroup, patternGroups } from './pattern-case.js'
import { type PatternVerdict, patternLeads, patternRates, type ScoredCase } from './score-patterns.js'

const groupNames = Object.keys(patternGroups) as PatternGroup[]

export interface GroupCount {
  readonly group: PatternGroup
  readonly required: number
  readonly passed: number
  readonly disclosed: number
  readonly disclosedWithin: number
}

export function countGroups(scored: readonly ScoredCase[]): GroupCount[] {
  const count = (own: readonly ScoredCase[], level: string, passed?: true): number =>
    own
      .filter(({ patternCase }) => patternCase.level === level)
      .flatMap(({ verdicts }) => verdicts)
      .filter(verdict => passed === undefined || verdict.passed).length
  return groupNames.map(group => {
    const own = scored.filter(({ patternCase }) => patternCase.group === group)
    return {
      group,
      required: count(own, 'required'),
      passed: count(own, 'required', true),
      disclosed: count(own, 'disclosed'),
      disclosedWithin: count(own, 'disclosed', true),
    }
  })
}

/** Where the waveforms of a group form a series: up to which step everything holds, by rate and number of leads; null: not even the first. */
export function largestTolerated(scored: readonly ScoredCase[], prefix: string): { fsHz: number; leads: number; step: number | null }[] {
  const series = seriesOf(scored, prefix)
  return patternRates.flatMap(fsHz =>
    patternLeads.map(leads => {
      let step: number | null = null
      for (const { patternCase, verdicts } of series) {
        if (!verdicts.some(verdict => verdict.fsHz === fsHz && verdict.leads === leads && verdict.passed)) break
        step = patternCase.step
      }
      return { fsHz, leads, step }
    }),
  )
}

function seriesOf(scored: readonly ScoredCase[], prefix: string): ScoredCase[] {
  return scored.filter(({ patternCase }) => patternCase.step !== null && patternCase.pattern.name.startsWith(prefix))
}

/** Series of waveforms by the beginning of their names. */
export const patternSeries = {
  'Tallest T wave tolerated, mV': 'T wave',
  '50 Hz tolerated, mV from peak to peak': '50 Hz',
  '60 Hz tolerated, mV from peak to peak': '60 Hz',
  'Drift of 0.1 Hz tolerated, mV': 'drift',
} as const

export function patternTables(scored: readonly ScoredCase[]): ResultTable[] {
  return [
    summaryTable(scored),
    averagingTable(),
    seriesTable(scored),
    ...groupNames.map(group => groupTable(group, scored)),
    sourcesTable(),
  ].filter(({ rows }) => rows.length > 0)
}

function summaryTable(scored: readonly ScoredCase[]): ResultTable {
  return {
    title: 'Checks, each waveform at five rates with one lead and with two',
    columns: ['group', 'required', 'passed', 'fell short', 'disclosed', 'within the limit'],
    rows: countGroups(scored)
      .filter(count => count.required + count.disclosed > 0)
      .map(({ group, required, passed, disclosed, disclosedWithin }) => [
        patternGroups[group],
        required,
        passed,
        required - passed,
        disclosed,
        disclosedWithin,
      ]),
  }
}

/** What monitors have to disclose of how they average. */
function averagingTable(): ResultTable {
  const { intervals, slowIntervals, slowSeconds, leastIntervals, stepIntervals, slowStepIntervals } = heartRateDefaults
  return {
    title: 'Heart rate averaging, disclosed',
    columns: ['what', 'how'],
    rows: [
      ['a reading', 'every second of the signal'],
      ['average', `last ${intervals} RR intervals without the shortest and the longest; from ${leastIntervals} intervals on`],
      ['slow rates', `last ${slowIntervals} RR intervals when their mean exceeds ${slowSeconds} s`],
      [
        'a step of the rate',
        `the newest intervals alone, from ${stepIntervals} on that agree (${slowStepIntervals} above ${slowSeconds} s)`,
      ],
    ],
  }
}

const rateColumns = patternRates.map(fsHz => `${fsHz} Hz`)

function seriesTable(scored: readonly ScoredCase[]): ResultTable {
  return {
    title: 'Largest that is tolerated (one lead / two leads)',
    columns: ['what', ...rateColumns],
    rows: Object.entries(patternSeries)
      .filter(([, prefix]) => seriesOf(scored, prefix).length > 0)
      .map(([title, prefix]) => {
        const largest = largestTolerated(scored, prefix)
        return [
          title,
          ...patternRates.map(fsHz => perLeads(largest.filter(entry => entry.fsHz === fsHz).map(({ step }) => String(step ?? 'none')))),
        ]
      }),
  }
}

function groupTable(group: PatternGroup, scored: readonly ScoredCase[]): ResultTable {
  return {
    title: `${patternGroups[group]}: ${unitOf(group)} (one lead / two leads; ! falls short; m missed, x extra beats)`,
    columns: ['waveform', 'limit', 'source', ...rateColumns],
    rows: scored
      .filter(({ patternCase }) => patternCase.group === group)
      .map(({ patternCase, verdicts }) => [
        patternCase.pattern.name,
        patternCase.level === 'required' ? sayLimit(patternCase.check) : `(${sayLimit(patternCase.check)})`,
        patternCase.source,
        ...patternRates.map(fsHz =>
          perLeads(verdicts.filter(verdict => verdict.fsHz === fsHz).map(verdict => sayVerdict(verdict, patternCase.check))),
        ),
      ]),
  }
}

function sourcesTable(): ResultTable {
  return {
    title: 'Sources of the limits; limits in brackets are disclosed, not held to',
    columns: ['source', 'what it is'],
    rows: Object.entries(limitSources).map(([name, text]) => [name, text]),
  }
}

function perLeads(cells: readonly string[]): string {
  return cells.length > 0 && cells.every(cell => cell === cells[0]) ? (cells[0] as string) : cells.join(' / ')
}

function unitOf(group: PatternGroup): string {
  if (group === 'small-qrs') return 'beats counted'
  if (group === 'response' || group.endsWith('-alarm')) return 'seconds'
  if (group.startsWith('pacer')) return 'heart rate farthest from the expected, /min; seconds to asystole where capture is lost'
  return 'heart rate farthest from the expected, /min'
}

export function sayLimit(check: Check): string {
  switch (check.kind) {
    case 'rate':
      return `${round(check.expected)} +- ${round(check.tolerance)} /min${check.exact ? ', every beat once' : ''}`
    case 'silent':
      return 'no beat'
    case 'response':
      return `<= ${check.atMost} s to within 1 of ${check.target} /min`
    case 'alert':
      return `<= ${check.atMost} s to ${check.conditions[0]}${check.conditions.length > 1 ? ' or the like' : ''}${check.silent ? ', no beat after' : ''}`
  }
}

function sayVerdict({ measured, passed, missed, extra }: PatternVerdict, check: Check): string {
  const counts = check.kind === 'silent' ? '' : `${missed > 0 ? ` ${missed}m` : ''}${extra > 0 ? ` ${extra}x` : ''}`
  return `${measured === null ? 'none' : round(measured)}${counts}${passed ? '' : ' !'}`
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
