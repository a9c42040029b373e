import { describe, expect, it } from 'vitest'
import { type EcgWithLight, observeEcgWithLight } from '../../src/evaluate/pulse/ecg-with-light.js'
import type { ObservedStream } from '../../src/evaluate/pulse/observe-stream.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

/** Measured values of a name, by the second at which their window ends; whole windows only. */
function valuesOf({ observations, fsHz }: ObservedStream, name: string): Map<number, number | null> {
  return new Map(
    observations.flatMap(one =>
      one.kind === 'measurement' && one.name === name && one.to >= 300 * fsHz ? [[Math.round(one.to / fsHz), one.value] as const] : [],
    ),
  )
}

function compare({ ecg, light }: EcgWithLight, measure: string) {
  const heart = valuesOf(ecg, `hrv-${measure}`)
  const pulse = valuesOf(light, `prv-${measure}`)
  const pairs = [...heart].flatMap(([to, own]) => {
    const other = pulse.get(to) ?? null
    return own === null || other === null ? [] : [{ own, other }]
  })
  return {
    windows: heart.size,
    pairs: pairs.length,
    error: middle(pairs.map(({ own, other }) => Math.abs(other - own) / own)),
    bias: middle(pairs.map(({ own, other }) => other - own)),
  }
}

const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

describe.skipIf(!hasDataset('mimic4wdb'))('pulse rate variability beside heart rate variability (needs mimic4wdb)', () => {
  it('follows it in SDNN and not in RMSSD: four hours of a patient in intensive care', { timeout: 120_000 }, async () => {
    const both = await observeEcgWithLight(datasetPath('mimic4wdb'), '85594648_0001', 1)
    const sdnn = compare(both!, 'sdnn')
    const rmssd = compare(both!, 'rmssd')
    console.info('PRV beside HRV', { sdnn, rmssd })
    expect(sdnn.windows).toBeGreaterThan(200)
    expect(sdnn.pairs).toBeGreaterThan(0.8 * sdnn.windows)
    expect(sdnn.error).toBeLessThan(0.3)
    expect(Math.abs(sdnn.bias)).toBeLessThan(6)
    // What the card warns of; if this no longer holds, it is to be measured anew.
    expect(rmssd.error).toBeGreaterThan(0.5)
    expect(rmssd.bias).toBeGreaterThan(5)
  })
})
