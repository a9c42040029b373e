import { describe, expect, it } from 'vitest'
import {
  bxbHeading,
  bxbShutdownHeading,
  formatBxbLine,
  formatBxbReport,
  formatBxbShutdownLine,
  formatBxbSummary,
} from '../../../src/evaluate/compare/bxb-format.js'
import { compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import { compareEpisodes } from '../../../src/evaluate/compare/compare-episodes.js'
import { compareRuns } from '../../../src/evaluate/compare/compare-runs.js'
import { formatEpicmpReport } from '../../../src/evaluate/compare/epicmp-format.js'
import { formatRxrLine, rxrHeading } from '../../../src/evaluate/compare/rxr-format.js'
import { summariseBeats } from '../../../src/evaluate/compare/summarise.js'
import { annotators, compareMitdb, differingLines, hasReference, mitdbOptions, readAnnotated, referenceText } from './mitdb-reference.js'

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

describe.skipIf(!hasReference)('beside the C tools of WFDB 10.7 on 48 records (needs mitdb and reference-outputs)', () => {
  for (const annotator of annotators) {
    for (const [part, fromSeconds] of [
      ['default', 300],
      ['whole', 0],
    ] as const) {
      it(`writes the lines, shutdown lines and summary of bxb -L and sumstats, byte for byte: ${annotator}, ${part}`, async () => {
        const records = await compareMitdb(annotator, fromSeconds)
        const lines = text([bxbHeading, ...records.map(formatBxbLine)])
        const name = `bxb-${annotator}-${part}`
        expect(records).toHaveLength(48)
        expect(differingLines(lines, referenceText(`${name}.txt`))).toEqual([])
        expect(differingLines(text([bxbShutdownHeading, ...records.map(formatBxbShutdownLine)]), referenceText(`${name}.sd`))).toEqual([])
        expect(differingLines(`${lines}${formatBxbSummary(records)}\n`, referenceText(`${name}.sum`))).toEqual([])
      })
    }

    it(`writes the confusion matrices of bxb -S, byte for byte: ${annotator}`, async () => {
      const reports = (await compareMitdb(annotator, 300)).map(record => formatBxbReport(record, 'atr', annotator))
      expect(differingLines(text(reports), referenceText(`bxb-${annotator}-matrix.txt`))).toEqual([])
    })

    for (const kind of ['ventricular', 'supraventricular'] as const) {
      it(`writes the ${kind} runs of rxr -L, byte for byte: ${annotator}`, async () => {
        const records = await readAnnotated(annotator)
        const lines = records.map(({ record, reference, test }) => formatRxrLine(record, compareRuns(reference, test, kind, mitdbOptions)))
        expect(differingLines(text([rxrHeading(kind), ...lines]), referenceText(`rxr-${annotator}-${kind.charAt(0)}.txt`))).toEqual([])
      })
    }

    for (const kind of ['VF', 'AF'] as const) {
      it(`writes the ${kind} episodes of epicmp, byte for byte: ${annotator}`, async () => {
        const reports = (await readAnnotated(annotator)).map(({ record, reference, test }) =>
          formatEpicmpReport(record, kind, compareEpisodes(reference, test, kind, mitdbOptions), 360, 'atr', annotator),
        )
        expect(differingLines(text(reports), referenceText(`epicmp-${annotator}-${kind.toLowerCase()}.txt`))).toEqual([])
      })
    }
  }

  it('finds in record 201 against itself what rxr was reported to find (MIT-LCP/physionet issue 29)', async () => {
    const record = (await readAnnotated('gqrs')).find(({ record }) => record === '201')
    const runs = compareRuns(record?.reference ?? [], record?.reference ?? [], 'supraventricular', mitdbOptions)
    expect(formatRxrLine('201', runs)).toBe(' 201  21   0  21   0   3   0   3   0   3   1   3   1  100 100 100 100  75  75')
  })

  it('gives the gross and average statistics of sumstats as numbers', async () => {
    const { gross, average, totals } = summariseBeats(await compareMitdb('osea', 300))
    const percent = (value: number | null): string => (100 * (value ?? Number.NaN)).toFixed(2)
    expect([gross.Q.se, gross.Q.ppv, gross.V.se, gross.V.ppv, gross.S.se].map(percent)).toEqual([
      '99.77',
      '99.81',
      '93.12',
      '96.06',
      '0.00',
    ])
    expect([average.Q.se, average.Q.ppv, average.V.se, average.V.ppv].map(percent)).toEqual(['99.77', '99.80', '82.49', '74.73'])
    expect(gross.S.ppv).toBeNull()
    expect(average.rrErrorMs?.toFixed(2)).toBe('52.01')
    expect(totals).toEqual({ beats: 91_285, ventricular: 6101, supraventricular: 2745 })
  })

  it('finds a perfect annotator perfect', async () => {
    for (const { reference } of await readAnnotated('gqrs')) {
      const { fn, fp, matrix, rrErrorMs } = compareBeats(reference, reference, mitdbOptions)
      expect({ fn, fp, rrErrorMs }).toEqual({ fn: 0, fp: 0, rrErrorMs: 0 })
      expect(matrix.N.n + matrix.S.s + matrix.V.v + matrix.F.f + matrix.Q.q).toBe(compareBeats(reference, reference, mitdbOptions).tp)
    }
  })

  it('compares a record of half an hour within milliseconds', async () => {
    const records = await readAnnotated('gqrs')
    const compareAll = (): number => {
      const start = performance.now()
      for (const { reference, test } of records) compareBeats(reference, test, mitdbOptions)
      return (performance.now() - start) / records.length
    }
    compareAll()
    expect(Math.min(compareAll(), compareAll(), compareAll())).toBeLessThan(10)
  })
})
