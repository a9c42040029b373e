import { hertz } from '../../signal/rate.js'
import { quantileOfSorted } from '../compare/intervals.js'
import { beatTiming } from '../compare/timing.js'
import { beatFigures, rangeText } from '../figures.js'
import type { ScoredRecord } from '../score-beats.js'
import type { ResultPlot, ResultTable, SuiteDocument } from '../suite.js'

type Figures = Readonly<Record<string, unknown>>

const two = (value: unknown): string | null => (typeof value === 'number' ? value.toFixed(2) : null)

/** What was measured, and record by record. */
export function beatTables(document: SuiteDocument, records: readonly ScoredRecord[]): ResultTable[] {
  return [summaryTable(document), measurementTable(document), ...pairedTable(document.paired as Figures | null), recordTable(records)]
}

function summaryTable(document: SuiteDocument): ResultTable {
  const row = (name: string, figures: Figures): (string | number | null)[] => {
    const ci = figures.ci95 as Readonly<Record<string, readonly [number, number] | null>> | undefined
    const withBounds = (key: string): string | null => {
      const bounds = ci?.[key]
      const value = two(figures[key])
      return value === null || bounds == null ? value : `${value} (${rangeText(...bounds, 2)})`
    }
    return [
      name,
      ...[figures.tp, figures.fp, figures.fn].map(count => (typeof count === 'number' ? count : null)),
      withBounds('se'),
      withBounds('ppv'),
      withBounds('f1'),
    ]
  }
  return {
    title: 'Beats (95 % intervals by record)',
    columns: ['', 'TP', 'FP', 'FN', 'Se %', '+P %', 'F1 %'],
    rows: [
      row(`gross, from ${String(document.fromSeconds)} s`, document.gross),
      row('average of records', document.average as Figures),
      row('gross, whole records', document.whole as Figures),
    ],
  }
}

function measurementTable(document: SuiteDocument): ResultTable {
  const timing = document.timing as Figures
  const short = document.shortIntervals as Figures
  const percentiles = (figures: unknown): string | null => {
    const of = figures as { p50: number; p95: number; p99: number } | null
    return of === null ? null : `${of.p50.toFixed(0)} / ${of.p95.toFixed(0)} / ${of.p99.toFixed(0)}`
  }
  return {
    title: 'Place, latency, short intervals, speed',
    columns: ['', ''],
    rows: [
      ['offset of R peaks, median of records, ms', two(timing.offsetMedianMs)],
      ['jitter (MAD), mean of records, ms', two(timing.jitterMadMs)],
      ['RR error, mean of records, ms', two(timing.rrErrorMeanMs)],
      ['fast beats Se / +P, %', fastShares(document.fastBeats)],
      ['fast latency p50 / p95 / p99, ms', percentiles(document.fastLatencyMs)],
      ['confirmed latency p50 / p95 / p99, ms', percentiles(document.latencyMs)],
      [
        'intervals of 10 s without an error, share',
        typeof short.withoutErrorShare === 'number' ? short.withoutErrorShare.toFixed(4) : null,
      ],
      ['CPU seconds an hour of signal', two(document.cpuSecondsPerSignalHour)],
    ],
  }
}

function pairedTable(paired: Figures | null): ResultTable[] {
  if (paired === null) return []
  const row = (name: string, key: string): (string | null)[] => {
    const { difference, ci95 } = paired[key] as { difference: number | null; ci95: readonly [number, number] | null }
    return [name, difference === null ? null : difference.toFixed(3), ci95 === null ? null : rangeText(...ci95, 3)]
  }
  return [
    {
      title: `Test less ${String(paired.against)}, per cent points (McNemar p ${Number(paired.mcNemarP).toPrecision(3)})`,
      columns: ['', 'difference', '95 % interval'],
      rows: [row('Se', 'se'), row('+P', 'ppv'), row('F1', 'f1')],
    },
  ]
}

function recordTable(records: readonly ScoredRecord[]): ResultTable {
  return {
    title: 'Records',
    columns: ['record', 'TP', 'FP', 'FN', 'Se %', '+P %', 'FP whole', 'FN whole', 'offset ms', 'jitter ms', 'RR error ms'],
    rows: records.map(({ tested: { record }, comparison, whole }) => {
      const { tp, fp, fn, se, ppv } = beatFigures(comparison)
      const timing = beatTiming(comparison, hertz(record.fs))
      return [
        record.name,
        tp,
        fp,
        fn,
        two(se),
        two(ppv),
        whole.fp,
        whole.fn,
        two(timing.offsetMedianMs),
        two(timing.jitterMadMs),
        two(timing.rrErrorMeanMs),
      ]
    }),
  }
}

/** Errors by record, offsets, latencies. */
export function beatPlots(records: readonly ScoredRecord[]): ResultPlot[] {
  const bars = records.map(({ tested, comparison }) => ({ name: tested.record.name, figures: beatFigures(comparison) }))
  return [
    {
      kind: 'bars',
      title: 'Missed and extra beats by record',
      yLabel: '100 - Se and 100 - +P (%)',
      series: ['missed (100 - Se)', 'extra (100 - +P)'],
      bars: bars.map(({ name, figures: { se, ppv } }) => ({
        name,
        values: [se, ppv].map(value => (value === null ? null : Number((100 - value).toFixed(4)))),
      })),
    },
    offsetPlot(records),
    latencyPlot(records),
  ]
}

const binMs = 2
const widestMs = 80

function offsetPlot(records: readonly ScoredRecord[]): ResultPlot {
  const bins = new Float64Array((2 * widestMs) / binMs + 1)
  let count = 0
  for (const { comparison, tested } of records) {
    const toMs = 1000 / hertz(tested.record.fs)
    for (const { reference, test } of comparison.pairs) {
      const bin = Math.round(((test - reference) * toMs + widestMs) / binMs)
      count++
      if (bin >= 0 && bin < bins.length) bins[bin] = (bins[bin] as number) + 1
    }
  }
  const points = count === 0 ? [] : Array.from(bins, (n, k) => [k * binMs - widestMs, Number(((100 * n) / count).toFixed(4))] as const)
  return {
    kind: 'lines',
    title: 'Offset of R peaks from the reference',
    xLabel: 'test less reference (ms)',
    yLabel: `beats within ${binMs} ms (%)`,
    lines: [{ name: 'offset', points }],
  }
}

function latencyPlot(records: readonly ScoredRecord[]): ResultPlot {
  const line = (name: string, pick: (scored: ScoredRecord) => readonly number[] | null) => {
    const sorted = records.flatMap(scored => pick(scored) ?? []).sort((a, b) => a - b)
    const points = sorted.length === 0 ? [] : Array.from({ length: 101 }, (_, k) => [quantileOfSorted(sorted, k / 100), k] as const)
    return { name, points }
  }
  return {
    kind: 'lines',
    title: 'Latency from the R peak to the arrival of the packet with which the beat was said',
    xLabel: 'latency (ms)',
    yLabel: 'beats that are said by then (%)',
    lines: [
      line('fast', ({ tested }) => tested.output.latency?.fast ?? null),
      line('confirmed', ({ tested }) => tested.output.latency?.confirmed ?? null),
    ].filter(({ points }) => points.length > 0),
  }
}

function fastShares(fast: unknown): string | null {
  if (fast === null || fast === undefined) return null
  const { se, ppv } = fast as { se: number | null; ppv: number | null }
  return se === null || ppv === null ? null : `${se.toFixed(2)} / ${ppv.toFixed(2)}`
}
