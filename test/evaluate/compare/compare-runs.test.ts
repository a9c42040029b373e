import { describe, expect, it } from 'vitest'
import { compareRuns, type RunClass } from '../../../src/evaluate/compare/compare-runs.js'
import type { RunKind } from '../../../src/evaluate/compare/ectopic-runs.js'
import { formatRxrLine } from '../../../src/evaluate/compare/rxr-format.js'
import { annotate } from './annotate.js'

/** One beat every 100 samples, symbols in order, `.` for none. */
const beats = (symbols: string): string =>
  [...symbols].flatMap((symbol, index) => (symbol === '.' ? [] : [`${100 * (index + 1)}${symbol}`])).join(' ')

const compare = (reference: string, test: string, kind: RunKind = 'ventricular', fromSeconds = 0) =>
  compareRuns(annotate(reference), annotate(test), kind, { fs: 100, fromSeconds, endSample: 10_000 })

/** `couplet 1/2 1/1`: found of all in the reference, right of all in the test. */
const told = (comparison: ReturnType<typeof compare>, ...names: RunClass[]) =>
  names.map(name => {
    const { found, missed, right, wrong } = comparison[name]
    return `${name} ${found}/${found + missed} ${right}/${right + wrong}`
  })

describe('runs of ventricular beats', () => {
  it('are couplets of 2, short from 3 to 5 and long from 6 beats on', () => {
    const reference = beats('NVNVVNVVVNVVVVVNVVVVVVNVVVVVVVN')
    expect(told(compare(reference, reference), 'couplet', 'short', 'long')).toEqual(['couplet 1/1 1/1', 'short 2/2 2/2', 'long 2/2 2/2'])
  })

  it('are found when the other has a run of their class or a longer one', () => {
    expect(told(compare(beats('NVVNNN'), beats('NVVVNN')), 'couplet', 'short')).toEqual(['couplet 1/1 0/0', 'short 0/0 0/1'])
    expect(told(compare(beats('NVVVVVN'), beats('NNVVVNN')), 'short')).toEqual(['short 1/1 1/1'])
  })

  it('count only what lies within the run and a match window around it', () => {
    // The test's long run has only two beats where the reference has its couplet, and that is enough for a couplet.
    expect(told(compare(beats('NNNVVNNNN'), beats('NVVVVVVVN')), 'couplet', 'long')).toEqual(['couplet 1/1 0/0', 'long 0/0 0/1'])
    expect(told(compare('100N 300V 400V 500N', '100N 315V 415V 500N'), 'couplet')).toEqual(['couplet 1/1 1/1'])
    expect(told(compare('100N 300V 400V 500N', '100N 316V 416V 500N'), 'couplet')).toEqual(['couplet 0/1 0/1'])
  })

  it('include fusion beats, and end at any other beat', () => {
    expect(told(compare(beats('NFVNVQVN'), beats('NNNNNNNN')), 'couplet')).toEqual(['couplet 0/1 0/0'])
  })

  it('are long where there is fibrillation, which goes on into the beats that follow', () => {
    expect(told(compare('100N 200[ 600] 650V 700V 800N', beats('NVVNNNNN')), 'long', 'couplet')).toEqual([
      'long 0/1 0/0',
      'couplet 0/0 1/1',
    ])
  })

  it('are cut at the start of the test period', () => {
    expect(told(compare(beats('NVVVVN'), '', 'ventricular', 3.5), 'couplet', 'short')).toEqual(['couplet 0/1 0/0', 'short 0/0 0/0'])
  })

  it('are long where fibrillation is on when the test period begins', () => {
    expect(told(compare('100[ 600] 700N', '', 'ventricular', 3), 'long')).toEqual(['long 0/1 0/0'])
  })
})

describe('runs of supraventricular beats', () => {
  it('include the normal beats in atrial fibrillation and flutter, between ventricular ones', () => {
    const reference = `50+(AFIB ${beats('NNVNNNVNN')} 950+(N 1000N 1100N`
    expect(told(compare(reference, '', 'supraventricular'), 'couplet', 'short', 'long')).toEqual([
      'couplet 0/1 0/0',
      'short 0/1 0/0',
      'long 0/1 0/0',
    ])
  })

  it('are long from the onset of atrial fibrillation, however few the beats', () => {
    expect(told(compare('100N 150+(AFL 200N 250+(N 300N', '', 'supraventricular'), 'long', 'couplet')).toEqual([
      'long 0/1 0/0',
      'couplet 0/0 0/0',
    ])
  })

  it('keep their own length when atrial fibrillation begins within them', () => {
    expect(told(compare('100N 140A 150+(AFL 200N 250+(N 300N', '', 'supraventricular'), 'long', 'couplet')).toEqual([
      'long 0/0 0/0',
      'couplet 0/1 0/0',
    ])
  })

  it('of atrial fibrillation without a beat are never found, not even by themselves', () => {
    const reference = '100N 150+(AFIB 200V 300N 400N 500N 600V'
    expect(told(compare(reference, reference, 'supraventricular'), 'long', 'short')).toEqual(['long 0/1 0/1', 'short 1/1 1/1'])
  })

  it('are found in a test that calls atrial fibrillation there', () => {
    expect(told(compare(beats('NAAAAAAN'), `150+(AFIB ${beats('NNNNNNNN')}`, 'supraventricular'), 'long')).toEqual(['long 1/1 1/1'])
  })
})

describe('the line format of runs', () => {
  it('gives four counts a class and ratios in whole per cent', () => {
    const line = formatRxrLine('r1', compare(beats('NVVNVVNVVN'), beats('NVVNNVNVVN')))
    expect(line).toBe('  r1   2   1   2   0   0   0   0   0   0   0   0   0   67 100   -   -   -   -')
  })
})
