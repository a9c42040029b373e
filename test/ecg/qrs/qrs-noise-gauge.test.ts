import { describe, expect, test } from 'vitest'
import { QrsMatchedFilter } from '../../../src/ecg/qrs/qrs-matched-filter.js'
import { QrsNoiseGauge } from '../../../src/ecg/qrs/qrs-noise-gauge.js'
import { qrsNoiseDefaults } from '../../../src/ecg/qrs/qrs-noise-parameters.js'

/** A lead with a beat a second, gauged every half second, whose noise (alternating, so that its power is the same everywhere) can be set. */
class Lead {
  readonly filter = new QrsMatchedFilter(360, 2)
  readonly gauge = new QrsNoiseGauge(qrsNoiseDefaults, this.filter)
  private point = 0

  /** Goes on for some seconds. `noise` is its amplitude, that of a complex being 1; `explained` the share of the beats with a known shape. */
  run(seconds: number, noise: number, explained: number): void {
    const { filter, gauge } = this
    for (let end = this.point + Math.round(seconds * filter.rate); this.point < end; this.point++) {
      const phase = this.point % filter.rate
      const complex = Math.abs(phase - 60) < 8 ? Math.cos(((phase - 60) / 16) * Math.PI) : 0
      filter.add(this.point, complex + (this.point % 2 === 0 ? noise : -noise))
      if (phase === 90) filter.excise(filter.learn(this.point - 30, 3 * (this.point - 30)))
      filter.shapes.explained = explained
      if (phase % 60 === 0 && this.point > filter.rate) gauge.listen(this.point, false)
    }
  }
}

describe('QrsNoiseGauge', () => {
  test('knows the shapes in quiet, and no longer when beats of none come', () => {
    const lead = new Lead()
    lead.run(20, 0.01, 1)
    expect(lead.gauge.known).toBe(true)
    lead.run(10, 0.01, 0.9)
    expect(lead.gauge.known).toBe(false)
  })

  test('beats of no shape do not count while the noise is unusual, for half a minute', () => {
    const lead = new Lead()
    lead.run(20, 0.01, 1)
    lead.run(20, 0.12, 0.9)
    expect(lead.gauge.ratio).toBeGreaterThan(lead.gauge.limit)
    expect(lead.gauge.ratio).toBeLessThan(qrsNoiseDefaults.loudRatio)
    expect(lead.gauge.known).toBe(true)
    lead.run(20, 0.12, 0.9)
    expect(lead.gauge.known).toBe(false)
  })

  test('they count when it is loud', () => {
    const lead = new Lead()
    lead.run(20, 0.01, 1)
    lead.run(15, 0.5, 0.9)
    expect(lead.gauge.ratio).toBeGreaterThan(qrsNoiseDefaults.loudRatio)
    expect(lead.gauge.known).toBe(false)
  })

  test('is as new when it forgets', () => {
    const lead = new Lead()
    lead.run(30, 0.12, 1)
    lead.gauge.forget()
    expect(lead.gauge.save()).toEqual(new Lead().gauge.save())
  })
})
