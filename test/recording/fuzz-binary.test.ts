import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { VitalwireError } from '../../src/errors.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { seededRandom } from '../laws/random.js'
import { makeEdf } from './edf/make-edf.js'
import { doubles, element, head, matrix } from './make-mat.js'
import { mutate, overwrite } from './mutate.js'

const seed = Number(process.env.FUZZ_SEED ?? 20261125)
const folder = mkdtempSync(path.join(tmpdir(), 'vitalwire-fuzz-'))
const at = (name: string) => path.join(folder, name)

/** Opens a recording and reads the first and the last samples of every signal. */
async function readSome(file: string): Promise<void> {
  const recording = await openRecording(file)
  try {
    if (!(recording.durationSeconds >= 0 && Number.isFinite(recording.durationSeconds))) throw new Error('no duration')
    for (const { index, length, fs, gain } of recording.signals) {
      if (!(Number.isSafeInteger(length) && length >= 0 && fs.num > 0 && fs.den > 0 && Number.isFinite(gain) && gain !== 0))
        throw new Error(`signal ${index} is not sane`)
      for (const from of [0, Math.max(0, length - 50)]) {
        const [values] = await recording.readPhysical([index], from, 1000)
        if (values?.length !== Math.min(1000, length - from)) throw new Error(`window of ${values?.length}`)
      }
    }
  } finally {
    await recording.close()
  }
}

/**
 * Reads `rounds` damaged files: each is read, or refused by a VitalwireError whose text `place` fits, in bounded time and memory; and
 * both happen.
 */
async function fuzz(rounds: number, place: RegExp, write: (random: () => number, round: number) => string): Promise<void> {
  const random = seededRandom(seed)
  let read = 0
  let refused = 0
  let slowest = 0
  let most = 0
  for (let round = 0; round < rounds; round++) {
    const file = write(random, round)
    const before = performance.now()
    const held = process.memoryUsage().arrayBuffers
    try {
      await readSome(file)
      read++
    } catch (error) {
      if (!(error instanceof VitalwireError)) throw new Error(`seed ${seed}, round ${round}: ${file}`, { cause: error })
      expect(error.message, `seed ${seed}, round ${round}`).toMatch(place)
      refused++
    }
    slowest = Math.max(slowest, performance.now() - before)
    most = Math.max(most, process.memoryUsage().arrayBuffers - held)
  }
  expect(read).toBeGreaterThan(rounds / 50)
  expect(refused).toBeGreaterThan(rounds / 50)
  expect(slowest).toBeLessThan(5000)
  // More than any of these files needs; a length out of a file is not taken at its word.
  expect(most).toBeLessThan(64 * 1024 * 1024)
}

const byteAndAccepted = /byte \d+.*: .+; accepted: .+/s
const fields = [
  '-1      ',
  '0       ',
  '99999999',
  '1e99    ',
  '-32768  ',
  'NaN     ',
  '        ',
  '0.00001 ',
  '12.5    ',
  'EDF+D',
  'EDF Annotations ',
]

const edf = makeEdf({
  reserved: 'EDF+D',
  records: 4,
  signals: [
    { label: 'ECG II', unit: 'mV', physical: [-5, 5], perRecord: 20, value: (record, i) => record * 20 + i },
    { label: 'Resp', perRecord: 4, value: (record, i) => record - i },
  ],
  notes: record => `+${record * 1.5}\x14\x14\0+${record}\x152\x14note\x14\0`,
})

/** The same as 24-bit samples under the other version. */
function asBdf(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes)
  const headerBytes = Number(text.toString('latin1', 184, 192))
  const header = Buffer.from(text.subarray(0, headerBytes))
  header.write('\xffBIOSEMI', 0, 'latin1')
  header.write('BDF+C', 192, 'latin1')
  header.write('BDF Annotations ', 256 + 32, 'latin1')
  const samples: number[] = []
  for (let byte = headerBytes; byte < bytes.length; byte += 2) samples.push(text[byte]!, text[byte + 1]!, text[byte + 1]! > 127 ? 255 : 0)
  return Buffer.concat([header, Buffer.from(samples)])
}

describe(`damaged files (FUZZ_SEED=${seed}) are read or refused with the place`, () => {
  it.each([
    ['EDF+D', edf, 'x.edf'],
    ['BDF', asBdf(edf), 'x.bdf'],
  ] as const)(
    '%s, the byte',
    async (_, whole, name) => {
      await fuzz(1200, byteAndAccepted, (random, round) => {
        const headerBytes = 256 * 4
        const header = overwrite(whole.subarray(0, headerBytes), random, fields)
        // Half of them in the fields of the header, a quarter in the records, the rest anywhere.
        const damaged =
          round % 4 < 2
            ? Buffer.concat([header, whole.subarray(headerBytes)])
            : round % 4 === 2
              ? Buffer.concat([
                  whole.subarray(0, headerBytes),
                  overwrite(whole.subarray(headerBytes), random, ['+9999999999999', '\x14\x14', '-5\x14']),
                ])
              : mutate(whole, random)
        writeFileSync(at(name), damaged)
        return at(name)
      })
    },
    60_000,
  )

  it('MATLAB arrays, the byte', async () => {
    const values = doubles(
      Array.from({ length: 600 }, (_, i) => i / 7),
      true,
    )
    const sig = matrix('sig', 6, [6, 100], 9, values, true)
    const packed = (level: number) => element(15, deflateSync(sig, { level }), true)
    const files = [Buffer.concat([head(true), sig]), Buffer.concat([head(true), packed(9)])]
    writeFileSync(at('x.recording.json'), JSON.stringify({ recording: 1, waveforms: [{ record: 'x.mat', variable: 'sig', fs: '125' }] }))
    const place = /byte \d+.*: .+; accepted: .+|has no matrix "sig"; accepted: /s
    await fuzz(1200, place, (random, round) => {
      // Stored anew the damage lies behind zlib's checksum.
      const inner = () =>
        Buffer.concat([head(true), element(15, deflateSync(overwrite(sig.subarray(0, 80 + Math.floor(random() * 100)), random)), true)])
      const damaged =
        round % 4 === 3
          ? inner()
          : round % 2 === 0
            ? overwrite(files[round % 3 === 0 ? 1 : 0]!.subarray(), random)
            : mutate(files[round % 2]!, random)
      writeFileSync(at('x.mat'), damaged)
      return at('x.recording.json')
    })
  }, 60_000)

  it.each([
    ['nothing', Buffer.alloc(200_000_000)],
    ['more numbers than are held', matrix('sig', 8, [1, 2 ** 27 + 8], 1, Buffer.alloc(2 ** 27 + 8), true)],
  ])('a small MATLAB file that unpacks to a great deal, %s, is refused', async (_, unpacked) => {
    // A run of zeros is a thousand times as long as its code.
    writeFileSync(at('x.mat'), Buffer.concat([head(true), element(15, deflateSync(unpacked, { level: 1 }), true)]))
    const before = performance.now()
    await expect(openRecording(at('x.recording.json'))).rejects.toMatchObject({
      code: 'recording-format',
      message: expect.stringMatching(byteAndAccepted) as string,
    })
    expect(performance.now() - before).toBeLessThan(5000)
  })

  it('FLAC, the byte or the name', async () => {
    const golden = JSON.parse(readFileSync(new URL('flac-golden.json', import.meta.url), 'utf8')) as {
      cases: { bits: number; sha256: string[]; flac: string }[]
    }
    await fuzz(800, /byte \d+|accepted: .+/, (random, round) => {
      const { bits, sha256, flac } = golden.cases[round % golden.cases.length]!
      const whole = Buffer.from(flac, 'base64')
      // Every third is damaged in its description, where no checksum tells.
      const damaged =
        round % 3 === 0 ? Buffer.concat([overwrite(whole.subarray(0, 42), random), whole.subarray(42)]) : overwrite(whole, random)
      writeFileSync(at('f.dat'), round % 11 === 0 ? whole : damaged)
      const lines = sha256.map(() => `f.dat ${500 + bits} 200/mV`)
      writeFileSync(at('f.hea'), [`f ${lines.length} 200`, ...lines, ''].join('\n'))
      return at('f')
    })
  }, 120_000)

  it('folders of an Empatica E4, the file and what is accepted', async () => {
    const session: Record<string, string> = {
      'BVP.csv': '1600000000.00\n64.00\n0\n-1.25\n3.5\n',
      'ACC.csv': '1600000001.00, 1600000001.00, 1600000001.00\n32.0, 32.0, 32.0\n-2,43,64\n-128,127,0\n',
      'TEMP.csv': '1600000000.00\n4.0\n28.39\n',
      'HR.csv': '1600000010.00\n1.0\n83.00\n84.50\n',
      'IBI.csv': '1600000000.00, IBI\n35.484375,0.890625\n',
      'tags.csv': '1600000002.50\n',
    }
    mkdirSync(at('e4'))
    const names = Object.keys(session)
    await fuzz(400, /\.csv|accepted: /, (random, round) => {
      for (const [index, name] of names.entries()) {
        const bytes = Buffer.from(session[name]!)
        writeFileSync(path.join(at('e4'), name), round % names.length === index ? mutate(bytes, random) : bytes)
      }
      return at('e4')
    })
  }, 60_000)
})
