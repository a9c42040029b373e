import { basename } from 'node:path'
import { VitalwireError } from '../errors.js'
import { hertz } from '../signal/rate.js'
import { FilePool } from './file-pool.js'
import { multiplyRate } from './rate-text.js'
import type { Recording, SignalInfo } from './recording.js'
import { kindChooser, toUcum, unitOf } from './signal-kind.js'
import { toPhysical, windowLength } from './signal-window.js'
import { flacFormatCodes } from './wfdb-flac.js'
import { findWfdbFormat } from './wfdb-format.js'
import type { WfdbHeader, WfdbSignalSpec } from './wfdb-header.js'
import { readWfdbHeader, WfdbPlainRecord } from './wfdb-plain.js'
import { WfdbSegmentedRecord } from './wfdb-segments.js'

/**
 * Opens a WFDB record by its path without extension: plain or multi-segment. Throws `recording-missing`,
 * `recording-short` or `recording-format`; all files are looked for and their sizes checked at once.
 */
export async function openWfdbRecording(path: string): Promise<Recording> {
  const pool = new FilePool()
  try {
    const header = await readWfdbHeader(path)
    if (header.segments === null) {
      const record = await WfdbPlainRecord.open(path, header, pool)
      return new WfdbRecording(basename(path), header, record.frames, header.signals, null, record, pool)
    }
    const record = await WfdbSegmentedRecord.open(path, header, pool)
    return new WfdbRecording(basename(path), header, record.frames, record.specs, record.uniform, record, pool)
  } catch (error) {
    await pool.close()
    throw error
  }
}

class WfdbRecording implements Recording {
  readonly durationSeconds: number
  readonly startTime: Date | null
  readonly signals: readonly SignalInfo[]
  readonly numerics = null

  constructor(
    readonly name: string,
    header: WfdbHeader,
    frames: number,
    specs: readonly WfdbSignalSpec[],
    /** Multi-segment: whether all segments of a signal share gain and baseline. */
    uniform: readonly boolean[] | null,
    readonly record: WfdbPlainRecord | WfdbSegmentedRecord,
    readonly pool: FilePool,
  ) {
    this.durationSeconds = frames / hertz(header.fs)
    this.startTime = header.date === null || header.timeOfDay === null ? null : new Date(header.date + header.timeOfDay)
    const chooseKind = kindChooser(specs.map(({ description }) => description))
    this.signals = specs.map((spec, index) => describeSignal(spec, index, chooseKind, header, frames, uniform?.[index] ?? true))
  }

  async readDigital(signalIndexes: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    for (const index of signalIndexes) {
      if (this.signals[index]?.encoding === 'float')
        throw new RangeError(`signal ${index} of ${this.name} has no common gain: read it with readPhysical`)
    }
    const count = windowLength(this.signals, signalIndexes, from, length)
    return this.record.readDigital(signalIndexes, from, count)
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    if (this.record instanceof WfdbSegmentedRecord) return this.record.readPhysical(signalIndexes, from, count)
    const digital = await this.record.readDigital(signalIndexes, from, count)
    return digital.map((samples, i) => toPhysical(samples, this.signals[signalIndexes[i] ?? 0]))
  }

  async close(): Promise<void> {
    await this.pool.close()
  }
}

function describeSignal(
  spec: WfdbSignalSpec,
  index: number,
  chooseKind: ReturnType<typeof kindChooser>,
  header: WfdbHeader,
  frames: number,
  uniform: boolean,
): SignalInfo {
  const fs = multiplyRate(header.fs, spec.samplesPerFrame)
  if (fs === null)
    throw new VitalwireError(
      'recording-format',
      `record ${header.record} has a rate that is not representable; accepted: a decimal of at most 15 digits`,
    )
  const units = spec.units ?? 'mV'
  const name = spec.description === '' ? `record ${header.record}, signal ${index}` : spec.description
  const kind = chooseKind(name, toUcum(units), spec.units !== null)
  return {
    index,
    name,
    kind,
    unit: unitOf(units, kind),
    fs,
    encoding: uniform ? 'digital' : 'float',
    gain: uniform ? spec.gain : 1,
    baseline: uniform ? spec.baseline : 0,
    bits: uniform ? storedBits(spec) : 64,
    length: frames * spec.samplesPerFrame,
    startMicros: 0,
    stream: null,
    wavelength: null,
  }
}

/** Sums of the differences that format 8 stores have no bound but the 32 bits they are kept in. */
function storedBits(spec: WfdbSignalSpec): number {
  if (flacFormatCodes.includes(spec.format)) return spec.format - 500
  return spec.format === 8 ? 32 : (findWfdbFormat(spec.format)?.bits ?? 32)
}
