import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { datasetPath } from '../recording/paths.js'
import { beatSamples, matchBeats } from './beat-matcher.js'

const beats = (...samples: number[]) => samples.map(sample => ({ sample, symbol: 'N' }))
const all = { windowSamples: 54, from: 0, to: 1e6 }

describe('beat matcher', () => {
  test('pairs beats within the window, counts the rest as missed or extra', () => {
    const counts = matchBeats(beats(100, 400, 700), [154, 455, 690, 900], all)
    expect(counts).toMatchObject({ matched: 2, missed: 1, extra: 2, offsets: [54, -10] })
  })

  test('gives a beat to the nearer of two reference beats', () => {
    expect(matchBeats(beats(100, 140), [139], all)).toMatchObject({ matched: 1, missed: 1, extra: 0, offsets: [-1] })
  })

  test('counts nothing inside ventricular flutter', () => {
    const reference = [...beats(100), { sample: 200, symbol: '[' }, { sample: 900, symbol: ']' }, ...beats(1000)]
    expect(matchBeats(reference, [100, 300, 600, 1000], all)).toMatchObject({ matched: 2, missed: 0, extra: 0 })
  })

  const mitdb = datasetPath('mitdb')
  const outputs = datasetPath('reference-outputs', 'mitdb')
  for (const annotator of ['gqrs', 'osea']) {
    for (const [part, from] of [
      ['default', 5 * 60 * 360],
      ['whole', 0],
    ] as const) {
      test.skipIf(!mitdb || !outputs)(
        `counts what bxb counts for ${annotator}, ${part} (needs mitdb and reference-outputs)`,
        async () => {
          const lines = readFileSync(join(outputs as string, `bxb-${annotator}-${part}.txt`), 'utf8').split('\n')
          const differing: string[] = []
          let records = 0
          for (const line of lines) {
            const fields = line.trim().split(/\s+/)
            if (!/^\d{3}$/.test(fields[0] as string)) continue
            records++
            // Nn Sn Vn Fn On Ns Ss Vs Fs Os Nv Sv Vv Fv Ov No So Vo Fo
            const n = fields.slice(1, 20).map(Number)
            const sum = (...columns: number[]) => columns.reduce((total, column) => total + (n[column] as number), 0)
            const theirs = { matched: sum(0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13), missed: sum(15, 16, 17, 18), extra: sum(4, 9, 14) }
            const reference = (await readAnnotations(join(mitdb as string, `${fields[0]}.atr`))).annotations
            const found = beatSamples((await readAnnotations(join(outputs as string, `${fields[0]}.${annotator}`))).annotations)
            const { matched, missed, extra } = matchBeats(reference, found, { windowSamples: 54, from, to: 650_000 })
            const ours = { matched, missed, extra }
            if (JSON.stringify(ours) !== JSON.stringify(theirs)) differing.push(`${fields[0]}: ${JSON.stringify({ ours, theirs })}`)
          }
          expect(records).toBe(48)
          expect(differing).toEqual([])
        },
        30_000,
      )
    }
  }
})
