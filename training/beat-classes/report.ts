import { type BeatModels, createBeatClassifier } from '../../src/ecg/beats/beat-classifier.js'
import { detectionRatios, supraventricularDetection, ventricularDetection } from '../../src/evaluate/compare/beat-statistics.js'
import { type BeatComparison, compareBeats, referenceBeatCounts } from '../../src/evaluate/compare/compare-beats.js'
import { summariseBeats } from '../../src/evaluate/compare/summarise.js'
import { hertz } from '../../src/signal/rate.js'
import { findBeats, RecordView } from './found-beats.js'
import { ds1, ds2, readRecord, type Take, type TakenRecord } from './records.js'

const sets: Readonly<Record<string, { readonly set: string; readonly records: readonly string[] }>> = {
  ds1: { set: 'mitdb', records: ds1 },
  ds2: { set: 'mitdb', records: ds2 },
  paced: { set: 'mitdb', records: ['102', '104', '107', '217'] },
  nsrdb: { set: 'nsrdb', records: ['16265', '16273', '16795'] },
}

const takes: readonly Take[] = [
  { name: 'both leads', leads: [0, 1], fs: null },
  { name: 'first lead', leads: [0], fs: null },
  { name: 'second lead', leads: [1], fs: null },
  { name: 'first lead at 128 Hz', leads: [0], fs: { num: 128, den: 1 } },
  { name: 'second lead at 128 Hz', leads: [1], fs: { num: 128, den: 1 } },
]

interface Scored {
  readonly record: string
  readonly comparison: BeatComparison
}

/** Classifies the beats that the chain finds in a record and compares them with the reference as `bxb` does, from 5:00 on. */
export function scoreRecord(record: TakenRecord, models?: BeatModels): { comparison: BeatComparison; microseconds: number } {
  const fsHz = hertz(record.fs)
  const beats = findBeats(record)
  const view = new RecordView(record)
  const classifier = createBeatClassifier({ fsHz, leadCount: record.channels.length }, models)
  const ahead = Math.ceil(classifier.lookAheadSeconds * fsHz) + 1
  const began = process.cpuUsage()
  const test = beats.map(beat => {
    view.end = beat.index + ahead
    return { sample: beat.index, symbol: classifier.judge(beat, view).beatClass as string }
  })
  const used = process.cpuUsage(began)
  const microseconds = (used.user + used.system) / Math.max(1, beats.length)
  return { comparison: compareBeats(record.annotations, test, { fs: fsHz, endSample: record.channels[0]?.length ?? 0 }), microseconds }
}

/** Prints, for each way to see the records of a half: gross figures with intervals, and for the first a line a record and the matrix. */
export async function report(half: string): Promise<void> {
  const chosen = sets[half]
  if (!chosen) throw new RangeError(`there is no half ${half}; accepted: ${Object.keys(sets).join(', ')}`)
  for (const take of takes) {
    const scored: Scored[] = []
    let microseconds = 0
    for (const record of chosen.records) {
      const result = scoreRecord(await readRecord(chosen.set, record, take))
      scored.push({ record, comparison: result.comparison })
      microseconds += result.microseconds / chosen.records.length
    }
    console.log(`\n${half}, ${take.name} (${microseconds.toFixed(1)} us of CPU a beat)`)
    if (take === takes[0]) printRecords(scored)
    printGross('all records', scored)
    if (half === 'ds2')
      printGross(
        'without 232',
        scored.filter(({ record }) => record !== '232'),
      )
  }
}

function printRecords(scored: readonly Scored[]): void {
  const percent = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(1))
  console.log('| record | N | S | V | F | V Se | V +P | S Se | S +P |\n|---|---|---|---|---|---|---|---|---|')
  for (const { record, comparison } of scored) {
    const { N, S, V, F } = referenceBeatCounts(comparison.matrix)
    const v = detectionRatios(ventricularDetection(comparison.matrix))
    const s = detectionRatios(supraventricularDetection(comparison.matrix))
    console.log(`| ${[record, N, S, V, F, percent(v.se), percent(v.ppv), percent(s.se), percent(s.ppv)].join(' | ')} |`)
  }
  const columns = ['n', 's', 'v', 'f', 'q', 'o'] as const
  console.log(`\n| reference | ${columns.join(' | ')} |\n|---|${columns.map(() => '---|').join('')}`)
  for (const row of ['N', 'S', 'V', 'F', 'Q', 'O'] as const) {
    const sums = columns.map(column => scored.reduce((sum, { comparison }) => sum + comparison.matrix[row][column], 0))
    console.log(`| ${row} | ${sums.join(' | ')} |`)
  }
}

function printGross(title: string, scored: readonly Scored[]): void {
  const { gross } = summariseBeats(scored)
  const parts = (['V', 'S'] as const).flatMap(kind =>
    (['se', 'ppv'] as const).map(which => {
      const [low, high] = interval(scored, kind, which)
      return `${kind} ${which === 'se' ? 'Se' : '+P'} ${show(gross[kind][which])} (${show(low)} to ${show(high)})`
    }),
  )
  console.log(`${title}: ${parts.join(', ')}`)
}

const show = (value: number | null): string => (value === null ? '-' : (100 * value).toFixed(2))

/** 95 % interval by 1000 bootstrap draws of records, from a fixed seed. */
function interval(scored: readonly Scored[], kind: 'V' | 'S', which: 'se' | 'ppv'): [number | null, number | null] {
  let seed = 12_345
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  const values: number[] = []
  for (let draw = 0; draw < 1000; draw++) {
    const drawn = scored.map(() => scored[Math.floor(next() * scored.length)] as Scored)
    const value = summariseBeats(drawn).gross[kind][which]
    if (value !== null) values.push(value)
  }
  values.sort((a, b) => a - b)
  return [values[Math.floor(0.025 * values.length)] ?? null, values[Math.ceil(0.975 * values.length) - 1] ?? null]
}
