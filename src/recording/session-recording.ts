import { basename, dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import { samplesToMicros } from '../signal/rate.js'
import { readNumerics } from './csv-numerics.js'
import { openCsvRecording } from './csv-recording.js'
import { datasetFolder } from './datasets.js'
import { openEdfRecording } from './edf/edf-recording.js'
import { readSmallText } from './file-pool.js'
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
}

/**
 * Opens a `NAME.recording.json`: several records, channels and numerics as one patient's session. Its duration is that
 * of the waveforms; without any, it lasts to just after the last numeric. Throws as `openRecording` does.
 */
export async function openSessionRecording(path: string): Promise<Recording> {
  const file = parseSessionFile(await readSmallText(path, 'a session description', 1024 * 1024), path)
  const folder = file.dataset === null ? dirname(path) : await datasetFolder(file.dataset)
  const recordings: Recording[] = []
  const close = async (): Promise<void> => {
    for (const recording of recordings) await recording.close()
  }
  try {
    const sources: Source[] = []
    for (const waveform of file.waveforms) {
      const recording = await openPart(resolveInside(folder, waveform.record), waveform, path)
      recordings.push(recording)
      for (const [index, info] of chooseSignals(recording, waveform, path))
        sources.push({ info: { ...info, index: sources.length }, recording, index })
    }
    const endMicros =
      sources.length === 0 ? Infinity : Math.max(...sources.map(({ info }) => info.startMicros + samplesToMicros(info.length, info.fs)))
    const numerics: NumericSeries[] = []
    for (const item of file.numerics) numerics.push(...(await readNumerics(resolveInside(folder, item.csv), item, endMicros)))
    const startTime = file.start ?? recordings[0]?.startTime ?? null
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

  readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    return this.#readParts(signalIndexes, from, length, (recording, indexes, count) => recording.readPhysical(indexes, from, count))
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

async function openPart(file: string, { record, fs }: SessionWaveform, path: string): Promise<Recording> {
  if (/\.csv$/i.test(file)) return openCsvRecording(file, fs)
  if (fs !== null)
    throw new VitalwireError(
      'recording-format',
      `${path}: ${record} is no CSV file, and its header says its rate; accepted: "fs" of a CSV file`,
    )
  return /\.(edf|bdf|rec)$/i.test(file) ? openEdfRecording(file) : openWfdbRecording(file)
}

function chooseSignals(recording: Recording, waveform: SessionWaveform, path: string): [number, SignalInfo][] {
  const channels: readonly SessionChannel[] =
    waveform.channels ?? recording.signals.map(({ index }) => ({ signal: index, name: null, kind: null, unit: null, wavelength: null }))
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
    const info: SignalInfo = {
      ...signal,
      name: channel.name ?? signal.name,
      kind: channel.kind ?? signal.kind,
      unit: channel.unit ?? signal.unit,
      wavelength: channel.wavelength ?? signal.wavelength,
      startMicros: signal.startMicros + waveform.offsetMicros,
      stream: waveform.stream,
    }
    return [signal.index, info]
  })
}
