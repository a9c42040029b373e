import { describe, expect, it } from 'vitest'
import { addReports } from '../../src/quality/quality-report.js'
import { defaultMinimum, describeReason, judgeReadiness } from '../../src/quality/readiness.js'
import { QualityBench } from './quality-bench.js'

function sumOf(bench: QualityBench) {
  bench.release()
  const [first, ...rest] = bench.reports()
  return addReports(first!, ...rest)
}

describe('readiness', () => {
  it('fails when nothing came at all', () => {
    expect(judgeReadiness(null)).toMatchObject({ ready: false, reasons: [{ what: 'nothing' }] })
    expect(judgeReadiness(sumOf(new QualityBench()))).toMatchObject({ ready: false, reasons: [{ what: 'nothing' }] })
  })

  it('passes numbers alone, and fails those of which too many are refused or flagged, to the number', () => {
    const shares = (impossible: number, flagged: number) => {
      const bench = new QualityBench()
      for (let k = 0; k < 100; k++) {
        bench.values(k + 1, { temperature: k < impossible ? 5 : k < impossible + flagged ? 25 : 36 })
      }
      return judgeReadiness(sumOf(bench))
    }
    expect(shares(5, 0)).toMatchObject({ ready: true, coverage: null, usable: null })
    expect(shares(6, 0).reasons).toEqual([{ what: 'refused', found: 0.06, accepted: 'at most 5 %' }])
    expect(shares(0, 30).reasons.map(describeReason)).toEqual(['flagged numbers 31.0 % (accepted: at most 20 %)'])
  })

  it('counts lost samples of the device against the coverage', () => {
    const bench = new QualityBench()
    for (const seq of [0, 1, 2, 3]) bench.chunk(seq, { value: 100 })
    // The device says by its index that it lost 4 s itself.
    bench.chunk(4, { index: 2000 })
    const found = judgeReadiness(sumOf(bench))
    expect(found).toMatchObject({ coverage: 5 / 9, lost: 1000, gaps: 1, minimum: defaultMinimum })
  })
})
