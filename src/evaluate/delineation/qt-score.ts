import { correctQt, type QtCorrection } from '../../ecg/delineation/qt-correction.js'
import type { MeasurementObservation } from '../../signal/observation.js'
import { mean } from './delineation-summary.js'
import type { BeatWaves } from './wave-marks.js'

/** Errors of the reported QT and QTc of one record, one a report, milliseconds (reported minus reference). */
export interface QtErrors {
  readonly qt: readonly number[]
  readonly qtc: readonly number[]
  /** Reports whose window holds enough reference beats, and those of them without a value. */
  readonly windows: number
  readonly withoutValue: number
}

/** Reference beats with a QT interval that a window needs. */
const fewestBeats = 3
/** Reference beats further apart are not neighbours: the annotator left beats out. */
const longestRrSeconds = 2

/**
 * Compares `qt-interval` and `qtc-interval` measurements with hand-marked beats: the reference of a report is the mean QT
 * of the marked beats in its window, and its QTc that QT corrected with the mean RR interval of the marked beats, so the
 * hysteresis of the reported QTc counts as error where the rate changes.
 */
export function scoreQt(
  reference: readonly BeatWaves[],
  measurements: readonly MeasurementObservation[],
  fsHz: number,
  correction: QtCorrection = 'fridericia',
): QtErrors {
  const qt: number[] = []
  const qtc: number[] = []
  let windows = 0
  let withoutValue = 0
  for (const measurement of measurements) {
    const { name, value, from, to } = measurement
    if (name !== 'qt-interval' && name !== 'qtc-interval') continue
    const truth = referenceOf(reference, from, to, fsHz)
    if (truth === null) continue
    if (name === 'qt-interval') {
      windows += 1
      if (value === null) withoutValue += 1
      else qt.push(value - truth.qt)
    } else if (value !== null) qtc.push(value - correctQt(truth.qt, truth.rrSeconds, correction))
  }
  return { qt, qtc, windows, withoutValue }
}

function referenceOf(beats: readonly BeatWaves[], from: number, to: number, fsHz: number): { qt: number; rrSeconds: number } | null {
  const intervals: number[] = []
  const rr: number[] = []
  beats.forEach((beat, i) => {
    if (beat.beat < from || beat.beat >= to) return
    if (beat.tEnd !== null && beat.qrsOnset !== null) intervals.push(((beat.tEnd - beat.qrsOnset) * 1000) / fsHz)
    const before = beats[i - 1]
    const interval = before === undefined ? 0 : (beat.beat - before.beat) / fsHz
    if (interval > 0 && interval <= longestRrSeconds) rr.push(interval)
  })
  const qt = mean(intervals)
  const rrSeconds = mean(rr)
  return qt === null || rrSeconds === null || intervals.length < fewestBeats ? null : { qt, rrSeconds }
}
