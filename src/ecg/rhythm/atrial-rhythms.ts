import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { type AtrialReading, AtrialWindow, atrialWindowDefaults } from './atrial-window.js'
import { atrialWindowModel } from './atrial-window-model.js'
import { FibrillationProbability } from './fibrillation-probability.js'
import { RhythmFlag } from './rhythm-flag.js'

export const atrialRhythmDefaults = {
  /** Intervals between two looks at the window. */
  stepIntervals: 8,
  /** Measured time that must speak for the rhythm before it is said. */
  latchSeconds: 30,
  /** Successive windows that speak against it before its end is said. */
  releaseWindows: 3,
  /** Probability from which a window speaks for fibrillation, and below which against it. */
  fibrillationOn: 0.7,
  fibrillationOff: 0.3,
  /** Share of successive intervals that differ by more than a tenth of the mean: irregular, and regular again. */
  irregularOn: 0.3,
  irregularOff: 0.15,
} as const

/** Windows in a row that speak for or against a rhythm. */
interface Evidence {
  /** First beat of what speaks for it, or -1, and the measured seconds before it. */
  since: number
  measuredBefore: number
  against: number
  /** Last beat of the rhythm, as the first of the windows against it saw it. */
  until: number
}

/**
 * Atrial fibrillation, and irregularity that is not told to be fibrillation. Only onset and end are said: the onset once 30 s of
 * measured intervals speak for it, the end after three windows against it. Windows that cannot be judged change nothing.
 */
export class AtrialRhythms implements EcgAnalyser {
  readonly name = 'atrial-rhythms'
  readonly parameters = { ...atrialRhythmDefaults, window: atrialWindowDefaults, model: atrialWindowModel }
  readonly latency: number
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly window: AtrialWindow
  private readonly probability = new FibrillationProbability()
  private readonly fibrillation = new RhythmFlag('atrial-fibrillation')
  private readonly irregular = new RhythmFlag('irregular')
  private readonly state = newState()

  constructor(fsHz: number) {
    this.window = new AtrialWindow(fsHz)
    this.latency = Math.ceil((atrialRhythmDefaults.latchSeconds + atrialWindowDefaults.longestSeconds) * fsHz)
  }

  wake(): void {}

  beat(beat: ConfirmedBeat, decided: number, view: EcgView, emit: Emit): void {
    const { state, window } = this
    if (!window.add(beat, view)) return
    state.intervals += 1
    if (state.intervals < atrialRhythmDefaults.stepIntervals) return
    state.intervals = 0
    const reading = window.read()
    if (reading === null) return
    const { fibrillationOn, fibrillationOff, irregularOn, irregularOff } = atrialRhythmDefaults
    const probability = this.probability.of(reading)
    const isFibrillation = probability >= fibrillationOn
    const speaks = isFibrillation ? 1 : probability < fibrillationOff ? -1 : 0
    this.weigh(this.fibrillation, state.fibrillation, speaks, probability, reading, beat, decided, emit)
    if (this.fibrillation.on) {
      this.irregular.finish(this.fibrillation.since, decided, this.evidence(reading, beat, probability), emit)
      state.irregular = newEvidence()
      return
    }
    const isIrregular = isFibrillation ? 0 : reading.changes >= irregularOn ? 1 : reading.changes < irregularOff ? -1 : 0
    this.weigh(this.irregular, state.irregular, isIrregular, isIrregular > 0 ? 1 - probability : 1, reading, beat, decided, emit)
  }

  second(): void {}

  gap(): void {}

  end(decided: number, _view: EcgView, emit: Emit): void {
    this.fibrillation.end(decided, emit)
    this.irregular.end(decided, emit)
    this.window.clear()
    restoreState(this.state, newState())
  }

  save(): StageState {
    return {
      state: copyState(this.state),
      window: this.window.save(),
      fibrillation: this.fibrillation.save(),
      irregular: this.irregular.save(),
    }
  }

  load(saved: StageState): void {
    const { state, window, fibrillation, irregular } = saved as Record<'state' | 'window' | 'fibrillation' | 'irregular', StageState>
    restoreState(this.state, state)
    this.window.load(window)
    this.fibrillation.load(fibrillation)
    this.irregular.load(irregular)
  }

  /** @param speaks 1: the window speaks for the rhythm, -1: against it, 0: neither */
  private weigh(
    flag: RhythmFlag,
    state: Evidence,
    speaks: number,
    sure: number,
    reading: AtrialReading,
    beat: ConfirmedBeat,
    decided: number,
    emit: Emit,
  ): void {
    const { latchSeconds, releaseWindows } = atrialRhythmDefaults
    if (speaks > 0) {
      state.against = 0
      if (flag.on) return
      if (state.since < 0) {
        const begin = this.window.scatterBegin()
        state.since = begin.index
        state.measuredBefore = begin.measured
      }
      if (this.window.measured - state.measuredBefore < latchSeconds) return
      flag.begin(state.since, decided, this.evidence(reading, beat, sure), emit)
    } else if (speaks < 0) {
      state.since = -1
      if (!flag.on) return
      if (state.against === 0) state.until = this.window.scatterEnd().index
      state.against += 1
      if (state.against < releaseWindows) return
      state.against = 0
      flag.finish(state.until, decided, this.evidence(reading, beat, 1 - sure), emit)
    }
  }

  private evidence(reading: AtrialReading, beat: ConfirmedBeat, sure: number) {
    const { from, to, intervals, rate, quality } = reading
    return { channel: beat.lead, confidence: sure * quality, from, to: to + 1, beats: intervals + 1, rate }
  }
}

function newEvidence(): Evidence {
  return { since: -1, measuredBefore: 0, against: 0, until: -1 }
}

function newState() {
  return { intervals: 0, fibrillation: newEvidence(), irregular: newEvidence() }
}
