import { describe, expect, it } from 'vitest'
import { PlayoutClock } from '../../src/station/src/wave/playout-clock.js'
import { eraseStretches, periodMicros, visibleSpans, xOf } from '../../src/station/src/wave/sweep.js'
import { TraceBuffer } from '../../src/station/src/wave/trace-buffer.js'
import { chooseScale, pixelsPerMm, rangeOf } from '../../src/station/src/wave/wave-scale.js'
import { second, start } from './feed-samples.js'

function points(buffer: TraceBuffer, from: number, to: number): [number, boolean][] {
  const taken: [number, boolean][] = []
  buffer.forEach(from, to, (_, value, joined) => {
    taken.push([value, joined])
  })
  return taken
}

const chunk = (t: number, values: number[], stepMicros = 8000) => ({ t, stepMicros, values: Float32Array.from(values) })

describe('a trace', () => {
  it('joins chunks that follow each other and breaks the line where samples are missing', () => {
    const buffer = new TraceBuffer()
    buffer.push(chunk(start, [1, 2]))
    buffer.push(chunk(start + 16_000, [3, Number.NaN, 5]))
    buffer.push(chunk(start + 80_000, [9]))
    expect(points(buffer, start, start + second)).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [5, false],
      [9, false],
    ])
  })

  it('gives each point once however the time is cut, also at a step that is no whole number of microseconds', () => {
    const buffer = new TraceBuffer()
    const step = 1e6 / 120
    const t = 1_795_570_154_727_000
    buffer.push(
      chunk(
        t,
        Array.from({ length: 120 }, (_, i) => i),
        step,
      ),
    )
    const seen: number[] = []
    let last = t
    for (let to = t + 5000; to < t + 1.1 * second; to += 16_667) {
      let newest = last
      buffer.forEach(last, to, (at, value) => {
        if (seen.at(-1) !== value) seen.push(value)
        newest = at
      })
      last = newest
    }
    // A span that begins with the last point of the one before finds that point again: that is what joins them.
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i))
    expect(points(buffer, last, last + 1000)).toHaveLength(1)
  })

  it('puts a late chunk where it belongs and takes a second one as the first', () => {
    const buffer = new TraceBuffer()
    buffer.push(chunk(start + 16_000, [3, 4]))
    buffer.push(chunk(start, [1, 2]))
    buffer.push(chunk(start, [1, 2]))
    expect(points(buffer, start, start + second).map(([value]) => value)).toEqual([1, 2, 3, 4])
  })

  it('forgets what is older than it keeps, and all when patient time begins anew', () => {
    const buffer = new TraceBuffer(2 * second)
    for (let i = 0; i < 10; i++) buffer.push(chunk(start + i * second, [i], second))
    expect(points(buffer, start, start + 100 * second).map(([value]) => value)[0]).toBe(7)
    buffer.push(chunk(0, [1], second))
    expect(points(buffer, 0, Number.POSITIVE_INFINITY).map(([value]) => value)).toEqual([1])
  })
})

describe('the playout clock', () => {
  /** Chunks of `length` seconds that come `jitter` late; the times at which a screen found nothing to draw. */
  function play(length: number, jitter: (k: number) => number): { starved: number; backwards: number; delay: number } {
    const clock = new PlayoutClock()
    let newest = 0
    let starved = 0
    let backwards = 0
    let before = 0
    let k = 0
    for (let now = 0; now < 60_000; now += 16) {
      while ((k + 1) * length * 1000 + jitter(k) <= now) {
        clock.arrive(k * length * second, (k + 1) * length * second, now)
        newest = (k + 1) * length * second
        k += 1
      }
      const at = clock.at(now)
      if (at === null || now < 20_000) continue
      if (at > newest) starved += 1
      if (at < before) backwards += 1
      before = at
    }
    return { starved, backwards, delay: 60_000 - before / 1000 }
  }

  for (const length of [0.25, 1, 2]) {
    it(`never runs out and never goes back with chunks of ${length} s that come up to 200 ms late`, () => {
      const result = play(length, k => (k * 7919) % 200)
      expect(result).toMatchObject({ starved: 0, backwards: 0 })
      expect(result.delay).toBeLessThan(length * 1000 + 600)
    })
  }

  it('jumps to the new time when a recording begins again', () => {
    const clock = new PlayoutClock()
    clock.arrive(1000 * second, 1001 * second, 0)
    clock.at(0)
    clock.arrive(0, second, 1000)
    expect(Math.abs(clock.at(1000)!)).toBeLessThan(second)
  })

  it('does not wait for chunks that fill a gap of long ago', () => {
    const clock = new PlayoutClock()
    for (let k = 0; k < 10; k++) clock.arrive(k * second, (k + 1) * second, (k + 1) * 1000)
    const before = clock.at(10_000)!
    clock.arrive(second, 2 * second, 10_010)
    expect(clock.at(10_016)! - before).toBeGreaterThan(0)
  })
})

describe('the sweep', () => {
  const geometry = { width: 400, pixelsPerSecond: 100 }

  it('runs 25 mm of CSS in a second and begins anew at the left edge', () => {
    expect(periodMicros(geometry)).toBe(4 * second)
    expect(xOf(5 * second, geometry)).toBeCloseTo(100)
    expect(xOf(-second, geometry)).toBeCloseTo(300)
  })

  it('cuts a span at the edge and never shows more than one width less the erase bar', () => {
    expect(visibleSpans(3 * second, 5 * second, geometry)).toEqual([
      { from: 3 * second, to: 4 * second },
      { from: 4 * second, to: 5 * second },
    ])
    const whole = visibleSpans(0, 9 * second, geometry)
    const shown = whole.reduce((sum, span) => sum + span.to - span.from, 0)
    expect(shown).toBeLessThan(4 * second)
    expect(whole.at(-1)!.to).toBe(9 * second)
  })

  it('erases ahead of the newest point, over the edge too', () => {
    expect(eraseStretches(second, 1.1 * second, geometry)).toEqual([[100, expect.closeTo(45)]])
    const over = eraseStretches(3.8 * second, 3.9 * second, geometry)
    expect(over).toEqual([
      [380, expect.closeTo(20)],
      [0, expect.closeTo(25)],
    ])
  })
})

describe('the scale of a wave', () => {
  it('is 10 mm/mV for an ECG that fits, smaller where it would not', () => {
    expect(chooseScale(-0.5, 1, 'mV', 120)).toMatchObject({ label: '10 mm/mV', pixelsPerUnit: 10 * pixelsPerMm })
    expect(chooseScale(-2, 3, 'mV', 120).label).toBe('5 mm/mV')
    expect(chooseScale(0, 0.1, 'mV', 120).label).toBe('20 mm/mV')
  })

  it('fits other waves and says what its bar stands for', () => {
    const scale = chooseScale(70, 130, 'mm[Hg]', 100)
    expect(scale).toMatchObject({ centre: 100, barUnits: 50, label: 'bar 50 mmHg' })
    expect(60 * scale.pixelsPerUnit).toBeLessThan(100)
  })

  it('does not let one spike flatten the rest, and waits for enough signal', () => {
    const buffer = new TraceBuffer()
    buffer.push(chunk(start, [...Array.from({ length: 399 }, (_, i) => i % 2), 1000]))
    expect(rangeOf(buffer, start, start + 10 * second)).toEqual({ low: 0, high: 1 })
    expect(rangeOf(buffer, start, start + 1000)).toBeNull()
  })
})
