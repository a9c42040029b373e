import { describe, expect, it } from 'vitest'
import { writeMessage } from '../../src/alert/alert-message.js'
import type { AlertRule } from '../../src/alert/alert-rule.js'
import { findLimit, findScore, findSwitch } from '../../src/alert/finding.js'
import { findInhibition } from '../../src/alert/inhibition.js'
import { chooseRules, clearsOnNormalSide, overrideRule } from '../../src/alert/limits-profile.js'
import { adultProfile } from '../../src/alert/rules/adult-profile.js'
import { catalogue } from '../../src/signal/catalogue.js'

function ruleOf(id: string, rules: readonly AlertRule[] = adultProfile.rules): AlertRule {
  const rule = rules.find(candidate => candidate.id === id)
  if (rule === undefined) throw new Error(`no rule ${id}`)
  return rule
}

const good = { quality: 1, stale: false }

describe('the adult profile', () => {
  it('holds the rules that are promised, each once', () => {
    const ids = adultProfile.rules.map(rule => rule.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of [
      'asystole',
      'extreme-bradycardia',
      'extreme-tachycardia',
      'heart-rate-low',
      'heart-rate-high',
      'pulse-rate-low',
      'pulse-rate-high',
      'spo2-low',
      'desaturation',
      'respiratory-rate-low',
      'respiratory-rate-high',
      'temperature-low',
      'temperature-high',
      'nibp-systolic-low',
      'nibp-systolic-high',
      'news2-urgent',
      'news2-emergency',
      'news2-single-3',
      'lead-off',
      'sensor-off',
      'poor-signal',
      'no-data',
      'low-battery',
    ]) {
      expect(ids).toContain(id)
    }
  })

  it.each(adultProfile.rules.map(rule => [rule.id, rule] as const))(
    '%s clears on the normal side, cites its source and is possible',
    (_id, rule) => {
      expect(clearsOnNormalSide(rule)).toBe(true)
      expect(rule.citation.length).toBeGreaterThan(10)
      expect(rule.onsetDelaySeconds).toBeGreaterThanOrEqual(0)
      expect(rule.clearDelaySeconds).toBeGreaterThanOrEqual(0)
      expect((rule.limit === null) === (rule.side === null)).toBe(true)
      if (rule.input.kind === 'vital') {
        const entry = catalogue[rule.input.name]
        expect(rule.unit).toBe(entry.unit)
        expect(rule.limit).toBeGreaterThanOrEqual(entry.possible![0])
        expect(rule.limit).toBeLessThanOrEqual(entry.possible![1])
      }
      if (rule.kind === 'technical') expect(rule.latches).toBe(false)
    },
  )

  it('names no cause and no diagnosis in its messages, and leaves no place unfilled', () => {
    for (const rule of adultProfile.rules) {
      const message = writeMessage(rule, 37.25)
      expect(message).not.toMatch(/[{}]/)
      expect(message).not.toMatch(/asystole|arrest|bradycardia|tachycardia|hypox|sepsis|fever|hypotension|failure/i)
    }
  })

  it('writes value, limit and unit as screens print them', () => {
    expect(writeMessage(ruleOf('temperature-high'), 39.25)).toBe('Temperature 39.3 °C, at or above 39.1 °C')
    expect(writeMessage(ruleOf('spo2-low'), 87)).toBe('SpO2 87 %, below 90 % for 10 s')
    expect(writeMessage(ruleOf('nibp-systolic-low'), null)).toBe('Systolic pressure not measurable, at or below 90 mmHg')
  })
})

describe('a limit with hysteresis', () => {
  const high = ruleOf('heart-rate-high')
  it.each([
    ['absent', 121, 'true'],
    ['absent', 120, 'false'],
    ['absent', 118, 'false'],
    ['pending', 118, 'true'],
    ['active', 120, 'true'],
    ['active', 117.1, 'true'],
    ['active', 117, 'false'],
    ['clearing', 118, 'false'],
    ['clearing', 121, 'true'],
    ['latched', 118, 'false'],
  ] as const)('%s at %d /min is %s', (phase, value, finding) => {
    expect(findLimit(high, phase, { ...good, value })).toEqual({ finding, reason: null })
  })

  it('takes the limit itself as its words say: below, at most, above, at least', () => {
    const at = (id: string, value: number) => findLimit(ruleOf(id), 'absent', { ...good, value }).finding
    expect([at('extreme-bradycardia', 40), at('extreme-bradycardia', 39.9)]).toEqual(['false', 'true'])
    expect([at('respiratory-rate-low', 8), at('respiratory-rate-low', 8.1)]).toEqual(['true', 'false'])
    expect([at('extreme-tachycardia', 140), at('extreme-tachycardia', 140.1)]).toEqual(['false', 'true'])
    expect([at('temperature-high', 39.1), at('temperature-high', 39)]).toEqual(['true', 'false'])
    expect([at('low-battery', 20), at('low-battery', 19)]).toEqual(['false', 'true'])
    expect(findLimit(ruleOf('low-battery'), 'active', { ...good, value: 24 }).finding).toBe('true')
  })

  it('is unknown, with the reason, when nothing can be concluded', () => {
    const of = (input: object) => findLimit(high, 'active', { value: 150, ...good, ...input })
    expect(of({ stale: true })).toEqual({ finding: 'unknown', reason: 'stale' })
    expect(of({ value: null })).toEqual({ finding: 'unknown', reason: 'not-measurable' })
    expect(of({ value: null, reason: 'motion' })).toEqual({ finding: 'unknown', reason: 'motion' })
    expect(of({ value: Number.NaN })).toEqual({ finding: 'unknown', reason: 'not-measurable' })
    expect(of({ quality: 0.49 })).toEqual({ finding: 'unknown', reason: 'poor-quality' })
    expect(of({ quality: 0.5 })).toEqual({ finding: 'true', reason: null })
    expect(of({ inhibitedBy: 'lead-off' })).toEqual({ finding: 'unknown', reason: 'inhibited:lead-off' })
    expect(findSwitch(null).finding).toBe('unknown')
    expect([findSwitch(true).finding, findSwitch(false).finding]).toEqual(['true', 'false'])
    expect(findSwitch(true, 'lead-off')).toEqual({ finding: 'unknown', reason: 'inhibited:lead-off' })
  })
})

describe('a partial score', () => {
  const urgent = ruleOf('news2-urgent')
  const single = ruleOf('news2-single-3')
  it('raises when its lower bound does, clears when its upper bound does, and is unknown between', () => {
    const partial = (total: number, atMost: number) =>
      findScore(urgent, 'active', { total, atMost, complete: false, single3: false }).finding
    expect([partial(5, 8), partial(2, 4), partial(4, 5)]).toEqual(['true', 'false', 'unknown'])
  })

  it('is exact when complete, and unknown when refused', () => {
    const whole = (total: number) => findScore(urgent, 'absent', { total, atMost: total, complete: true, single3: false }).finding
    expect([whole(5), whole(4)]).toEqual(['true', 'false'])
    expect(findScore(urgent, 'absent', { total: null, atMost: null, complete: false, single3: false }).finding).toBe('unknown')
    const of = (complete: boolean, single3: boolean) => findScore(single, 'absent', { total: 3, atMost: 6, complete, single3 }).finding
    expect([of(true, true), of(false, true), of(true, false), of(false, false)]).toEqual(['true', 'true', 'false', 'unknown'])
  })
})

describe('inhibition', () => {
  it('explains away what comes from the stream whose lead is off, and nothing that another sensor shows', () => {
    const technical = [{ condition: 'lead-off', stream: 'ecg' }] as const
    expect(findInhibition(ruleOf('extreme-tachycardia'), 'ecg', technical)).toBe('lead-off')
    expect(findInhibition(ruleOf('asystole'), 'ecg', technical)).toBe('lead-off')
    expect(findInhibition(ruleOf('pulse-rate-high'), 'ppg', technical)).toBeNull()
    expect(findInhibition(ruleOf('lead-off'), 'ecg', technical)).toBeNull()
    expect(findInhibition(ruleOf('temperature-high'), 'n', [{ condition: 'no-data', stream: 'n' }])).toBeNull()
    expect(findInhibition(ruleOf('heart-rate-high'), 'n', [{ condition: 'no-data', stream: 'n' }])).toBe('no-data')
  })

  it('does not let poor signal silence a missing heartbeat: the detector itself says what it can tell', () => {
    expect(findInhibition(ruleOf('asystole'), 'ecg', [{ condition: 'poor-signal', stream: 'ecg' }])).toBeNull()
  })
})

describe('limits for a patient', () => {
  const adult = { limitProfile: 'adult', spo2Scale: 1 } as const
  it('moves the clear limit along when only the limit is given', () => {
    expect(overrideRule(ruleOf('heart-rate-high'), { limit: 75 })).toMatchObject({ limit: 75, clearLimit: 72 })
    expect(overrideRule(ruleOf('temperature-high'), { limit: 38.5 })).toMatchObject({ limit: 38.5, clearLimit: 38.2 })
    expect(overrideRule(ruleOf('heart-rate-high'), { limit: 75, clearLimit: 70 })).toMatchObject({ limit: 75, clearLimit: 70 })
  })

  it('changes the rules that a file names and no others', () => {
    const changed = chooseRules(adult, { 'heart-rate-high': { limit: 75, enabled: false } })
    expect(changed.filter((rule, i) => rule !== adultProfile.rules[i]).map(rule => rule.id)).toEqual(['heart-rate-high'])
    expect(ruleOf('heart-rate-high', changed)).toMatchObject({ limit: 75, clearLimit: 72, enabled: false })
  })

  it('lowers SpO2 limits on scale 2 and never raises them', () => {
    const scale2 = { ...adult, spo2Scale: 2 } as const
    expect(ruleOf('spo2-low', chooseRules(scale2, {}))).toMatchObject({ limit: 88, clearLimit: 89 })
    expect(ruleOf('desaturation', chooseRules(scale2, {}))).toMatchObject({ limit: 84, clearLimit: 86 })
    expect(ruleOf('spo2-low', chooseRules(scale2, { 'spo2-low': { limit: 93 } })).limit).toBe(88)
    expect(ruleOf('spo2-low', chooseRules(scale2, { 'spo2-low': { limit: 85 } }))).toMatchObject({ limit: 85, clearLimit: 87 })
  })

  it('leaves no patient without rules because of a name', () => {
    expect(chooseRules({ ...adult, limitProfile: 'toString' }, {})).toEqual(adultProfile.rules)
  })
})
