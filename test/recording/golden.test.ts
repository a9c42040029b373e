import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import type { Recording } from '../../src/recording/recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
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
      const keys = Object.keys(golden.records).filter(key => key.startsWith(`${set}/`) && !/flac|mixedsignals/.test(key))
      expect(keys.length).toBeGreaterThan(2)
      const wrong: string[] = []
      for (const key of keys) {
        const recording = await openRecording(datasetPath(set, key.slice(set.length + 1)) as string)
        const { d, p } = golden.records[key] ?? {}
        const digests: string[] = []
        for (const { index } of recording.signals) digests.push(sha(await readAll(recording, index, p !== undefined, 99_991)))
        await recording.close()
        for (const [i, digest] of (d ?? p ?? []).entries()) if (digests[i] !== digest) wrong.push(`${key} signal ${i}`)
        if (digests.length !== (d ?? p)?.length) wrong.push(`${key}: ${digests.length} signals`)
      }
      expect(wrong).toEqual([])
    })
  }
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
