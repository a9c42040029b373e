import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { analyzeRecording } from '../../src/analysis/analyze-recording.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { repository } from '../support/running-server.js'
import { printFigures } from './print-figures.js'

const present = hasDataset('mimic4wdb')
const suffix = present ? '' : ' (needs dataset mimic4wdb)'
/** Ticks a second of the monitor's clock. */
const ticks = 999.56
const longestLag = 15
/** Our value of a second is the newest at most this old. */
const heldSeconds = 3

/**
 * The floor is 80 % of the record. Its first 20 min are its worst part (the patient moves, the perfusion index falls to
 * 0.2 %); `earlyFloor` keeps what is reached there.
 */
const vitals = [
  { name: 'heart-rate', stream: 'ecg', column: 'HR [bpm]', earlyFloor: 0.8 },
  { name: 'pulse-rate', stream: 'pleth', column: 'Pulse (SpO2) [bpm]', earlyFloor: 0.75 },
  { name: 'respiratory-rate', stream: 'resp', column: 'RR [rpm]', earlyFloor: 0.65 },
] as const

interface Value {
  readonly t: number
  readonly value: number
}

/** The monitor's numbers of one column, seconds from the first sample; 0 is how it says that it has none. */
function readMonitor(column: string, to: number): Value[] {
  const [head = '', ...lines] = readFileSync(datasetPath('mimic4wdb', '85594648n.csv'), 'utf8').trimEnd().split(/\r?\n/)
  const index = head.split(',').indexOf(`"${column}"`)
  expect(index, column).toBeGreaterThan(0)
  return lines.flatMap(line => {
    const fields = line.split(',')
    const t = Number(fields[0]) / ticks
    const value = Number(fields[index])
    return t < to && value > 0 ? [{ t, value }] : []
  })
}

interface Agreement {
  readonly lag: number
  /** Of the monitor's numbers that we have one for. */
  readonly medianError: number
  /** Shares of all of the monitor's numbers. */
  readonly withinTwo: number
  readonly covered: number
  readonly count: number
}

/** The monitor shows late what happened: its number of second t is held against ours of t - lag; the best lag counts. */
function compare(monitor: readonly Value[], ours: readonly Value[]): Agreement {
  const bySecond = new Map(ours.map(({ t, value }) => [Math.round(t), value]))
  let best: Agreement | null = null
  for (let lag = 0; lag <= longestLag; lag++) {
    const errors: number[] = []
    for (const { t, value } of monitor) {
      for (let back = 0; back <= heldSeconds; back++) {
        const own = bySecond.get(Math.round(t) - lag - back)
        if (own === undefined) continue
        errors.push(Math.abs(own - value))
        break
      }
    }
    const within = errors.filter(error => error <= 2).length / monitor.length
    const sorted = errors.sort((a, b) => a - b)
    const agreement = {
      lag,
      medianError: sorted[sorted.length >> 1] ?? Number.NaN,
      withinTwo: within,
      covered: errors.length / monitor.length,
      count: monitor.length,
    }
    if (best === null || agreement.withinTwo > best.withinTwo) best = agreement
  }
  return best as Agreement
}

describe('segment 0001 of ICU record 85594648 against its bedside monitor', () => {
  const measured = new Map<string, Value[]>()

  beforeAll(async () => {
    if (!present) return
    const { events, origin } = await analyzeRecording({
      record: `${repository}/datasets/mimic4wdb/0001.recording.json`,
      partitionOptions: defaultOptions,
      chunkSeconds: 1,
    })
    for (const { name, stream } of vitals) {
      measured.set(
        name,
        events.flatMap(event =>
          event.type === 'measurement' && event.stream === stream && event.body.name === name && typeof event.body.value === 'number'
            ? [{ t: (event.t - origin) / 1e6, value: event.body.value }]
            : [],
        ),
      )
    }
  }, 120_000)

  for (const { name, column, earlyFloor } of vitals) {
    for (const { part, to, floor } of [
      { part: 'all 4 h', to: 14_400, floor: 0.8 },
      { part: 'the first 20 min', to: 1200, floor: earlyFloor },
    ]) {
      it.skipIf(!present)(`${name} is within 2 /min in at least ${100 * floor} % of the seconds with a number, ${part}${suffix}`, () => {
        const monitor = readMonitor(column, to)
        const { lag, medianError, withinTwo, covered, count } = compare(monitor, measured.get(name) ?? [])
        printFigures(`icu ${name}, ${part}`, [
          `| ${name} | ${part} | ${count} | ${lag} | ${medianError.toFixed(2)} | ${(100 * withinTwo).toFixed(1)} | ${(100 * covered).toFixed(1)} |`,
        ])
        expect(count).toBeGreaterThan(0.9 * to)
        expect(medianError).toBeLessThanOrEqual(2)
        expect(withinTwo).toBeGreaterThanOrEqual(floor)
      })
    }
  }
})
