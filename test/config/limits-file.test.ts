import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chooseRules } from '../../src/alert/limits-profile.js'
import { oxygenTarget } from '../../src/alert/prescribed-limits.js'
import { checkLimitsFile, parseLimitsFile } from '../../src/config/limits-file.js'

const read = (value: unknown) => checkLimitsFile(JSON.stringify(value))
const rules = (changed: object) => ({ ok: true, limits: { rules: changed, prescriptions: [] } })
const pathsOf = (value: unknown) => {
  const checked = read(value)
  return checked.ok ? [] : checked.problems.map(problem => problem.path)
}

describe('a limits file', () => {
  it('takes a plain limit and names the clear limit that moves along', () => {
    expect(read({ 'heart-rate-high': 75 })).toEqual(rules({ 'heart-rate-high': { limit: 75, clearLimit: 72 } }))
  })

  it('takes all fields, and the rules wrapped', () => {
    const fields = { limit: 75, clearLimit: 74, onsetDelaySeconds: 0, clearDelaySeconds: 2.5, enabled: true }
    expect(read({ rules: { 'heart-rate-high': fields } })).toEqual(rules({ 'heart-rate-high': fields }))
    expect(read({ asystole: { enabled: false } })).toEqual(rules({ asystole: { enabled: false } }))
  })

  it('gives what the rules are chosen with', () => {
    const rules = chooseRules({ limitProfile: 'adult', spo2Scale: 1 }, parseLimitsFile('{"heart-rate-high": 75}', 'limits.json').rules)
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

describe('prescriptions in a limits file', () => {
  const one = { patient: 'p-1', from: '2026-11-25T08:00:00+01:00', author: 'Dr Ada', reason: 'COPD', oxygenTarget: [88, 92] }
  const within = (...prescriptions: unknown[]) => ({ rules: { 'heart-rate-high': 110 }, prescriptions })
  const from = Date.UTC(2026, 10, 25, 7) * 1000

  it('are a range of SpO2, rules, or both, from a moment on and until another', () => {
    const rules = { 'spo2-low': 87, 'heart-rate-low': { limit: 45, enabled: false }, apnea: { onsetDelaySeconds: 5 } }
    const checked = read(within({ ...one, until: '2026-11-26T07:00:00.5Z', rules }))
    expect(checked.ok && checked.limits.prescriptions).toEqual([
      {
        patient: 'p-1',
        author: 'Dr Ada',
        reason: 'COPD',
        from,
        until: from + 86_400.5e6,
        rules: {
          ...oxygenTarget(88, 92),
          'spo2-low': { limit: 87, clearLimit: 89, enabled: true },
          'heart-rate-low': { limit: 45, clearLimit: 47, enabled: false },
          apnea: { onsetDelaySeconds: 5 },
        },
      },
    ])
    expect(checked.ok && checked.limits.rules).toEqual({ 'heart-rate-high': { limit: 110, clearLimit: 107 } })
    expect(pathsOf({ prescriptions: [{ ...one, author: 'Dr Ada\n\u001b[31mhigh asystole' }] })).toEqual(['prescriptions[0].author'])
    expect(pathsOf({ prescriptions: [{ ...one, reason: 'x'.repeat(201) }] })).toEqual(['prescriptions[0].reason'])
    expect(pathsOf({ prescriptions: [{ ...one, until: null }] })).toEqual([])
  })

  it.each([
    ['what is no list', { prescriptions: one }, ['prescriptions']],
    ['what is no object', within('p-1'), ['prescriptions[0]']],
    ['an unknown field', within({ ...one, patients: [] }), ['prescriptions[0].patients']],
    ['nobody for no reason', within({ ...one, patient: '', author: undefined, reason: ' ' }), ['patient', 'author', 'reason']],
    ['a moment without a zone', within({ ...one, from: '2026-11-25T08:00:00' }), ['from']],
    ['a day that does not exist', within({ ...one, from: '2026-02-30T08:00:00Z' }), ['from']],
    ['an hour that does not exist', within({ ...one, from: '2026-02-20T28:00:00Z' }), ['from']],
    ['an end that is not after its beginning', within({ ...one, until: '2026-11-25T07:00:00Z' }), ['until']],
    ['a range upside down', within({ ...one, oxygenTarget: [92, 88] }), ['oxygenTarget']],
    ['a range of one number', within({ ...one, oxygenTarget: [92] }), ['oxygenTarget']],
    ['a prescription of nothing', within({ ...one, oxygenTarget: undefined }), ['prescriptions[0]']],
    ['a mistake in a rule', within(one, { ...one, rules: { 'spo2-low': 101 } }), ['prescriptions[1].rules.spo2-low.limit']],
    ['a clear limit alone', within({ ...one, rules: { 'spo2-low': { clearLimit: 93 } } }), ['rules.spo2-low.clearLimit']],
  ])('refuse %s', (_name, value, paths) => {
    expect(pathsOf(value)).toEqual(paths.map(path => (path.startsWith('prescriptions') ? path : `prescriptions[0].${path}`)))
  })

  it('stand in the example', () => {
    const example = parseLimitsFile(readFileSync(new URL('../../docs/limits-example.json', import.meta.url), 'utf8'), 'limits.json')
    expect(example.prescriptions.map(({ rules }) => Object.keys(rules))).toEqual([Object.keys(oxygenTarget(88, 92)), ['heart-rate-low']])
  })

  it('say what is accepted', () => {
    const text = JSON.stringify(within({ ...one, from: 'tomorrow', oxygenTarget: 88 }))
    expect(() => parseLimitsFile(text, 'limits.json')).toThrow(
      'limits.json: prescriptions[0].from: "tomorrow" is not accepted; accepted: a moment with its zone in ISO 8601, e.g. 2026-11-25T08:00:00+01:00\n' +
        'limits.json: prescriptions[0].oxygenTarget: 88 is not accepted; accepted: [low, high] in % SpO2, 70 <= low < high <= 100, e.g. [88, 92]',
    )
  })
})
