import { describe, expect, it } from 'vitest'
import { attributesOf, checkAttributesFile, parseAttributesFile } from '../../src/config/attributes-file.js'
import { unknownPatient } from '../../src/signal/patient.js'

const read = (value: unknown) => checkAttributesFile(JSON.stringify(value))
const pathsOf = (value: unknown) => {
  const checked = read(value)
  return checked.ok ? [] : checked.problems.map(problem => problem.path)
}

describe('an attributes file', () => {
  it('knows nothing of anybody when it is empty', () => {
    expect(read({})).toEqual({ ok: true, attributes: { all: unknownPatient, patients: {} } })
  })

  it('says the attributes of all, and of some by the id of patient or device', () => {
    const file = parseAttributesFile(
      JSON.stringify({
        ageYears: 70,
        pregnant: false,
        spo2Scale: 2,
        patients: { p1: { spo2Scale: 1 }, 'bed-3': { ageBand: 'adolescent' } },
      }),
      'attributes.json',
    )
    expect(attributesOf(file, 'p0', 'bed-0')).toEqual({ ageYears: 70, pregnant: false, spo2Scale: 2, limitProfile: 'adult' })
    expect(attributesOf(file, 'p1', 'bed-3').spo2Scale).toBe(1)
    expect(attributesOf(file, 'p2', 'bed-3')).toEqual({
      ageYears: null,
      ageBand: 'adolescent',
      pregnant: false,
      spo2Scale: 2,
      limitProfile: 'adult',
    })
    expect(attributesOf(file, 'constructor', 'toString')).toBe(file.all)
  })

  it('names conditions whose trends are wanted, each once and no other', () => {
    const file = parseAttributesFile('{"conditions": ["copd"], "patients": {"p1": {"conditions": []}}}', 'attributes.json')
    expect(attributesOf(file, 'p0', 'bed-0').conditions).toEqual(['copd'])
    expect(attributesOf(file, 'p1', 'bed-1')).not.toHaveProperty('conditions')
    for (const conditions of [['asthma'], ['copd', 'copd'], 'copd', null]) expect(pathsOf({ conditions })).toEqual(['conditions'])
    expect(() => parseAttributesFile('{"conditions": ["asthma"]}', 'attributes.json')).toThrow(/a list of "copd" or "heart-failure"/)
  })

  it.each([
    ['an unknown key', { age: 70 }, ['age']],
    ['a scale that there is not', { spo2Scale: 3 }, ['spo2Scale']],
    ['an unknown age band', { ageBand: 'old' }, ['ageBand']],
    ['years and band that disagree', { ageYears: 70, ageBand: 'child' }, ['ageBand']],
    ['years below 0', { ageYears: -1 }, ['ageYears']],
    ['an unknown profile', { limitProfile: 'toString' }, ['limitProfile']],
    ['patients that are no object', { patients: [] }, ['patients']],
    ['a patient that is no object', { patients: { p1: 3 } }, ['patients.p1']],
    [
      'mistakes of several patients at once',
      { pregnant: 'no', patients: { p1: { spo2Scale: 0 }, p2: { x: 1 } } },
      ['pregnant', 'patients.p1.spo2Scale', 'patients.p2.x'],
    ],
  ])('refuses %s', (_name, value, paths) => expect(pathsOf(value)).toEqual(paths))

  it('accepts years that lie in their band', () => {
    expect(pathsOf({ ageYears: 15, ageBand: 'adolescent' })).toEqual([])
    expect(pathsOf({ ageYears: 70, ageBand: 'adult' })).toEqual([])
    expect(pathsOf({ ageYears: 70, ageBand: 'elderly' })).toEqual([])
  })
})
