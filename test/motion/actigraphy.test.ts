import { describe, expect, it } from 'vitest'
import { createMotionChain } from '../../src/motion/motion-chain.js'
import type { Observation } from '../../src/signal/observation.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { type Direction, type Part, wearer } from './wearer.js'

const upright: Direction = [0, 1, 0]
const lying: Direction = [0.1, 0.05, 0.99]

function said(fs: number, channels: readonly Float64Array[], gap?: { at: number; samples: number }): Observation[] {
  const spec: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: fs, den: 1 } }
  const all: Observation[] = []
  const chain = createMotionChain(spec)
  const cut = fs * 20
  for (let start = 0; start < channels[0]!.length; start += cut) {
    const pieces = channels.map(axis => axis.slice(start, start + cut))
    const shift = gap !== undefined && start >= gap.at ? gap.samples : 0
    chain.push({ start: start + shift, length: pieces[0]!.length, flags: 0, channels: pieces }, one => all.push(one))
  }
  chain.flush(one => all.push(one))
  return all
}

function values(all: readonly Observation[], name: string): (number | null)[] {
  return all.flatMap(one => (one.kind === 'measurement' && one.name === name ? [one.value] : []))
}

function measured(fs: number, parts: readonly Part[], name: string): (number | null)[] {
  return values(said(fs, wearer(fs, parts)), name)
}

const still = (seconds: number, gravity = upright): Part => ({ seconds, gravity })
const walk = (seconds: number, perMinute: number, swing = 0.3): Part => ({ seconds, gravity: upright, steps: perMinute / 60, swing })

describe('steps and cadence', () => {
  for (const fs of [16, 32, 50, 200])
    it.each([70, 90, 110, 130, 150, 170, 190])(`are right within three hundredths at %i /min and ${fs} Hz`, perMinute => {
      const parts = [still(30), walk(120, perMinute), still(30)]
      const steps = measured(fs, parts, 'steps').at(-1)!
      expect(Math.abs(steps - 2 * perMinute) / (2 * perMinute)).toBeLessThanOrEqual(0.03)
      for (const cadence of measured(fs, parts, 'cadence')) expect(Math.abs(cadence! - perMinute) / perMinute).toBeLessThanOrEqual(0.03)
    })

  it('are told at 60 and 200 /min, too', () => {
    for (const perMinute of [60, 200]) {
      const steps = measured(50, [still(30), walk(120, perMinute), still(30)], 'steps').at(-1)!
      expect(Math.abs(steps - 2 * perMinute) / (2 * perMinute)).toBeLessThanOrEqual(0.05)
    }
  })

  it('are none of one who is still, is shaken once, or moves too little or too slowly', () => {
    for (const part of [still(60), { seconds: 60, gravity: upright, blow: 3 }, walk(60, 100, 0.03), walk(60, 25)]) {
      expect(measured(50, [still(30), part, still(30)], 'steps')).toEqual([])
      expect(measured(50, [still(30), part, still(30)], 'cadence')).toEqual([null, null])
    }
  })

  it('add up over pauses and a gap, never down', () => {
    const channels = wearer(50, [walk(60, 100), still(60), walk(60, 100), still(60)])
    const steps = values(said(50, channels, { at: 6000, samples: 100_000 }), 'steps')
    expect(steps).toEqual([...new Set(steps as number[])].sort((a, b) => a - b))
    expect(steps[0]).toBeGreaterThanOrEqual(97)
    expect(steps.at(-1)).toBeGreaterThanOrEqual(194)
    expect(steps.at(-1)).toBeLessThanOrEqual(203)
  })
})

describe('activity and posture of a minute', () => {
  it('tell rest, light movement, walking and running', () => {
    const light: Part = { seconds: 60, gravity: [0, 1.06, 0] }
    const parts = [still(60), light, walk(60, 100), walk(60, 170, 1.2)]
    expect(measured(50, parts, 'activity-class')).toEqual([0, 1, 2, 3])
    const enmo = measured(50, parts, 'activity-enmo') as number[]
    expect(enmo[0]).toBeLessThan(5)
    expect(enmo[1]).toBeCloseTo(60, 0)
    // The mean of the positive half of a sine: its swing by pi.
    expect(enmo[2]! / (300 / Math.PI)).toBeCloseTo(1, 1)
  })

  it('tell an inclination only once walking has shown what is upright', () => {
    expect(measured(50, [still(60), walk(60, 100), still(60), still(60, lying), still(60)], 'posture')).toEqual([0, 1, 1, 2, 1])
  })

  it('tell nothing of minutes that were lost, and null of one of which most was', () => {
    const channels = wearer(50, [still(140)])
    const all = said(50, channels, { at: 4000, samples: 50 * 600 })
    expect(values(all, 'activity-enmo').map(value => value === null)).toEqual([false, true, false])
    expect(values(all, 'posture')).toEqual([0, 0])
  })
})

/** An hour or more at a low rate, an arm that turns now and then. */
function hours(fs: number, quarters: readonly ('off' | 'moving' | 'asleep')[]): Float64Array[] {
  const parts = quarters.flatMap((state, quarter): Part[] => {
    if (state === 'off') return [still(900)]
    // Asleep: a turn every quarter of an hour; moving: every ten seconds.
    if (state === 'asleep') return [still(900, quarter % 2 === 0 ? upright : lying)]
    return Array.from({ length: 90 }, (_, i) => still(10, i % 2 === 0 ? upright : lying))
  })
  return wearer(fs, parts)
}

describe('non-wear', () => {
  const episodes = (channels: Float64Array[], gap?: { at: number; samples: number }) =>
    said(10, channels, gap).filter(one => one.kind === 'episode' && one.episode === 'non-wear')

  it('is told after an hour at rest, from its begin, and is over with movement', () => {
    const told = episodes(hours(10, ['moving', 'off', 'off', 'off', 'off', 'off', 'moving', 'moving']))
    expect(told).toMatchObject([
      { on: true, index: 9000, decided: 44_999 },
      { on: false, index: 54_000, decided: 62_999 },
    ])
  })

  it('is not told of three quarters of an hour, of a sleeper who turns, or across a loss', () => {
    expect(episodes(hours(10, ['moving', 'off', 'off', 'off', 'moving']))).toEqual([])
    expect(episodes(hours(10, ['asleep', 'asleep', 'asleep', 'asleep', 'asleep']))).toEqual([])
    expect(episodes(hours(10, ['off', 'off', 'off', 'off', 'off', 'off']), { at: 27_000, samples: 18_000 })).toEqual([])
  })
})

describe('sustained inactivity', () => {
  const minutes = (channels: Float64Array[]) => said(10, channels).filter(one => one.kind === 'measurement' && one.name === 'sleep-minutes')

  it('counts the minutes of an hour in which the arm keeps its angle for five minutes', () => {
    const told = minutes(hours(10, ['moving', 'asleep', 'asleep', 'moving', 'moving', 'moving', 'moving', 'moving']))
    expect(told).toMatchObject([{ algorithm: 'sleep-wake-unvalidated', from: 0, to: 36_000 }, { value: 0 }])
    expect(told[0]).toHaveProperty('value', expect.closeTo(30, 0))
  })

  it('is null of a sensor that is not worn', () => {
    expect(minutes(hours(10, ['off', 'off', 'off', 'off']))).toMatchObject([{ value: null, reason: 'non-wear' }])
  })
})

it('goes on over hours as if it had never been saved', () => {
  const spec: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: 10, den: 1 } }
  const channels = hours(10, ['moving', 'off', 'off', 'off', 'off', 'asleep', 'moving', 'moving', 'asleep'])
  const restored: Observation[] = []
  let chain = createMotionChain(spec)
  for (let start = 0; start < channels[0]!.length; start += 4321) {
    const state = structuredClone(chain.save())
    chain = createMotionChain(spec)
    chain.load(state)
    const pieces = channels.map(axis => axis.slice(start, start + 4321))
    chain.push({ start, length: pieces[0]!.length, flags: 0, channels: pieces }, one => restored.push(one))
  }
  chain.flush(one => restored.push(one))
  expect(restored).toEqual(said(10, channels))
})
