import { describe, expect, test } from 'vitest'
import { findLosses, type StoredResults } from '../../bench/compare.js'
import { describeMachine } from '../../bench/machine.js'
import type { CaseResult } from '../../bench/micro/measure-case.js'
import { readOptions } from '../../bench/options.js'
import { measurePipeline } from '../../bench/pipeline/measure-pipeline.js'
import { findSource } from '../../bench/pipeline/sources.js'
import { percentilesOf, quantile, spreadOf } from '../../bench/statistics.js'

describe('statistics of benchmarks', () => {
  test('quantiles lie between the values next to them', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantile([7], 0.99)).toBe(7)
    expect(quantile([], 0.5)).toBeNaN()
    expect(percentilesOf(Float64Array.from([30, 10, 20]))).toEqual({ p50: 20, p95: 29, p99: 29.8, max: 30, count: 3 })
    expect(spreadOf([4, 2, 3])).toEqual({ median: 3, min: 2, max: 4, relativeQuartile: 1 / 6, count: 3 })
  })
})

describe('comparison with a stored result', () => {
  const machine = describeMachine()
  const results = (ratio: number): StoredResults => ({
    machine,
    micro: [{ name: 'crc32c', ratio: spreadOf([ratio]) } as unknown as CaseResult],
  })

  test('names what has become slower by more than the tolerance', () => {
    expect(findLosses(results(1.85), results(2), 0.1)).toEqual([])
    expect(findLosses(results(1.7), results(2), 0.1)).toEqual([{ what: 'crc32c', factor: 0.85 }])
  })

  test('refuses results of another machine', () => {
    expect(() => findLosses(results(2), { ...results(2), machine: { ...machine, cpu: 'another' } }, 0.1)).toThrow(/another machine/)
  })
})

describe('options of benchmarks', () => {
  test('say what is accepted', () => {
    expect(() => readOptions(['pipelines'])).toThrow(/accepted are micro, pipeline, end-to-end/)
    expect(() => readOptions(['--devices', '0'])).toThrow(/whole number/)
    expect(() => readOptions(['--broker', 'other'])).toThrow(/embedded, mosquitto/)
    expect(readOptions(['micro', '--speed', 'max'])).toMatchObject({ groups: ['micro'], speed: null })
  })
})

describe('pipeline benchmark', () => {
  test('comes to one hash in every round and with chunks of another length', async () => {
    const { eventHash, eventCount, analyze, monitor } = await measurePipeline('all', findSource('all', 40), 2)
    expect(eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(eventCount).toBeGreaterThan(100)
    expect([analyze.count, monitor.count]).toEqual([2, 2])
  })

  test('refuses a run that comes to other events', async () => {
    const source = findSource('all', 40)
    let opened = 0
    const changing = { ...source, open: (chunkSeconds?: number) => findSource('all', opened++ === 0 ? 40 : 41).open(chunkSeconds) }
    await expect(measurePipeline('all', changing, 1)).rejects.toThrow(/came to/)
  })
})
