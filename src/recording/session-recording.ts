import { basename, dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import { samplesToMicros } from '../signal/rate.js'
import { readNumerics } from './csv-numerics.js'
import { openCsvRecording } from './csv-recording.js'
import { datasetFolder } from './datasets.js'
import { openEdfRecording } from './edf/edf-recording.js'
import { readSmallText } from './file-pool.js'
import { openMatRecording } from './mat-recording.js'
import type { NumericSeries, Recording, SignalInfo } from './recording.js'
import { parseSessionFile, type SessionChannel, type SessionWaveform } from './session-file.js'
import { windowLength } from './signal-window.js'
import { resolveInside } from './wfdb-plain.js'
import { openWfdbRecording } from './wfdb-recording.js'

/** A signal of the session and where it comes from. */
interface Source {
  readonly info: SignalInfo
  readonly recording: Recording
  readonly index: number
  /** The recording's numbers in one unit of `info`. */
  readonly gain: number
}

/**
 * Opens a `NAME.recording.json`: several records, channels and numerics as one patient's session. Its duration is that
 * of the waveforms; without any, it lasts to just after the last numeric. Throws as `openRecording` does.
 */
export async function openSessionRecording(path: string): Promise<Recording> {
  const file = parseSessionFile(await readSmallText(path, 'a session description', 1024 * 1024), path)
  const folder = file.dataset === null ? dirname(path) : await datasetFolder(file.dataset)
  // What several streams read is opened once.
  const recordings = new Map<string, Recording>()
  const close = async (): Promise<void> => {
    for (const recording of recordings.values()) await recording.close()
  }
  try {
    const sources: Source[] = []
    for (const waveform of file.waveforms) {
      const { record, fs, variable, names, where } = waveform
      const key = JSON.stringify([record, fs, variable, names, where])
      const recording = recordings.get(key) ?? (await openPart(resolveInside(folder, record), waveform, path))
      recordings.set(key, recording)
      for (const { index, info, gain } of chooseSignals(recording, waveform, path))
        sources.push({ info: { ...info, index: sources.length }, recording, index, gain })
    }
    const endMicros =
      sources.length === 0 ? Infinity : Math.max(...sources.map(({ info }) => info.startMicros + samplesToMicros(info.length, info.fs)))
    const numerics: NumericSeries[] = []
    for (const item of file.numerics) numerics.push(...(await readNumerics(resolveInside(folder, item.csv), item, endMicros)))
    const startTime = file.start ?? [...recordings.values()][0]?.startTime ?? null
    const name = file.name ?? basename(path).replace(/\.recording\.json$/, '')
    return new SessionRecording(name, startTime, sources, numerics.length === 0 ? null : numerics, endMicros, close)
  } catch (error) {
    await close()
    throw error
  }
}

class SessionRecording implements Recording {
  readonly durationSeconds: number
  readonly signals: readonly SignalInfo[]

  constructor(
    readonly name: string,
    readonly startTime: Date | null,
    readonly sources: readonly Source[],
    readonly numerics: readonly NumericSeries[] | null,
    endMicros: number,
    readonly closeAll: () => Promise<void>,
  ) {
    this.signals = sources.map(source => source.info)
    const lastNumeric = Math.max(0, ...(numerics ?? []).map(series => (series.times.at(-1) ?? -1) + 1))
    this.durationSeconds = (Number.isFinite(endMicros) ? endMicros : lastNumeric) / 1e6
  }

  readDigital(signalIndexes: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    return this.#readParts(signalIndexes, from, length, (recording, indexes, count) => recording.readDigital(indexes, from, count))
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const values = await this.#readParts(signalIndexes, from, length, (recording, indexes, count) =>
      recording.readPhysical(indexes, from, count),
    )
    for (const [k, signal] of signalIndexes.entries()) {
      const { gain } = this.sources[signal]!
      if (gain !== 1) for (let i = 0; i < values[k]!.length; i++) values[k]![i]! /= gain
    }
    return values
  }

  async close(): Promise<void> {
    await this.closeAll()
  }

  async #readParts<T>(
    signalIndexes: readonly number[],
    from: number,
    length: number,
    read: (recording: Recording, indexes: number[], count: number) => Promise<T[]>,
  ): Promise<T[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    const out: T[] = []
    const chosen = signalIndexes.flatMap((signal, at) => {
      const source = this.sources[signal]
      return source === undefined ? [] : [{ at, source }]
    })
    for (const recording of new Set(chosen.map(item => item.source.recording))) {
      const here = chosen.filter(item => item.source.recording === recording)
      const parts = await read(
        recording,
        here.map(item => item.source.index),
        count,
      )
      for (const [i, item] of here.entries()) out[item.at] = parts[i] as T
    }
    return out
  }
}

async function openPart(file: string, waveform: SessionWaveform, path: string): Promise<Recording> {
  const { record, fs, variable, names, where } = waveform
  const refuse = (what: string, accepted: string): never => {
    throw new VitalwireError('recording-format', `${path}: ${record} ${what}; accepted: ${accepted}`)
  }
  const mat = /\.mat$/i.test(file)
  const table = !mat && (names !== null || /\.csv$/i.test(file))
  if (variable !== null && !mat) refuse('is no MATLAB file', '"variable" of a MATLAB file')
  if (names !== null && mat) refuse('is no table of text', '"names" of a table without a row of them')
  if (where.length > 0 && !table) refuse('is no table of text', '"where" of a table')
  if (mat) return openMatRecording(file, variable, fs)
  if (table) return openCsvRecording(file, { fs, names, where })
  if (fs !== null)
    refuse('is no table of text or MATLAB file, and its header says its rate', '"fs" of a CSV file, a table or a MATLAB file')
  return /\.(edf|bdf|rec)$/i.test(file) ? openEdfRecording(file) : openWfdbRecording(file)
}

const asItIs: Omit<SessionChannel, 'signal'> = { name: null, kind: null, unit: null, gain: 1, wavelength: null }

function chooseSignals(recording: Recording, waveform: SessionWaveform, path: string): { index: number; info: SignalInfo; gain: number }[] {
  const channels: readonly SessionChannel[] = waveform.channels ?? recording.signals.map(({ index }) => ({ signal: index, ...asItIs }))
  return channels.map(channel => {
    const matches = recording.signals.filter(({ index, name }) => channel.signal === index || channel.signal === name)
    const [signal] = matches
    if (signal === undefined || matches.length > 1) {
      const accepted = recording.signals.map(({ index, name }) => `${index} ${name}`).join(', ')
      throw new VitalwireError(
        'recording-format',
        `${path}: ${waveform.record} has no single signal "${channel.signal}"; accepted: ${accepted}`,
      )
    }
    const { gain } = channel
    const info: SignalInfo = {
      ...signal,
      name: channel.name ?? signal.name,
      kind: channel.kind ?? signal.kind,
      unit: channel.unit ?? signal.unit,
      // Of a signal stored as integers the scale changes, the integers do not.
      gain: signal.encoding === 'digital' ? signal.gain * gain : signal.gain,
      wavelength: channel.wavelength ?? signal.wavelength,
      startMicros: signal.startMicros + waveform.offsetMicros,
      stream: waveform.stream,
    }
    return { index: signal.index, info, gain }
  })
}
