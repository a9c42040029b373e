import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { missingSample, type Recording } from '../../src/recording/recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { readWfdbHeader } from '../../src/recording/wfdb-plain.js'
import { datasetPath } from './paths.js'

// Made by scripts/wfdb-golden.py with the `wfdb` package of the version that stands in the file.
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as {
  wfdb: string
  records: Record<string, { d?: string[]; p?: string[] }>
  annotations: Record<string, { count: number; sha256: string }>
}

function sha(bytes: ArrayBufferView): string {
  return createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex')
}

/** Reads in windows of an odd length, as a device does, and puts them together. */
async function readAll(recording: Recording, index: number, physical: boolean, window: number): Promise<Int32Array | Float64Array> {
  const length = recording.signals[index]?.length ?? 0
  const all = physical ? new Float64Array(length) : new Int32Array(length)
  for (let from = 0; from < length; from += window) {
    const [part] = physical ? await recording.readPhysical([index], from, window) : await recording.readDigital([index], from, window)
    all.set(part ?? [], from)
  }
  return all
}

const sets = ['wfdb-samples', 'mitdb', 'nstdb', 'cudb', 'qtdb', 'nsrdb', 'cinc2015', 'cinc2017', 'mimic4wdb']

describe(`signals equal what wfdb-python ${golden.wfdb} reads, sample by sample`, () => {
  for (const set of sets) {
    it.skipIf(datasetPath(set) === null)(`in every record of ${set} (needs the dataset ${set})`, async () => {
      const keys = Object.keys(golden.records).filter(key => key.startsWith(`${set}/`))
      expect(keys.length).toBeGreaterThan(2)
      const wrong: string[] = []
      for (const key of keys) {
        const recording = await openRecording(datasetPath(set, key.slice(set.length + 1)) as string)
        for (const [kind, digests] of Object.entries(golden.records[key] ?? {})) {
          if (digests.length !== recording.signals.length) wrong.push(`${key}: ${recording.signals.length} signals`)
          for (const { index } of recording.signals) {
            if (sha(await readAll(recording, index, kind === 'p', 99_991)) !== digests[index]) wrong.push(`${key} ${kind} ${index}`)
          }
        }
        await recording.close()
      }
      expect(wrong).toEqual([])
    })
  }
})

const python = process.env.VITALWIRE_PYTHON ?? 'python3'
const hasWfdb = (() => {
  try {
    return (
      execFileSync(python, ['-c', 'import wfdb; print(wfdb.__version__)'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() === golden.wfdb
    )
  } catch {
    return false
  }
})()
const absent = sets.filter(set => datasetPath(set) === null)

describe('header(5), checksums', () => {
  const unmarked: Record<number, number> = {
    16: -32768,
    24: -8388608,
    32: missingSample,
    61: -32768,
    80: -128,
    160: -32768,
    212: -2048,
    310: -512,
    311: -512,
  }
  for (const set of ['wfdb-samples', 'mitdb', 'cudb', 'cinc2015']) {
    it.skipIf(datasetPath(set) === null)(
      `that their makers wrote agree with the samples of ${set} (needs the dataset ${set})`,
      async () => {
        const keys = Object.keys(golden.records).filter(key => key.startsWith(`${set}/`) && !/multi-segment/.test(key))
        const wrong: string[] = []
        let compared = 0
        for (const key of keys) {
          const path = datasetPath(set, key.slice(set.length + 1)) as string
          const recording = await openRecording(path)
          for (const [index, { checksum, skew, format }] of (await readWfdbHeader(path)).signals.entries()) {
            // A checksum of 0 says that none was computed; of a skewed signal some samples are outside the record.
            if (checksum === null || checksum === 0 || skew !== 0) continue
            const [samples = new Int32Array()] = await recording.readDigital([index], 0, 1e8)
            let sum = 0
            for (const value of samples) sum = (sum + (value === missingSample ? (unmarked[format] ?? value) : value)) & 0xffff
            compared++
            if (sum !== (checksum & 0xffff)) wrong.push(`${key} signal ${index}`)
          }
          await recording.close()
        }
        expect(wrong).toEqual([])
        expect(compared).toBeGreaterThan(20)
      },
    )
  }
})

describe('golden.json', () => {
  it.skipIf(!hasWfdb || absent.length > 0)(
    `is what scripts/wfdb-golden.py makes (needs Python with wfdb ${golden.wfdb}, and the datasets ${sets.join(', ')})`,
    () => {
      const script = new URL('../../scripts/wfdb-golden.py', import.meta.url).pathname
      const made = execFileSync(python, [script, datasetsRoot()], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 })
      expect(JSON.parse(made)).toEqual(golden)
    },
  )
})

describe('headers whose files are not there', () => {
  it.skipIf(datasetPath('wfdb-samples') === null)('are refused by name, in wfdb-samples (needs the dataset wfdb-samples)', async () => {
    const names = ['1003', '12726', 'drive02', 'drive02-no-len', 'n16', 'n8_evoked_raw_95_F1_R9', 'wave_4']
    const segmented = [
      's00001/3975656_0009',
      's00001/3975656_0010',
      's00001/3975656_0011',
      's00001/s00001-2896-10-10-00-31',
      'p000878/p000878-2137-10-26-16-57',
    ]
    for (const name of [...names, ...segmented.map(segment => `multi-segment/${segment}`)]) {
      const refused = openRecording(datasetPath('wfdb-samples', name) as string)
      await expect(refused, name).rejects.toMatchObject({
        code: 'recording-missing',
        exitCode: 3,
        message: expect.stringMatching(/(\.dat is not there.*bytes|\.dat is not there|\.hea is not there)/),
      })
    }
  })
})

describe(`annotations equal what wfdb-python ${golden.wfdb} reads`, () => {
  for (const set of ['wfdb-samples', 'mitdb', 'nstdb', 'cudb', 'qtdb', 'nsrdb']) {
    it.skipIf(datasetPath(set) === null)(`in every annotation file of ${set} (needs the dataset ${set})`, async () => {
      const keys = Object.keys(golden.annotations).filter(key => key.startsWith(`${set}/`))
      expect(keys.length).toBeGreaterThan(2)
      const wrong: string[] = []
      for (const key of keys) {
        const { annotations } = await readAnnotations(datasetPath(set, key.slice(set.length + 1)) as string)
        const lines = annotations
          .filter(({ sample, code }) => sample !== 0 || code !== 22)
          .map(({ sample, code, subtype, channel, num, aux }) =>
            [sample, code, subtype, channel, num, Buffer.from(aux, 'latin1').toString('hex')].join(' '),
          )
        const digest = createHash('sha256')
          .update(lines.map(line => `${line}\n`).join(''))
          .digest('hex')
        if (digest !== golden.annotations[key]?.sha256) wrong.push(`${key}: ${lines.length} of ${golden.annotations[key]?.count}`)
      }
      expect(wrong).toEqual([])
    })
  }
})
