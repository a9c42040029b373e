import { VitalwireError } from '../../errors.js'
import { averagingChoices } from '../../oximetry/oximetry-chain.js'
import { simulateOximeter } from '../../simulate/oximeter/simulate-oximeter.js'
import { listHypoxiaPeople, readHypoxiaReference } from '../databases/hypoxia-folder.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { hashParameters } from '../hash-parameters.js'
import { type AlertCourse, courseOfAlerts } from '../oximetry/desaturation-alerts.js'
import { observeOximeter } from '../oximetry/observe-oximeter.js'
import {
  listCases,
  nameOf,
  type PanelName,
  perfusions,
  recordSeconds,
  reportedSeeds,
  restSeconds,
  simulationOf,
  snrs,
  tuningSeeds,
} from '../oximetry/oximeter-cases.js'
import {
  countedSeconds,
  figuresOf,
  type OximeterFigures,
  oximeterCells,
  oximeterColumns,
  type ScoredCase,
  trailOf,
} from '../oximetry/oximeter-figures.js'
import type { ResultPlot, ResultTable, RunContext, Suite, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** SpO2 of simulated red and infrared light, whose truth is known; with a database of oximeters' numbers also the alerts on them. */
export const spo2Suite: Suite = {
  name: 'spo2',
  says: 'SpO2 of simulated red and infrared light by movement and perfusion; alerts on real oximeters with --database',
  layout: 'nothing: the light is simulated (--records: seeds, one a line); or a folder laid out as the hypoxia set (PERSON.reference.csv)',
  ownSignals: 'or-database',
  fromSeconds: null,
  takes: ['packet'],
  tests: ['pipeline'],
  run,
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const seeds = readSeeds(request.records)
  // First: the simulated part takes minutes.
  const alerts = request.database === '' ? null : await scoreAlerts(request.database)
  const cases = listCases(seeds)
  const scored: ScoredCase[] = []
  const parameters = new Set<string>()
  for (const [done, one] of cases.entries()) {
    context.onProgress(nameOf(one), done, cases.length)
    context.signal.throwIfAborted()
    const observed = observeOximeter(simulateOximeter(simulationOf(one)), { ...one, packetSeconds: request.packetSeconds })
    parameters.add(JSON.stringify(observed.parameters))
    scored.push({ of: one, seconds: countedSeconds(one, observed.seconds) })
    await new Promise(resolve => setImmediate(resolve))
  }
  const all = [...parameters].map(text => JSON.parse(text) as unknown)
  const panels = describePanels(scored)
  return {
    document: {
      suite: 'spo2',
      database: request.database === '' ? 'simulated' : request.database,
      test: 'vitalwire',
      seeds,
      tuningSeeds,
      recordSeconds,
      restSeconds,
      records: scored.map(one => ({ record: nameOf(one.of), ...one.of, ...figuresOf([one]) })),
      gross: figuresOf(inPanel(scored, 'motion'), true),
      ...panels.document,
      ...(alerts === null ? {} : { alerts: alerts.document }),
      ...warningsField(alerts?.warnings ?? []),
    },
    parametersHash: hashParameters(all),
    parameters: all,
    files: alerts?.files ?? [],
    annotations: [],
    tables: [...panels.tables, ...(alerts === null ? [] : alerts.tables)],
    plots: panels.plots,
    bxb: null,
  }
}

/** Seeds as records: whole numbers, one a line. Throws `usage-option`. */
function readSeeds(records: readonly string[] | null): readonly number[] {
  if (records === null) return reportedSeeds
  return records.map(text => {
    const seed = Number(text)
    if (Number.isSafeInteger(seed) && seed >= 0) return seed
    throw new VitalwireError('usage-option', `record ${JSON.stringify(text)} of suite spo2 is no seed; accepted: whole numbers, one a line`)
  })
}

function inPanel(scored: readonly ScoredCase[], panel: PanelName): ScoredCase[] {
  return scored.filter(one => one.of.panel === panel)
}

interface Line {
  readonly name: string
  readonly figures: OximeterFigures
}

function describePanels(scored: readonly ScoredCase[]): {
  document: Readonly<Record<string, unknown>>
  tables: ResultTable[]
  plots: ResultPlot[]
} {
  const motion = inPanel(scored, 'motion')
  const level = (snr: number | null) => motion.filter(one => one.of.snr === snr)
  const line = (name: string, cases: readonly ScoredCase[], intervals = false): Line => ({ name, figures: figuresOf(cases, intervals) })
  const bySnr = [null, ...snrs].map(snr => line(snr === null ? 'none' : `${snr} dB`, level(snr), true))
  const kinds = (snr: number) =>
    (['gait', 'random', 'bursts'] as const).map(kind =>
      line(
        `${snr} dB ${kind}`,
        level(snr).filter(one => one.of.motion === kind),
      ),
    )
  const byMotion = snrs.flatMap(kinds)
  const light = inPanel(scored, 'perfusion')
  const byPerfusion = perfusions.flatMap(perfusion =>
    [null, 0].map(snr =>
      line(
        `${perfusion} %${snr === null ? '' : ', gait at 0 dB'}`,
        light.filter(one => one.of.perfusion === perfusion && one.of.snr === snr),
      ),
    ),
  )
  const byAveraging = averagingChoices.flatMap(averagingSeconds =>
    [null, 0].map(snr => {
      const cases = inPanel(scored, 'averaging').filter(one => one.of.averagingSeconds === averagingSeconds && one.of.snr === snr)
      return { ...line(`${averagingSeconds} s${snr === null ? '' : ', random at 0 dB'}`, cases), ...trail(cases) }
    }),
  )
  const wrongCurve = line('+3 %', inPanel(scored, 'wrong-curve'), true)
  const noRest = [0, -12].map(snr =>
    line(
      `${snr} dB gait`,
      inPanel(scored, 'no-rest').filter(one => one.of.snr === snr),
    ),
  )
  const named = (lines: readonly Line[]) => Object.fromEntries(lines.map(({ name, figures, ...more }) => [name, { ...figures, ...more }]))
  const table = (title: string, lines: readonly Line[]): ResultTable => ({
    title,
    columns: ['case', ...oximeterColumns],
    rows: lines.map(({ name, figures }) => [name, ...oximeterCells(figures)]),
  })
  return {
    document: {
      bySnr: named(bySnr),
      byMotion: named(byMotion),
      byPerfusion: named(byPerfusion),
      byAveraging: named(byAveraging),
      wrongCurve: wrongCurve.figures,
      withoutRest: named(noRest),
    },
    tables: [
      table('By strength of movement (power of the pulse over that of movement, infrared, 0.5 to 8 Hz)', bySnr),
      table('By kind of movement', byMotion),
      table('By perfusion (infrared pulse over light)', byPerfusion),
      table('By averaging time', byAveraging),
      {
        title: 'How the numbers trail the blood',
        columns: ['averaging', 'trails by s', 'A_rms % against the moment'],
        rows: byAveraging.map(({ name, trailSeconds, armsNow }) => [name, trailSeconds, armsNow === null ? null : armsNow.toFixed(2)]),
      },
      table('Curve of another sensor, 3 % too high; movement from the first second on', [wrongCurve, ...noRest]),
    ],
    plots: [
      {
        kind: 'bars',
        title: 'Error and coverage by movement',
        yLabel: '% saturation; % of seconds / 10',
        series: ['A_rms', 'coverage / 10'],
        bars: bySnr.map(({ name, figures }) => ({
          name,
          values: [figures.arms, figures.coverage === null ? null : 10 * figures.coverage],
        })),
      },
    ],
  }
}

function trail(cases: readonly ScoredCase[]): { armsNow: number | null; trailSeconds: number | null } {
  const courses = new Map(cases.map(one => [one, simulateOximeter({ ...simulationOf(one.of), motion: 'none' }).saturation]))
  return trailOf(cases, (one, at) => courses.get(one)!.at(at))
}

/** Alerts on the numbers of real oximeters: each fall below the limit, and how long after its first second it alerted. */
async function scoreAlerts(
  database: string,
): Promise<{ document: Readonly<Record<string, unknown>>; files: readonly string[]; warnings: readonly string[]; tables: ResultTable[] }> {
  const streams: { stream: string; course: AlertCourse }[] = []
  const files: string[] = []
  const warnings: string[] = []
  for (const person of await listHypoxiaPeople(database)) {
    const { seconds, files: read, warnings: said } = await readHypoxiaReference(database, person)
    files.push(...read)
    warnings.push(...said)
    for (let oximeter = 0; oximeter < (seconds[0]?.spo2.length ?? 0); oximeter++) {
      const numbers = seconds.map(second => second.spo2[oximeter] ?? null)
      if (numbers.some(number => number !== null))
        streams.push({ stream: `${person} oximeter ${oximeter + 1}`, course: courseOfAlerts(numbers) })
    }
  }
  const falls = streams.flatMap(({ stream, course }) => course.falls.map(fall => ({ stream, ...fall })))
  const long = falls.filter(fall => fall.seconds >= 15)
  const inTime = long.filter(fall => fall.alertAfter !== null && fall.alertAfter <= 15)
  const short = falls.filter(fall => fall.seconds < 15)
  const raisedAbove = streams.reduce((sum, { course }) => sum + course.raisedAbove, 0)
  return {
    document: {
      streams: streams.length,
      fallsOf15Seconds: long.length,
      alertedWithin15Seconds: inTime.length,
      shorterFalls: short.length,
      shorterAlerted: short.filter(fall => fall.alertAfter !== null).length,
      raisedWhile2PercentAbove: raisedAbove,
      falls,
    },
    files,
    warnings,
    tables: [
      {
        title: `Falls below the limit of real oximeters: ${inTime.length} of ${long.length} that last 15 s alerted within 15 s; ${raisedAbove} raised 2 % or more above the limit`,
        columns: ['stream', 'from s', 'lasts s', 'least %', 'alert after s'],
        rows: falls.map(({ stream, from, seconds, least, alertAfter }) => [stream, from, seconds, least, alertAfter]),
      },
    ],
  }
}
