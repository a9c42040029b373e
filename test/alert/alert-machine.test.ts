import { describe, expect, it } from 'vitest'
import {
  type AlertPhase,
  type AlertState,
  absentAlert,
  acknowledgeAlert,
  type Finding,
  nextDeadline,
  stepAlert,
} from '../../src/alert/alert-machine.js'
import { AlertModel } from './alert-model.js'

const second = 1e6

interface Rule {
  readonly onsetDelaySeconds: number
  readonly clearDelaySeconds: number
  readonly latches: boolean
}

/** Walks `[seconds, finding]` from absent, or acknowledges the newest revision; returns the state after each step. */
function walk(rule: Rule, steps: readonly (readonly [number, Finding | 'acknowledge'])[], from: AlertState = absentAlert): AlertState[] {
  let state = from
  return steps.map(([at, what]) => {
    state =
      what === 'acknowledge' ? acknowledgeAlert(state, state.revision, at * second).state : stepAlert(rule, state, what, at * second).state
    return state
  })
}

/** The phases that a walk goes through, as the changes tell them. */
function pathOf(rule: Rule, steps: readonly (readonly [number, Finding | 'acknowledge'])[]): string {
  let state = absentAlert
  const path: AlertPhase[] = ['absent']
  for (const [at, what] of steps) {
    const step = what === 'acknowledge' ? acknowledgeAlert(state, state.revision, at * second) : stepAlert(rule, state, what, at * second)
    if ('changes' in step) path.push(...step.changes.filter(change => change.cause === 'phase').map(change => change.to))
    state = step.state
  }
  return path.join(' => ')
}

const rule: Rule = { onsetDelaySeconds: 10, clearDelaySeconds: 5, latches: true }
const plain: Rule = { ...rule, latches: false }
const pending = [[0, 'true']] as const
const active = [...pending, [10, 'true']] as const
const clearing = [...active, [20, 'false']] as const
const latched = [...clearing, [25, 'false']] as const

/** The design's table, a line a case: rule, how the state is reached, seconds and finding of the step, phase after it. */
const table: readonly [string, Rule, readonly (readonly [number, Finding | 'acknowledge'])[], number, Finding, AlertPhase][] = [
  ['absent, true: pending', rule, [], 0, 'true', 'pending'],
  ['absent, true, no onset delay: active at once', { ...rule, onsetDelaySeconds: 0 }, [], 0, 'true', 'active'],
  ['absent, false: absent', rule, [], 0, 'false', 'absent'],
  ['absent, unknown: absent', rule, [], 0, 'unknown', 'absent'],
  ['pending, true, a microsecond before the onset delay: pending', rule, pending, 9.999999, 'true', 'pending'],
  ['pending, true, at the onset delay: active', rule, pending, 10, 'true', 'active'],
  ['pending, false: absent', rule, pending, 5, 'false', 'absent'],
  ['pending, false, at the onset delay: absent', rule, pending, 10, 'false', 'absent'],
  ['pending, unknown: pending', rule, pending, 5, 'unknown', 'pending'],
  ['pending, unknown, the delay over: pending, only a true finding activates', rule, pending, 12, 'unknown', 'pending'],
  ['pending, true after unknown, the delay over: active at once', rule, [...pending, [5, 'unknown']], 12, 'true', 'active'],
  ['pending, true after unknown, the delay not over: pending', rule, [...pending, [5, 'unknown']], 9, 'true', 'pending'],
  ['pending, 30 s of unknown less a microsecond: pending', rule, [...pending, [5, 'unknown']], 34.999999, 'unknown', 'pending'],
  ['pending, 30 s of unknown: absent', rule, [...pending, [5, 'unknown']], 35, 'unknown', 'absent'],
  [
    'pending, unknown in two parts: the 30 s begin anew',
    rule,
    [...pending, [1, 'unknown'], [5, 'true'], [6, 'unknown']],
    35,
    'unknown',
    'pending',
  ],
  ['active, true: active', rule, active, 15, 'true', 'active'],
  ['active, false: clearing', rule, active, 15, 'false', 'clearing'],
  ['active, unknown: active', rule, active, 15, 'unknown', 'active'],
  ['active, unknown for an hour: active', rule, [...active, [15, 'unknown']], 3615, 'unknown', 'active'],
  ['clearing, true: active', rule, clearing, 22, 'true', 'active'],
  ['clearing, false, a microsecond before the clear delay: clearing', rule, clearing, 24.999999, 'false', 'clearing'],
  ['clearing, false, after the clear delay, latching: latched', rule, clearing, 25, 'false', 'latched'],
  ['clearing, false, after the clear delay, not latching: absent', plain, clearing, 25, 'false', 'absent'],
  ['clearing, false, after the clear delay, acknowledged: absent', rule, [...clearing, [21, 'acknowledge']], 25, 'false', 'absent'],
  ['clearing, false, acknowledged while active: absent', rule, [...active, [11, 'acknowledge'], [20, 'false']], 25, 'false', 'absent'],
  ['clearing, unknown: clearing', rule, clearing, 22, 'unknown', 'clearing'],
  ['clearing, unknown for an hour: clearing', rule, [...clearing, [22, 'unknown']], 3622, 'unknown', 'clearing'],
  [
    'clearing, the clear delay stands still while unknown',
    rule,
    [...clearing, [22, 'unknown'], [60, 'false']],
    62.999999,
    'false',
    'clearing',
  ],
  ['clearing, the clear delay goes on where it stood', rule, [...clearing, [22, 'unknown'], [60, 'false']], 63, 'false', 'latched'],
  ['clearing, true in between: the clear delay begins anew', rule, [...clearing, [24, 'true'], [30, 'false']], 34, 'false', 'clearing'],
  ['latched, true: active', rule, latched, 30, 'true', 'active'],
  ['latched, false: latched', rule, latched, 1e5, 'false', 'latched'],
  ['latched, unknown: latched', rule, latched, 1e5, 'unknown', 'latched'],
]

describe('the table of the design', () => {
  it.each(table)('%s', (_name, given, reach, at, finding, phase) => {
    const before = walk(given, reach).at(-1) ?? absentAlert
    expect(stepAlert(given, before, finding, at * second).state.phase).toBe(phase)
  })

  it('has a line for each phase and finding', () => {
    const covered = new Set(table.map(([, given, reach, , finding]) => `${walk(given, reach).at(-1)?.phase ?? 'absent'} ${finding}`))
    expect(covered.size).toBe(5 * 3)
  })
})

describe('scenarios', () => {
  const path = (name: string, given: Rule, steps: readonly (readonly [number, Finding | 'acknowledge'])[]) =>
    it(name, () => expect(pathOf(given, steps)).toBe(name))

  path('absent => pending => active => clearing => absent', plain, latched)
  path('absent => pending => active => clearing => latched => absent', rule, [...latched, [40, 'acknowledge']])
  path('absent => pending => absent', rule, [
    [0, 'true'],
    [5, 'unknown'],
    [35, 'unknown'],
  ])
  path('absent => pending => active => clearing => active => clearing => absent', plain, [
    ...clearing,
    [22, 'true'],
    [30, 'false'],
    [35, 'false'],
  ])
  path('absent => pending => active => clearing => latched => active => clearing => latched', rule, [
    ...latched,
    [30, 'true'],
    [31, 'false'],
    [36, 'false'],
  ])
  path('absent => active => clearing => absent', { onsetDelaySeconds: 0, clearDelaySeconds: 0, latches: false }, [
    [0, 'true'],
    [1, 'false'],
  ])
  path('absent => active => clearing => latched', { onsetDelaySeconds: 0, clearDelaySeconds: 0, latches: true }, [
    [0, 'true'],
    [1, 'false'],
  ])

  it('absent => pending => active => latched => absent, told as changes with their revisions', () => {
    const given = { onsetDelaySeconds: 2, clearDelaySeconds: 0, latches: true }
    const [first, second_, third] = walk(given, [
      [0, 'true'],
      [2, 'true'],
      [3, 'false'],
    ])
    expect([first!.phase, second_!.phase, third!.phase]).toEqual(['pending', 'active', 'latched'])
    const acknowledged = acknowledgeAlert(third!, third!.revision, 9 * second)
    expect(acknowledged).toMatchObject({ accepted: true, state: { phase: 'absent', onset: null, acknowledged: false } })
  })
})

describe('what an active alert says', () => {
  it('is marked not measurable while unknown, and the mark is a change of its own', () => {
    const reached = walk(rule, active).at(-1)!
    const unknown = stepAlert(rule, reached, 'unknown', 15 * second)
    expect(unknown.state).toMatchObject({ phase: 'active', measurable: false, revision: reached.revision + 1 })
    expect(unknown.changes).toEqual([{ cause: 'measurable', from: 'active', to: 'active', t: 15 * second, revision: reached.revision + 1 }])
    expect(stepAlert(rule, unknown.state, 'unknown', 16 * second).changes).toEqual([])
    expect(stepAlert(rule, unknown.state, 'true', 16 * second).state.measurable).toBe(true)
  })

  it('keeps its onset through clearing, and its acknowledgement; after latched it is active and not acknowledged', () => {
    const back = walk(rule, [...active, [12, 'acknowledge'], [20, 'false'], [22, 'true']]).at(-1)!
    expect(back).toMatchObject({ phase: 'active', onset: 10 * second, acknowledged: true, episode: 1 })
    const again = walk(rule, [...latched, [30, 'true']]).at(-1)!
    expect(again).toMatchObject({ phase: 'active', acknowledged: false, onset: 10 * second, episode: 1 })
  })

  it('counts episodes, and the revision goes on over them', () => {
    const states = walk(plain, [...latched, [30, 'true']])
    expect(states.at(-1)).toMatchObject({ phase: 'pending', episode: 2, onset: null, revision: 5 })
  })
})

describe('acknowledgement', () => {
  it('is compare-and-set: of two who saw the same revision the second is refused', () => {
    const reached = walk(rule, active).at(-1)!
    const first = acknowledgeAlert(reached, reached.revision, 11 * second)
    expect(first).toMatchObject({ accepted: true, state: { acknowledged: true, phase: 'active', revision: reached.revision + 1 } })
    expect(acknowledgeAlert(first.state, reached.revision, 12 * second)).toMatchObject({ accepted: false, reason: 'revision-moved' })
    expect(acknowledgeAlert(first.state, first.state.revision, 12 * second)).toMatchObject({
      accepted: false,
      reason: 'already-acknowledged',
    })
  })

  it('is refused when nothing has been told yet', () => {
    for (const reach of [[], pending]) {
      const state = walk(rule, reach).at(-1) ?? absentAlert
      expect(acknowledgeAlert(state, state.revision, 20 * second)).toMatchObject({
        accepted: false,
        reason: 'nothing-to-acknowledge',
        state,
      })
    }
  })
})

describe('deadlines', () => {
  it.each([
    ['absent', [], null],
    ['pending', pending, 10],
    ['pending and unknown', [...pending, [4, 'unknown']] as const, 34],
    ['pending, true after unknown', [...pending, [4, 'unknown'], [6, 'true']] as const, 10],
    ['active', active, null],
    ['clearing', clearing, 25],
    ['clearing and unknown', [...clearing, [22, 'unknown']] as const, null],
    ['clearing, false after unknown', [...clearing, [22, 'unknown'], [60, 'false']] as const, 63],
    ['latched', latched, null],
  ] as const)('of %s', (_name, reach, at) => {
    expect(nextDeadline(rule, walk(rule, reach).at(-1) ?? absentAlert)).toBe(at === null ? null : at * second)
  })
})

it('agrees with a model written on its own over 100,000 random steps, and its deadlines are exact', () => {
  let seed = 20260801
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const seen = new Map<string, number>()
  let steps = 0
  while (steps < 100_000) {
    const given: Rule = { onsetDelaySeconds: pick([0, 0.5, 3, 10, 45]), clearDelaySeconds: pick([0, 0.25, 5, 20]), latches: random() < 0.5 }
    const model = new AlertModel(given)
    let state: AlertState = absentAlert
    let now = 0
    let finding: Finding = 'unknown'
    for (let i = 0; i < 200; i++, steps++) {
      const deadline = nextDeadline(given, state)
      if (deadline !== null && random() < 0.4) {
        // A microsecond before its deadline, nothing happens by itself; at the deadline, something does.
        if (deadline - 1 >= now) {
          const early = stepAlert(given, state, finding, deadline - 1)
          expect(early.changes).toEqual([])
          model.step(finding, deadline - 1)
          state = early.state
        }
        now = deadline
        const due = stepAlert(given, state, finding, now)
        expect(due.changes.length).toBeGreaterThan(0)
        state = due.state
        model.step(finding, now)
      } else if (random() < 0.1) {
        const revision = state.revision - (random() < 0.3 ? 1 : 0)
        const result = acknowledgeAlert(state, revision, now)
        expect([seed, result.accepted]).toEqual([seed, model.acknowledge(revision === state.revision)])
        state = result.state
      } else {
        now += pick([0, 1, 250_000, 1_000_000, 4_000_000, 31_000_000])
        finding = pick(['true', 'true', 'false', 'unknown'])
        const before = state
        const step = stepAlert(given, state, finding, now)
        model.step(finding, now)
        state = step.state
        expect(state.revision - before.revision).toBe(step.changes.length)
        const key = `${before.phase} ${finding} ${state.phase}`
        seen.set(key, (seen.get(key) ?? 0) + 1)
      }
      expect([seed, state.phase, state.acknowledged, state.measurable]).toEqual([seed, ...model.view()])
    }
  }
  // All that the table allows has happened: with delays of zero also straight through clearing.
  expect([...seen.keys()].sort()).toEqual(
    [
      'absent false absent',
      'absent true active',
      'absent true pending',
      'absent unknown absent',
      'active false absent',
      'active false clearing',
      'active false latched',
      'active true active',
      'active unknown active',
      'clearing false absent',
      'clearing false clearing',
      'clearing false latched',
      'clearing true active',
      'clearing unknown clearing',
      'latched false latched',
      'latched true active',
      'latched unknown latched',
      'pending false absent',
      'pending true active',
      'pending true pending',
      'pending unknown absent',
      'pending unknown pending',
    ].sort(),
  )
})
