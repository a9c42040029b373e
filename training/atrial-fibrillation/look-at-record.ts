import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ConfirmedBeat, EcgAnalyser } from '../../src/ecg/ecg-analyser.js'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import type { EcgView } from '../../src/ecg/ecg-view.js'
import { atrialRhythmDefaults } from '../../src/ecg/rhythm/atrial-rhythms.js'
import { type AtrialReading, AtrialWindow } from '../../src/ecg/rhythm/atrial-window.js'
import { RhythmSummary } from '../../src/ecg/rhythm/rhythm-summary.js'
import { isFibrillation, isFlutter, rhythmStretches } from '../../src/evaluate/compare/rhythms.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { hertz } from '../../src/signal/rate.js'

export interface SeenWindow {
  readonly reading: AtrialReading
  /** 1: at least four fifths fibrillation, 0: at most one fifth, null: between, or a tenth or more flutter. */
  readonly fibrillation: number | null
}

export interface SeenRecord {
  readonly windows: readonly SeenWindow[]
  readonly features: Readonly<Record<string, number>> | null
}

/** One lead of a record through the product's chain, with what the rhythm analysers see in it. */
export async function lookAtRecord(set: string, record: string, lead: number): Promise<SeenRecord> {
  const file = path.join(datasetsRoot(), set, record)
  const recording = await openRecording(file)
  const signal = recording.signals[lead]
  if (signal === undefined) throw new RangeError(`${set} ${record} has no signal ${lead}`)
  const fsHz = hertz(signal.fs)
  const windows = new WindowCollector(fsHz)
  const summary = new RhythmSummary({ fsHz })
  const chain = createEcgChain(
    { id: 'training', kind: 'ecg', channels: [signal.name], unit: signal.unit, fs: signal.fs },
    { analysers: () => [windows, summary] },
  )
  const step = Math.round(60 * fsHz)
  for (let start = 0; start < signal.length; start += step) {
    const length = Math.min(step, signal.length - start)
    chain.push({ start, length, flags: 0, channels: await recording.readPhysical([lead], start, length) }, () => {})
  }
  chain.flush(() => {})
  await recording.close()
  const annotations = existsSync(`${file}.atr`) ? (await readAnnotations(`${file}.atr`)).annotations : []
  const fibrillation = rhythmStretches(annotations, isFibrillation, signal.length)
  const flutter = rhythmStretches(annotations, isFlutter, signal.length)
  return {
    windows: windows.readings.map(reading => {
      const share = (stretches: readonly { start: number; end: number }[]): number =>
        stretches.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(end, reading.to) - Math.max(start, reading.from)), 0) /
        (reading.to - reading.from)
      const known = share(flutter) < 0.1 ? share(fibrillation) : 0.5
      return { reading, fibrillation: known >= 0.8 ? 1 : known <= 0.2 ? 0 : null }
    }),
    features: summary.report?.features ?? null,
  }
}

/** Reads the window as often as the product does. */
class WindowCollector implements EcgAnalyser {
  readonly name = 'windows'
  readonly parameters = {}
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  readonly readings: AtrialReading[] = []
  private readonly window: AtrialWindow
  private intervals = 0

  constructor(fsHz: number) {
    this.window = new AtrialWindow(fsHz)
  }

  wake(): void {}

  beat(beat: ConfirmedBeat, _decided: number, view: EcgView): void {
    if (!this.window.add(beat, view)) return
    this.intervals += 1
    if (this.intervals % atrialRhythmDefaults.stepIntervals !== 0) return
    const reading = this.window.read()
    if (reading !== null) this.readings.push(reading)
  }

  second(): void {}
  gap(): void {}
  end(): void {}
  save(): null {
    return null
  }
  load(): void {}
}
