import { grossIntervals } from '../beat-quality.js'
import { type BeatClass, beatClasses, referenceClasses, testClasses } from '../compare/annotation-classes.js'
import { type Detection, detectionRatios, supraventricularDetection, ventricularDetection } from '../compare/beat-statistics.js'
import { bxbHeading, formatBxbLine, formatBxbSummary } from '../compare/bxb-format.js'
import { type BeatMatrix, referenceBeatCounts } from '../compare/compare-beats.js'
import { compareRuns, type RunClass, type RunComparison, runClasses } from '../compare/compare-runs.js'
import { formatRxrLine, rxrHeading } from '../compare/rxr-format.js'
import { meanOfDefined, type RecordComparison } from '../compare/summarise.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { beatFigures, percent, roundOrNull, sumFigures } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { type ScoredRecord, scoreBeats } from '../score-beats.js'
import { comparisonOptions } from '../score-record.js'
import type { ResultTable, RunContext, Suite, SuiteResult } from '../suite.js'

/** Classes of beats by the confusion matrix of `bxb`, runs of ectopic beats by `rxr`. */
export const classesSuite: Suite = {
  name: 'classes',
  says: 'classes of beats (bxb: V, S, F) and runs of ectopic beats (rxr)',
  layout: 'a folder of WFDB records with reference annotations',
  fromSeconds: 300,
  takes: ['channels', 'reference', 'packet', 'window', 'compare', 'format'],
  tests: ['pipeline', 'annotations', 'program', 'stage'],
  run,
}

const detections = { V: ventricularDetection, S: supraventricularDetection, F: fusionDetection } as const
type Scored = keyof typeof detections
const scoredClasses = Object.keys(detections) as Scored[]
const runKinds = { V: 'ventricular', S: 'supraventricular' } as const

/** EC57 asks for no figures of fusion beats; these are strict: F against all else. */
function fusionDetection(matrix: BeatMatrix): Detection {
  const all = (row: keyof BeatMatrix): number => testClasses.reduce((sum, name) => sum + matrix[row][name], 0)
  const called = referenceClasses.reduce((sum, row) => sum + matrix[row].f, 0)
  return { tp: matrix.F.f, fn: all('F') - matrix.F.f, fp: called - matrix.F.f, tn: 0 }
}

interface ClassedRecord {
  readonly scored: ScoredRecord
  readonly runs: Readonly<Record<keyof typeof runKinds, RunComparison>>
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const scored = await scoreBeats(request, context)
  const records = scored.records.map(record => ({ scored: record, runs: compareRunsOf(record, request) }))
  const comparisons: RecordComparison[] = scored.records.map(({ tested, comparison }) => ({ record: tested.record.name, comparison }))
  const gross = Object.fromEntries(scoredClasses.map(name => [name, classFigures(name, records)]))
  return {
    document: {
      suite: 'classes',
      database: request.database,
      test: scored.test,
      reference: request.reference,
      channels: request.channels,
      matchWindowSeconds: request.windowSeconds,
      fromSeconds: request.from,
      toSeconds: request.to,
      records: records.map(describeRecord),
      gross: { ...sumFigures(scored.records.map(({ comparison }) => comparison)), ...gross, runs: sumRuns(records) },
      average: Object.fromEntries(scoredClasses.map(name => [name, averageFigures(name, records)])),
      // One record can hold most beats of a class: what remains without it is said beside.
      withoutLargest: Object.fromEntries(scoredClasses.map(name => [name, withoutLargest(name, records)])),
      matrix: sumMatrix(records),
      cpuSecondsPerSignalHour: roundOrNull(scored.cpuSecondsPerSignalHour, 4),
    },
    parametersHash: hashParameters(scored.parameters),
    parameters: scored.parameters,
    files: scored.files,
    annotations: scored.records.map(({ tested }) => ({ record: tested.record.name, annotations: tested.output.annotations })),
    tables: classTables(records),
    plots: [
      {
        kind: 'bars',
        title: 'Errors by record: missed and false V, missed and false S',
        yLabel: 'beats',
        series: ['V missed', 'V false', 'S missed', 'S false'],
        bars: records.map(({ scored: { tested, comparison } }) => {
          const [v, s] = [ventricularDetection(comparison.matrix), supraventricularDetection(comparison.matrix)]
          return { name: tested.record.name, values: [v.fn, v.fp, s.fn, s.fp] }
        }),
      },
    ],
    bxb: [
      ...[bxbHeading, ...comparisons.map(formatBxbLine), formatBxbSummary(comparisons)],
      ...Object.entries(runKinds).flatMap(([name, kind]) => [
        rxrHeading(kind),
        ...records.map(record => formatRxrLine(record.scored.tested.record.name, record.runs[name as keyof typeof runKinds])),
      ]),
    ].join('\n'),
  }
}

function compareRunsOf({ tested }: ScoredRecord, request: EvaluationRequest): ClassedRecord['runs'] {
  const { reference, output, record } = tested
  const options = comparisonOptions(record, request)
  return {
    V: compareRuns(reference, output.annotations, 'ventricular', options),
    S: compareRuns(reference, output.annotations, 'supraventricular', options),
  }
}

function detectionOf(name: Scored, { scored }: ClassedRecord): Detection {
  return detections[name](scored.comparison.matrix)
}

function classFigures(name: Scored, records: readonly ClassedRecord[]): Readonly<Record<string, unknown>> {
  const counts = records.map(record => detectionOf(name, record))
  const tn = counts.reduce((sum, count) => sum + count.tn, 0)
  const sum = sumFigures(counts)
  return { ...sum, fpr: percent(detectionRatios({ ...sum, tn }).fpr), ci95: grossIntervals(counts) }
}

function averageFigures(name: Scored, records: readonly ClassedRecord[]): Readonly<Record<string, unknown>> {
  const ratios = records.map(record => detectionRatios(detectionOf(name, record)))
  return { se: percent(meanOfDefined(ratios.map(({ se }) => se))), ppv: percent(meanOfDefined(ratios.map(({ ppv }) => ppv))) }
}

function withoutLargest(name: Scored, records: readonly ClassedRecord[]): Readonly<Record<string, unknown>> | null {
  const beats = (record: ClassedRecord): number => referenceBeatCounts(record.scored.comparison.matrix)[name]
  const largest = records.reduce<ClassedRecord | null>(
    (most, record) => (most === null || beats(record) > beats(most) ? record : most),
    null,
  )
  if (largest === null || beats(largest) === 0) return null
  const total = records.reduce((sum, record) => sum + beats(record), 0)
  return {
    record: largest.scored.tested.record.name,
    share: roundOrNull(beats(largest) / total, 4),
    ...sumFigures(records.filter(record => record !== largest).map(record => detectionOf(name, record))),
  }
}

function sumRuns(records: readonly ClassedRecord[]): Readonly<Record<string, unknown>> {
  const sum = (kind: keyof typeof runKinds, length: RunClass): Readonly<Record<string, unknown>> => {
    const counts = records.map(record => record.runs[kind][length])
    const add = (pick: (count: (typeof counts)[number]) => number): number => counts.reduce((total, count) => total + pick(count), 0)
    const [found, missed, right, wrong] = [add(c => c.found), add(c => c.missed), add(c => c.right), add(c => c.wrong)]
    const ratio = (part: number, whole: number): number | null => percent(whole === 0 ? null : part / whole)
    return { found, missed, right, wrong, se: ratio(found, found + missed), ppv: ratio(right, right + wrong) }
  }
  const all = (kind: keyof typeof runKinds) => Object.fromEntries(runClasses.map(length => [length, sum(kind, length)]))
  return { V: all('V'), S: all('S') }
}

/** Reference class to test class to beats. */
function sumMatrix(records: readonly ClassedRecord[]): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const cell = (row: keyof BeatMatrix, column: (typeof testClasses)[number]): number =>
    records.reduce((sum, { scored }) => sum + scored.comparison.matrix[row][column], 0)
  return Object.fromEntries(referenceClasses.map(row => [row, Object.fromEntries(testClasses.map(column => [column, cell(row, column)]))]))
}

function describeRecord(record: ClassedRecord): Readonly<Record<string, unknown>> {
  const { tested, comparison } = record.scored
  const beats: Record<BeatClass, number> = referenceBeatCounts(comparison.matrix)
  return {
    record: tested.record.name,
    ...beatFigures(comparison),
    ...Object.fromEntries(scoredClasses.map(name => [name, { beats: beats[name], ...beatFigures(detectionOf(name, record)) }])),
    runs: record.runs,
  }
}

function classTables(records: readonly ClassedRecord[]): ResultTable[] {
  const two = (value: number | null): string | null => (value === null ? null : value.toFixed(2))
  const matrix = sumMatrix(records)
  const row = (name: string, own: readonly ClassedRecord[]): (string | number | null)[] => [
    name,
    ...scoredClasses.flatMap(kind => {
      const { tp, fn, fp, se, ppv } = sumFigures(own.map(record => detectionOf(kind, record)))
      return [tp + fn, fp, two(se), two(ppv)]
    }),
  ]
  return [
    {
      title: 'Classes, gross and by record',
      columns: ['record', ...scoredClasses.flatMap(kind => [`${kind} beats`, `${kind} false`, `${kind} Se %`, `${kind} +P %`])],
      rows: [row('gross', records), ...records.map(record => row(record.scored.tested.record.name, [record]))],
    },
    {
      title: 'Reference class (row) and test class (column); O none in the reference, o none in the test, X and x unreadable',
      columns: ['', ...testClasses],
      rows: [...beatClasses, 'O', 'X'].map(name => [name, ...testClasses.map(column => matrix[name]?.[column] ?? 0)]),
    },
  ]
}
