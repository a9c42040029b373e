import { describe, expect, test } from 'vitest'
import { withFrames } from '../../../src/dsp/framing-chain.js'
import { planStream } from '../../../src/monitor/plan.js'
import { MotionRateTracker } from '../../../src/ppg/motion-rate/motion-rate-tracker.js'
import { type EmpaticaRecording, openEmpaticaFolder } from '../../../src/recording/empatica-folder.js'
import type { StreamKind } from '../../../src/signal/stream.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

const seconds = 1800
const windowSeconds = 8

/** Seconds of the signals of one kind, from the start of the recording on. */
async function framesOf(recording: EmpaticaRecording, kind: StreamKind): Promise<Float64Array[][]> {
  const signals = recording.signals.filter(signal => signal.kind === kind)
  const { fs, startMicros, unit } = signals[0]!
  expect(startMicros).toBe(0)
  const spec = { id: kind, kind, channels: signals.map(({ name }) => name), unit, fs }
  const indexes = signals.map(({ index }) => index)
  const channels = await recording.readPhysical(indexes, 0, (seconds * fs.num) / fs.den)
  const frames: Float64Array[][] = []
  withFrames(spec, planStream({ ...spec, kind: 'other' }).chain).push(
    { start: 0, length: channels[0]!.length, flags: 0, channels },
    said => {
      if (said.kind === 'frame') frames.push([...said.samples])
    },
  )
  return frames
}

/** Rate of the intervals that the device found in the 8 s before `end`, where they fill four fifths of them; it gives none while it moves. */
function rateByIntervals({ interBeatIntervals }: EmpaticaRecording, end: number): number | null {
  const found = interBeatIntervals.filter(({ time, interval }) => time <= end && time - interval >= end - windowSeconds)
  const covered = found.reduce((sum, { interval }) => sum + interval, 0)
  return covered < 0.8 * windowSeconds ? null : (60 * found.length) / covered
}

describe('a wristband of the street (dataset empatica-e4)', () => {
  for (const person of ['S01', 'S02', 'S03', 'S04']) {
    test.skipIf(!hasDataset('empatica-e4'))(
      `has the rate of its own intervals wherever it finds such (${person}; needs empatica-e4)`,
      async () => {
        const recording = await openEmpaticaFolder(datasetPath('empatica-e4', person))
        const light = await framesOf(recording, 'ppg')
        const acceleration = await framesOf(recording, 'acceleration')
        const tracker = new MotionRateTracker({ channels: 1 })
        const errors: number[] = []
        for (let second = 0; second < Math.min(light.length, acceleration.length); second++) {
          const { value } = tracker.step(light[second]!, acceleration[second]!)
          const rate = rateByIntervals(recording, second + 1)
          if (rate !== null && second > 20) errors.push(value === null ? 100 : Math.abs(value - rate))
        }
        expect(errors.length).toBeGreaterThan(30)
        expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(2)
        expect(errors.filter(error => error > 10).length / errors.length).toBeLessThan(0.01)
      },
    )
  }
})
