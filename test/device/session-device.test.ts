import { describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { datasetPath } from '../recording/paths.js'
import { receiveAll } from './receive.js'

const cases = [
  { set: 'mimic4wdb', file: 'datasets/mimic4wdb/0001.recording.json', kinds: ['ecg', 'ppg', 'respiration'], number: 'heart-rate' },
  { set: 'uw-hypoxia', file: 'datasets/uw-hypoxia/100001.recording.json', kinds: [], number: 'spo2' },
]

describe('a session of several files as a device', () => {
  for (const { set, file, kinds, number } of cases) {
    const absent = datasetPath(set) === null
    it.skipIf(absent)(
      `${set}: waveforms and numerics arrive, and the session closes${absent ? ` (set ${set} is not at hand)` : ''}`,
      async () => {
        const source = await openRecording(file)
        try {
          const devices = [0.25, 2].map(chunkSeconds => createVirtualDevice({ source, boot: 1, from: 30, to: 150, chunkSeconds }))
          expect(devices[0]!.streams.map(({ spec }) => spec.kind)).toEqual(kinds)
          const results = await Promise.all(devices.map(receiveAll))
          for (const { receiver, actions, streams, numerics } of results) {
            expect(receiver.closed).toBe(true)
            expect(actions.filter(({ type }) => !['birth', 'boot', 'close'].includes(type))).toEqual([])
            expect([...streams.keys()].sort()).toEqual(devices[0]!.streams.map(({ spec }) => spec.id).sort())
            expect(numerics.flatMap(({ values }) => values).filter(([name]) => name === number).length).toBeGreaterThan(30)
          }
          expect(results[1]!.streams).toEqual(results[0]!.streams)
          expect(results[1]!.numerics).toEqual(results[0]!.numerics)
        } finally {
          await source.close()
        }
      },
    )
  }
})
