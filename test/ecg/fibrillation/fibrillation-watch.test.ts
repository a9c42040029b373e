import { describe, expect, test } from 'vitest'
import { createFibrillationWatch, type FibrillationSecond } from '../../../src/ecg/fibrillation/fibrillation-watch.js'
import { beats, feed, fibrillation, newHistory, type Wave } from './synthetic.js'

const shock = 60
const becomes: Wave = t => (t < shock ? beats(t) : fibrillation(t))

describe('fibrillation watch', () => {
  test.each([100, 128, 250, 360, 1000])('tells fibrillation that begins after a minute of beats within 10 s at %i Hz', fsHz => {
    const told = feed(createFibrillationWatch({ fsHz, leadCount: 1 }), newHistory(1, fsHz), [becomes], 0, 100)
    expect(told.map(({ rhythm, on }) => ({ rhythm, on }))).toEqual([{ rhythm: 'ventricular-fibrillation', on: true }])
    const [onset] = told
    expect((onset?.decided ?? 0) / fsHz).toBeGreaterThan(shock)
    expect((onset?.decided ?? 0) / fsHz).toBeLessThan(shock + 10)
    expect(Math.abs((onset?.index ?? 0) / fsHz - shock)).toBeLessThan(4)
  })

  test('ends the episode when beats come back', () => {
    const watch = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const told = feed(watch, newHistory(1, 250), [t => (t < 40 ? fibrillation(t) : beats(t))], 0, 80)
    expect(told.map(({ on }) => on)).toEqual([true, false])
    expect(Math.abs((told[1]?.index ?? 0) / 250 - 40)).toBeLessThan(4)
    expect(watch.active).toBe(false)
  })

  test('tells nothing of beats, of a line without activity and of a stream younger than 8 s', () => {
    const seconds: FibrillationSecond[] = []
    const watch = createFibrillationWatch({ fsHz: 250, leadCount: 1, onSecond: second => seconds.push(second) })
    expect(feed(watch, newHistory(1, 250), [beats], 0, 120)).toEqual([])
    expect(seconds.slice(0, 8).every(({ score }) => score === null)).toBe(true)
    expect(seconds.at(-1)?.probability).toBeLessThan(0.05)
    const quiet = createFibrillationWatch({ fsHz: 250, leadCount: 1, onSecond: second => seconds.push(second) })
    expect(feed(quiet, newHistory(1, 250), [t => 0.005 * Math.sin(2 * Math.PI * 5 * t)], 0, 60)).toEqual([])
    expect(seconds.at(-1)?.score).toBeNull()
  })

  test('does not believe a lead when beats go on in another, and believes both', () => {
    const contradicted = createFibrillationWatch({ fsHz: 250, leadCount: 2 })
    expect(feed(contradicted, newHistory(2, 250), [becomes, beats], 0, 100)).toEqual([])
    const borneOut = createFibrillationWatch({ fsHz: 250, leadCount: 2 })
    expect(feed(borneOut, newHistory(2, 250), [becomes, t => 0.6 * becomes(t)], 0, 100)).toHaveLength(1)
  })

  test.each([200, 225, 250])('gives the rate of regular waves of %i/min with the onset, and none of irregular ones', perMinute => {
    const sine: Wave = t => (t < shock ? beats(t) : 0.8 * Math.sin((2 * Math.PI * perMinute * t) / 60))
    const [onset] = feed(createFibrillationWatch({ fsHz: 250, leadCount: 1 }), newHistory(1, 250), [sine], 0, 100)
    expect(onset).toMatchObject({ rhythm: 'ventricular-fibrillation', on: true })
    expect(Math.abs((onset?.rate ?? 0) - perMinute)).toBeLessThan(0.05 * perMinute)
    const [irregular] = feed(createFibrillationWatch({ fsHz: 250, leadCount: 1 }), newHistory(1, 250), [becomes], 0, 100)
    expect(irregular).not.toHaveProperty('rate')
  })

  test('ends where the line fell silent, within 6 s, and keeps on for 20 s when the signal is lost', () => {
    const silent: Wave = t => (t < 40 ? fibrillation(t) : 0.002 * Math.sin(t))
    const watch = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const told = feed(watch, newHistory(1, 250), [silent], 0, 60)
    expect(told.map(({ on }) => on)).toEqual([true, false])
    expect((told[1]?.decided ?? 0) / 250).toBeLessThanOrEqual(46)
    expect(Math.abs((told[1]?.index ?? 0) / 250 - 40)).toBeLessThanOrEqual(1.1)
    const lost = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const ends = feed(lost, newHistory(1, 250), [t => (t < 40 ? fibrillation(t) : Number.NaN)], 0, 80).filter(({ on }) => !on)
    expect(ends).toHaveLength(1)
    expect((ends[0]?.decided ?? 0) / 250).toBeGreaterThan(55)
  })

  test('begins no episode in a lead whose quality is poor', () => {
    const watch = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    expect(feed(watch, newHistory(1, 250), [becomes], 0, 100, 0.1)).toEqual([])
  })

  test('goes on identically from a saved state', () => {
    const whole = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const history = newHistory(1, 250)
    feed(whole, history, [becomes], 0, 63)
    const copy = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const copyHistory = newHistory(1, 250)
    copy.load(structuredClone(whole.save()))
    copyHistory.load(structuredClone(history.save()))
    const expected = feed(whole, history, [becomes], 63, 90)
    expect(feed(copy, copyHistory, [becomes], 63, 90)).toEqual(expected)
    expect(expected).toHaveLength(1)
    expect(copy.save()).toEqual(whole.save())
  })

  test('ends what is on with the timeline and is as new', () => {
    const watch = createFibrillationWatch({ fsHz: 250, leadCount: 1 })
    const history = newHistory(1, 250)
    feed(watch, history, [fibrillation], 0, 40)
    expect(watch.active).toBe(true)
    const told: unknown[] = []
    watch.end(9999, history, observation => told.push(observation))
    expect(told).toMatchObject([{ rhythm: 'ventricular-fibrillation', on: false, index: 9999, decided: 9999 }])
    expect(watch.save()).toEqual(createFibrillationWatch({ fsHz: 250, leadCount: 1 }).save())
  })
})
