import type { RuleOverrides } from '../alert/limits-profile.js'
import { oxygenTarget, type PatientPrescription } from '../alert/prescribed-limits.js'
import { isObject, joinPath, makeProblem, type Problem } from './problem.js'

const longestText = 200
const fields = ['patient', 'from', 'until', 'author', 'reason', 'rules', 'oxygenTarget']
/** What can be aimed at, %: below it no target was ever recommended. */
const leastTarget = 70
const momentForm = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/
const momentAccepted = 'a moment with its zone in ISO 8601, e.g. 2026-11-25T08:00:00+01:00'

/**
 * `[{"patient": "p-1", "from": "2026-11-25T08:00Z", "author": "Dr Ada", "reason": "COPD", "oxygenTarget": [88, 92]}]`, also with
 * `until` and `rules`. `checkRules` reads the rules as a limits file has them. A rule that gets a limit is switched on with it,
 * unless it says otherwise: who prescribes a limit wants it watched.
 */
export function checkPrescriptions(
  given: unknown,
  problems: Problem[],
  checkRules: (rules: Readonly<Record<string, unknown>>, path: string) => RuleOverrides,
): PatientPrescription[] {
  if (!Array.isArray(given)) {
    problems.push(makeProblem('prescriptions', given, `a list of objects with the fields ${fields.join(', ')}`))
    return []
  }
  return given.flatMap((one: unknown, place) => {
    const path = `prescriptions[${place}]`
    if (!isObject(one)) {
      problems.push(makeProblem(path, one, `an object with the fields ${fields.join(', ')}`))
      return []
    }
    const before = problems.length
    for (const key of Object.keys(one)) {
      if (!fields.includes(key))
        problems.push({ path: joinPath(path, key), value: 'this field', accepted: `the fields ${fields.join(', ')}` })
    }
    const [patient, author, reason] = ['patient', 'author', 'reason'].map(key => readText(one[key], joinPath(path, key), problems))
    const from = readMoment(one.from, `${path}.from`, problems)
    const until = one.until === undefined || one.until === null ? null : readMoment(one.until, `${path}.until`, problems)
    if (from !== null && until !== null && until <= from) {
      problems.push(makeProblem(`${path}.until`, one.until, `a moment after from, which is ${JSON.stringify(one.from)}`))
    }
    const rules = { ...readTarget(one.oxygenTarget, `${path}.oxygenTarget`, problems), ...readRules(one.rules, path, problems, checkRules) }
    if (one.rules === undefined && one.oxygenTarget === undefined) {
      problems.push({ path, value: 'a prescription of nothing', accepted: 'rules, oxygenTarget, or both' })
    }
    if (problems.length > before || from === null) return []
    return [Object.freeze({ patient: patient!, author: author!, reason: reason!, from, until, rules: Object.freeze(rules) })]
  })
}

function readText(value: unknown, path: string, problems: Problem[]): string {
  // It is shown in alerts and printed on terminals: no line ends, no control characters.
  if (typeof value === 'string' && value.trim() !== '' && value.length <= longestText && !/\p{Cc}/u.test(value)) return value
  problems.push(makeProblem(path, value, `a text of one line, 1 to ${longestText} characters`))
  return ''
}

/** Microseconds of patient time; null where there is a mistake. */
function readMoment(value: unknown, path: string, problems: Problem[]): number | null {
  const day = typeof value === 'string' ? momentForm.exec(value)?.[1] : undefined
  // Date.parse takes February 30 for March 2.
  const exists = day !== undefined && new Date(Date.parse(`${day}T00:00Z`)).toJSON()?.startsWith(day) === true
  const millis = exists ? Date.parse(value as string) : Number.NaN
  if (Number.isFinite(millis)) return millis * 1000
  problems.push(makeProblem(path, value, momentAccepted))
  return null
}

function readTarget(value: unknown, path: string, problems: Problem[]): RuleOverrides {
  if (value === undefined) return {}
  const [low, high] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : []
  if (typeof low === 'number' && typeof high === 'number' && leastTarget <= low && low < high && high <= 100) return oxygenTarget(low, high)
  problems.push(makeProblem(path, value, `[low, high] in % SpO2, ${leastTarget} <= low < high <= 100, e.g. [88, 92]`))
  return {}
}

function readRules(
  value: unknown,
  path: string,
  problems: Problem[],
  checkRules: (rules: Readonly<Record<string, unknown>>, path: string) => RuleOverrides,
): RuleOverrides {
  if (value === undefined) return {}
  if (!isObject(value) || Object.keys(value).length === 0) {
    problems.push(makeProblem(`${path}.rules`, value, 'an object: rule id to a limit or to its changed fields'))
    return {}
  }
  const rules = Object.entries(checkRules(value, `${path}.rules`))
  for (const [id, { limit, clearLimit }] of rules) {
    // Which limit it would stand beside depends on the limits for all of that moment.
    if (limit === undefined && clearLimit !== undefined) {
      problems.push(makeProblem(`${joinPath(`${path}.rules`, id)}.clearLimit`, clearLimit, 'a clear limit with a limit beside it'))
    }
  }
  return Object.fromEntries(rules.map(([id, rule]) => [id, rule.limit === undefined ? rule : { enabled: true, ...rule }]))
}
