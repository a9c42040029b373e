import { beatClasses, type ReferenceClass, referenceClasses, type TestClass, testClasses } from './annotation-classes.js'
import { type Detection, qrsDetection, supraventricularDetection, ventricularDetection } from './beat-statistics.js'
import { type BeatMatrix, referenceBeatCounts } from './compare-beats.js'
import { formatFixed, formatPercent } from './rounding.js'
import type { RecordComparison } from './summarise.js'

/** Column headings of the line format (`bxb -L`), of its shutdown file, and the rule above the sums of `sumstats`. */
export const bxbHeading =
  "Record Nn' Sn' Vn' Fn' On'  Ns  Ss  Vs  Fs' Os' Nv  Sv   Vv  Fv' Ov' No' So' Vo' Fo'  Q Se   Q +P   V Se   V +P   S Se   S +P RR err"
export const bxbShutdownHeading = `Record Nx   Sx   Vx   Fx   Qx  % beats  % N    % S    % V    % F   Total Shutdown
                                missed missed missed missed missed      Time`
const rule = '_'.repeat(132)
const countsWidth = 83

/** Rows and columns that the line format adds up: F' is F and Q, O' is O and X, n' is n, f and q, o' is o and x. */
const lineRows: readonly (readonly ReferenceClass[])[] = [['N'], ['S'], ['V'], ['F', 'Q'], ['O', 'X']]
const lineColumns: readonly (readonly TestClass[])[] = [['n', 'f', 'q'], ['s'], ['v'], ['o', 'x']]

/** The 19 counts of a line, column by column of the matrix: Nn' Sn' Vn' Fn' On' Ns … Ov' No' So' Vo' Fo'. */
function bxbLineCounts(matrix: BeatMatrix): number[] {
  const cell = (rows: readonly ReferenceClass[], columns: readonly TestClass[]): number =>
    rows.reduce((sum, row) => sum + columns.reduce((part, column) => part + matrix[row][column], 0), 0)
  return lineColumns.flatMap(columns => lineRows.map(rows => cell(rows, columns))).slice(0, 19)
}

/** One record in the line format of `bxb -L`. */
export function formatBxbLine({ record, comparison }: RecordComparison): string {
  const ratios = lineDetections(comparison.matrix).flatMap(({ tp, fn, fp }) => [percent(tp, tp + fn), percent(tp, tp + fp)])
  return `${lineCountsText(record.padStart(4), bxbLineCounts(comparison.matrix))}${ratios.map(column).join('')}${column(twoDecimals(comparison.rrErrorMs))}`
}

/** One record of the shutdown file of `bxb -L`: beats missed during shutdown, their share, the time, and all reference beats by class. */
export function formatBxbShutdownLine({ record, comparison }: RecordComparison): string {
  const { matrix, shutdownSeconds } = comparison
  const totals = referenceBeatCounts(matrix)
  const missed = beatClasses.map(name => matrix[name].x)
  const add = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
  const shares = beatClasses.slice(0, 4).map((name, index) => column(percent(missed[index] as number, totals[name])))
  const all = beatClasses.map(name => totals[name])
  const counts = missed.map(count => ` ${count.toString().padStart(4)}`).join('')
  const seconds = Math.round(shutdownSeconds).toString().padStart(4)
  return `${record.padStart(4)}${counts}  ${column(percent(add(missed), add(all)))}${shares.join('')} ${seconds} seconds ${all.join(' ')}`
}

/** What `sumstats` adds below the lines of `bxb -L`: sums, gross and average statistics, totals. */
export function formatBxbSummary(comparisons: readonly RecordComparison[]): string {
  const lines = comparisons.map(({ comparison }) => bxbLineCounts(comparison.matrix))
  const sums = Array.from({ length: 19 }, (_, index) => lines.reduce((sum, line) => sum + (line[index] as number), 0))
  const gross = grossOfSums(sums).flatMap(({ tp, fn, fp }) => [percent(tp, tp + fn), percent(tp, tp + fp)])
  const perRecord = comparisons.map(({ comparison }) => [
    ...lineDetections(comparison.matrix).flatMap(({ tp, fn, fp }) => [percent(tp, tp + fn), percent(tp, tp + fp)]),
    twoDecimals(comparison.rrErrorMs),
  ])
  const averages = Array.from({ length: 7 }, (_, index) => meanOfTexts(perRecord.map(texts => texts[index] as string)))
  const totals = comparisons.map(({ comparison }) => referenceBeatCounts(comparison.matrix))
  const total = (pick: (count: ReturnType<typeof referenceBeatCounts>) => number): number =>
    totals.reduce((sum, count) => sum + pick(count), 0)
  return [
    rule,
    lineCountsText('Sum ', sums),
    `Gross${' '.repeat(countsWidth - 5)}${gross.map(column).join('')}`,
    `Average${' '.repeat(countsWidth - 7)}${averages.map(column).join('')}`,
    `Total QRS complexes: ${total(({ N, S, V, F, Q }) => N + S + V + F + Q)}  Total VEBs: ${total(({ V }) => V)}  Total SVEBs: ${total(({ S }) => S)}`,
    '',
    `Summary of results from ${comparisons.length} records`,
  ].join('\n')
}

/** One record in the standard format of `bxb -S`: the confusion matrix and the ratios with their counts. */
export function formatBxbReport({ record, comparison }: RecordComparison, referenceAnnotator: string, testAnnotator: string): string {
  const { matrix, rrErrorMs } = comparison
  const row = (name: ReferenceClass): string => {
    const columns = name === 'O' || name === 'X' ? testClasses.slice(0, 5) : testClasses
    return ` ${name} |${columns.map(test => ` ${matrix[name][test].toString().padStart(4)}`).join('')}`
  }
  const [qrs, ventricular, supraventricular] = lineDetections(matrix) as [Detection, Detection, Detection]
  return [
    `Beat-by-beat comparison results for record ${record}`,
    `Reference annotator: ${referenceAnnotator}`,
    `     Test annotator: ${testAnnotator}`,
    '',
    '               Algorithm',
    '        n    s    v    f    q    o    x',
    '   ____________________________________',
    ...referenceClasses.map(row),
    '',
    ...ratioLines('QRS', qrs),
    ...ratioLines('VEB', ventricular),
    ...ratioLines('SVEB', supraventricular),
    `     RMS RR interval error: ${twoDecimals(rrErrorMs).padStart(6)} ms`,
  ].join('\n')
}

function ratioLines(name: string, { tp, fn, fp }: Detection): string[] {
  const line = (ratio: string, whole: number): string => {
    const text = percent(tp, whole)
    return `${`${name} ${ratio}`.padStart(26)}: ${text.padStart(6)}${text === '-' ? ' ' : '%'} (${tp}/${whole})`
  }
  return [line('sensitivity', tp + fn), line('positive predictivity', tp + fp)]
}

function lineDetections(matrix: BeatMatrix): [Detection, Detection, Detection] {
  return [qrsDetection(matrix), ventricularDetection(matrix), supraventricularDetection(matrix)]
}

/** `sumstats` has only the columns of the lines, so an unclassifiable beat called S is a fusion beat to it: a false positive. */
function grossOfSums(sums: readonly number[]): Detection[] {
  const add = (...indexes: number[]): number => indexes.reduce((sum, index) => sum + (sums[index] as number), 0)
  const found = add(0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13)
  return [
    { tp: found, fn: add(15, 16, 17, 18), fp: add(4, 9, 14), tn: 0 },
    { tp: add(12), fn: add(2, 7, 17), fp: add(10, 11, 14), tn: 0 },
    { tp: add(6), fn: add(1, 11, 16), fp: add(5, 7, 8, 9), tn: 0 },
  ]
}

function lineCountsText(name: string, counts: readonly number[]): string {
  const width = (index: number): number => (index === 0 ? 5 : index === 12 ? 4 : 3)
  return name + counts.map((count, index) => ` ${count.toString().padStart(width(index))}`).join('')
}

const column = (text: string): string => ` ${text.padStart(6)}`

function percent(part: number, whole: number): string {
  return formatPercent(part, whole, 2)
}

function twoDecimals(value: number | null): string {
  return value === null ? '-' : formatFixed(value, 2)
}

/** `sumstats` averages what is printed, so what is printed is averaged here. */
function meanOfTexts(texts: readonly string[]): string {
  const values = texts.filter(text => text !== '-').map(Number)
  return values.length === 0 ? '-' : formatFixed(values.reduce((sum, value) => sum + value, 0) / values.length, 2)
}
