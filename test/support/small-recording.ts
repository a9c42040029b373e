import path from 'node:path'
import { writeWfdbRecord } from '../../src/recording/wfdb-writer.js'
import { syntheticEcg } from './synthetic-ecg.js'

export const smallFs = 250
export const smallSeconds = 60
const gain = 200

/** Writes a WFDB record of a minute: a flat `RESP`-like trace first, then an ECG of 75 beats a minute. Returns its path. */
export async function writeSmallRecording(folder: string, name = 'small'): Promise<string> {
  const ecg = syntheticEcg({ fs: smallFs, seconds: smallSeconds })
  const breath = Float64Array.from({ length: ecg.length }, (_, i) => Math.sin((2 * Math.PI * i) / (smallFs * 4)))
  const stored = (values: Float64Array) => Int32Array.from(values, value => Math.round(value * gain))
  await writeWfdbRecord(folder, name, {
    fs: { num: smallFs, den: 1 },
    format: 16,
    signals: [
      { name: 'RESP', unit: 'NU', gain, baseline: 0, samples: stored(breath) },
      { name: 'II', unit: 'mV', gain, baseline: 0, samples: stored(ecg) },
    ],
  })
  return path.join(folder, name)
}
