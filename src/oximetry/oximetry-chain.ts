import { secondOf, secondStart } from '../dsp/second-grid.js'
import { type Emit, emitNumber } from '../dsp/secondwise-chain.js'
import { copyState, restoreState } from '../dsp/state.js'
import { VitalwireError } from '../errors.js'
import type { StreamChain } from '../signal/chain.js'
import type { Observation, QualityReason } from '../signal/observation.js'
import { hertz } from '../signal/rate.js'
import { checkBlock, type StreamBlock, sampleFlags } from '../signal/sample-block.js'
import type { Latency, StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { type CalibrationTable, type ChosenCalibration, chooseCalibration } from './calibration.js'
import { DesaturationWatch, desaturationParameters } from './desaturation-watch.js'
import { RatioMeter } from './ratio-meter.js'
import { Saturation, type SaturationResult, saturationParameters } from './saturation.js'

/** Red 600 to 700 nm, infrared 850 to 1000 nm; the first channel of each. Null: the stream is no oximeter. */
export function oximeterChannels(spec: StreamSpec): { red: number; infrared: number } | null {
  const red = spec.wavelengths?.findIndex(nm => nm >= 600 && nm <= 700) ?? -1
  const infrared = spec.wavelengths?.findIndex(nm => nm >= 850 && nm <= 1000) ?? -1
  return red >= 0 && infrared >= 0 ? { red, infrared } : null
}

const algorithm = 'oximetry-ratio'
/** Desaturations an hour are said so often, seconds; by depth as in `desaturationParameters.drops`. */
const indexEverySeconds = 60
const indexNames = ['odi-3', 'odi-4'] as const
/** After more lost seconds nothing of before counts any more. */
const mostLostSeconds = desaturationParameters.baselineSeconds + desaturationParameters.mostSilentSeconds

/** Seconds that a number may be averaged over. */
export const averagingChoices = [4, 8, 16] as const
export type AveragingSeconds = (typeof averagingChoices)[number]
export const defaultAveragingSeconds: AveragingSeconds = 8

export interface OximetryOptions {
  /** Default 8. */
  readonly averagingSeconds?: AveragingSeconds
  /** Calibration tables of devices, beside the built-in one. */
  readonly calibrations?: readonly CalibrationTable[]
  /** Name of the table of streams that name none; left out: the built-in one. */
  readonly calibration?: string
  /** Day of the measurement, `YYYY-MM-DD`; null or left out: not known. A curve with dates needs it. */
  readonly day?: string | null
}

/**
 * A PPG stream with red and infrared: all that its pulse chain says, and `spo2` each second. The pulse chain comes as an
 * argument (`createPpgChain(spec)`), because modalities do not import each other. A stream whose calibration is unknown or
 * out of date says so as the reason of `spo2` without a value, and as the episode `uncalibrated`.
 */
export function createOximetryChain(spec: StreamSpec, pulses: StreamChain, options: OximetryOptions = {}): StreamChain {
  const channels = oximeterChannels(spec)
  if (channels === null) {
    const accepted = 'accepted: one channel of 600 to 700 nm and one of 850 to 1000 nm'
    throw new VitalwireError('usage-config', `stream ${spec.id}: no red and infrared wavelengths; ${accepted}`)
  }
  const { averagingSeconds = defaultAveragingSeconds, calibrations = [], calibration, day = null } = options
  if (!averagingChoices.includes(averagingSeconds)) {
    const accepted = `accepted: ${averagingChoices.join(', ')} s`
    throw new VitalwireError('usage-config', `stream ${spec.id}: averaging of ${String(averagingSeconds)} s; ${accepted}`)
  }
  return new OximetryChain(spec, channels, pulses, chooseCalibration(spec.calibration ?? calibration, calibrations, day), averagingSeconds)
}

class OximetryChain implements StreamChain {
  readonly name = 'oximetry'
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  readonly #spec: StreamSpec
  readonly #red: number
  readonly #infrared: number
  readonly #fs: number
  readonly #pulses: StreamChain
  readonly #calibration: ChosenCalibration
  readonly #averaging: number
  #meter: RatioMeter
  #saturation: Saturation
  #watch = new DesaturationWatch()
  readonly #state = {
    next: -1,
    first: 0,
    secondFrom: 0,
    secondEnd: 0,
    uncalibrated: false,
    reason: 'missing' as QualityReason,
  }

  constructor(
    spec: StreamSpec,
    channels: { red: number; infrared: number },
    pulses: StreamChain,
    calibration: ChosenCalibration,
    averagingSeconds: number,
  ) {
    this.#spec = spec
    this.#red = channels.red
    this.#infrared = channels.infrared
    this.#fs = hertz(spec.fs)
    this.#pulses = pulses
    this.#calibration = calibration
    this.#averaging = averagingSeconds
    this.#meter = new RatioMeter(this.#fs, averagingSeconds)
    this.#saturation = new Saturation(this.#fs, calibration.table)
    this.latency = pulses.latency
    this.parameters = {
      pulses: pulses.parameters,
      ...saturationParameters,
      averagingSeconds,
      calibration,
      desaturation: desaturationParameters,
      version: 4,
    }
  }

  push(block: StreamBlock, emit: Emit): void {
    checkBlock(block, this.#spec.channels.length, this.#state.next)
    if (block.length === 0) return
    const s = this.#state
    // What the pulse chain says of this block, in the order of `decided`; taken up at the sample that decided it.
    const said: Observation[] = []
    this.#pulses.push(block, observation => said.push(observation))
    if (s.next < 0) this.#begin(block.start)
    let taken = 0
    if (block.start > s.next) {
      this.#meter.lose(block.start - s.next)
      while (taken < said.length && said[taken]!.decided === block.start && this.#speaksOfLoss(said[taken]!, block.start)) {
        this.#take(said[taken]!, emit)
        taken += 1
      }
      if (block.start >= s.secondEnd) this.#skipTo(block.start, emit)
    }
    const red = block.channels[this.#red]!
    const infrared = block.channels[this.#infrared]!
    const off = (block.flags & (sampleFlags.sensorOff | sampleFlags.leadOff)) !== 0
    let index = block.start
    for (let at = 0; at < block.length; at += 1, index += 1) {
      this.#meter.step(off ? Number.NaN : red[at]!, infrared[at]!, index)
      while (taken < said.length && said[taken]!.decided === index) {
        this.#take(said[taken]!, emit)
        taken += 1
      }
      if (index + 1 === s.secondEnd) {
        this.#measure(s.secondEnd, index, emit)
        this.#turn(s.secondEnd)
      }
    }
    s.next = index
  }

  flush(emit: Emit): void {
    this.#pulses.flush(observation => emit(observation))
    Object.assign(this.#state, {
      next: -1,
      first: 0,
      secondFrom: 0,
      secondEnd: 0,
      uncalibrated: false,
      reason: 'missing',
    })
    this.#meter = new RatioMeter(this.#fs, this.#averaging)
    this.#saturation = new Saturation(this.#fs, this.#calibration.table)
    this.#watch = new DesaturationWatch()
  }

  save(): StageState {
    return {
      pulses: this.#pulses.save(),
      state: copyState(this.#state),
      meter: this.#meter.save(),
      saturation: copyState(this.#saturation.state),
      watch: this.#watch.save(),
    }
  }

  load(saved: StageState): void {
    const from = saved as { pulses: StageState; state: object; meter: StageState; saturation: object; watch: StageState }
    this.#pulses.load(from.pulses)
    restoreState(this.#state, from.state)
    this.#meter.load(from.meter)
    restoreState(this.#saturation.state, from.saturation)
    this.#watch.load(from.watch)
  }

  #begin(start: number): void {
    const second = secondOf(start, this.#spec.fs)
    this.#state.first = start
    this.#state.secondFrom = start
    this.#state.secondEnd = secondStart(second + 1, this.#spec.fs)
    this.#state.next = start
  }

  #turn(from: number): void {
    this.#state.secondFrom = from
    this.#state.secondEnd = secondStart(secondOf(from, this.#spec.fs) + 1, this.#spec.fs)
  }

  /** Said of the lost stretch itself, not of the sample that ended it. */
  #speaksOfLoss(observation: Observation, start: number): boolean {
    return (observation.kind === 'quality' || observation.kind === 'measurement') && observation.to <= start
  }

  /** The second under way and the whole seconds that were lost with it have no number. */
  #skipTo(start: number, emit: Emit): void {
    const second = secondOf(start, this.#spec.fs)
    const to = secondStart(second, this.#spec.fs)
    this.#say(this.#saturation.refuse('missing'), this.#state.secondFrom, to, start, emit)
    const lost = second - secondOf(this.#state.secondFrom, this.#spec.fs)
    for (let k = Math.max(0, lost - mostLostSeconds); k < lost; k += 1) this.#watchSecond(null, second - lost + k, start, emit)
    this.#turn(to)
  }

  #take(observation: Observation, emit: Emit): void {
    emit(observation)
    if (observation.kind === 'quality' && (observation.channel === this.#red || observation.channel === this.#infrared)) {
      // The worse of the two speaks for the pair; the first of a second starts it anew.
      if (observation.channel === Math.min(this.#red, this.#infrared) || this.#state.reason === 'good')
        this.#state.reason = observation.reason
    }
  }

  #measure(to: number, decided: number, emit: Emit): void {
    const { reason } = this.#state
    const off = reason === 'sensor-off' || reason === 'flat'
    const unfit = reason === 'missing' || reason === 'saturated'
    const ratio = this.#meter.measure(!off && !unfit)
    let result: SaturationResult
    if (this.#calibration.fault !== null) {
      this.#sayUncalibrated(decided, emit)
      result = this.#saturation.refuse(this.#calibration.fault)
    } else if (off) result = this.#saturation.refuse(reason)
    else if (unfit) result = this.#saturation.withhold(decided, reason)
    else result = this.#saturation.measure(decided, ratio)
    // A number rests on the averaging time within one stretch; a held one stands for its own second only.
    const back = result.held ? 1 : this.#averaging
    const from = Math.max(0, secondStart(secondOf(to, this.#spec.fs) - back, this.#spec.fs), this.#meter.since)
    this.#say(result, Math.min(from, to), to, decided, emit)
    this.#watchSecond(result.held ? null : result.value, secondOf(to - 1, this.#spec.fs), decided, emit)
  }

  /** A second more of what the numbers do over minutes: desaturations, and once a minute their index. */
  #watchSecond(value: number | null, second: number, decided: number, emit: Emit): void {
    const { fs } = this.#spec
    const change = this.#watch.step(value)
    const to = secondStart(second + 1, fs)
    if (change !== null) {
      const index = Math.max(this.#state.first, secondStart(second - change.secondsBack, fs))
      const depth = { value: change.baseline - change.least, unit: '%' }
      emit({ kind: 'episode', episode: 'desaturation', on: change.on, index, decided, channel: this.#red, confidence: 1, ...depth })
    }
    if ((second + 1) % indexEverySeconds !== 0) return
    for (const [which, name] of indexNames.entries()) {
      const index = this.#watch.index(which)
      if (index === null) continue
      const from = this.#state.first
      const quality = Math.min(1, (this.#watch.seconds * this.#fs) / (to - from))
      emit({ kind: 'measurement', name, value: index, from, to, decided, channel: this.#red, quality, algorithm: 'desaturation' })
    }
  }

  #sayUncalibrated(decided: number, emit: Emit): void {
    if (this.#state.uncalibrated) return
    this.#state.uncalibrated = true
    emit({ kind: 'episode', episode: 'uncalibrated', on: true, index: decided, decided, channel: this.#red, confidence: 1 })
  }

  #say(result: SaturationResult, from: number, to: number, decided: number, emit: Emit): void {
    const { value, quality, reason, low, high, held } = result
    const number = { name: 'spo2', value, quality, from, to, decided, channel: this.#red, algorithm } as const
    if (value === null) emitNumber(emit, number, reason)
    else emitNumber(emit, { ...number, low, high, ...(held ? { held } : {}) }, '')
  }
}
