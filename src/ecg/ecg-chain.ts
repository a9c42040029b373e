import { secondOf } from '../dsp/second-grid.js'
import { chooseKernel } from '../kernel/choose-kernel.js'
import type { KernelName } from '../kernel/kernel.js'
import type { StreamChain } from '../signal/chain.js'
import type { Observation } from '../signal/observation.js'
import { hertz, type Rate } from '../signal/rate.js'
import { checkBlock, type StreamBlock } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { type AsystoleChange, AsystoleWatch } from './asystole-watch.js'
import { BeatBreathing, beatBreathingDefaults } from './beat-breathing.js'
import type { BeatClassifier, BeatVerdict, FoundBeat } from './beat-verdict.js'
import { MarkedPulses, markedPulseParameters } from './conditioning/marked-pulses.js'
import { PulseTailWatch, pulseTailParameters } from './conditioning/pulse-tail.js'
import type { DelineationChoices } from './delineation/delineator.js'
import type { EcgAnalyser } from './ecg-analyser.js'
import { createEcgAnalysers, createEcgClassifier } from './ecg-analysers.js'
import { EcgHistory, longestPushSeconds } from './ecg-history.js'
import { bridgeSeconds, EcgLead, type LeadEvent } from './ecg-lead.js'
import { heartRateDefaults } from './heart-rate.js'
import { HeldBeats } from './held-beats.js'
import { type ChosenBeat, LeadChoice, usableQuality } from './lead-choice.js'
import { leadQualityDefaults, noContact } from './lead-quality.js'
import { PacedBeats, pacedBeatParameters } from './paced-beats.js'
import { qrsDefaults } from './qrs/qrs-parameters.js'
import { RateMeter } from './rate-meter.js'

/** No QRS complex for this long is asystole. */
const asystoleSeconds = 4
/** Beatless time is added up over losses of signal of at most this length. */
const longestLossSeconds = 2

/** EC57 has no class of its own for paced beats. */
const pacedVerdict: BeatVerdict = { beatClass: 'Q', confidence: 1, reasons: ['paced'] }

/** Rates in Hz that the ECG chain accepts. */
const ecgRates = { lowest: 100, highest: 1000 } as const

/**
 * Beats with their classes, RR intervals, heart rate, respiratory rate, signal quality, rhythms and waves of an ECG stream
 * with one lead or several. Every lead has its own detector; the events of all leads are merged by the sample that decided
 * them, so the cut of the stream does not matter. A beat of the chosen lead is confirmed when enough signal has followed
 * it to tell its class. Throws RangeError for a rate outside 100 to 1000 Hz or a stream without channels.
 */
export function createEcgChain(spec: StreamSpec, options: EcgChainOptions = {}): StreamChain {
  return new EcgChain(spec, options)
}

export interface EcgChainOptions {
  readonly kernel?: KernelName
  /** Steps after the beats; default: all. */
  readonly analysers?: (options: { fsHz: number; leadCount: number }) => EcgAnalyser[]
  /** Formula of QTc, RR history, ST reference and the like for the default steps. */
  readonly delineation?: DelineationChoices
}

class EcgChain implements StreamChain {
  readonly name = 'ecg'
  readonly latency: { readonly min: number; readonly max: number }
  readonly parameters: Readonly<Record<string, unknown>>
  private readonly leads: EcgLead[]
  private readonly marked: MarkedPulses[]
  private readonly pulses: PulseTailWatch[]
  private readonly paced: PacedBeats
  private readonly history: EcgHistory
  private readonly choice: LeadChoice
  private readonly rate: RateMeter
  private readonly breathing: BeatBreathing
  private readonly asystole: AsystoleWatch
  private readonly classifier: BeatClassifier
  private readonly held: HeldBeats
  private readonly analysers: EcgAnalyser[]
  private readonly fs: Rate
  private readonly longestPush: number
  private said: Observation[] = []
  private nextIndex = -1
  /** The analyser that wants to be woken next, and when. */
  private sleeper: EcgAnalyser | null = null
  private wakeAt = Number.POSITIVE_INFINITY

  constructor(spec: StreamSpec, options: EcgChainOptions) {
    const fsHz = hertz(spec.fs)
    if (!(fsHz >= ecgRates.lowest && fsHz <= ecgRates.highest)) {
      throw new RangeError(`stream ${spec.id}: an ECG needs ${ecgRates.lowest} to ${ecgRates.highest} Hz, not ${fsHz}`)
    }
    if (spec.channels.length === 0) throw new RangeError(`stream ${spec.id}: an ECG needs at least one channel`)
    const millivolts = millivoltsPerUnit(spec.unit)
    const kernel = chooseKernel(options.kernel)
    const leadCount = spec.channels.length
    this.fs = spec.fs
    this.longestPush = Math.floor(longestPushSeconds * fsHz)
    this.leads = spec.channels.map((_, channel) => new EcgLead(channel, spec.fs, millivolts, kernel))
    this.marked = spec.channels.map(() => new MarkedPulses(fsHz, millivolts))
    this.pulses = spec.channels.map(() => new PulseTailWatch(fsHz))
    this.paced = new PacedBeats(leadCount, fsHz)
    this.history = new EcgHistory(leadCount, fsHz, millivolts)
    this.choice = new LeadChoice(leadCount, fsHz)
    this.rate = new RateMeter(fsHz)
    this.breathing = new BeatBreathing(fsHz)
    this.asystole = new AsystoleWatch(Math.ceil(asystoleSeconds * fsHz), Math.ceil(longestLossSeconds * fsHz))
    this.classifier = createEcgClassifier({ fsHz, leadCount })
    this.held = new HeldBeats(Math.ceil(this.classifier.lookAheadSeconds * fsHz))
    this.analysers = options.analysers?.({ fsHz, leadCount }) ?? createEcgAnalysers({ fsHz, leadCount }, options.delineation)
    const detection = (this.leads[0] as EcgLead).latency.max
    this.latency = { min: 0, max: Math.max(detection, ...this.analysers.map(({ latency }) => detection + latency)) }
    this.parameters = {
      algorithm: 'ecg-2',
      bridgeSeconds,
      asystoleSeconds,
      longestLossSeconds,
      markedPulses: markedPulseParameters,
      pulseTail: pulseTailParameters,
      paced: pacedBeatParameters,
      qrs: qrsDefaults,
      quality: leadQualityDefaults,
      heartRate: heartRateDefaults,
      breathing: beatBreathingDefaults,
      classes: { name: this.classifier.name, lookAheadSeconds: this.classifier.lookAheadSeconds, ...this.classifier.parameters },
      analysers: Object.fromEntries(this.analysers.map(({ name, parameters }) => [name, parameters])),
    }
  }

  push(block: StreamBlock, emit: (observation: Observation) => void): void {
    checkBlock(block, this.leads.length, this.nextIndex)
    if (block.length === 0) return
    if (this.nextIndex >= 0 && block.start > this.nextIndex) this.asystole.hold(this.nextIndex, block.start)
    for (let from = 0; from < block.length; from += this.longestPush) {
      this.pushSome(block, from, Math.min(this.longestPush, block.length - from))
      this.speak(emit)
    }
  }

  flush(emit: (observation: Observation) => void): void {
    const events: LeadEvent[] = []
    for (const lead of this.leads) lead.flush(events)
    this.settle(events)
    const decided = Math.max(0, this.nextIndex - 1)
    this.history.end = decided + 1
    this.releaseAll(decided)
    this.tellAsystole(this.asystole.end(decided), this.choice.chosen)
    for (const analyser of this.analysers) analyser.end(decided, this.history, this.say)
    this.seeWakes()
    this.speak(emit)
    for (const marked of this.marked) marked.restart()
    for (const pulse of this.pulses) pulse.restart()
    this.paced.restart()
    this.classifier.restart()
    this.choice.restart()
    this.rate.restart()
    this.breathing.restart()
    this.asystole.restart()
    this.history.restart()
    this.nextIndex = -1
  }

  save(): StageState {
    return {
      nextIndex: this.nextIndex,
      leads: this.leads.map(lead => lead.save()),
      marked: this.marked.map(marked => marked.save()),
      pulses: this.pulses.map(pulse => pulse.save()),
      paced: this.paced.save(),
      history: this.history.save(),
      choice: this.choice.save(),
      rate: this.rate.save(),
      breathing: this.breathing.save(),
      asystole: this.asystole.save(),
      classifier: this.classifier.save(),
      held: this.held.save(),
      analysers: this.analysers.map(analyser => analyser.save()),
    }
  }

  load(saved: StageState): void {
    const state = saved as {
      nextIndex: number
      leads: StageState[]
      marked: StageState[]
      pulses: StageState[]
      analysers: StageState[]
    } & Record<'paced' | 'history' | 'choice' | 'rate' | 'breathing' | 'asystole' | 'classifier' | 'held', StageState>
    this.nextIndex = state.nextIndex
    state.leads.forEach((lead, channel) => {
      this.leads[channel]?.load(lead)
    })
    state.marked.forEach((marked, channel) => {
      this.marked[channel]?.load(marked)
    })
    state.pulses.forEach((pulse, channel) => {
      this.pulses[channel]?.load(pulse)
    })
    this.paced.load(state.paced)
    this.history.load(state.history)
    this.choice.load(state.choice)
    this.rate.load(state.rate)
    this.breathing.load(state.breathing)
    this.asystole.load(state.asystole)
    this.classifier.load(state.classifier)
    this.held.load(state.held)
    state.analysers.forEach((analyser, i) => {
      this.analysers[i]?.load(analyser)
    })
    this.seeWakes()
  }

  private pushSome(block: StreamBlock, from: number, length: number): void {
    const start = block.start + from
    const contact = (block.flags & noContact) === 0
    const marks = (block.paceMarks ?? []).filter(mark => mark >= start && mark < start + length)
    const channels = block.channels.map((samples, channel) =>
      (this.marked[channel] as MarkedPulses).take(start, samples.subarray(from, from + length), marks),
    )
    this.history.push(start, contact ? channels : null, 0, length)
    const events: LeadEvent[] = []
    for (let channel = 0; channel < this.leads.length; channel++) {
      const lead = this.leads[channel] as EcgLead
      for (const mark of marks) lead.mark(mark)
      lead.push(start, block.flags, channels[channel] as Float64Array, events)
    }
    this.nextIndex = start + length
    this.settle(events)
    this.advance(this.nextIndex)
  }

  /** Array.sort is stable: of events decided by the same sample those of the first lead come first. */
  private settle(events: LeadEvent[]): void {
    if (this.leads.length > 1) events.sort((a, b) => a.decided - b.decided)
    for (const event of events) {
      this.advance(event.decided)
      this.history.end = event.decided + 1
      switch (event.kind) {
        case 'fast':
          if (event.channel !== this.choice.chosen) break
          this.say({ kind: 'fast-beat', channel: event.channel, decided: event.decided, index: event.index })
          break
        case 'beat':
          this.beat(event)
          break
        case 'pace':
          this.paced.spike(event.channel, event.index, event.marked)
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
          this.gap(event)
          break
        case 'second':
          this.second(event)
          break
      }
    }
  }

  /** Does what falls due before sample `upTo`, in its order: asystole, beats that are held, analysers that want to be woken. */
  private advance(upTo: number): void {
    for (;;) {
      const { releaseAt } = this.held
      const next = Math.min(releaseAt, this.wakeAt)
      if (next >= upTo) break
      this.raiseAsystole(next)
      this.history.end = next + 1
      if (releaseAt <= next) this.release(next)
      else {
        ;(this.sleeper as EcgAnalyser).wake(next, this.history, this.say)
        this.seeWakes()
      }
    }
    this.raiseAsystole(upTo)
  }

  /** Sees which analyser wants to be woken next, the first of those that are equal; to be called whenever they were told of something. */
  private seeWakes(): void {
    this.wakeAt = Number.POSITIVE_INFINITY
    for (const analyser of this.analysers) {
      const { wakeAt } = analyser
      if (wakeAt >= this.wakeAt) continue
      this.wakeAt = wakeAt
      this.sleeper = analyser
    }
  }

  private beat(found: LeadEvent & { kind: 'beat' }): void {
    const pulse = (this.pulses[found.channel] as PulseTailWatch).judge(this.history, found.channel, found.index)
    if (pulse === 'tail') return
    const event = pulse === 'beat' ? found : { ...found, index: pulse, fraction: 0 }
    const counts = this.choice.counts(event.channel)
    this.choice.beat(event, this.onBeat)
    if (!counts) return
    const change = this.asystole.beat(event.index, event.decided)
    this.tellAsystole(change, event.channel)
  }

  private readonly onBeat = (beat: ChosenBeat): void => {
    const { channel, decided, index, fraction, height, likeness, searchedBack } = beat
    const { quality } = this.choice
    const rrSeconds = this.rate.beat(index, fraction)
    this.breathing.beat(beat, rrSeconds !== null, quality)
    this.held.hold({ index, fraction, lead: channel, height, likeness, rrSeconds, quality, searchedBack }, decided)
  }

  private release(decided: number): void {
    const beat = this.held.release() as FoundBeat
    const { index, fraction, lead, height, likeness, rrSeconds, quality, searchedBack } = beat
    const judged = this.classifier.judge(beat, this.history)
    const { beatClass, confidence, reasons } = this.paced.isPaced(lead, index) ? pacedVerdict : judged
    this.say({ kind: 'beat', channel: lead, decided, index, fraction, beatClass, confidence, reasons, rrSeconds, quality })
    const confirmed = { index, fraction, lead, height, likeness, rrSeconds, quality, searchedBack, beatClass, confidence, reasons }
    for (const analyser of this.analysers) analyser.beat(confirmed, decided, this.history, this.say)
    this.seeWakes()
  }

  private releaseAll(decided: number): void {
    while (this.held.releaseAt < Number.POSITIVE_INFINITY) this.release(decided)
  }

  private gap({ channel, from, decided }: LeadEvent & { kind: 'gap' }): void {
    if (channel === this.choice.chosen) {
      this.releaseAll(decided)
      this.rate.break()
      this.breathing.gap()
    }
    this.choice.gap(channel)
    this.classifier.gap(channel)
    for (const analyser of this.analysers) analyser.gap(channel, from, decided, this.history, this.say)
    this.seeWakes()
    this.asystole.measurable(this.choice.measurableSince, decided)
  }

  private second(event: LeadEvent & { kind: 'second' }): void {
    const { channel, decided, from, to, quality, reason } = event
    this.say({ kind: 'quality', channel, decided, from, to, quality, reason })
    this.choice.second(event, this.onBeat)
    this.asystole.measurable(this.choice.measurableSince, decided)
    const second = { lead: channel, from, to, quality, reason, chosen: this.choice.chosen }
    for (const analyser of this.analysers) analyser.second(second, decided, this.history, this.say)
    this.seeWakes()
    if (channel !== this.leads.length - 1) return
    const usable = this.choice.quality >= usableQuality
    if (!usable) this.rate.break()
    const reading = this.rate.read(decided, usable)
    this.say({
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
    if ((secondOf(from, this.fs) + 1) % beatBreathingDefaults.modulation.everySeconds === 0) this.breathe(from, to, decided)
  }

  private breathe(second: number, to: number, decided: number): void {
    const { value, from, quality, low, high, held, reason } = this.breathing.read(to, this.choice.quality)
    this.say({
      kind: 'measurement',
      name: 'respiratory-rate',
      channel: this.choice.chosen,
      decided,
      value,
      from: value === null ? second : from,
      to,
      quality,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
      ...(held && { held }),
      algorithm: 'ecg-modulation',
      ...(reason && { reason }),
    })
  }

  private raiseAsystole(upTo: number): void {
    this.tellAsystole(this.asystole.due(upTo), this.choice.chosen)
  }

  /** As sure as the signal is good in which no beat is seen, or in which one is seen again. */
  private tellAsystole(change: AsystoleChange | null, channel: number): void {
    if (change === null) return
    const { index, decided } = change
    const evidence = { confidence: this.choice.quality, from: index, to: decided + 1 }
    this.say({ kind: 'rhythm', rhythm: 'asystole', channel, ...evidence, ...change })
  }

  private readonly say = (observation: Observation): void => {
    this.said.push(observation)
  }

  /** What was said of one push, in the order of `decided`. */
  private speak(emit: (observation: Observation) => void): void {
    const { said } = this
    this.said = []
    for (const observation of said) emit(observation)
  }
}

/** Millivolts in one of the stream's units; null: no voltage, absolute amplitudes are not judged. */
function millivoltsPerUnit(unit: string): number | null {
  if (unit === 'mV') return 1
  if (unit === 'uV') return 0.001
  if (unit === 'V') return 1000
  return null
}
