import { describe, expect, it } from 'vitest'
import { LatencyMeter } from '../../src/evaluate/sources/latency-meter.js'
import { coveredSamples, rejectedStretches } from '../../src/evaluate/sources/rejected-stretches.js'
import type { Observation } from '../../src/signal/observation.js'

describe('latency', () => {
  it('runs from the R peak to the last sample of the packet that brought the beat', () => {
    const meter = new LatencyMeter(250, 37)
    meter.confirmed(1000, 1100)
    expect(meter.latency()).toEqual({ confirmed: [400], fast: null })
  })

  it('of fast beats counts the confirmed beat where no fast beat announced it', () => {
    const meter = new LatencyMeter(250, 37)
    meter.fast(1001, 1030)
    meter.fast(1002, 1020)
    meter.confirmed(1000, 1100)
    meter.confirmed(1250, 1400)
    meter.fast(1500, 1520)
    meter.confirmed(1537, 1600)
    meter.fast(1700, 1720)
    expect(meter.latency()).toEqual({ confirmed: [400, 600, 252], fast: [80, 600, -68] })
  })
})

const quality = (channel: number, from: number, value: number): Observation => ({
  kind: 'quality',
  channel,
  decided: from + 10,
  from,
  to: from + 10,
  quality: value,
  reason: 'noise',
})

describe('rejected time', () => {
  it('is what no lead holds to be usable', () => {
    const first = [quality(0, 0, 0.1), quality(0, 10, 0.4), quality(0, 20, 0.5), quality(0, 30, 0)]
    expect(rejectedStretches(first, 1)).toEqual([
      { from: 0, to: 20 },
      { from: 30, to: 40 },
    ])
    expect(rejectedStretches([...first, quality(1, 10, 0), quality(1, 30, 1)], 2)).toEqual([{ from: 10, to: 20 }])
    expect(rejectedStretches(first, 2)).toEqual([])
  })

  it('is measured within bounds', () => {
    expect(
      coveredSamples(
        [
          { from: 0, to: 20 },
          { from: 30, to: 40 },
        ],
        15,
        33,
      ),
    ).toBe(8)
  })
})
