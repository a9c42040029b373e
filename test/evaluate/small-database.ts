import path from 'node:path'
import type { EvaluationRequest } from '../../src/evaluate/evaluation-request.js'
import { writeAnnotations } from '../../src/recording/wfdb-annotation-writer.js'
import { writeWfdbRecord } from '../../src/recording/wfdb-writer.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

export const smallFs = 250
const smallSeconds = 120
const gain = 200

/** R peaks of a record, as samples. */
export function smallBeats(interval: number): number[] {
  return regularBeats(0.5, interval, smallSeconds - 1).map(second => Math.round(second * smallFs))
}

/** Two records of two minutes with one ECG lead, annotated: `r1` with 75 beats a minute, `r2` with 60. */
export async function writeSmallDatabase(folder: string): Promise<void> {
  for (const [name, interval] of [
    ['r1', 0.8],
    ['r2', 1],
  ] as const) {
    const ecg = syntheticEcg({ fs: smallFs, seconds: smallSeconds, beats: smallBeats(interval).map(sample => sample / smallFs) })
    await writeWfdbRecord(folder, name, {
      fs: { num: smallFs, den: 1 },
      format: 16,
      signals: [{ name: 'II', unit: 'mV', gain, baseline: 0, samples: Int32Array.from(ecg, value => Math.round(value * gain)) }],
    })
    await writeAnnotations(
      path.join(folder, `${name}.atr`),
      smallBeats(interval).map(sample => ({ sample, symbol: 'N' })),
    )
  }
}

export function smallRequest(database: string, changes: Partial<EvaluationRequest> = {}): EvaluationRequest {
  return {
    suite: 'beats',
    database,
    records: null,
    channels: null,
    reference: 'atr',
    test: { kind: 'pipeline' },
    compare: null,
    from: 30,
    to: null,
    windowSeconds: 0.15,
    packetSeconds: 0.04,
    noise: null,
    ...changes,
  }
}

export const quietContext = { onProgress: () => undefined, signal: new AbortController().signal }
