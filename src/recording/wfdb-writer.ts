import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { formatRate } from './rate-text.js'
import { missingSample } from './recording.js'

export interface NewSignal {
  readonly name: string
  /** As WFDB writes units, e.g. `mV`, `mmHg`; no white space. */
  readonly unit: string
  readonly gain: number
  readonly baseline: number
  /** Stored values; `missingSample` becomes the format's code for missing. */
  readonly samples: Int32Array
}

export interface NewRecord {
  readonly fs: Rate
  readonly startTime?: Date
  readonly format: 16 | 212
  /** At least one; all of equal length. */
  readonly signals: readonly NewSignal[]
  readonly comments?: readonly string[]
}

/**
 * Writes `folder/name.hea` and `folder/name.dat`. Refuses values that the format cannot hold and names that a header
 * cannot (RangeError): nothing is clipped silently. Throws `disk-write`.
 */
export async function writeWfdbRecord(folder: string, name: string, record: NewRecord): Promise<void> {
  if (!/^[A-Za-z0-9_-]+$/.test(name) || basename(name) !== name)
    throw new RangeError(`record name "${name}": letters, digits, _ and - only`)
  const length = record.signals[0]?.samples.length
  if (length === undefined || record.signals.some(signal => signal.samples.length !== length)) {
    throw new RangeError(`record ${name}: at least one signal, all of equal length`)
  }
  const bytes = record.format === 16 ? pack16(record.signals, length) : pack212(record.signals, length)
  // The data first: a header never stands beside a file that is not whole.
  await write(join(folder, `${name}.dat`), bytes)
  await write(join(folder, `${name}.hea`), headerText(name, record, length))
}

function headerText(name: string, record: NewRecord, length: number): string {
  const start = record.startTime === undefined ? '' : ` ${formatStart(record.startTime)}`
  const lines = [`${name} ${record.signals.length} ${formatRate(record.fs)} ${length}${start}`]
  const resolution = record.format === 16 ? 16 : 12
  for (const signal of record.signals) {
    if (/\s|^$/.test(signal.unit) || /[\r\n]/.test(signal.name))
      throw new RangeError(`signal "${signal.name}": unit without white space, name on one line`)
    if (!Number.isFinite(signal.gain) || signal.gain === 0 || !Number.isInteger(signal.baseline)) {
      throw new RangeError(`signal "${signal.name}": gain ${signal.gain} other than 0, integer baseline ${signal.baseline}`)
    }
    const stored = storedValues(signal, record.format)
    let sum = 0
    for (const value of stored) sum = (sum + value) & 0xffff
    const checksum = sum > 0x7fff ? sum - 0x10000 : sum
    const calibration = `${signal.gain}(${signal.baseline})/${signal.unit}`
    lines.push(`${name}.dat ${record.format} ${calibration} ${resolution} 0 ${stored[0] ?? 0} ${checksum} 0 ${signal.name}`)
  }
  for (const comment of record.comments ?? []) lines.push(`# ${comment.replace(/[\r\n]+/g, ' ')}`)
  return `${lines.join('\n')}\n`
}

function storedValues(signal: NewSignal, format: 16 | 212): Int32Array {
  const low = format === 16 ? -32768 : -2048
  return signal.samples.map(value => {
    if (value === missingSample) return low
    if (value <= low || value >= -low)
      throw new RangeError(`signal "${signal.name}" has the value ${value}; format ${format} holds ${low + 1} to ${-low - 1}`)
    return value
  })
}

function interleave(signals: readonly NewSignal[], length: number, format: 16 | 212): Int32Array {
  const out = new Int32Array(length * signals.length)
  for (const [channel, signal] of signals.entries()) {
    const stored = storedValues(signal, format)
    for (let i = 0; i < length; i++) out[i * signals.length + channel] = stored[i] as number
  }
  return out
}

function pack16(signals: readonly NewSignal[], length: number): Uint8Array {
  const samples = interleave(signals, length, 16)
  const bytes = new Uint8Array(samples.length * 2)
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number
    bytes[2 * i] = value & 0xff
    bytes[2 * i + 1] = (value >> 8) & 0xff
  }
  return bytes
}

function pack212(signals: readonly NewSignal[], length: number): Uint8Array {
  const samples = interleave(signals, length, 212)
  const bytes = new Uint8Array(Math.ceil(samples.length / 2) * 3)
  for (let i = 0, at = 0; i < samples.length; i += 2, at += 3) {
    const first = samples[i] as number
    const second = samples[i + 1] ?? 0
    bytes[at] = first & 0xff
    bytes[at + 1] = ((first >> 8) & 0x0f) | ((second >> 4) & 0xf0)
    bytes[at + 2] = second & 0xff
  }
  return samples.length % 2 === 1 ? bytes.subarray(0, bytes.length - 1) : bytes
}

/** Time and date of day as a header has them. */
export function formatStart(start: Date): string {
  const [date = '', time = ''] = start.toISOString().split('T')
  const [year, month, day] = date.split('-')
  return `${time.slice(0, 12)} ${day}/${month}/${year}`
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content).catch((cause: unknown) => {
    throw new VitalwireError('disk-write', `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  })
}
