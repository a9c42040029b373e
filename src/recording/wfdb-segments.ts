import { dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import { sameRate } from '../signal/rate.js'
import type { FilePool } from './file-pool.js'
import { missingSample } from './recording.js'
import type { WfdbHeader, WfdbSignalSpec } from './wfdb-header.js'
import { readWfdbHeader, resolveInside, WfdbPlainRecord } from './wfdb-plain.js'

/** A stretch of a multi-segment record. */
interface Segment {
  /** First frame. */
  readonly start: number
  readonly frames: number
  /** null: nothing was recorded. */
  readonly record: WfdbPlainRecord | null
  /** For each signal of the whole record its index in the segment; undefined: the segment does not have it. */
  readonly indexes: readonly (number | undefined)[]
}

/**
 * A multi-segment record as header(5) describes it. Fixed layout: every segment has the same signals. Variable layout:
 * a first segment of length 0 (the layout header) lists all signals, by description; each segment has some of them.
 */
export class WfdbSegmentedRecord {
  private constructor(
    readonly header: WfdbHeader,
    readonly frames: number,
    /** Signals of the whole record: gain, baseline and format from the first segment that has the signal. */
    readonly specs: readonly WfdbSignalSpec[],
    /** For each signal, whether all segments that have it agree on gain and baseline. */
    readonly uniform: readonly boolean[],
    readonly segments: readonly Segment[],
  ) {}

  static async open(path: string, header: WfdbHeader, pool: FilePool): Promise<WfdbSegmentedRecord> {
    const listed = header.segments ?? []
    const folder = dirname(path)
    const layout =
      listed[0]?.length === 0 && listed[0].record !== '~' ? await readWfdbHeader(resolveInside(folder, listed[0].record)) : null
    const segments: Segment[] = []
    let names = layout?.signals
    let start = 0
    for (const { record: name, length } of layout === null ? listed : listed.slice(1)) {
      if (name === '~') {
        segments.push({ start, frames: length, record: null, indexes: [] })
      } else {
        const segmentPath = resolveInside(folder, name)
        const segmentHeader = await readWfdbHeader(segmentPath)
        checkSegment(header, segmentHeader, length, segmentPath)
        const record = await WfdbPlainRecord.open(segmentPath, segmentHeader, pool, length)
        names ??= segmentHeader.signals
        segments.push({ start, frames: length, record, indexes: matchSignals(names, segmentHeader.signals, layout !== null, segmentPath) })
      }
      start += length
    }
    if (!Number.isSafeInteger(start * 1_000_000)) {
      throw new VitalwireError('recording-format', `segments of ${path}.hea add up to ${start} samples; accepted: at most 9007199254`)
    }
    if (header.length !== null && header.length !== start) {
      throw new VitalwireError(
        'recording-format',
        `header ${path}.hea says ${header.length} samples and its segments add up to ${start}; accepted: equal counts`,
      )
    }
    const specs = (names ?? []).map((spec, signal) => firstSpec(segments, signal) ?? { ...spec, format: 16 })
    const uniform = specs.map((spec, signal) => segments.every(segment => agrees(spec, segmentSpec(segment, signal))))
    return new WfdbSegmentedRecord(header, start, specs, uniform, segments)
  }

  async readDigital(signals: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    const out = signals.map(() => new Int32Array(length).fill(missingSample))
    await this.#visit(signals, from, length, (at, offset, samples) => out[at]?.set(samples, offset))
    return out
  }

  /** Physical values, each segment by its own gain and baseline. */
  async readPhysical(signals: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const out = signals.map(() => new Float64Array(length).fill(NaN))
    await this.#visit(signals, from, length, (at, offset, samples, spec) => {
      const target = out[at]
      if (target === undefined) return
      for (let i = 0; i < samples.length; i++) {
        const value = samples[i] as number
        if (value !== missingSample) target[offset + i] = (value - spec.baseline) / spec.gain
      }
    })
    return out
  }

  async #visit(
    signals: readonly number[],
    from: number,
    length: number,
    take: (at: number, offset: number, samples: Int32Array, spec: WfdbSignalSpec) => void,
  ): Promise<void> {
    const perFrame = this.specs[signals[0] ?? 0]?.samplesPerFrame ?? 1
    for (const segment of this.segments) {
      const start = Math.max(from, segment.start * perFrame)
      const end = Math.min(from + length, (segment.start + segment.frames) * perFrame)
      if (segment.record === null || start >= end) continue
      const present = signals.flatMap((signal, at) => {
        const index = segment.indexes[signal]
        return index === undefined ? [] : [{ at, index }]
      })
      if (present.length === 0) continue
      const read = await segment.record.readDigital(
        present.map(item => item.index),
        start - segment.start * perFrame,
        end - start,
      )
      for (const [i, item] of present.entries()) {
        const spec = segment.record.header.signals[item.index]
        const samples = read[i]
        if (spec !== undefined && samples !== undefined) take(item.at, start - from, samples, spec)
      }
    }
  }
}

function checkSegment(whole: WfdbHeader, segment: WfdbHeader, length: number, path: string): void {
  const fault =
    segment.segments !== null
      ? 'is itself a multi-segment record'
      : !sameRate(whole.fs, segment.fs)
        ? `has another sampling frequency (${segment.fs.num}/${segment.fs.den} Hz) than its record (${whole.fs.num}/${whole.fs.den} Hz)`
        : segment.length !== null && segment.length !== length
          ? `has ${segment.length} samples where its record says ${length}`
          : null
  if (fault !== null)
    throw new VitalwireError('recording-format', `segment ${path} ${fault}; accepted: a plain record that agrees with the whole`)
}

function matchSignals(
  names: readonly WfdbSignalSpec[],
  here: readonly WfdbSignalSpec[],
  variable: boolean,
  path: string,
): (number | undefined)[] {
  const indexes: (number | undefined)[] = new Array<number | undefined>(names.length).fill(undefined)
  for (const [index, spec] of here.entries()) {
    const signal = variable ? names.findIndex(name => name.description === spec.description) : index
    const whole = names[signal]
    if (whole === undefined || whole.samplesPerFrame !== spec.samplesPerFrame) {
      const accepted = variable ? 'signals of the layout header' : 'the same signals in every segment'
      throw new VitalwireError(
        'recording-format',
        `segment ${path} has the signal "${spec.description.slice(0, 60)}" that its record does not have; accepted: ${accepted}`,
      )
    }
    indexes[signal] = index
  }
  return indexes
}

function segmentSpec(segment: Segment, signal: number): WfdbSignalSpec | undefined {
  const index = segment.indexes[signal]
  return index === undefined ? undefined : segment.record?.header.signals[index]
}

function firstSpec(segments: readonly Segment[], signal: number): WfdbSignalSpec | undefined {
  for (const segment of segments) {
    const spec = segmentSpec(segment, signal)
    if (spec !== undefined) return spec
  }
  return undefined
}

function agrees(spec: WfdbSignalSpec, other: WfdbSignalSpec | undefined): boolean {
  return other === undefined || (other.gain === spec.gain && other.baseline === spec.baseline && other.units === spec.units)
}
