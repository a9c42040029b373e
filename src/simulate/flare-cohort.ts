import type { VitalName } from '../signal/catalogue.js'
import { deriveSeed, normalAt, uniformAt } from './random.js'

/** A vital sign as people of the cohort have it, day by day. */
interface VitalModel {
  readonly name: VitalName
  /** Mean and standard deviation of people's own levels. */
  readonly level: readonly [number, number]
  /** Standard deviation of a day within a person. */
  readonly day: number
  /** What the height of a flare adds to it, in its unit. */
  readonly flare: number
  readonly range: readonly [number, number]
}

export type FlareKind = 'copd' | 'heart-failure'

const symptoms = { level: [2, 1], day: 0.8, range: [0, 10] } as const
const models: Readonly<Record<FlareKind, readonly VitalModel[]>> = {
  copd: [
    { name: 'spo2', level: [93, 2], day: 0.9, flare: -2.5, range: [70, 100] },
    { name: 'respiratory-rate', level: [18, 2.5], day: 1.2, flare: 3, range: [6, 45] },
    { name: 'heart-rate', level: [80, 9], day: 3.5, flare: 8, range: [40, 160] },
    { name: 'peak-flow', level: [260, 70], day: 16, flare: -40, range: [50, 700] },
    { name: 'dyspnoea', ...symptoms, flare: 2.5 },
    { name: 'cough', ...symptoms, flare: 2 },
    { name: 'sputum', ...symptoms, flare: 2 },
  ],
  'heart-failure': [
    { name: 'body-weight', level: [82, 14], day: 0.5, flare: 2.2, range: [40, 180] },
    { name: 'respiratory-rate', level: [17, 2.5], day: 1.2, flare: 2.5, range: [6, 45] },
    { name: 'heart-rate', level: [74, 9], day: 3.5, flare: 7, range: [40, 160] },
    { name: 'spo2', level: [95, 1.5], day: 0.9, flare: -1.5, range: [70, 100] },
    { name: 'dyspnoea', ...symptoms, flare: 2 },
    { name: 'swelling', ...symptoms, flare: 2 },
  ],
}

export interface CohortDay {
  readonly day: number
  readonly values: readonly { readonly name: VitalName; readonly value: number }[]
}

export interface CohortPerson {
  readonly days: readonly CohortDay[]
  /** Day on which the flare is at its height, when it would be noticed; null: a steady person. */
  readonly flareDay: number | null
}

export interface CohortOptions {
  readonly seed: number
  readonly people: number
  readonly days: number
  readonly kind: FlareKind
  readonly flares: boolean
  /** Share of values that are not there. */
  readonly missing?: number
}

/** A flare builds up over 5 to 10 days and goes within a week of treatment. */
const buildUpDays = [5, 10] as const
const recoveryDays = 7
/** Deviations of a day stay for a part in the next. */
const carried = 0.4

/**
 * People who measure themselves at home, day by day: levels of their own, deviations that carry over to the next day (AR(1)), values that
 * are missing, and in the second half one flare of a strength of its own (0.5 to 1.5 of the model's). A model for the mathematics of trends;
 * how large flares are in people it does not know.
 */
export function simulateCohort({ seed, people, days, kind, flares, missing = 0.15 }: CohortOptions): CohortPerson[] {
  return Array.from({ length: people }, (_, index) => {
    const own = deriveSeed(seed, index)
    const draw = (purpose: number, counter = 0) => uniformAt(own, 100 + purpose, counter)
    const flareDay = flares ? Math.floor(days * (0.5 + 0.35 * draw(1))) : null
    const buildUp = buildUpDays[0] + (buildUpDays[1] - buildUpDays[0]) * draw(2)
    const strength = 0.5 + draw(3)
    const height = (day: number) => (flareDay === null ? 0 : strength * heightOf(day, flareDay, buildUp))
    const courses = models[kind].map((model, i) => courseOf(model, own, 1000 * (i + 1), days, height))
    return {
      flareDay,
      days: Array.from({ length: days }, (_, day) => ({
        day,
        values: courses.flatMap(({ name, values }, i) => (draw(50 + i, day) < missing ? [] : [{ name, value: values[day]! }])),
      })),
    }
  })
}

function heightOf(day: number, flareDay: number, buildUp: number): number {
  if (day <= flareDay) return Math.max(0, 1 - (flareDay - day) / buildUp)
  return Math.max(0, 1 - (day - flareDay) / recoveryDays)
}

function courseOf(model: VitalModel, seed: number, purpose: number, days: number, height: (day: number) => number) {
  const level = model.level[0] + model.level[1] * normalAt(seed, purpose, 0)
  const fresh = model.day * Math.sqrt(1 - carried * carried)
  const values: number[] = []
  let deviation = model.day * normalAt(seed, purpose + 1, 0)
  for (let day = 0; day < days; day++) {
    deviation = carried * deviation + fresh * normalAt(seed, purpose + 2, day)
    const value = level + deviation + model.flare * height(day)
    values.push(Math.min(model.range[1], Math.max(model.range[0], Math.round(10 * value) / 10)))
  }
  return { name: model.name, values }
}
