import { describe, expect, it } from 'vitest'
import { compareEpisodes, type EpisodeKind, type EpisodeOptions } from '../../../src/evaluate/compare/compare-episodes.js'
import { formatEpicmpReport } from '../../../src/evaluate/compare/epicmp-format.js'
import { annotate } from './annotate.js'

const compare = (kind: EpisodeKind, reference: string, test: string, options: Partial<EpisodeOptions> = {}) =>
  compareEpisodes(annotate(reference), annotate(test), kind, { fs: 100, fromSeconds: 0, endSample: 10_000, ...options })

describe('episodes of fibrillation', () => {
  it('match by any overlap, and durations by what they share', () => {
    expect(compare('VF', '100[ 500] 700[ 800]', '400[ 600] 900[ 950]')).toEqual({
      found: 1,
      referenceEpisodes: 2,
      right: 1,
      testEpisodes: 2,
      commonDuration: 100,
      referenceDuration: 500,
      testDuration: 250,
    })
  })

  it('do not match when they only touch', () => {
    expect(compare('VF', '100[ 500]', '500[ 600]')).toMatchObject({ found: 0, right: 0 })
  })

  it('last to the end of the record when nothing ends them', () => {
    expect(compare('VF', '9000[', '').referenceDuration).toBe(1000)
  })

  it('are cut to the test period', () => {
    expect(compare('VF', '100[ 500] 700[ 800]', '', { fromSeconds: 4, toSeconds: 7.5 })).toMatchObject({
      referenceEpisodes: 2,
      referenceDuration: 150,
    })
    expect(compare('VF', '100[ 500]', '', { fromSeconds: 5 }).referenceEpisodes).toBe(0)
  })

  it('of the atria begin with (AFIB and end with any other rhythm, flutter too', () => {
    expect(compare('AF', '100+(AFIB 300+(AFL 500+(AFIB 600+(N', '')).toMatchObject({ referenceEpisodes: 2, referenceDuration: 300 })
  })

  it('of the atria that the test calls in flutter are wrong, or out of account when that is asked for', () => {
    const [reference, test] = ['100+(AFL 500+(N 700+(AFIB 900+(N', '200+(AFIB 400+(N 700+(AFIB 800+(N']
    expect(compare('AF', reference, test)).toMatchObject({ right: 1, testEpisodes: 2, testDuration: 300 })
    expect(compare('AF', reference, test, { excludeFlutter: true })).toMatchObject({ right: 1, testEpisodes: 1, testDuration: 100 })
  })
})

describe('ischemic ST episodes', () => {
  const reference = '1000s(ST0+ 1200sAST0+350 2000sST0+)'

  it('match when half of the episode is in the other, not with less', () => {
    expect(compare('ST', reference, '1500s(ST0+ 2600sST0+)')).toMatchObject({ found: 1, right: 0 })
    expect(compare('ST', reference, '1501s(ST0+ 2000sST0+)')).toMatchObject({ found: 0, right: 1 })
  })

  it('match when the extremum is in the other, however little that is', () => {
    expect(compare('ST', reference, '900s(ST0+ 1200sST0+)')).toMatchObject({ found: 1 })
    expect(compare('ST', reference, '1990s(ST0+ 1995sAST0+400 4000sST0+)')).toMatchObject({ found: 0, right: 1 })
  })

  it('of both signals are one while they overlap, and apart when one signal is asked for', () => {
    const both = '1000s(ST0- 1100s(ST1+ 1200sST0-) 1500sST1+)'
    expect(compare('ST', both, '')).toMatchObject({ referenceEpisodes: 1, referenceDuration: 500 })
    expect(compare('ST', both, '', { stSignal: 0 })).toMatchObject({ referenceEpisodes: 1, referenceDuration: 200 })
  })
})

describe('the report of episodes', () => {
  it('writes times with as many parts as they need', () => {
    const report = formatEpicmpReport(
      'r1',
      'AF',
      {
        found: 1,
        referenceEpisodes: 3,
        right: 0,
        testEpisodes: 0,
        commonDuration: 1234,
        referenceDuration: 366_150,
        testDuration: 6050,
      },
      100,
      'atr',
      'x',
    )
    expect(report.split('\n').slice(4)).toEqual([
      '           Episode sensitivity:  33% (1/3)',
      ' Episode positive predictivity:   -  (0/0)',
      '          Duration sensitivity:   0% (12.340/1:01:01.500)',
      'Duration positive predictivity:  20% (12.340/1:00.500)',
      'Duration of reference episodes:   1:01:01.500',
      '     Duration of test episodes:      1:00.500',
    ])
  })
})
