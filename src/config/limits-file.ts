import type { AlertRule } from '../alert/alert-rule.js'
import { clearsOnNormalSide, overrideRule, type RuleOverride, type RuleOverrides } from '../alert/limits-profile.js'
import type { PatientPrescription } from '../alert/prescribed-limits.js'
import { adultProfile } from '../alert/rules/adult-profile.js'
import { catalogue } from '../signal/catalogue.js'
import { nearestWord } from './fill-schema.js'
import { checkPrescriptions } from './prescriptions.js'
import { type Checked, configError, isObject, joinPath, makeProblem, type Problem } from './problem.js'
import { readJsonObject } from './read-json.js'

/** A delay longer than an hour is taken for a mistake of unit. */
const longestDelaySeconds = 3600
const limitFields = ['limit', 'clearLimit']
const delayFields = ['onsetDelaySeconds', 'clearDelaySeconds']

/** Changed limits of all patients, and those that are prescribed for single ones. */
export interface LimitsFile {
  readonly rules: RuleOverrides
  readonly prescriptions: readonly PatientPrescription[]
}

/**
 * Limits for all patients: `{"heart-rate-high": 110}` or `{"heart-rate-high": {"limit": 110, "clearLimit": 107,
 * "onsetDelaySeconds": 5, "clearDelaySeconds": 10, "enabled": true}}`, also inside `{"rules": ...}`, beside which
 * `"prescriptions"` may stand. When only a limit is given, the result names the clear limit that moves along with it.
 */
export function checkLimitsFile(text: string): Checked<'limits', LimitsFile> {
  const read = readJsonObject(text)
  if ('problem' in read) return { ok: false, problems: [read.problem] }
  const problems: Problem[] = []
  const wrapped = Object.hasOwn(read.value, 'rules') || Object.hasOwn(read.value, 'prescriptions')
  const { rules: given = {}, prescriptions: prescribed = [], ...beside } = wrapped ? read.value : { rules: read.value }
  if (!isObject(given) || Object.keys(beside).length > 0) {
    const accepted = 'an object with the rules, and nothing beside "rules" but "prescriptions"'
    return { ok: false, problems: [makeProblem('rules', given, accepted)] }
  }
  const rules = checkRules(given, wrapped ? 'rules' : '', problems)
  const prescriptions = checkPrescriptions(prescribed, problems, (own, path) => checkRules(own, path, problems))
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, limits: Object.freeze({ rules, prescriptions: Object.freeze(prescriptions) }) }
}

/** As `checkLimitsFile`; throws every mistake as one error that names `file`. */
export function parseLimitsFile(text: string, file: string): LimitsFile {
  const checked = checkLimitsFile(text)
  if (!checked.ok) throw configError(file, checked.problems)
  return checked.limits
}

function checkRules(given: Readonly<Record<string, unknown>>, under: string, problems: Problem[]): RuleOverrides {
  const entries: [string, RuleOverride][] = []
  for (const [id, value] of Object.entries(given)) {
    const path = joinPath(under, id)
    const rule = adultProfile.rules.find(candidate => candidate.id === id)
    if (rule === undefined) problems.push(unknownRule(path, id))
    else {
      const override = checkOverride(rule, value, path, problems)
      if (override !== null) entries.push([id, Object.freeze(override)])
    }
  }
  return Object.freeze(Object.fromEntries(entries))
}

function unknownRule(path: string, id: string): Problem {
  const ids = adultProfile.rules.map(rule => rule.id)
  const nearest = nearestWord(id, ids)
  return { path, value: 'this rule', accepted: `${ids.join(', ')}${nearest === null ? '' : ` (did you mean ${nearest}?)`}` }
}

function checkOverride(rule: AlertRule, value: unknown, path: string, problems: Problem[]): RuleOverride | null {
  const before = problems.length
  const fields = [...(rule.limit === null ? [] : limitFields), ...delayFields, 'enabled']
  const given = typeof value === 'number' && rule.limit !== null ? { limit: value } : value
  if (!isObject(given)) {
    const plain = rule.limit === null ? '' : `a limit in ${rule.unit}, or `
    problems.push(makeProblem(path, value, `${plain}an object with the fields ${fields.join(', ')}`))
    return null
  }
  for (const [field, content] of Object.entries(given)) checkField(rule, fields, field, content, joinPath(path, field), problems)
  if (problems.length > before) return null
  const override = given as RuleOverride
  const changed = overrideRule(rule, override)
  if (!clearsOnNormalSide(changed)) {
    const side = rule.side === 'above' || rule.side === 'at-least' ? 'below' : 'above'
    const accepted = `${changed.limit} ${rule.unit} (the limit) or a value ${side} it, where the condition has ended`
    problems.push(makeProblem(joinPath(path, 'clearLimit'), changed.clearLimit, accepted))
    return null
  }
  return override.limit === undefined || changed.clearLimit === null ? { ...override } : { ...override, clearLimit: changed.clearLimit }
}

function checkField(rule: AlertRule, fields: readonly string[], field: string, value: unknown, path: string, problems: Problem[]): void {
  if (!fields.includes(field)) {
    problems.push({ path, value: 'this field', accepted: `the fields ${fields.join(', ')}` })
  } else if (field === 'enabled') {
    if (typeof value !== 'boolean') problems.push(makeProblem(path, value, 'true or false'))
  } else {
    const [least, most] = delayFields.includes(field) ? [0, longestDelaySeconds] : limitRange(rule)
    const unit = delayFields.includes(field) ? 's' : rule.unit
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) {
      problems.push(makeProblem(path, value, `a number from ${least} to ${most} ${unit}`))
    }
  }
}

/** What is possible at all, by the catalogue; 0 to 20 points for a score. */
function limitRange(rule: AlertRule): readonly [number, number] {
  const possible = rule.input.kind === 'vital' ? catalogue[rule.input.name].possible : null
  return possible ?? [0, 20]
}
