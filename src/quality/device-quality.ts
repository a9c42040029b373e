import { isVitalName } from '../signal/catalogue.js'
import type { DeviceReceiver } from '../wire/device-receiver.js'
import type { ReceiverAction } from '../wire/receiver-actions.js'
import { type CorrectionKind, CorrectionSet, type CorrectionStep } from './correction.js'
import { type EvidenceWindow, IssueDesk, type IssueStep, type QualityIssue } from './issue-desk.js'
import { isThin, QualityMeter } from './quality-meter.js'
import { flagOf, type RuleEffect } from './rules.js'
import { MislabelWatch, unitMislabel } from './unit-mislabel.js'

/** How what is found gets into the event log. */
export interface QualityVoice {
  /** Wall time of the record in hand, microseconds. */
  readonly at: number
  /** Newest patient time of the device's patient; null: nobody wears it. */
  readonly t: number | null
  /** Of the device's current boot; empty before its birth. */
  readonly model: string
  readonly firmware: string
  /** Id of the event that is said next. */
  nextId(): string
  say(type: 'quality-report' | 'issue' | 'correction', stream: string, body: Readonly<Record<string, unknown>>): void
}

/** A UTC device clock may be ahead of the time of receipt by its own error and the network's haste. */
const futureToleranceMicros = 2_000_000

interface DeviceQualityState {
  meter: unknown
  corrections: unknown
  mislabels: unknown
  issues: QualityIssue[]
}

/**
 * The quality stage of one device: every action of its receiver and every measurement made of it is held against the rules as it
 * comes, counted by rule, and becomes an issue when a rule is broken too often. Deterministic like all of a partition; bounded by
 * the rules.
 */
export class DeviceQuality {
  readonly #meter = new QualityMeter()
  readonly #desk = new IssueDesk()
  readonly #mislabels = new MislabelWatch()
  readonly corrections = new CorrectionSet()

  /** Reports what was counted when the record in hand is of later minutes. */
  roll(receiver: DeviceReceiver, voice: QualityVoice): void {
    if (this.#meter.isDue(voice.at)) this.close(receiver, voice)
  }

  /** Reports what has been counted so far: the time is up, or the session or the device's stay here ends. */
  close(receiver: DeviceReceiver, voice: QualityVoice): void {
    const report = this.#meter.close(voice.at, receiver.ledger(), receiver.birth)
    if (report === null) return
    voice.say('quality-report', '', { ...report })
    if (isThin(report)) this.breach('told', 'low-coverage', '', voice)
  }

  /** The device comes from elsewhere with what its receiver has counted there. */
  begin(receiver: DeviceReceiver, at: number): void {
    this.#meter.begin(at, receiver.ledger())
  }

  /** The device goes elsewhere: what was counted is reported, and its issues end here, for the next one is looked for where it is. */
  leave(receiver: DeviceReceiver, voice: QualityVoice): void {
    this.close(receiver, voice)
    for (const { issue } of this.#desk.save()) {
      this.step(
        { issue, action: 'resolve', assignee: null, outcome: 'device-released', author: 'engine', reason: 'device released' },
        voice,
      )
    }
  }

  take(action: ReceiverAction, receiver: DeviceReceiver, voice: QualityVoice): void {
    switch (action.type) {
      case 'refused':
        this.breach('refused', action.reason, action.stream, voice)
        break
      case 'gap':
        if (action.reason === 'device' || action.reason === 'transit') this.#meter.gap(action.count * channelsOf(action.stream, receiver))
        break
      case 'numerics':
        for (const { name, reason, sent } of action.refused) {
          this.refusedValue(reason, voice)
          if (sent !== undefined && isVitalName(name)) this.#explain(this.#mislabels.refused(name, sent.value, sent.unit), voice)
        }
        for (const { name, value, corrected } of action.samples) {
          this.#meter.value('accepted')
          if (corrected === undefined) this.#mislabels.counted(name)
          else if (typeof value === 'number') this.#meter.corrected(corrected.id, 1, value - corrected.old)
        }
        break
      case 'block': {
        this.#meter.stored(action.chunk.n * action.chunk.channels.length)
        const { birth } = receiver
        if (birth?.clock !== 'utc' || birth.epoch === undefined) break
        if (birth.epoch + action.chunk.t0 > voice.at + futureToleranceMicros)
          this.breach('told', 'sample-time-future', action.stream, voice)
        break
      }
      default:
        break
    }
  }

  /** A number that was refused, at the door or beside others of its moment. */
  refusedValue(reason: string, voice: QualityVoice): void {
    this.#meter.value('refused')
    this.breach('refused', reason, 'n', voice)
  }

  /** A measurement of the patient log that comes from this device. */
  measured(body: Readonly<Record<string, unknown>>, stream: string, voice: QualityVoice): void {
    const flag = flagOf(body)
    if (flag === null) return
    if (stream === 'n') this.#meter.value('flagged')
    this.breach('flagged', flag, stream, voice)
  }

  judged(quality: number): void {
    this.#meter.judged(quality)
  }

  /** The channels of a block as they are to be read, and what the corrections come to is counted; the samples that came stay as they are. */
  correct(stream: string, names: readonly string[], channels: readonly Float64Array[]): readonly Float64Array[] {
    const inverted = this.corrections.inverted(stream)
    if (inverted.length === 0) return channels
    return channels.map((samples, k) => {
      const correction = inverted.find(({ channel }) => channel === names[k])
      if (correction === undefined) return samples
      let delta = 0
      let count = 0
      const turned = new Float64Array(samples.length)
      for (let i = 0; i < samples.length; i++) {
        const value = samples[i]!
        // Never -0.
        turned[i] = 0 - value
        if (Number.isNaN(value)) continue
        count += 1
        delta -= 2 * value
      }
      this.#meter.corrected(correction.id, count, delta)
      return turned
    })
  }

  /** Makes a correction; the reason why not, or null. */
  make(what: CorrectionKind, by: { author: string; reason: string; method: string; version: string }, voice: QualityVoice): string | null {
    const problem = this.corrections.problem(what)
    if (problem !== null) return problem
    const correction = { id: voice.nextId(), what, ...by, at: voice.at }
    this.corrections.make(correction)
    this.#sayCorrection({ ...correction, state: 'made' }, voice)
    return null
  }

  /** false: no such correction is in force. */
  undo(id: string, author: string, reason: string, voice: QualityVoice): boolean {
    const correction = this.corrections.undo(id)
    if (correction === null) return false
    // Whoever takes back what a rule has found says that the device means what it says.
    if (correction.what.kind === 'unit') this.#mislabels.counted(correction.what.name)
    this.#sayCorrection({ ...correction, state: 'undone', author, reason, at: voice.at }, voice)
    return true
  }

  breach(effect: RuleEffect, rule: string, stream: string, voice: QualityVoice): void {
    const opens = this.#meter.breach(effect, rule, voice.at, voice.t)
    if (this.#desk.takes(rule, effect, voice.at, voice.t) || opens === null) return
    this.#open(effect, rule, stream, opens, voice)
  }

  /** A person reports something that no rule finds. */
  report(by: { rule: string; evidence: EvidenceWindow; author: string; reason: string }, voice: QualityVoice): boolean {
    const { rule, evidence, author, reason } = by
    const issue = this.#desk.open({
      ...opened(voice, rule, evidence),
      effect: 'reported',
      author,
      reason,
    })
    if (issue !== null) voice.say('issue', evidence.stream, { ...issue })
    return issue !== null
  }

  /** false: no such issue is open here. */
  step(step: IssueStep, voice: QualityVoice): boolean {
    const issue = this.#desk.step(step)
    if (issue !== null) voice.say('issue', issue.evidence.stream, { ...issue })
    return issue !== null
  }

  save(): DeviceQualityState {
    return {
      meter: this.#meter.save(),
      corrections: this.corrections.save(),
      mislabels: this.#mislabels.save(),
      issues: this.#desk.save(),
    }
  }

  load(state: unknown): void {
    const { meter, corrections, mislabels, issues } = state as DeviceQualityState
    this.#meter.load(meter)
    this.corrections.load(corrections)
    this.#mislabels.load(mislabels)
    this.#desk.load(issues)
  }

  #explain(what: CorrectionKind | null, voice: QualityVoice): void {
    if (what === null) return
    const reason = 'three numbers in a row are impossible as labelled and plausible in one other unit only'
    this.make(what, { author: 'engine', reason, ...unitMislabel }, voice)
  }

  #sayCorrection(step: CorrectionStep, voice: QualityVoice): void {
    voice.say('correction', step.what.kind === 'invert' ? step.what.stream : step.what.kind === 'unit' ? 'n' : '', { ...step })
  }

  #open(
    effect: RuleEffect,
    rule: string,
    stream: string,
    first: { count: number; at: number; t: number | null },
    voice: QualityVoice,
  ): void {
    const { at, t } = voice
    const window = t === null ? null : ([first.t ?? t, t] as const)
    const evidence = { stream, at: [first.at, at] as const, t: window }
    const { count } = first
    const issue = this.#desk.open({ ...opened(voice, rule, evidence), count, effect, author: 'engine', reason: 'rule' })
    if (issue !== null) voice.say('issue', stream, { ...issue })
  }
}

/** Packs and events have no channels. */
function channelsOf(stream: string, receiver: DeviceReceiver): number {
  return receiver.birth?.streams.find(({ id }) => id === stream)?.channels.length ?? 0
}

function opened(voice: QualityVoice, rule: string, evidence: EvidenceWindow) {
  const { model, firmware } = voice
  return { issue: voice.nextId(), model, firmware, rule, evidence, state: 'open' as const, count: 1, assignee: null, outcome: null }
}
