import { describe, expect, it } from 'vitest'
import { PulseTailWatch } from '../../../src/ecg/conditioning/pulse-tail.js'
import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import { EcgHistory } from '../../../src/ecg/ecg-history.js'
import { pacerOvershootCases } from '../../../src/evaluate/patterns/pacer-cases.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { readAnnotations } from '../../../src/recording/wfdb-annotation.js'
import type { Observation } from '../../../src/signal/observation.js'
import { frontEnds } from '../../../src/simulate/patterns/front-end.js'
import { PatternRecorder } from '../../../src/simulate/patterns/record-pattern.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

function observe(name: string, fsHz: number): { said: Observation[]; lastBeat: number; marks: readonly number[] } {
  const found = pacerOvershootCases().find(one => one.pattern.name === name)
  if (found === undefined) throw new Error(`no pattern ${name}`)
  const { leads, marks } = new PatternRecorder(found.pattern, frontEnds['slew-limited'], 1).record(fsHz, 1)
  const chain = createEcgChain({ id: 'e', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fsHz, den: 1 } }, { analysers: () => [] })
  const said: Observation[] = []
  const samples = leads[0]!
  for (let start = 0; start < samples.length; start += 20) {
    const piece = samples.slice(start, start + 20)
    chain.push({ start, length: piece.length, flags: 0, channels: [piece] }, one => said.push(one))
  }
  chain.flush(one => said.push(one))
  return { said, lastBeat: found.pattern.beats.at(-1)!.time, marks }
}

describe('pacing without capture, each pulse with an overshoot that decays (method A)', () => {
  for (const fsHz of [128, 250, 500]) {
    for (const tail of ['25', '100']) {
      for (const pulse of ['+20 mV 0.5 ms', '-700 mV 2 ms']) {
        it(`is an asystole: ${pulse}, ${tail} ms, at ${fsHz} Hz`, () => {
          const { said, lastBeat } = observe(`${pulse}, overshoot A ${tail} ms, capture lost`, fsHz)
          const asystole = said.flatMap(one => (one.kind === 'rhythm' && one.rhythm === 'asystole' ? [one] : []))
          // It ends with the recording only.
          expect(asystole.map(({ on }) => on)).toEqual([true, false])
          expect(asystole[1]!.decided).toBeGreaterThan(44.9 * fsHz)
          // Some pulses count until their evenness is known.
          expect(asystole[0]!.decided / fsHz - lastBeat).toBeLessThan(7.1)
        })
      }
    }
  }

  it('is no asystole where pulses capture: every complex is told once', () => {
    for (const pulse of ['+20 mV 0.5 ms', '-700 mV 2 ms']) {
      const { said, marks } = observe(`${pulse}, overshoot A 100 ms, captured`, 250)
      const beats = said.flatMap(one => (one.kind === 'beat' && one.index > 10 * 250 ? [one.index] : []))
      expect(beats).toHaveLength(marks.filter(mark => mark > 10 * 250).length)
      for (const beat of beats) {
        const since = Math.min(...marks.filter(mark => mark <= beat).map(mark => beat - mark)) / 250
        expect(since).toBeGreaterThan(0.06)
        expect(since).toBeLessThan(0.11)
      }
      expect(said.some(one => one.kind === 'rhythm' && one.rhythm === 'asystole')).toBe(false)
    }
  })
})

it.skipIf(!hasDataset('mitdb'))(
  'sharp R waves of people are beats: mitdb 101, half of whose beats look like it (needs mitdb)',
  async () => {
    const path = datasetPath('mitdb', '101')
    const { annotations } = await readAnnotations(`${path}.atr`)
    const recording = await openRecording(path)
    const history = new EcgHistory(1, 360, 1)
    const watch = new PulseTailWatch(360)
    const second = 360
    let next = 0
    let judged = 0
    for (let from = 0; from < 1800 * second; from += second) {
      const [samples] = await recording.readPhysical([0], from, second)
      history.push(from, [samples!], 0, second)
      history.end = from + second
      for (; next < annotations.length && annotations[next]!.sample < from; next++) {
        const { sample, symbol } = annotations[next]!
        if (!'NAQ'.includes(symbol)) continue
        expect(watch.judge(history, 0, sample)).toBe('beat')
        judged++
      }
    }
    await recording.close()
    expect(judged).toBeGreaterThan(1800)
  },
)
