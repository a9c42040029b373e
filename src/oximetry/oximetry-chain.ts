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
import { BeatRatioMeter } from './beat-ratio.js'
import { type CalibrationTable, findCalibration } from './calibration.js'
import { Saturation, saturationParameters } from './saturation.js'

/** Red 600 to 700 nm, infrared 850 to 1000 nm; the first channel of each. Null: the stream is no oximeter. */
export function oximeterChannels(spec: StreamSpec): { red: number; infrared: number } | null {
  const red = spec.wavelengths?.findIndex(nm => nm >= 600 && nm <= 700) ?? -1
  const infrared = spec.wavelengths?.findIndex(nm => nm >= 850 && nm <= 1000) ?? -1
  return red >= 0 && infrared >= 0 ? { red, infrared } : null
}

const algorithm = 'oximetry-ratio'

/**
 * A PPG stream with red and infrared: all that its pulse chain says, and `spo2` each second. The pulse chain comes as an
 * argument (`createPpgChain(spec)`), because modalities do not import each other. `more`: calibration tables of devices.
 */
export function createOximetryChain(spec: StreamSpec, pulses: StreamChain, more: readonly CalibrationTable[] = []): StreamChain {
  const channels = oximeterChannels(spec)
  if (channels === null) {
    const accepted = 'accepted: one channel of 600 to 700 nm and one of 850 to 1000 nm'
    throw new VitalwireError('usage-config', `stream ${spec.id}: no red and infrared wavelengths; ${accepted}`)
  }
  return new OximetryChain(spec, channels, pulses, findCalibration(spec.calibration, more))
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
  readonly #table: CalibrationTable
  #meter: BeatRatioMeter
  #saturation: Saturation
  readonly #state = { next: -1, secondFrom: 0, secondEnd: 0, reason: 'missing' as QualityReason }

  constructor(spec: StreamSpec, channels: { red: number; infrared: number }, pulses: StreamChain, table: CalibrationTable) {
    this.#spec = spec
    this.#red = channels.red
    this.#infrared = channels.infrared
    this.#fs = hertz(spec.fs)
    this.#pulses = pulses
    this.#table = table
    this.#meter = new BeatRatioMeter(this.#fs)
    this.#saturation = new Saturation(this.#fs, table)
    this.latency = pulses.latency
    this.parameters = { pulses: pulses.parameters, ...saturationParameters, calibration: table, version: 1 }
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
      this.#meter.step(off ? Number.NaN : red[at]!, infrared[at]!)
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
    Object.assign(this.#state, { next: -1, secondFrom: 0, secondEnd: 0, reason: 'missing' })
    this.#meter = new BeatRatioMeter(this.#fs)
    this.#saturation = new Saturation(this.#fs, this.#table)
  }

  save(): StageState {
    return {
      pulses: this.#pulses.save(),
      state: copyState(this.#state),
      meter: this.#meter.save(),
      saturation: copyState(this.#saturation.state),
    }
  }

  load(saved: StageState): void {
    const from = saved as { pulses: StageState; state: object; meter: StageState; saturation: object }
    this.#pulses.load(from.pulses)
    restoreState(this.#state, from.state)
    this.#meter.load(from.meter)
    restoreState(this.#saturation.state, from.saturation)
  }

  #begin(start: number): void {
    const second = secondOf(start, this.#spec.fs)
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
    this.#number(null, 0, this.#state.secondFrom, to, start, 'missing', emit)
    this.#turn(to)
  }

  #take(observation: Observation, emit: Emit): void {
    emit(observation)
    if (observation.kind === 'quality' && (observation.channel === this.#red || observation.channel === this.#infrared)) {
      // The worse of the two speaks for the pair; the first of a second starts it anew.
      if (observation.channel === Math.min(this.#red, this.#infrared) || this.#state.reason === 'good')
        this.#state.reason = observation.reason
    }
    if (observation.kind !== 'pulse') return
    const beat = this.#meter.take(Math.round(0.2 * this.#fs))
    const { leastPerfusion, leastAgreement } = saturationParameters
    if (beat === null || observation.quality < 0.5) this.#saturation.addRefused(observation.index, 'poor-signal')
    else if (beat.perfusion < leastPerfusion) this.#saturation.addRefused(observation.index, 'low-perfusion')
    else if (beat.agreement < leastAgreement) this.#saturation.addRefused(observation.index, 'poor-signal')
    else this.#saturation.addBeat(observation.index, beat.r, beat.agreement)
  }

  #measure(to: number, decided: number, emit: Emit): void {
    const result = this.#saturation.measure(decided)
    const { reason } = this.#state
    const bad = reason === 'missing' || reason === 'sensor-off' || reason === 'flat' || reason === 'saturated'
    const from = Math.max(0, secondStart(secondOf(to, this.#spec.fs) - saturationParameters.windowSeconds, this.#spec.fs))
    if (bad || result.value === null) this.#number(null, 0, from, to, decided, bad || reason === 'motion' ? reason : result.reason, emit)
    else this.#number(result.value, result.quality, from, to, decided, '', emit)
  }

  #number(value: number | null, quality: number, from: number, to: number, decided: number, reason: string, emit: Emit): void {
    emitNumber(emit, { name: 'spo2', value, quality, from, to, decided, channel: this.#red, algorithm }, reason)
  }
}
