import { describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { missingSample } from '../../src/recording/recording.js'
import { datasetPath } from '../recording/paths.js'
import { receiveAll } from './receive.js'

/** Record, seconds from its start, and the streams that it must make. */
const cases = [
  { set: 'mitdb', record: '100', to: 60, streams: ['ecg'] },
  { set: 'cinc2015', record: 'a142s', to: 330, streams: ['ecg', 'ppg', 'pressure'] },
  { set: 'mimic4wdb', record: '85594648_0001e', to: 30, streams: ['ecg'] },
] as const

describe('a recording as a device', () => {
  for (const { set, record, to, streams } of cases) {
    const path = datasetPath(set, record)
    it.skipIf(path === null)(
      `hands over every stored sample of ${set}/${record}${path === null ? ` (set ${set} is not at hand)` : ''}`,
      async () => {
        const source = await openRecording(path!)
        try {
          const device = createVirtualDevice({ source, boot: 1, to, chunkSeconds: 0.7 })
          const reception = await receiveAll(device)
          expect(device.streams.map(({ spec }) => spec.id).filter(id => (streams as readonly string[]).includes(id))).toEqual(streams)
          expect(reception.actions.filter(({ type }) => !['birth', 'boot', 'close'].includes(type))).toEqual([])
          expect(reception.receiver.closed).toBe(true)
          for (const { spec, signals, firstSample, samples } of device.streams) {
            const infos = signals.map(index => source.signals[index]!)
            expect(infos.every(({ encoding }) => encoding === 'digital')).toBe(true)
            const stored = await source.readDigital(signals, firstSample, samples)
            const expected = stored.map((values, k) =>
              Array.from(values, value => (value === missingSample ? Number.NaN : (value - infos[k]!.baseline) / infos[k]!.gain)),
            )
            expect(reception.streams.get(spec.id)!.samples).toEqual(expected)
          }
        } finally {
          await source.close()
        }
      },
    )
  }
})
