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
