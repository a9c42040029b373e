import { expect, it } from 'vitest'
import { chooseRules } from '../../src/alert/limits-profile.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { ConditionSet } from '../../src/monitor/condition-set.js'
import type { PatientEvent } from '../../src/monitor/event.js'

it('ends a latched alert whose rule is switched off, so that it does not stand for ever: latched => absent', () => {
  const said: PatientEvent[] = []
  const rule = chooseRules(defaultOptions.attributes.all, {}).find(({ id }) => id === 'asystole')!
  const conditions = new ConditionSet([rule], '', event => said.push(event))
  conditions.step(rule.id, 'true', 0)
  conditions.step(rule.id, 'false', 10e6)
  conditions.advance(60e6)
  expect(said.at(-1)!.body).toMatchObject({ to: 'latched' })
  conditions.replaceRules([], 70e6)
  expect(said.at(-1)).toMatchObject({ t: 70e6, body: { from: 'latched', to: 'absent', cause: 'phase' } })
})

it('ends a shortened delay with the change of the limits, not in the past, also across a restart', () => {
  const rule = chooseRules(defaultOptions.attributes.all, {}).find(({ id }) => id === 'news2-urgent')!
  const long = { ...rule, onsetDelaySeconds: 600, clearDelaySeconds: 600 }
  const short = { ...rule, onsetDelaySeconds: 30, clearDelaySeconds: 30 }
  const said: PatientEvent[] = []
  const conditions = new ConditionSet([long], '', event => said.push(event))
  conditions.step(rule.id, 'true', 10e6)
  conditions.replaceRules([short], 300e6)
  expect(conditions.nextDeadline()).toBe(300e6)
  const restarted = new ConditionSet([short], '', event => said.push(event))
  restarted.load(structuredClone(conditions.save()))
  restarted.advance(300e6)
  expect(said.map(({ t, type }) => [t / 1e6, type])).toEqual([
    [10, 'condition'],
    [300, 'limits-changed'],
    [300, 'condition'],
  ])
  expect(said.at(-1)!.body).toMatchObject({ from: 'pending', to: 'active' })
  restarted.replaceRules([long], 310e6)
  restarted.step(rule.id, 'false', 400e6)
  restarted.replaceRules([short], 500e6)
  restarted.advance(500e6)
  expect(said.at(-1)).toMatchObject({ t: 500e6, body: { from: 'clearing', to: 'absent' } })
})

it('leaves an alert alone while it goes back to when its rule was off, and ends it when the rule is off by what holds now', () => {
  const said: PatientEvent[] = []
  const rule = chooseRules(defaultOptions.attributes.all, {}).find(({ id }) => id === 'desaturation')!
  const off = { ...rule, enabled: false }
  const conditions = new ConditionSet([rule], '', event => said.push(event))
  conditions.step(rule.id, 'true', 0)
  conditions.advance(60e6)
  const before = said.length
  conditions.goBack([off])
  const restarted = new ConditionSet([off], '', event => said.push(event))
  restarted.load(structuredClone(conditions.save()))
  conditions.replaceRules([rule], 30e6, false)
  expect(said).toHaveLength(before)
  expect(conditions.heldPhase(rule.id)).toBe('active')
  restarted.replaceRules([off], 70e6)
  expect(said.at(-1)).toMatchObject({ t: 70e6, body: { to: 'absent' } })
})
