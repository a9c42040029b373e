import { fallModel } from '../../motion/fall-model.js'
import { hertz } from '../../signal/rate.js'
import { chooseRecords } from '../choose-records.js'
import { exactInterval } from '../compare/binomial.js'
import { quantileOfSorted } from '../compare/intervals.js'
import { listMotion } from '../databases/motion-folder.js'
import type { MotionRecord } from '../databases/motion-record.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { foldFallModels } from '../falls/fold-models.js'
import { fallChainParameters, type ObservedFall, observeFalls } from '../falls/observe-falls.js'
import { bounds, percent, rangeText, round, roundOrNull } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { refuseChannels } from '../refuse-channels.js'
import type { ResultTable, RunContext, Suite, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** Falls and daily activities by acceleration; conventions in docs/algorithms/motion-falls.md. */
export const fallsSuite: Suite = {
  name: 'falls',
  says: 'falls among falls and daily activities, by acceleration; people that the model was fitted on are judged by one that has not seen them',
  layout: 'a folder laid out as SisFall and UMAFall (in it, or in sisfall/ and umafall/)',
  fromSeconds: null,
  takes: [],
  tests: ['pipeline'],
  run,
}

interface Scored extends Omit<MotionRecord, 'samples' | 'fs'> {
  readonly falls: readonly ObservedFall[]
  readonly seconds: number
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  refuseChannels(request)
  const entries = await listMotion(request.database)
  const names = new Set(await chooseRecords(request, async () => entries.map(({ record }) => record)))
  const chosen = entries.filter(({ record }) => names.has(record))
  const scored: Scored[] = []
  for (const [done, entry] of chosen.entries()) {
    context.onProgress(entry.record, done, chosen.length)
    context.signal.throwIfAborted()
    const { samples, fs, ...about } = await entry.read()
    const falls = observeFalls({ samples, fs, ...about }, foldFallModels[about.person] ?? fallModel)
    scored.push({ ...about, falls, seconds: (samples[0]?.length ?? 0) / hertz(fs) })
  }
  // The wrist stands beside: the model is of the waist.
  const waist = scored.filter(({ set }) => set === 'sisfall')
  const wrist = scored.filter(({ set }) => set === 'umafall')
  const main = waist.length > 0 ? waist : wrist
  const people = [...new Set(scored.map(({ person }) => person))]
  const parameters = [fallChainParameters(fallModel), { leftOut: foldFallModels }]
  return {
    document: {
      suite: 'falls',
      database: request.database,
      test: 'vitalwire',
      position: waist.length > 0 ? 'waist' : 'wrist',
      leftOut: people.filter(person => Object.hasOwn(foldFallModels, person)),
      records: scored.map(({ record, person, fall, falls }) => ({
        record,
        person,
        fall,
        told: falls.length,
        atSeconds: falls.map(({ at }) => round(at, 3)),
      })),
      gross: figuresOf(main),
      byPerson: Object.fromEntries(people.map(person => [person, figuresOf(scored.filter(each => each.person === person))])),
      older: figuresOf(main.filter(({ older }) => older)),
      younger: figuresOf(main.filter(({ older }) => !older)),
      ...(waist.length > 0 && wrist.length > 0 ? { wrist: figuresOf(wrist) } : {}),
      byActivity: Object.fromEntries(
        byActivity(scored).map(({ activity, part, whole, fall }) => [activity, { fall, recordings: whole, told: part }]),
      ),
      ...warningsField(scored.flatMap(({ warnings }) => warnings)),
    },
    parametersHash: hashParameters(parameters),
    parameters,
    files: scored.map(({ file }) => file),
    annotations: [],
    tables: [peopleTable(people, scored, main), activityTable(scored)],
    plots: [],
    bxb: null,
  }
}

/** Sensitivity over recordings of falls, specificity and false alarms over those of daily activities. */
function figuresOf(records: readonly Scored[]) {
  const falls = records.filter(({ fall }) => fall)
  const daily = records.filter(({ fall }) => !fall)
  const found = falls.filter(each => each.falls.length > 0).length
  const silent = daily.filter(each => each.falls.length === 0).length
  const hours = daily.reduce((sum, { seconds }) => sum + seconds, 0) / 3600
  const alarms = daily.reduce((sum, each) => sum + each.falls.length, 0)
  const delays = falls.flatMap(each => each.falls.slice(0, 1).map(({ at, told }) => told - at)).sort((a, b) => a - b)
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
  return {
    falls: falls.length,
    found,
    se: percent(share(found, falls.length)),
    seCi95: bounds(exactInterval(found, falls.length), 100),
    daily: daily.length,
    silent,
    sp: roundOrNull(share(silent, daily.length), 6),
    spCi95: bounds(exactInterval(silent, daily.length)),
    dailyHours: round(hours, 4),
    falseAlarms: alarms,
    falseAlarmsPerHour: hours === 0 ? null : round(alarms / hours, 4),
    delaySeconds: delays.length === 0 ? null : { p50: round(quantileOfSorted(delays, 0.5), 2), max: round(delays.at(-1) as number, 2) },
  }
}

function byActivity(records: readonly Scored[]): { activity: string; fall: boolean; part: number; whole: number }[] {
  const activities = [...new Set(records.map(({ activity }) => activity))].sort()
  return activities.map(activity => {
    const of = records.filter(each => each.activity === activity)
    return { activity, fall: of[0]?.fall === true, part: of.filter(({ falls }) => falls.length > 0).length, whole: of.length }
  })
}

function peopleTable(people: readonly string[], scored: readonly Scored[], main: readonly Scored[]): ResultTable {
  const persons = people.map(person => {
    const of = scored.filter(each => each.person === person)
    const waist = of[0]?.older === true ? 'waist, older person' : 'waist'
    return peopleRow(person, of, of[0]?.set === 'umafall' ? 'wrist' : waist)
  })
  const position = main[0]?.set === 'umafall' ? 'wrist' : 'waist'
  return {
    title: 'By person (se and sp in per cent, exact 95 % intervals)',
    columns: ['person', 'falls', 'found', 'Se', '95 %', 'daily', 'silent', 'Sp', '95 %', 'false alarms an hour', 'worn'],
    rows: [...persons, peopleRow('gross', main, position)],
  }
}

function peopleRow(name: string, of: readonly Scored[], worn: string): ResultTable['rows'][number] {
  const { falls, found, se, seCi95, daily, silent, sp, spCi95, falseAlarmsPerHour } = figuresOf(of)
  const range = (ci: readonly [number, number] | null, scale: number) => (ci === null ? null : rangeText(scale * ci[0], scale * ci[1], 1))
  return [
    name,
    falls,
    found,
    roundOrNull(se, 2),
    range(seCi95, 1),
    daily,
    silent,
    roundOrNull(percent(sp), 2),
    range(spCi95, 100),
    falseAlarmsPerHour,
    worn,
  ]
}

function activityTable(scored: readonly Scored[]): ResultTable {
  return {
    title: 'By activity',
    columns: ['activity', 'is', 'recordings', 'told as a fall'],
    rows: byActivity(scored).map(({ activity, fall, whole, part }) => [activity, fall ? 'fall' : 'daily', whole, part]),
  }
}
