import { describe, expect, it } from 'vitest'
import {
  detectionRatios,
  qrsDetection,
  supraventricularDetection,
  ventricularDetection,
} from '../../../src/evaluate/compare/beat-statistics.js'
import { formatBxbLine, formatBxbShutdownLine } from '../../../src/evaluate/compare/bxb-format.js'
import { type BeatComparison, type BeatMatrix, compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import { formatFixed, formatPercent } from '../../../src/evaluate/compare/rounding.js'
import { summariseBeats } from '../../../src/evaluate/compare/summarise.js'

/** A different power of two in every cell, so that a sum tells which cells are in it. */
const rows = ['N', 'S', 'V', 'F', 'Q', 'O', 'X'] as const
const columns = ['n', 's', 'v', 'f', 'q', 'o', 'x'] as const
const matrix = Object.fromEntries(
  rows.map((row, i) => [row, Object.fromEntries(columns.map((column, j) => [column, i > 4 && j > 4 ? 0 : 2 ** (7 * i + j)]))]),
) as unknown as BeatMatrix
const cells = (text: string): number => text.split(' ').reduce((sum, cell) => sum + matrix[cell.charAt(0) as 'N'][cell.charAt(1) as 'n'], 0)

const empty = compareBeats([], [], { fs: 100, endSample: 0 })
const withMatrix = (cell: Readonly<Record<string, number>>, rest: Partial<BeatComparison> = {}): BeatComparison => {
  const counts = structuredClone(empty.matrix) as Record<string, Record<string, number>>
  for (const [name, count] of Object.entries(cell)) (counts[name.charAt(0)] as Record<string, number>)[name.charAt(1)] = count
  return { ...empty, matrix: counts as unknown as BeatMatrix, ...rest }
}

describe('detection by class', () => {
  it('takes any beat for a QRS complex, missed or extra in shutdown included', () => {
    const { fn, fp } = qrsDetection(matrix)
    expect(fn).toBe(cells('No Nx So Sx Vo Vx Fo Fx Qo Qx'))
    expect(fp).toBe(cells('On Os Ov Of Oq Xn Xs Xv Xf Xq'))
  })

  it('neither rewards nor punishes V called for F or Q', () => {
    const { tp, fn, fp, tn } = ventricularDetection(matrix)
    expect(tp).toBe(cells('Vv'))
    expect(fn).toBe(cells('Vn Vs Vf Vq Vo Vx'))
    expect(fp).toBe(cells('Nv Sv Ov Xv'))
    expect(tn).toBe(cells('Nn Ns Nf Nq Sn Ss Sf Sq Fn Fs Ff Fq Qn Qs Qf Qq On Os Of Oq Xn Xs Xf Xq'))
  })

  it('neither rewards nor punishes S called for Q, but punishes it for F', () => {
    const { tp, fn, fp } = supraventricularDetection(matrix)
    expect(tp).toBe(cells('Ss'))
    expect(fn).toBe(cells('Sn Sv Sf Sq So Sx'))
    expect(fp).toBe(cells('Ns Vs Fs Os Xs'))
  })

  it('has no ratio where nothing is to be divided by', () => {
    expect(detectionRatios({ tp: 0, fn: 0, fp: 3, tn: 0 })).toEqual({ se: null, ppv: 0, f1: 0, fpr: 1 })
    expect(detectionRatios({ tp: 0, fn: 0, fp: 0, tn: 0 })).toEqual({ se: null, ppv: null, f1: null, fpr: null })
  })
})

describe('summary over records', () => {
  const records = [
    { record: 'a', comparison: withMatrix({ Nn: 98, No: 2, Vv: 1, Nv: 3 }, { rrErrorMs: 4 }) },
    { record: 'b', comparison: withMatrix({ Nn: 10, On: 10 }, { rrErrorMs: null }) },
  ]

  it('weighs every beat the same in gross statistics', () => {
    const { gross, totals } = summariseBeats(records)
    expect(gross.Q).toMatchObject({ se: 112 / 114, ppv: 112 / 122 })
    expect(gross.V.fpr).toBeCloseTo(3 / (3 + 98 + 10 + 10))
    expect(totals).toEqual({ beats: 114, ventricular: 1, supraventricular: 0 })
  })

  it('weighs every record the same in average statistics, and those without a value not at all', () => {
    const { average } = summariseBeats(records)
    expect(average.Q.ppv).toBeCloseTo((1 + 0.5) / 2)
    expect(average.V).toMatchObject({ se: 1, ppv: 0.25 })
    expect(average.S.se).toBeNull()
    expect(average.rrErrorMs).toBe(4)
  })
})

describe('the line format', () => {
  it("adds F and Q, O and X, n with f and q, and o with x in the columns with a '", () => {
    const comparison = withMatrix({ Nn: 1, Nf: 10, Nq: 100, Fn: 2, Qn: 20, On: 3, Xn: 30, Fs: 4, Qs: 40, Fv: 5, Qv: 50, No: 6, Nx: 60 })
    expect(formatBxbLine({ record: 'r1', comparison })).toMatch(
      /^ {2}r1 {3}111 {3}0 {3}0 {2}22 {2}33 {3}0 {3}0 {3}0 {2}44 {3}0 {3}0 {3}0 {4}0 {2}55 {3}0 {2}66 {3}0 {3}0 {3}0 /,
    )
  })

  it('gives beats missed during shutdown with their shares, and the time', () => {
    const comparison = withMatrix({ Nn: 90, Nx: 10, Vv: 3, Vx: 1, Qn: 4 }, { shutdownSeconds: 61.4 })
    expect(formatBxbShutdownLine({ record: 'r1', comparison })).toBe(
      '  r1   10    0    1    0    0    10.19  10.00      -  25.00      -   61 seconds 100 0 4 0 4',
    )
  })

  it('rounds as printf does: halves to the even neighbour', () => {
    expect([formatFixed(3.125, 2), formatFixed(3.375, 2), formatFixed(12.5, 0), formatFixed(13.5, 0)]).toEqual(['3.12', '3.38', '12', '14'])
    expect([formatFixed(2.675, 2), formatFixed(-3.125, 2), formatFixed(0.5, 0)]).toEqual(['2.67', '-3.12', '0'])
    expect([formatPercent(1, 32, 2), formatPercent(0, 0, 2)]).toEqual(['3.12', '-'])
  })
})
