import { describe, expect, test } from 'vitest'
import { writeMessage } from '../../src/alert/alert-message.js'
import { findLimit } from '../../src/alert/finding.js'
import { chooseRules } from '../../src/alert/limits-profile.js'
import { type LimitPrescription, limitsInForce, nextLimitChange, oxygenTarget, prescriptionsOf } from '../../src/alert/prescribed-limits.js'
import { unknownPatient } from '../../src/signal/patient.js'

const by = { author: 'dr-who', reason: 'COPD' }
const target: LimitPrescription = { rules: oxygenTarget(88, 92), from: 1000, until: 5000, ...by }
const later: LimitPrescription = { rules: { 'spo2-low': { limit: 86 } }, from: 2000, until: 3000, ...by }
const base = { 'heart-rate-high': { limit: 110 } }

describe('prescribed limits', () => {
  test('hold from their first moment until before their last, over the limits for all', () => {
    expect(limitsInForce(base, [target], 999)).toEqual({ rules: base, prescribed: {}, named: {} })
    const { rules, prescribed } = limitsInForce(base, [target], 1000)
    expect(rules).toEqual({ ...base, ...oxygenTarget(88, 92) })
    expect(prescribed).toEqual({ 'spo2-low': by, desaturation: by, 'spo2-above-target': by })
    expect(limitsInForce(base, [target], 5000)).toEqual({ rules: base, prescribed: {}, named: {} })
  })

  test('leave what they do not name as it is for all, but for the clear limit of another limit', () => {
    const all = { 'spo2-low': { limit: 92, clearLimit: 94, onsetDelaySeconds: 20 } }
    expect(limitsInForce(all, [later], 2500).rules).toEqual({ 'spo2-low': { limit: 86, onsetDelaySeconds: 20 } })
    const delay = { ...later, rules: { 'spo2-low': { onsetDelaySeconds: 5 } } }
    expect(limitsInForce(all, [delay], 2500).rules).toEqual({ 'spo2-low': { limit: 92, clearLimit: 94, onsetDelaySeconds: 5 } })
  })

  test('are of their patient alone', () => {
    expect(
      prescriptionsOf(
        [
          { ...target, patient: 'p-1' },
          { ...later, patient: 'p-2' },
        ],
        'p-2',
      ),
    ).toEqual([later])
  })

  test('go before the target of scale 2, which has no author and no date, and say whose they are', () => {
    const { rules, prescribed, named } = limitsInForce({}, [{ ...target, rules: oxygenTarget(94, 98) }], 1000)
    const low = chooseRules({ ...unknownPatient, spo2Scale: 2 }, rules, prescribed, named).find(({ id }) => id === 'spo2-low')!
    expect(low).toMatchObject({ limit: 94, clearLimit: 95, prescribed: by })
    expect(writeMessage(low, 93)).toBe('SpO2 93 %, below 94 % for 10 s (limits by dr-who: COPD)')
  })

  test('of only a delay leave the target of scale 2 as it is, and of only a limit leave its upper limit on', () => {
    const rulesBy = (own: LimitPrescription['rules']) => {
      const { rules, prescribed, named } = limitsInForce({}, [{ ...target, rules: own }], 1000)
      const chosen = chooseRules({ ...unknownPatient, spo2Scale: 2 }, rules, prescribed, named)
      return (id: string) => chosen.find(rule => rule.id === id)!
    }
    const delays = rulesBy({ 'spo2-above-target': { onsetDelaySeconds: 120 }, 'spo2-low': { onsetDelaySeconds: 30 } })
    expect(delays('spo2-above-target')).toMatchObject({ enabled: true, limit: 92, clearLimit: 92, onsetDelaySeconds: 120, prescribed: by })
    expect(delays('spo2-low')).toMatchObject({ enabled: true, limit: 88, clearLimit: 89, onsetDelaySeconds: 30, prescribed: by })
    const others = rulesBy({ 'spo2-above-target': { limit: 94 }, 'spo2-low': { clearLimit: 91 }, desaturation: { enabled: false } })
    expect(others('spo2-above-target')).toMatchObject({ enabled: true, limit: 94, clearLimit: 94 })
    expect(others('spo2-low')).toMatchObject({ limit: 88, clearLimit: 91 })
    expect(others('desaturation')).toMatchObject({ enabled: false, limit: 84, clearLimit: 86 })
  })

  test('of a later beginning go before those of an earlier one, whatever the order of the list', () => {
    for (const list of [
      [target, later],
      [later, target],
    ]) {
      expect(limitsInForce(base, list, 2500).rules['spo2-low']).toEqual({ limit: 86 })
      expect(limitsInForce(base, list, 2500).rules.desaturation).toMatchObject({ limit: 84, clearLimit: 86 })
      expect(limitsInForce(base, list, 3000).rules['spo2-low']).toMatchObject({ limit: 88, clearLimit: 89 })
    }
  })

  test('say when they change next', () => {
    expect([0, 1000, 2000, 3000, 5000].map(t => nextLimitChange([target, later], t))).toEqual([1000, 2000, 3000, 5000, null])
    expect(nextLimitChange([{ ...target, until: null }], 1000)).toBeNull()
  })
})

describe('a prescribed range of 88 to 92 %', () => {
  const input = { quality: 1, stale: false }
  const fromScale = chooseRules({ ...unknownPatient, spo2Scale: 2 }, {})
  const fromTarget = chooseRules(unknownPatient, oxygenTarget(88, 92))
  for (const [name, rules] of [
    ['scale 2', fromScale],
    ['a prescription', fromTarget],
  ] as const) {
    const rule = (id: string) => rules.find(each => each.id === id)!
    test(`by ${name} has an upper limit that looks only on supplemental oxygen`, () => {
      const above = rule('spo2-above-target')
      expect(above).toMatchObject({ limit: 92, enabled: true })
      const find = (value: number, applies: boolean | null) => findLimit(above, 'absent', { ...input, value, applies }).finding
      expect([find(93, true), find(92, true), find(93, false), find(93, null)]).toEqual(['true', 'false', 'false', 'unknown'])
      expect(findLimit(above, 'absent', { ...input, value: 93 })).toEqual({ finding: 'unknown', reason: 'unknown-supplemental-oxygen' })
    })

    test(`by ${name} has lower limits of 88 and 84 %`, () => {
      expect(rule('spo2-low')).toMatchObject({ limit: 88, clearLimit: 89 })
      expect(rule('desaturation')).toMatchObject({ limit: 84, clearLimit: 86 })
    })
  }

  test('is not looked at without a prescription, and a file may switch it off', () => {
    const of = (rules: ReturnType<typeof chooseRules>) => rules.find(({ id }) => id === 'spo2-above-target')!
    expect(of(chooseRules(unknownPatient, {})).enabled).toBe(false)
    expect(of(chooseRules({ ...unknownPatient, spo2Scale: 2 }, { 'spo2-above-target': { enabled: false } }))).toMatchObject({
      limit: 92,
      enabled: false,
    })
  })
})
