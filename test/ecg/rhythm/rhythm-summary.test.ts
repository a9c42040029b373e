import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { TreeEnsemble } from '../../../src/dsp/tree-ensemble.js'
import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import { atrialWindowModel } from '../../../src/ecg/rhythm/atrial-window-model.js'
import { classifyRhythm, RhythmSummary } from '../../../src/ecg/rhythm/rhythm-summary.js'
import { summaryModel } from '../../../src/ecg/rhythm/summary-model.js'
import { regularBeats, syntheticEcg } from '../../support/synthetic-ecg.js'

const fs = 250

/** The report of a synthetic lead, pushed in blocks; after block `copyAt` the chain is replaced by a copy. */
function reportOf(samples: Float64Array, blockLength = samples.length, copyAt = -1) {
  const create = () => {
    const summary = new RhythmSummary({ fsHz: fs })
    const spec = { id: 'ecg', kind: 'ecg', channels: ['I'], unit: 'mV', fs: { num: fs, den: 1 } } as const
    return { summary, chain: createEcgChain(spec, { analysers: () => [summary] }) }
  }
  let { summary, chain } = create()
  for (let start = 0, block = 0; start < samples.length; start += blockLength, block++) {
    const channel = samples.slice(start, start + blockLength)
    chain.push({ start, length: channel.length, flags: 0, channels: [channel] }, () => {})
    if (block !== copyAt) continue
    const saved = structuredClone(chain.save())
    ;({ summary, chain } = create())
    chain.load(saved)
  }
  expect(summary.report).toBeNull()
  chain.flush(() => {})
  return summary.report
}

describe('rhythm summary', () => {
  const regular = syntheticEcg({ fs, seconds: 30, beats: regularBeats(0.4, 0.85, 34), seed: 2 })

  test('is there when the timeline ends, with probabilities that add up to 1 and what spoke for the label', () => {
    const report = reportOf(regular)
    expect(report?.label).toBe('N')
    const { N, A, O, '~': noisy } = report?.probabilities ?? { N: 0, A: 0, O: 0, '~': 0 }
    expect(N + A + O + noisy).toBeCloseTo(1, 12)
    expect(report?.reasons.length).toBeGreaterThan(0)
    expect(report?.features?.usual).toBeCloseTo(0.85, 2)
  })

  test('is the same however the stream is cut, and after a copy made midway', () => {
    const whole = reportOf(regular)
    expect(reportOf(regular, 97)).toEqual(whole)
    expect(reportOf(regular, 500, 7)).toEqual(whole)
  })

  test('an inverted lead gives the same label', () => {
    expect(reportOf(regular.map(value => -value))?.label).toBe(reportOf(regular)?.label)
  })

  test('a signal without beats alike is too noisy to tell', () => {
    expect(reportOf(new Float64Array(30 * fs).fill(0.1))?.label).toBe('~')
    expect(classifyRhythm(null).probabilities['~']).toBe(1)
  })
})

/** CI does not train; it checks that the files are those that the training wrote. */
describe('exported models', () => {
  const files: readonly [string, TreeEnsemble][] = [
    ['atrial-window-model.ts', atrialWindowModel],
    ['summary-model.ts', summaryModel],
  ]
  for (const [file, model] of files) {
    test(`${file} is what its header says`, () => {
      const text = readFileSync(new URL(`../../../src/ecg/rhythm/${file}`, import.meta.url), 'utf8')
      const [, hash] = /Model: sha256 ([0-9a-f]{64})/.exec(text) ?? []
      expect(createHash('sha256').update(JSON.stringify(model)).digest('hex')).toBe(hash)
    })
  }
})
