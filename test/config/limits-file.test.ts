import { describe, expect, it } from 'vitest'
import { chooseRules } from '../../src/alert/limits-profile.js'
import { checkLimitsFile, parseLimitsFile } from '../../src/config/limits-file.js'

const read = (value: unknown) => checkLimitsFile(JSON.stringify(value))
const pathsOf = (value: unknown) => {
  const checked = read(value)
  return checked.ok ? [] : checked.problems.map(problem => problem.path)
}

describe('a limits file', () => {
  it('takes a plain limit and names the clear limit that moves along', () => {
    expect(read({ 'heart-rate-high': 75 })).toEqual({ ok: true, rules: { 'heart-rate-high': { limit: 75, clearLimit: 72 } } })
  })

  it('takes all fields, and the rules wrapped', () => {
    const fields = { limit: 75, clearLimit: 74, onsetDelaySeconds: 0, clearDelaySeconds: 2.5, enabled: true }
    expect(read({ rules: { 'heart-rate-high': fields } })).toEqual({ ok: true, rules: { 'heart-rate-high': fields } })
    expect(read({ asystole: { enabled: false } })).toEqual({ ok: true, rules: { asystole: { enabled: false } } })
  })

  it('gives what the rules are chosen with', () => {
    const rules = chooseRules({ limitProfile: 'adult', spo2Scale: 1 }, parseLimitsFile('{"heart-rate-high": 75}', 'limits.json'))
    expect(rules.find(rule => rule.id === 'heart-rate-high')).toMatchObject({ limit: 75, clearLimit: 72, onsetDelaySeconds: 10 })
  })

  it.each([
    ['an unknown rule', { 'heart-rate-hihg': 75 }, ['heart-rate-hihg']],
    ['the name of an inherited member', { constructor: 75 }, ['constructor']],
    ['an unknown field', { 'spo2-low': { limits: 88 } }, ['spo2-low.limits']],
    ['a limit for a rule that has none', { asystole: { limit: 3 } }, ['asystole.limit']],
    ['a plain number for a rule that has no limit', { 'lead-off': 3 }, ['lead-off']],
    ['a limit that is not possible', { 'spo2-low': 101 }, ['spo2-low.limit']],
    ['a limit as a text', { 'spo2-low': '88' }, ['spo2-low']],
    [
      'a clear limit on the wrong side of a high limit',
      { 'heart-rate-high': { limit: 75, clearLimit: 76 } },
      ['heart-rate-high.clearLimit'],
    ],
    ['a clear limit on the wrong side of a low limit', { 'spo2-low': { clearLimit: 89 } }, ['spo2-low.clearLimit']],
    [
      'a delay below 0 or above an hour',
      { 'spo2-low': { onsetDelaySeconds: -1, clearDelaySeconds: 3601 } },
      ['spo2-low.onsetDelaySeconds', 'spo2-low.clearDelaySeconds'],
    ],
    ['something beside the wrapped rules', { rules: {}, 'spo2-low': 88 }, ['rules']],
    ['several at once', { x: 1, 'spo2-low': { enabled: 1 }, rules2: null }, ['x', 'spo2-low.enabled', 'rules2']],
  ])('refuses %s', (_name, value, paths) => expect(pathsOf(value)).toEqual(paths))

  it('says which rules there are, and which one was probably meant', () => {
    const checked = read({ 'heart-rate-hihg': 75 })
    expect(checked.ok ? '' : checked.problems[0]?.accepted).toMatch(/asystole, .*low-battery \(did you mean heart-rate-high\?\)/)
    expect(() => parseLimitsFile('{"x": 1}', 'limits.json')).toThrow(/^limits\.json: x: this rule is not accepted; accepted: asystole/)
  })
})
