import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import { missingSample, type Recording } from '../../src/recording/recording.js'
import { datasetPath } from './paths.js'

const opened: Recording[] = []
afterEach(async () => {
  for (const recording of opened.splice(0)) await recording.close()
})

async function open(file: string): Promise<Recording> {
  const recording = await openRecording(file)
  opened.push(recording)
  return recording
}

// Made by scripts/flac-golden.py with the libsndfile of the version that stands in the file.
const golden = JSON.parse(readFileSync(new URL('flac-golden.json', import.meta.url), 'utf8')) as {
  libsndfile: string
  cases: { name: string; bits: number; sha256: string[]; flac: string }[]
}

describe(`RFC 9639: frames that libFLAC wrote are read as libsndfile ${golden.libsndfile} reads them`, () => {
  it.each(golden.cases)('$name', async ({ bits, sha256, flac }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-flac-'))
    writeFileSync(path.join(folder, 'x.dat'), Buffer.from(flac, 'base64'))
    const lines = sha256.map(() => `x.dat ${500 + bits} 200/mV`)
    writeFileSync(path.join(folder, 'x.hea'), [`x ${lines.length} 200`, ...lines, ''].join('\n'))
    const recording = await open(path.join(folder, 'x'))
    const lowest = -(2 ** (bits - 1))
    const digests: string[] = []
    for (const { index, length } of recording.signals) {
      const [samples = new Int32Array()] = await recording.readDigital([index], 0, length)
      digests.push(
        createHash('sha256')
          .update(new Uint8Array(samples.map(value => (value === missingSample ? lowest : value)).buffer))
          .digest('hex'),
      )
    }
    expect(digests).toEqual(sha256)
  })
})

const have = datasetPath('wfdb-samples', 'flacformats') !== null
const sample = (name: string): string => datasetPath('wfdb-samples', name) as string

/** The 16-bit file of `flacformats` under another header, its bytes changed. */
async function make(header: string, change: (bytes: Buffer) => Buffer = bytes => bytes): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-flac-'))
  writeFileSync(path.join(folder, 'x.dat'), change(Buffer.from(readFileSync(sample('flacformats.d1')))))
  writeFileSync(path.join(folder, 'x.hea'), header)
  return path.join(folder, 'x')
}

describe.skipIf(!have)('signal(5), formats 508, 516 and 524 (needs the dataset wfdb-samples)', () => {
  it('gives the same samples however the windows are cut, also backwards', async () => {
    const recording = await open(sample('mixedsignals'))
    const length = recording.signals[0]!.length
    const [whole] = await recording.readDigital([1], 0, length)
    for (let from = length - 997; from > 0; from -= 9_973)
      expect((await recording.readDigital([1], from, 997))[0]).toEqual(whole!.slice(from, from + 997))
  })

  it('says the width of a signal by its format', async () => {
    expect((await open(sample('flacformats'))).signals.map(signal => signal.bits)).toEqual([8, 16, 24])
  })

  it('takes the length from the file where the header has none', async () => {
    expect((await open(await make('x 1 200\nx.dat 516 200/mV\n'))).signals[0]!.length).toBe(499)
  })

  it('takes a byte offset for a number of samples', async () => {
    const [late] = await (await open(await make('x 1 200\nx.dat 516+9 200/mV\n'))).readDigital([0], 0, 490)
    const [whole] = await (await open(await make('x 1 200\nx.dat 516 200/mV\n'))).readDigital([0], 0, 499)
    expect(late).toEqual(whole!.slice(9))
  })

  it.each([
    ['another number of channels', 'x 2 200 499\nx.dat 516 200/mV\nx.dat 516 200/mV\n', /has 1 channels and its header 2/],
    ['more bits than its format has', 'x 1 200 499\nx.dat 508 200/mV\n', /has samples of 16 bits; accepted: at most 8/],
  ])('refuses %s', async (_, header, message) => {
    await expect(make(header).then(openRecording)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message),
    })
  })

  it('refuses a file that is shorter than the header says', async () => {
    await expect(make('x 1 200 500\nx.dat 516 200/mV\n').then(openRecording)).rejects.toMatchObject({
      code: 'recording-short',
      message: expect.stringMatching(/expected 500 frames, found 499/),
    })
  })

  it.each([
    [
      'a byte of a frame that was changed',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 500 ? byte ^ 1 : byte))),
      /checksum/,
    ],
    ['a frame that is cut off', (bytes: Buffer) => bytes.subarray(0, 700), /byte 86: has a frame whose checksum is wrong/],
    ['a head without a frame', (bytes: Buffer) => bytes.subarray(0, 86), /says 499 samples and has 0/],
    ['bytes that are no frame', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 86), Buffer.alloc(50)]), /byte 86: has no frame/],
  ])('refuses %s, with its place', async (_, change, message) => {
    const recording = await open(await make('x 1 200 499\nx.dat 516 200/mV\n', change))
    await expect(recording.readDigital([0], 0, 10)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['no FLAC file', (bytes: Buffer) => bytes.subarray(1), /byte 0: is no FLAC file/],
    ['metadata that are cut off', (bytes: Buffer) => bytes.subarray(0, 44), /byte 42: ends inside its metadata/],
  ])('refuses %s when it is opened', async (_, change, message) => {
    await expect(make('x 1 200 499\nx.dat 516 200/mV\n', change).then(openRecording)).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(message),
    })
  })
})
