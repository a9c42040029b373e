import { describe, expect, it } from 'vitest'
import { DailyHistory } from '../../../src/score/trend/daily-history.js'
import { type TrendCondition, trendConditions } from '../../../src/score/trend/trend-definitions.js'
import { calmTrend, scoreTrend, type TrendSum, trendParameters } from '../../../src/score/trend/trend-score.js'
import { type CohortPerson, simulateCohort } from '../../../src/simulate/flare-cohort.js'

const people = 200
const days = 90
/** A flare is foreseen by an alert in the ten days up to its height. */
const foreseenDays = 10

/** Days on which an alert begins. */
function alertDays(person: CohortPerson, condition: TrendCondition): number[] {
  const history = new DailyHistory()
  let carried: TrendSum = calmTrend
  const found: number[] = []
  for (const { day, values } of person.days) {
    for (const { name, value } of values) history.take(name, value, DailyHistory.startOf(day) + 8 * 3600e6)
    history.closeBefore(day + 1)
    const { alert, total } = scoreTrend(history, condition, day, carried)
    if (alert && !carried.alert) found.push(day)
    carried = { sum: total, alert }
  }
  return found
}

describe.each(trendConditions)('the trend score of %s on the simulated cohort', kind => {
  const cohort = (flares: boolean, seed: number) => simulateCohort({ seed, people, days, kind, flares })

  it('is silent in steady people: at most one alert in three months of a patient', () => {
    const alerts = cohort(false, 11).flatMap(person => alertDays(person, kind)).length
    const perMonth = alerts / ((people * (days - 10)) / 30)
    process.stdout.write(`${kind}: steady, alerts per patient-month ${perMonth.toFixed(3)} (sum > ${trendParameters.alertSum})\n`)
    expect(perMonth).toBeLessThan(1 / 3)
  })

  it('foresees most flares, days before their height', () => {
    const leads: number[] = []
    let alone = 0
    for (const person of cohort(true, 12)) {
      const flareDay = person.flareDay!
      const alerts = alertDays(person, kind)
      const first = alerts.find(day => day <= flareDay && flareDay - day <= foreseenDays)
      if (first !== undefined) leads.push(flareDay - first)
      alone += alerts.filter(day => day < flareDay - foreseenDays).length
    }
    leads.sort((a, b) => a - b)
    const sensitivity = leads.length / people
    const median = leads[leads.length >> 1]
    process.stdout.write(
      `${kind}: flares foreseen ${(100 * sensitivity).toFixed(1)} %, median lead ${median} d, alerts long before ${alone}\n`,
    )
    expect(sensitivity).toBeGreaterThan(0.8)
    expect(median).toBeGreaterThanOrEqual(2)
  })
})
