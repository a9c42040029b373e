import { measureExcursions } from '../../glucose/excursions.js'
import { glucoseCourseParameters } from '../../glucose/glucose-course.js'
import { findGlucoseEvents, glucoseLevels } from '../../glucose/glucose-events.js'
import { glucoseLimits, measureGlucose } from '../../glucose/glucose-metrics.js'
import { toMillimoles } from '../../glucose/glucose-units.js'
import { chooseRecords } from '../choose-records.js'
import { agreementOf, type MeasuredPair } from '../compare/agreement.js'
import { bootstrapByRecord, quantileOfSorted } from '../compare/intervals.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { bounds, round, roundOrNull } from '../figures.js'
import { type DrawnExcursion, type GlucosePerson, readGlucoseFolder } from '../glucose/cgm-folder.js'
import { type AlertCounts, followCourse, predictionPairs, scoreAlerts } from '../glucose/glucose-score.js'
import { hashParameters } from '../hash-parameters.js'
import { refuseChannels } from '../refuse-channels.js'
import type { ResultTable, RunContext, Suite, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** Metrics, excursions and outlook of glucose sensors; docs/algorithms/glucose-course.md. */
export const glucoseSuite: Suite = {
  name: 'glucose',
  says: 'outlook of glucose 20 and 30 min ahead against the trace, alerts of low glucose, MAGE against rows drawn by hand',
  layout: 'a folder of CSV files with id, time, gl or a sensor export, and manual_calculations.csv',
  fromSeconds: null,
  takes: [],
  tests: ['pipeline'],
  run,
}

const horizons = [1200, 1800] as const
/** Limits of the outlook, mg/dL, and the events that they are held against; 55 is the shipped alert's. */
const alertChoices = [
  { limit: 55, level: 'very-low' },
  { limit: 70, level: 'low' },
  { limit: 80, level: 'low' },
  { limit: 90, level: 'low' },
] as const
/** The damping of the trend was chosen on the people of these files. */
const fittedFiles = /^(Dexcom_00[1-6]|example_data_5_subject)\.csv$/

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  refuseChannels(request)
  const folder = await readGlucoseFolder(request.database)
  const chosen = new Set(await chooseRecords(request, async () => folder.people.map(({ name }) => name)))
  const people = folder.people.filter(({ name }) => chosen.has(name))
  const drawn = folder.drawn.filter(({ person }) => request.records === null || chosen.has(person))
  const scored: Scored[] = []
  for (const [done, person] of people.entries()) {
    context.onProgress(person.name, done, people.length)
    context.signal.throwIfAborted()
    scored.push(scorePerson(person))
  }
  const mage = scoreDrawn(drawn)
  const groups = {
    fitted: scored.filter(({ fitted }) => fitted),
    notFitted: scored.filter(({ fitted }) => !fitted),
  }
  const gross = {
    ...describe(scored, 0),
    horizonMinutes: 20,
    prediction30: describe(scored, 1),
    fitted: describe(groups.fitted, 0),
    notFitted: describe(groups.notFitted, 0),
    alerts: alertChoices.map((choice, i) => ({ ...choice, ...describeAlerts(scored.map(({ alerts }) => alerts[i]!)) })),
    mage: mage.figures,
  }
  const parameters = [{ glucoseCourse: glucoseCourseParameters, glucoseLimits }]
  return {
    document: {
      suite: 'glucose',
      database: request.database,
      unit: 'mg/dL',
      fitted: groups.fitted.map(({ person }) => person.name),
      note: 'The damping of the trend was chosen on the fitted people; no other constant was. Metrics have no reference but their closed forms.',
      records: scored.map(describePerson),
      gross,
      average: { mae: meanOrNull(scored.map(one => agreementOf(one.pairs[0]!.map(({ pair }) => pair)).mae)) },
      mageRows: mage.rows,
      ...warningsField(folder.warnings),
    },
    parametersHash: hashParameters(parameters),
    parameters,
    files: folder.files,
    annotations: [],
    tables: [predictionTable(scored, groups), alertTable(gross.alerts), mageTable(mage.rows), metricsTable(scored)],
    plots: [
      {
        kind: 'bars',
        title: 'MAGE by hand and here, mg/dL',
        yLabel: 'mg/dL',
        series: ['by hand', 'here'],
        bars: mage.rows.map(row => ({ name: row.row, values: [row.hand, row.mage] })),
      },
      {
        kind: 'lines',
        title: 'Low glucose (below 70): alerted events and false alerts by the limit of the outlook',
        xLabel: 'limit, mg/dL',
        yLabel: 'share',
        lines: (['alertedShare', 'falseShare'] as const).map(name => ({
          name,
          points: gross.alerts.flatMap(one => (one.level === 'low' && one[name] !== null ? [[one.limit, one[name]] as const] : [])),
        })),
      },
    ],
    bxb: null,
  }
}

interface Scored {
  readonly person: GlucosePerson
  readonly fitted: boolean
  /** By horizon. */
  readonly pairs: readonly ReturnType<typeof predictionPairs>[]
  readonly alerts: readonly AlertCounts[]
}

function scorePerson(person: GlucosePerson): Scored {
  const points = followCourse(person.readings)
  return {
    person,
    fitted: fittedFiles.test(person.file),
    pairs: horizons.map(seconds => predictionPairs(points, seconds)),
    alerts: alertChoices.map(({ limit, level }) => scoreAlerts(points, limit, level)),
  }
}

function describe(scored: readonly Scored[], horizon: 0 | 1) {
  const byPerson = scored.map(({ pairs }) => pairs[horizon]!)
  const records = byPerson.map(pairs => pairs.map(({ pair }) => pair))
  const all = agreementOf(records.flat())
  const held = byPerson.flat().map(one => one.held)
  // Tens of thousands of pairs: drawn by the sums of each person.
  const sums = records.map(sumsOf)
  const interval = (of: 'absolute' | 'square' | 'difference') =>
    bootstrapByRecord(sums, drawn => {
      const count = drawn.reduce((sum, one) => sum + one.count, 0)
      return count === 0 ? null : drawn.reduce((sum, one) => sum + one[of], 0) / count
    })
  const square = interval('square')
  const rmse = square === null ? null : { low: Math.sqrt(square.low), high: Math.sqrt(square.high) }
  return {
    people: scored.length,
    pairs: all.pairs,
    coverage: roundOrNull(all.coverage, 4),
    mae: roundOrNull(all.mae, 3),
    rmse: roundOrNull(all.rmse, 3),
    rmseMillimoles: all.rmse === null ? null : round(toMillimoles(all.rmse), 4),
    /** Of the newest value, held. */
    rmseHeld: held.length === 0 ? null : round(Math.sqrt(held.reduce((sum, d) => sum + d * d, 0) / held.length), 3),
    bias: roundOrNull(all.bias, 3),
    limits: all.limits === null ? null : [round(all.limits[0], 2), round(all.limits[1], 2)],
    ci95: { mae: bounds(interval('absolute')), rmse: bounds(rmse), bias: bounds(interval('difference')) },
  }
}

/** Over the pairs with an estimate. */
function sumsOf(pairs: readonly MeasuredPair[]): { count: number; absolute: number; square: number; difference: number } {
  const sums = { count: 0, absolute: 0, square: 0, difference: 0 }
  for (const { reference, estimate } of pairs) {
    if (estimate === null) continue
    const difference = estimate - reference
    sums.count += 1
    sums.absolute += Math.abs(difference)
    sums.square += difference * difference
    sums.difference += difference
  }
  return sums
}

function describeAlerts(people: readonly AlertCounts[]) {
  const sum = (drawn: readonly AlertCounts[], of: 'events' | 'alerted' | 'alerts' | 'falseAlerts') =>
    drawn.reduce((total, one) => total + one[of], 0)
  const share = (part: 'alerted' | 'falseAlerts', whole: 'events' | 'alerts') => (drawn: readonly AlertCounts[]) =>
    sum(drawn, whole) === 0 ? null : sum(drawn, part) / sum(drawn, whole)
  const leads = people.flatMap(one => one.leads).sort((a, b) => a - b)
  return {
    events: sum(people, 'events'),
    alerts: sum(people, 'alerts'),
    alertedShare: roundOrNull(share('alerted', 'events')(people), 4),
    falseShare: roundOrNull(share('falseAlerts', 'alerts')(people), 4),
    leadMinutes: leads.length === 0 ? null : round(quantileOfSorted(leads, 0.5) / 60, 1),
    ci95: {
      alertedShare: bounds(bootstrapByRecord(people, share('alerted', 'events'), { draws: 500 })),
      falseShare: bounds(bootstrapByRecord(people, share('falseAlerts', 'alerts'), { draws: 500 })),
    },
  }
}

function scoreDrawn(drawn: readonly DrawnExcursion[]) {
  const rows = drawn.map(({ row, person, hand, values }) => {
    const { mage } = measureExcursions(values)
    const error = mage === null ? null : Math.abs(mage - hand) / hand
    return { row, person, hand, mage: roundOrNull(mage, 2), error: roundOrNull(error, 4) }
  })
  // A row without a value is an error of its whole size.
  const errors = rows.map(({ error }) => error ?? 1)
  const median = (of: readonly number[]) =>
    of.length === 0
      ? null
      : quantileOfSorted(
          [...of].sort((a, b) => a - b),
          0.5,
        )
  const figures = {
    rows: rows.length,
    coverage: rows.length === 0 ? null : round(rows.filter(({ mage }) => mage !== null).length / rows.length, 4),
    medianError: roundOrNull(median(errors), 4),
    meanError: roundOrNull(meanOrNull(errors), 4),
    within5: rows.length === 0 ? null : round(errors.filter(error => error <= 0.05).length / rows.length, 4),
    ci95: { medianError: bounds(bootstrapByRecord(errors, median, { draws: 500 })) },
  }
  return { rows, figures }
}

function describePerson({ person, pairs, alerts, fitted }: Scored) {
  const { readings } = person
  const ahead = agreementOf(pairs[0]!.map(({ pair }) => pair))
  return {
    record: person.name,
    fitted,
    ...measureGlucose(readings, usualInterval(person)),
    mage: roundOrNull(measureExcursions(readings.map(({ value }) => value)).mage, 2),
    events: Object.fromEntries(glucoseLevels.map(level => [level, findGlucoseEvents(readings, level).length])),
    prediction: { pairs: ahead.pairs, coverage: ahead.coverage, mae: ahead.mae, rmse: ahead.rmse, bias: ahead.bias },
    alerts: alertChoices.map((choice, i) => ({ ...choice, events: alerts[i]!.events, alerted: alerts[i]!.alerted })),
  }
}

/** Median distance of readings, seconds: sensors send every 5 or 15 min. */
function usualInterval({ readings }: GlucosePerson): number {
  const steps = readings.slice(1).map(({ time }, i) => time - readings[i]!.time)
  return steps.length === 0
    ? 300
    : Math.max(
        1,
        Math.round(
          quantileOfSorted(
            steps.sort((a, b) => a - b),
            0.5,
          ) / 60,
        ) * 60,
      )
}

function predictionTable(all: readonly Scored[], groups: { fitted: readonly Scored[]; notFitted: readonly Scored[] }): ResultTable {
  const row = (name: string, scored: readonly Scored[], horizon: 0 | 1) => {
    const { people, pairs, coverage, mae, rmse, rmseHeld, bias } = describe(scored, horizon)
    return [name, horizons[horizon] / 60, people, pairs, coverage, mae, rmse, rmseHeld, bias]
  }
  return {
    title: 'Outlook against the trace, mg/dL (held: the newest value taken for the coming one)',
    columns: ['people', 'min ahead', 'n', 'pairs', 'coverage', 'MAE', 'RMSE', 'RMSE held', 'bias'],
    rows: ([0, 1] as const).flatMap(h => [row('all', all, h), row('fitted', groups.fitted, h), row('not fitted', groups.notFitted, h)]),
  }
}

function alertTable(alerts: readonly (ReturnType<typeof describeAlerts> & { limit: number; level: string })[]): ResultTable {
  return {
    title: 'Outlook below a limit against events of 15 min: episodes',
    columns: ['limit mg/dL', 'events', 'n', 'alerted', 'alerts', 'false', 'median lead min'],
    rows: alerts.map(one => [one.limit, one.level, one.events, one.alertedShare, one.alerts, one.falseShare, one.leadMinutes]),
  }
}

function mageTable(rows: ReturnType<typeof scoreDrawn>['rows']): ResultTable {
  return {
    title: 'MAGE against rows drawn by hand, mg/dL',
    columns: ['row', 'person', 'by hand', 'here', 'error'],
    rows: rows.map(({ row, person, hand, mage, error }) => [row, person, hand, mage, error]),
  }
}

function metricsTable(scored: readonly Scored[]): ResultTable {
  const fixed = (value: number | null) => roundOrNull(value, 4)
  return {
    title: 'Metrics by person (shares of readings)',
    columns: ['person', 'readings', 'coverage', 'TIR', 'TBR', 'TAR', 'CV', 'GMI %', 'MAE 20 min'],
    rows: scored.map(({ person, pairs }) => {
      const { readings, coverage, timeInRange, timeBelow, timeAbove, cv, gmi } = measureGlucose(person.readings, usualInterval(person))
      const { mae } = agreementOf(pairs[0]!.map(({ pair }) => pair))
      return [person.name, readings, ...[coverage, timeInRange, timeBelow, timeAbove, cv, gmi, mae].map(fixed)]
    }),
  }
}

function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
