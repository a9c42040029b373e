import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CaptureWriter } from '../../src/capture/capture-writer.js'
import { readCapturedDevices } from '../../src/capture/captured-device.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { missingSample } from '../../src/recording/recording.js'
import { exportCapture } from '../../src/rerun/export-capture.js'
import { readJournalRecordings } from '../../src/rerun/journal-recording.js'
import { SparseSamples } from '../../src/rerun/sparse-samples.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { birthOf, chunkOf } from '../wire/sample-device.js'
import { recordedFolder } from './recorded-folder.js'

const seconds = 20

async function sent() {
  const { played } = simulatePatients({ patients: 1, scenario: 'desaturation', seed: 1, durationSeconds: seconds })[0]!
  const { virtual } = played.lives(0)[0]!
  const messages = []
  for await (const message of virtual.messages()) messages.push(message)
  return { virtual, messages }
}

describe('recordings of a journal', () => {
  it('have the samples of every stream in their place, missing ones missing', async () => {
    const { dir, close } = await recordedFolder(seconds)
    close()
    const {
      recordings: [recording, ...others],
      problems,
    } = readJournalRecordings(dir, 'sim-001')
    expect([others, problems]).toEqual([[], []])
    const { virtual } = await sent()
    const channels = virtual.streams.flatMap(({ spec }) => spec.channels)
    expect(recording!.signals.map(({ name }) => name)).toEqual(channels)
    expect(recording!.durationSeconds).toBeCloseTo(seconds, 0)
    for (const { index, fs, length, gain, baseline } of recording!.signals) {
      expect(length).toBe(Math.round((seconds * fs.num) / fs.den))
      const [digital] = await recording!.readDigital([index], 0, length)
      const [physical] = await recording!.readPhysical([index], 0, length)
      expect(digital).toHaveLength(length)
      for (const at of [0, 1, length >> 1, length - 1]) {
        if (digital![at] === missingSample) expect(physical![at]).toBeNaN()
        else expect(physical![at]).toBe((digital![at]! - baseline) / gain)
      }
    }
    expect(recording!.numerics?.map(({ name }) => name)).toContain('spo2')
    expect((await recording!.readDigital([0], recording!.signals[0]!.length - 2, 10))[0]).toHaveLength(2)
  })

  it('are none for a device that the journal does not know', async () => {
    const { dir, close } = await recordedFolder(2)
    close()
    expect(readJournalRecordings(dir, 'other')).toEqual({ recordings: [], problems: [] })
  })
})

describe('a journal of several workers', () => {
  it('is read in the order in which messages came, not in that of the files', () => {
    const dir = temporaryFolder()
    const at = (second: number) => 1e15 + second * 1e6
    const workers = [0, 1].map(worker => new LocalJournal(indexSegments('journal', join(dir, 'journal')), { run: 1, worker }))
    mkdirSync(join(dir, 'events'))
    for (const [worker, boot] of [
      [0, 1],
      [1, 2],
      [0, 3],
    ] as const) {
      const birth = encodeBirth({ ...birthOf(), boot })
      const chunk = chunkOf(0, { boot, n: 50, index: 0, t0: 0 })
      const from = { type: 'message', device: 'd' } as const
      workers[worker]!.append(worker, { ...from, topic: 'birth', stream: '', payload: birth, at: at(10 * boot) })
      workers[worker]!.append(worker, { ...from, topic: 'w', stream: 'ecg', payload: chunk, at: at(10 * boot + 1) })
    }
    for (const journal of workers) journal.close()
    const { recordings } = readJournalRecordings(dir, 'd')
    expect(recordings.map(({ name }) => name)).toEqual(['d-1', 'd-2', 'd-3'])
    expect(recordings.map(({ signals }) => signals[0]!.length)).toEqual([50, 50, 50])
  })
})

describe('samples by index', () => {
  it('take no room for what never came', () => {
    const samples = new SparseSamples()
    samples.set(2 ** 40, 7)
    samples.set(3, 1)
    expect([samples.at(2 ** 40), samples.at(3), samples.length]).toEqual([7, 1, 2 ** 40 + 1])
    expect(samples.at(2 ** 30)).toBeNaN()
  })
})

describe('a capture of a journal', () => {
  it('gives the messages of the device back byte for byte, from any position and by their numbers', async () => {
    const { dir, close } = await recordedFolder(seconds)
    close()
    const file = join(temporaryFolder(), 'sim-001.mcap')
    const exported = await exportCapture({ dir, file, device: 'sim-001' })
    const { virtual, messages } = await sent()
    expect(exported).toEqual({ messages: messages.length + 1, births: 1, problems: [] })
    const [played, ...others] = await readCapturedDevices(file)
    expect(others).toEqual([])
    const [life] = played!.lives(0)
    const own = life!.virtual
    expect(own).toMatchObject({ device: 'sim-001', boot: virtual.boot, clock: 'recorded', numerics: virtual.numerics })
    expect(own.streams.map(({ spec, samples, chunkSamples }) => [spec.id, samples, chunkSamples])).toEqual(
      virtual.streams.map(({ spec, samples, chunkSamples }) => [spec.id, samples, chunkSamples]),
    )
    expect(Buffer.from(own.birth())).toEqual(Buffer.from(virtual.birth()))
    const again = []
    for await (const message of own.messages()) again.push(message)
    expect(again.map(({ topic, stream, seq, payload }) => [topic, stream, seq, Buffer.from(payload).toString('hex')])).toEqual(
      messages.map(({ topic, stream, seq, payload }) => [topic, stream, seq, Buffer.from(payload).toString('hex')]),
    )
    expect(Math.abs(again.at(-1)!.time - messages.at(-1)!.time)).toBeLessThan(1.5)
    const rest = []
    for await (const { stream, seq } of own.fromPosition({ ecg: { seq: 15 } })) if (stream === 'ecg') rest.push(seq)
    expect(rest[0]).toBe(15)
    expect((await own.resend('ecg', 3, 5)).map(({ stream, seq }) => [stream, seq])).toEqual([
      ['ecg', 3],
      ['ecg', 4],
      ['ecg', 5],
    ])
    expect(() => played!.lives(1)).toThrow('--loop')
  })
})

describe('a capture with a message that was damaged on the way', () => {
  it('plays the one that came again', async () => {
    const { virtual, messages } = await sent()
    const file = join(temporaryFolder(), 'damaged.mcap')
    const writer = await CaptureWriter.create(file)
    const topic = (kind: string) => `vw/1/default/${virtual.device}/${kind}`
    await writer.add({ topic: topic('birth'), payload: virtual.birth(), at: 1e15 })
    for (const [k, message] of messages.entries()) {
      const kind = message.topic === 'w' ? `w/${message.stream}` : message.topic
      const damaged = Uint8Array.from(message.payload)
      damaged[damaged.length - 3]! ^= 0x55
      if (message.topic === 'w' && k % 7 === 0) await writer.add({ topic: topic(kind), payload: damaged, at: 1e15 + k })
      await writer.add({ topic: topic(kind), payload: message.payload, at: 1e15 + k })
    }
    await writer.finish()
    const [played] = await readCapturedDevices(file)
    const own = played!.lives(0)[0]!.virtual
    const again = []
    for await (const { payload } of own.messages()) again.push(Buffer.from(payload).toString('hex'))
    expect(again).toEqual(messages.map(({ payload }) => Buffer.from(payload).toString('hex')))
  })
})
