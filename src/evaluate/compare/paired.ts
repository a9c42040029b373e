import { addDetections, type Detection, type DetectionRatios, detectionRatios, qrsDetection } from './beat-statistics.js'
import { exactSignTest } from './binomial.js'
import type { BeatComparison } from './compare-beats.js'
import { type BootstrapOptions, bootstrapByRecord, type Interval } from './intervals.js'

/** Two annotators held against the same reference on one record. */
export interface PairedRecord {
  readonly record: string
  readonly first: BeatComparison
  readonly second: BeatComparison
}

/** First less second, as fractions, with its 95 % interval by record. */
export interface Difference {
  readonly value: number | null
  readonly interval: Interval | null
}

export interface PairedComparison {
  /** Of gross QRS sensitivity, positive predictivity and F1. */
  readonly se: Difference
  readonly ppv: Difference
  readonly f1: Difference
  /** Reference beats by who found them. */
  readonly beats: { readonly both: number; readonly onlyFirst: number; readonly onlySecond: number; readonly neither: number }
  /** McNemar's exact two-sided p on the reference beats that one found and the other did not. Takes beats as independent. */
  readonly mcNemarP: number
}

interface CountedPair {
  readonly first: Detection
  readonly second: Detection
}

/** Both comparisons of a record must have been made over the same test period. */
export function comparePaired(records: readonly PairedRecord[], options: BootstrapOptions = {}): PairedComparison {
  const counted: readonly CountedPair[] = records.map(({ first, second }) => ({
    first: qrsDetection(first.matrix),
    second: qrsDetection(second.matrix),
  }))
  const difference = (ratio: keyof DetectionRatios): Difference => {
    const statistic = (drawn: readonly CountedPair[]): number | null => ratioDifference(drawn, ratio)
    return { value: statistic(counted), interval: bootstrapByRecord(counted, statistic, options) }
  }
  const beats = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
  for (const { first, second } of records) {
    const missedByFirst = new Set(first.missed)
    const missedByBoth = second.missed.filter(sample => missedByFirst.has(sample)).length
    beats.neither += missedByBoth
    beats.onlyFirst += second.missed.length - missedByBoth
    beats.onlySecond += first.missed.length - missedByBoth
    beats.both += first.tp - (second.missed.length - missedByBoth)
  }
  return {
    se: difference('se'),
    ppv: difference('ppv'),
    f1: difference('f1'),
    beats,
    mcNemarP: exactSignTest(beats.onlyFirst, beats.onlySecond),
  }
}

function ratioDifference(records: readonly CountedPair[], ratio: keyof DetectionRatios): number | null {
  const first = detectionRatios(addDetections(records.map(record => record.first)))[ratio]
  const second = detectionRatios(addDetections(records.map(record => record.second)))[ratio]
  return first === null || second === null ? null : first - second
}
