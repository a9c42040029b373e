import { secondOf } from '../dsp/second-grid.js'
import { chooseKernel } from '../kernel/choose-kernel.js'
import type { KernelName } from '../kernel/kernel.js'
import type { StreamChain } from '../signal/chain.js'
import type { Observation } from '../signal/observation.js'
import { hertz, type Rate } from '../signal/rate.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { AsystoleWatch } from './asystole-watch.js'
import { BeatBreathing, beatBreathingDefaults } from './beat-breathing.js'
import { bridgeSeconds, EcgLead, type LeadEvent } from './ecg-lead.js'
import { heartRateDefaults } from './heart-rate.js'
import { type ChosenBeat, LeadChoice, usableQuality } from './lead-choice.js'
import { leadQualityDefaults } from './lead-quality.js'
import { qrsDefaults } from './qrs-parameters.js'
import { RateMeter } from './rate-meter.js'

/** No QRS complex for this long is asystole. */
const asystoleSeconds = 4
/** Beatless time is added up over losses of signal of at most this length. */
const longestLossSeconds = 2

/** Rates in Hz that the ECG chain accepts. */
const ecgRates = { lowest: 100, highest: 1000 } as const

/**
 * Beats, RR intervals, heart rate, respiratory rate, signal quality and asystole of an ECG stream with one lead or several. Every lead has
 * its own detector; the events of all leads are merged by the sample that decided them, so the cut of the stream does not
 * matter. Throws RangeError for a rate outside 100 to 1000 Hz or a stream without channels.
 */
export function createEcgChain(spec: StreamSpec, options: { kernel?: KernelName } = {}): StreamChain {
  return new EcgChain(spec, options)
}

class EcgChain implements StreamChain {
  readonly name = 'ecg'
  readonly latency: { readonly min: number; readonly max: number }
  readonly parameters: Readonly<Record<string, unknown>>
  private readonly leads: EcgLead[]
  private readonly choice: LeadChoice
  private readonly rate: RateMeter
  private readonly breathing: BeatBreathing
  private readonly asystole: AsystoleWatch
  private readonly fs: Rate
  private emit: (observation: Observation) => void = () => {}
  private nextIndex = -1

  constructor(spec: StreamSpec, options: { kernel?: KernelName }) {
    const fsHz = hertz(spec.fs)
    if (!(fsHz >= ecgRates.lowest && fsHz <= ecgRates.highest)) {
      throw new RangeError(`stream ${spec.id}: an ECG needs ${ecgRates.lowest} to ${ecgRates.highest} Hz, not ${fsHz}`)
    }
    if (spec.channels.length === 0) throw new RangeError(`stream ${spec.id}: an ECG needs at least one channel`)
    const millivolts = millivoltsPerUnit(spec.unit)
    const kernel = chooseKernel(options.kernel)
    this.leads = spec.channels.map((_, channel) => new EcgLead(channel, spec.fs, millivolts, kernel))
    this.choice = new LeadChoice(spec.channels.length, fsHz)
    this.rate = new RateMeter(fsHz)
    this.breathing = new BeatBreathing(fsHz)
    this.fs = spec.fs
    this.asystole = new AsystoleWatch(Math.ceil(asystoleSeconds * fsHz), Math.ceil(longestLossSeconds * fsHz))
    const max = (this.leads[0] as EcgLead).latency.max
    this.latency = { min: 0, max }
    this.parameters = {
      algorithm: 'ecg-1',
      bridgeSeconds,
      asystoleSeconds,
      longestLossSeconds,
      qrs: qrsDefaults,
      quality: leadQualityDefaults,
      heartRate: heartRateDefaults,
      breathing: beatBreathingDefaults,
    }
  }

  push(block: StreamBlock, emit: (observation: Observation) => void): void {
    if (block.length === 0) return
    if (this.nextIndex >= 0 && block.start > this.nextIndex) this.asystole.hold(block.start)
    const events: LeadEvent[] = []
    for (let channel = 0; channel < this.leads.length; channel++) {
      const samples = block.channels[channel] as Float64Array
      ;(this.leads[channel] as EcgLead).push(block.start, block.flags, samples.subarray(0, block.length), events)
    }
    this.nextIndex = block.start + block.length
    this.settle(events, emit)
    this.raiseAsystole(this.nextIndex)
  }

  flush(emit: (observation: Observation) => void): void {
    const events: LeadEvent[] = []
    for (const lead of this.leads) lead.flush(events)
    this.settle(events, emit)
    this.choice.restart()
    this.rate.restart()
    this.breathing.restart()
    this.asystole.restart()
    this.nextIndex = -1
  }

  save(): StageState {
    return {
      nextIndex: this.nextIndex,
      leads: this.leads.map(lead => lead.save()),
      choice: this.choice.save(),
      rate: this.rate.save(),
      breathing: this.breathing.save(),
      asystole: this.asystole.save(),
    }
  }

  load(saved: StageState): void {
    const state = saved as { nextIndex: number; leads: StageState[] } & Record<'choice' | 'rate' | 'breathing' | 'asystole', StageState>
    this.nextIndex = state.nextIndex
    state.leads.forEach((lead, channel) => {
      this.leads[channel]?.load(lead)
    })
    this.choice.load(state.choice)
    this.rate.load(state.rate)
    this.breathing.load(state.breathing)
    this.asystole.load(state.asystole)
  }

  /** Array.sort is stable: of events decided by the same sample those of the first lead come first. */
  private settle(events: LeadEvent[], emit: (observation: Observation) => void): void {
    this.emit = emit
    if (this.leads.length > 1) events.sort((a, b) => a.decided - b.decided)
    for (const event of events) {
      this.raiseAsystole(event.decided)
      switch (event.kind) {
        case 'beat':
          this.beat(event)
          break
        case 'candidate':
        case 'candidate-over':
          this.asystole.candidate(event.kind === 'candidate', event.decided)
          break
        case 'unsure':
        case 'sure':
          this.choice.trust(event.channel, event.kind === 'sure')
          this.asystole.measurable(this.choice.measurableSince, event.decided)
          break
        case 'gap':
          this.choice.gap(event.channel)
          if (event.channel === this.choice.chosen) {
            this.rate.break()
            this.breathing.gap()
          }
          this.asystole.measurable(this.choice.measurableSince, event.decided)
          break
        case 'second':
          this.second(event)
          break
      }
    }
  }

  private beat(event: LeadEvent & { kind: 'beat' }): void {
    const counts = this.choice.counts(event.channel)
    this.choice.beat(event, this.onBeat)
    if (!counts) return
    const change = this.asystole.beat(event.index, event.decided)
    if (change) this.emit({ kind: 'rhythm', rhythm: 'asystole', channel: event.channel, ...change })
  }

  private readonly onBeat = (beat: ChosenBeat): void => {
    const { channel, decided, index } = beat
    const { quality } = this.choice
    const rrSeconds = this.rate.beat(index)
    this.breathing.beat(beat, rrSeconds !== null, quality)
    this.emit({ kind: 'beat', channel, decided, index, beatClass: 'Q', rrSeconds, quality })
  }

  private second(event: LeadEvent & { kind: 'second' }): void {
    const { channel, decided, from, to, quality, reason } = event
    this.emit({ kind: 'quality', channel, decided, from, to, quality, reason })
    this.choice.second(event, this.onBeat)
    this.asystole.measurable(this.choice.measurableSince, decided)
    if (channel !== this.leads.length - 1) return
    const usable = this.choice.quality >= usableQuality
    if (!usable) this.rate.break()
    const reading = this.rate.read(decided, usable)
    this.emit({
      kind: 'measurement',
      name: 'heart-rate',
      channel: this.choice.chosen,
      decided,
      value: reading.value,
      from: reading.value === null ? from : reading.from,
      to,
      quality: this.choice.quality,
      algorithm: 'ecg-heart-rate',
      ...(reading.reason && { reason: reading.reason }),
    })
    if ((secondOf(from, this.fs) + 1) % beatBreathingDefaults.everySeconds === 0) this.breathe(from, to, decided)
  }

  private breathe(second: number, to: number, decided: number): void {
    const { value, from, quality, reason } = this.breathing.read(to, this.choice.quality)
    this.emit({
      kind: 'measurement',
      name: 'respiratory-rate',
      channel: this.choice.chosen,
      decided,
      value,
      from: value === null ? second : from,
      to,
      quality,
      algorithm: 'ecg-modulation',
      ...(reason && { reason }),
    })
  }

  private raiseAsystole(upTo: number): void {
    const change = this.asystole.due(upTo)
    if (change) this.emit({ kind: 'rhythm', rhythm: 'asystole', channel: this.choice.chosen, ...change })
  }
}

/** Millivolts in one of the stream's units; null: no voltage, absolute amplitudes are not judged. */
function millivoltsPerUnit(unit: string): number | null {
  if (unit === 'mV') return 1
  if (unit === 'uV') return 0.001
  if (unit === 'V') return 1000
  return null
}
