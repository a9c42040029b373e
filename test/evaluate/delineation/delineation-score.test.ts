import { describe, expect, test } from 'vitest'
import { matchWaves, scoreRecord } from '../../../src/evaluate/delineation/delineation-score.js'
import { deviation, summarizeMarks } from '../../../src/evaluate/delineation/delineation-summary.js'
import { scoreQt } from '../../../src/evaluate/delineation/qt-score.js'
import { type BeatWaves, readBeatWaves } from '../../../src/evaluate/delineation/wave-marks.js'
import type { WfdbAnnotation } from '../../../src/recording/wfdb-annotation.js'
import type { MeasurementObservation } from '../../../src/signal/observation.js'

const fs = 250
const none = { pOnset: null, pPeak: null, pEnd: null, qrsOnset: null, qrsEnd: null, tPeak: null, tEnd: null }
const beat = (at: number, more: Partial<BeatWaves> = {}): BeatWaves => ({ beat: at, ...none, ...more })
const annotation = (sample: number, symbol: string, num = 0): WfdbAnnotation => ({
  sample,
  code: 1,
  symbol,
  subtype: 0,
  channel: 0,
  num,
  aux: '',
})

describe('reading wave marks', () => {
  test('gives P to the beat after and T to the beat before', () => {
    const waves = readBeatWaves(
      ['(', 'p', ')', '(', 'N', ')', '(', 't', ')', '(', 'p', ')', '(', 'N', ')', 't', ')'].map((symbol, i) =>
        annotation(100 + 10 * i, symbol),
      ),
      fs,
    )
    expect(waves).toEqual([
      { beat: 140, pOnset: 100, pPeak: 110, pEnd: 120, qrsOnset: 130, qrsEnd: 150, tPeak: 170, tEnd: 180 },
      { beat: 230, pOnset: 190, pPeak: 200, pEnd: 210, qrsOnset: 220, qrsEnd: 240, tPeak: 250, tEnd: 260 },
    ])
  })

  test('passes over U waves, rhythm and notes, and takes beats of every symbol', () => {
    const waves = readBeatWaves(
      [
        annotation(10, '+'),
        annotation(90, '('),
        annotation(100, 'B'),
        annotation(110, ')'),
        annotation(150, 't'),
        annotation(160, ')'),
        annotation(180, 'u'),
        annotation(190, ')'),
        annotation(195, '"'),
        annotation(290, '('),
        annotation(300, 'V'),
        annotation(310, ')'),
      ],
      fs,
    )
    expect(waves).toEqual([beat(100, { qrsOnset: 90, qrsEnd: 110, tPeak: 150, tEnd: 160 }), beat(300, { qrsOnset: 290, qrsEnd: 310 })])
  })

  test('does not give a beat the P wave of a beat that was not marked', () => {
    const far = readBeatWaves(
      [annotation(0, 'p'), annotation(10, ')'), annotation(200, '('), annotation(210, 'N'), annotation(220, ')')],
      fs,
    )
    expect(far[0]?.pPeak).toBeNull()
  })

  test('takes the kind of a wave without peak from the number of its bracket', () => {
    const waves = readBeatWaves([annotation(90, '(', 1), annotation(100, 'N', 1), annotation(110, ')', 1), annotation(160, ')', 2)], fs)
    expect(waves).toEqual([beat(100, { qrsOnset: 90, qrsEnd: 110, tEnd: 160 })])
  })
})

describe('matching beats', () => {
  test('takes the nearest within 150 ms, each once', () => {
    const found = [beat(90), beat(104), beat(500), beat(640)]
    expect(matchWaves([beat(100), beat(110), beat(300), beat(602)], found, fs).map(item => item?.beat ?? null)).toEqual([
      104,
      90,
      null,
      null,
    ])
  })

  test('accepts 37 samples at 250 Hz and not 38', () => {
    expect(matchWaves([beat(100)], [beat(137)], fs)[0]?.beat).toBe(137)
    expect(matchWaves([beat(100)], [beat(138)], fs)[0]).toBeNull()
  })
})

describe('errors of marks', () => {
  test('are found minus reference in milliseconds; unmarked and unfound marks are counted apart', () => {
    const reference = [beat(100, { tEnd: 200, pOnset: 60 }), beat(400, { tEnd: 500 }), beat(700, { tEnd: 800 })]
    const found = [beat(101, { tEnd: 205 }), beat(399, { tEnd: 495, pOnset: 350 })]
    const { tEnd, pOnset } = scoreRecord(reference, [found], fs)
    expect(tEnd).toEqual({ errors: [20, -20], references: 3, extra: 0, absent: 0 })
    expect(pOnset).toEqual({ errors: [], references: 1, extra: 1, absent: 1 })
  })

  test('of several leads the smallest counts, mark by mark', () => {
    const reference = [beat(100, { qrsOnset: 90, qrsEnd: 110 })]
    const { qrsOnset, qrsEnd } = scoreRecord(reference, [[beat(100, { qrsOnset: 80, qrsEnd: 111 })], [beat(100, { qrsOnset: 91 })]], fs)
    expect(qrsOnset.errors).toEqual([4])
    expect(qrsEnd.errors).toEqual([4])
  })

  test('means are taken by record first, deviations with n - 1', () => {
    const record = (errors: readonly number[]) =>
      scoreRecord(
        errors.map((_, i) => beat(1000 * (i + 1), { tEnd: 1000 * (i + 1) + 100 })),
        [errors.map((error, i) => beat(1000 * (i + 1), { tEnd: 1000 * (i + 1) + 100 + error / 4 }))],
        fs,
      )
    const summary = summarizeMarks([record([0, 8]), record([20, 20, 20, 20])]).find(item => item.mark === 'tEnd')
    expect(summary).toMatchObject({ records: 2, references: 6, found: 6, sensitivity: 1, meanOfMeans: 12 })
    expect(summary?.meanWithinSd).toBeCloseTo(Math.sqrt(32) / 2, 12)
    expect(summary?.sdOfMeans).toBeCloseTo(16 / Math.SQRT2, 12)
    expect(summary?.pooledMean).toBeCloseTo(88 / 6, 12)
    expect(deviation([5])).toBeNull()
  })
})

describe('reported QT against marked beats', () => {
  const measurement = (name: 'qt-interval' | 'qtc-interval', value: number | null): MeasurementObservation => ({
    kind: 'measurement',
    name,
    channel: 0,
    decided: 3000,
    value,
    from: 0,
    to: 2500,
    quality: 1,
    algorithm: 'ecg-intervals',
  })
  const reference = [0, 1, 2, 3].map(i => beat(250 * (i + 1), { qrsOnset: 250 * (i + 1) - 10, tEnd: 250 * (i + 1) + 90 }))

  test('compares with the mean of the window, corrected by its own rate', () => {
    const scored = scoreQt(reference, [measurement('qt-interval', 410), measurement('qtc-interval', 395)], fs)
    expect(scored.qt).toEqual([10])
    expect(scored.qtc[0]).toBeCloseTo(-5, 9)
    expect(scored).toMatchObject({ windows: 1, withoutValue: 0 })
  })

  test('counts reports without a value, and needs three marked beats', () => {
    expect(scoreQt(reference, [measurement('qt-interval', null)], fs)).toMatchObject({ windows: 1, withoutValue: 1, qt: [] })
    expect(scoreQt(reference.slice(0, 2), [measurement('qt-interval', 400)], fs).windows).toBe(0)
  })
})
