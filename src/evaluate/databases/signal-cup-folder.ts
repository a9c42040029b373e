import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { type MatlabArray, readMat5 } from '../../recording/mat5.js'
import { requireDatabase } from '../database.js'

/** Rate of all signals of the IEEE Signal Processing Cup 2015, Hz; the files do not carry it. */
export const signalCupHz = 125

/** A reference stands for each of these windows, the first from the start of the recording, seconds. */
export const signalCupWindow = { seconds: 8, step: 2 } as const

export interface SignalCupRecording {
  readonly record: string
  /** Two channels of light, `signalCupHz` samples a second. */
  readonly ppg: readonly Float64Array[]
  /** Three axes, g. */
  readonly acceleration: readonly Float64Array[]
  /** Heart rate by the ECG of the chest, /min, window by window. */
  readonly reference: readonly number[]
  readonly files: readonly string[]
}

/** A recording and its reference, under the names of the training part and of the test part. */
const layouts: readonly { readonly signal: RegExp; readonly reference: string }[] = [
  { signal: /^DATA_(.+)\.mat$/, reference: 'DATA_$1_BPMtrace.mat' },
  { signal: /^TEST_(.+)\.mat$/, reference: 'True_$1.mat' },
  { signal: /^TEST_(.+)\.mat$/, reference: 'TEST_$1_BPMtrace.mat' },
]

/** Recordings that have a reference, by name. Throws `recording-missing`. */
export async function listSignalCup(folder: string): Promise<Map<string, { signal: string; reference: string }>> {
  await requireDatabase(folder)
  const files = (await readdir(folder)).sort()
  const present = new Set(files)
  const found = new Map<string, { signal: string; reference: string }>()
  for (const file of files) {
    for (const layout of layouts) {
      const reference = layout.signal.test(file) ? file.replace(layout.signal, layout.reference) : ''
      if (present.has(reference)) found.set(file.slice(0, -4), { signal: path.join(folder, file), reference: path.join(folder, reference) })
    }
  }
  if (found.size > 0) return found
  throw new VitalwireError(
    'recording-missing',
    `${folder} has no recording with a reference; accepted: DATA_*.mat with DATA_*_BPMtrace.mat, or TEST_*.mat with True_*.mat`,
  )
}

/**
 * Rows of `sig`: with six an ECG comes first, which is never read here; then two channels of light and three axes. Throws
 * `recording-missing` and `recording-format`.
 */
export async function readSignalCup(record: string, files: { signal: string; reference: string }): Promise<SignalCupRecording> {
  const signal = await arrayOf(files.signal, 'sig')
  const [rows = 0, samples = 0] = signal.dimensions
  if (rows !== 5 && rows !== 6) {
    throw new VitalwireError('recording-format', `${files.signal}: array "sig" has ${rows} rows; accepted: 5, or 6 with an ECG first`)
  }
  const row = (r: number) => {
    const values = Float64Array.from({ length: samples }, (_, i) => signal.values[i * rows + r]!)
    if (values.some(Number.isFinite)) return values
    throw new VitalwireError('recording-format', `${files.signal}: row ${r + 1} of "sig" has no number; accepted: light and three axes`)
  }
  const first = rows - 5
  const reference = await arrayOf(files.reference, 'BPM0')
  checkReference(files.reference, reference.values, samples)
  return {
    record,
    ppg: [row(first), row(first + 1)],
    acceleration: [row(first + 2), row(first + 3), row(first + 4)],
    reference: [...reference.values],
    files: [files.signal, files.reference],
  }
}

/** Rates of a living heart, one for each window of the signal; the end of a recording may lack or have one. */
function checkReference(file: string, rates: ArrayLike<number>, samples: number): void {
  if (samples < signalCupHz * signalCupWindow.seconds) {
    throw new VitalwireError(
      'recording-format',
      `${file}: its signals last ${(samples / signalCupHz).toFixed(1)} s; accepted: a window of ${signalCupWindow.seconds} s or more`,
    )
  }
  const windows = Math.max(0, Math.floor((samples / signalCupHz - signalCupWindow.seconds) / signalCupWindow.step) + 1)
  if (Math.abs(rates.length - windows) > 2) {
    throw new VitalwireError(
      'recording-format',
      `${file} has ${rates.length} rates for ${windows} windows; accepted: one a window of 8 s every 2 s`,
    )
  }
  for (let k = 0; k < rates.length; k++) {
    if (rates[k]! >= 20 && rates[k]! <= 300) continue
    throw new VitalwireError('recording-format', `${file}: rate ${k + 1} is ${rates[k]}; accepted: 20 to 300 /min`)
  }
}

async function arrayOf(file: string, name: string): Promise<MatlabArray> {
  const array = (await readMat5(file)).get(name)
  if (array !== undefined) return array
  throw new VitalwireError(
    'recording-format',
    `${file} has no numeric array "${name}"; accepted: the files of the Signal Processing Cup 2015`,
  )
}
