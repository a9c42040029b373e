import { describe, expect, test } from 'vitest'
import { createRhythmAnalysers } from '../../../src/ecg/rhythm/rhythm-analysers.js'
import { changes, fs, series, tell } from './beat-series.js'

const create = () => createRhythmAnalysers({ fsHz: fs, leadCount: 1 })
const run = (told, options = {}) => tell(create(), told, options)
describe('couplets and runs', () => {
  test('two V beats between others are a couplet, told with the beat after them', () => {
    const said = run(series('NNNVVNNN', 0.5))
    expect(changes(said, 'couplet')).toEqual(['on 2.00', 'off 2.50'])
    expect(said.find(o => o.rhythm === 'couplet')?.beats).toBe(2)
    expect(changes(said, 'ventricular-run')).toEqual([])
  })
  test('two V beats after a gap or before one may be the rest of a run: no couplet', () => {
    expect(changes(run(series('NNN|VVNNN', 0.5)), 'couplet')).toEqual([])
    expect(changes(run(series('NNNVV|NNN', 0.5)), 'couplet')).toEqual([])
    expect(changes(run(series('NNNVV#NNN', 0.5)), 'couplet')).toEqual([])
    expect(changes(run(series('NNNQVVNNN', 0.5)), 'couplet')).toEqual([])
  })
  test('three V beats are a run from the first to the last of them', () => {
    const said = run(series('NNVVVNN', 0.5))
    expect(changes(said, 'ventricular-run')).toEqual(['on 1.50', 'off 2.50'])
    expect(changes(said, 'ventricular-tachycardia')).toEqual([])
  })
  test('V beats on both sides of a gap make no run', () => {
    expect(changes(run(series('NNVV|VVNN', 0.5)), 'ventricular-run')).toEqual([])
  })
  test('five V beats at 101/min are tachycardia, at 99/min a run', () => {
    const fast = run(series('NNNVVVVVNNN', 60 / 101))
    expect(changes(fast, 'ventricular-tachycardia')).toHaveLength(2)
    expect(fast.find(o => o.rhythm === 'ventricular-tachycardia')?.rate).toBeCloseTo(101, 0)
    const slow = run(series('NNNVVVVVNNN', 60 / 99))
    expect(changes(slow, 'ventricular-tachycardia')).toEqual([])
    expect(changes(slow, 'ventricular-run')).toHaveLength(2)
  })
  test('a run that becomes a tachycardia ends where the tachycardia begins', () => {
    const said = run(series('NNVVVVVVNNN', 0.4))
    expect(changes(said, 'ventricular-run')).toEqual(['on 1.20', 'off 1.20'])
    expect(changes(said, 'ventricular-tachycardia')).toEqual(['on 1.20', 'off 3.20'])
  })
  test('one beat that is not V does not cut a tachycardia, two in four do', () => {
    expect(changes(run(series('NN VVVVVV N VVVVVV NN', 0.4)), 'ventricular-tachycardia')).toHaveLength(2)
    expect(changes(run(series('NN VVVVVV NVN VVVVVV NN', 0.4)), 'ventricular-tachycardia')).toHaveLength(4)
  })
  test('a tachycardia stays on through a gap and a poor second, and ends with the beats that show its end', () => {
    const said = run(series('NN VVVVVV|#| NN', 0.4))
    expect(changes(said, 'ventricular-tachycardia')).toEqual(['on 1.20', 'off 3.20'])
    expect(said.find(o => o.rhythm === 'ventricular-tachycardia' && !o.on)?.decided).toBeGreaterThan(6 * fs)
  })
})
describe('bigeminy and trigeminy', () => {
  test('three pairs N V are bigeminy from the first N on; two N in a row end it at the last V', () => {
    expect(changes(run(series('NNN NV NV NV NNN', 0.5)), 'bigeminy')).toEqual(['on 2.00', 'off 4.50'])
    expect(changes(run(series('NNN NV NV NNN', 0.5)), 'bigeminy')).toEqual([])
  })
  test('three groups N N V are trigeminy and not bigeminy', () => {
    const said = run(series('N NNV NNV NNV NNNN', 0.5))
    expect(changes(said, 'trigeminy')).toEqual(['on 1.00', 'off 5.00'])
    expect(changes(said, 'bigeminy')).toEqual([])
  })
  test('V beats in a row end bigeminy', () => {
    expect(changes(run(series('NN NV NV NV VV NN', 0.5)), 'bigeminy')).toEqual(['on 1.50', 'off 4.00'])
  })
  test('a gap breaks what is pending and does not end what is on', () => {
    expect(changes(run(series('NN NV NV| NV NN', 0.5)), 'bigeminy')).toEqual([])
    const on = run(series('NN NV NV NV| V NV NV NN', 0.5))
    expect(changes(on, 'bigeminy')).toEqual(['on 1.50', 'off 7.50'])
  })
  test('early beats that are not ventricular make no bigeminy', () => {
    expect(changes(run(series('NN NS NS NS NS NN', 0.5)), 'bigeminy')).toEqual([])
  })
})
describe('pause', () => {
  const paused = seconds => [...series('NNNN', 0.8), ...series('NNN', 0.8, 3.2 + seconds - 0.8)].map(linkAll)
  test('an interval of 3 s is one, an interval of 2.9 s is not', () => {
    expect(changes(run(paused(3)), 'pause')).toEqual(['on 3.20', 'off 6.20'])
    expect(changes(run(paused(2.9)), 'pause')).toEqual([])
  })
  test('is told while it goes on, before the beat that ends it', () => {
    const said = run(paused(6))
    const [on, off] = said.filter(o => o.rhythm === 'pause')
    expect((on?.decided ?? 0) / fs).toBeLessThanOrEqual(3.2 + 4.7)
    expect(off?.index).toBe(9.2 * fs)
  })
  test('is not concluded across a gap, in poor signal or before the first beat', () => {
    expect(changes(run(series('NNN||||NNN', 0.8)), 'pause')).toEqual([])
    expect(changes(run(series('NNN####NNN', 0.8)), 'pause')).toEqual([])
    expect(changes(run(series('N', 8)), 'pause')).toEqual([])
  })
  test('goes on until the end of the timeline when no beat comes', () => {
    expect(changes(run(series('NNNN', 0.8), { silenceSeconds: 6 }), 'pause')).toEqual(['on 3.20', expect.stringMatching(/^off 9\.\d\d$/)])
  })
})
describe('rates', () => {
  const from = (first, count, then, rest) =>
    [...series('N'.repeat(count), 60 / first), ...series('N'.repeat(rest), 60 / then, (count * 60) / first)].map(linkAll)
  test('below 40/min over five beats is extreme bradycardia, 41/min is bradycardia only', () => {
    expect(changes(run(from(70, 5, 39, 6)), 'extreme-bradycardia')).toHaveLength(2)
    const slow = run(from(70, 5, 41, 12))
    expect(changes(slow, 'extreme-bradycardia')).toEqual([])
    expect(changes(slow, 'bradycardia')).toHaveLength(2)
  })
  test('above 140/min over 17 beats is extreme tachycardia, 16 beats are not', () => {
    expect(changes(run(series('N'.repeat(17), 60 / 142)), 'extreme-tachycardia')).toHaveLength(2)
    expect(changes(run(series('N'.repeat(16), 60 / 142)), 'extreme-tachycardia')).toEqual([])
    expect(changes(run(series('N'.repeat(30), 60 / 139)), 'extreme-tachycardia')).toEqual([])
  })
  test('a rate that goes to and fro about the limit makes one episode, and ends by positive evidence', () => {
    const pair = 18 * (60 / 103 + 60 / 97)
    const told = Array.from({ length: 6 }, (_, i) => [
      ...series('N'.repeat(18), 60 / 103, i * pair),
      ...series('N'.repeat(18), 60 / 97, i * pair + 18 * (60 / 103)),
    ]).flat()
    expect(changes(run(told.map(linkAll)), 'tachycardia')).toHaveLength(2)
    const ends = run(from(120, 30, 70, 30), { end: false })
    expect(changes(ends, 'tachycardia')).toHaveLength(2)
  })
  test('beats on both sides of a loss make no episode; one that is on stays on through it', () => {
    const beats = 'N'.repeat(10)
    expect(changes(run(series(`${beats}|${beats}#${beats}`, 0.4)), 'extreme-tachycardia')).toEqual([])
    const on = run(series(`${'N'.repeat(20)}||#${beats}`, 0.4), { end: false })
    expect(changes(on, 'extreme-tachycardia')).toHaveLength(1)
  })
})
test('what is said is in order, within the time of its decision and names its evidence', () => {
  const said = run(series('NNN VVV NN NV NV NV N VV NNN VVVVVV NN | NNNN', 0.45), { silenceSeconds: 8 })
  expect(said.length).toBeGreaterThan(8)
  said.forEach((o, i) => {
    expect(o.decided).toBeGreaterThanOrEqual(said[i - 1]?.decided ?? 0)
    expect(o.index).toBeLessThanOrEqual(o.decided)
    expect(o.to ?? 0).toBeLessThanOrEqual(o.decided + 1)
    expect(o.from ?? 0).toBeLessThan(o.to ?? 0)
    expect(o.confidence).toBeGreaterThan(0)
    expect(o.confidence).toBeLessThanOrEqual(1)
  })
})
test('a copy made midway goes on identically, at every place', () => {
  const told = series('NNNVVNNVVVN NVNVNV N|VVVVVVNVV#NNN NNVNNVNNVNN', [0.5, 0.42, 0.61])
  const whole = run(told, { silenceSeconds: 5 })
  for (let cut = 1; cut < told.length; cut++) {
    const analysers = create()
    const said = tell(analysers, told, {
      silenceSeconds: 5,
      before: i => {
        if (i !== cut) return
        const saved = structuredClone(analysers.map(analyser => analyser.save()))
        const fresh = create()
        fresh.forEach((analyser, k) => {
          analyser.load(saved[k])
        })
        analysers.splice(0, analysers.length, ...fresh)
      },
    })
    expect(said, `copied before item ${cut}`).toEqual(whole)
  }
})
test('after the end of a timeline it is as new', () => {
  const analysers = create()
  const told = series('NNNVVNNVVVN NVNVNV', 0.5)
  const first = tell(analysers, told)
  expect(tell(analysers, told)).toEqual(first)
})
function linkAll(item, i) {
  return item.kind === 'beat' && i > 0 ? { ...item, linked: true } : item
}
