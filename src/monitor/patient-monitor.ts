import type { AlertRule } from '../alert/alert-rule.js'
import { chooseRules, type RuleOverrides } from '../alert/limits-profile.js'
import { type LimitPrescription, limitsInForce, nextLimitChange } from '../alert/prescribed-limits.js'
import { GlucoseCourse } from '../glucose/glucose-course.js'
import { type OximetryOptions, oximeterChannels } from '../oximetry/oximetry-chain.js'
import { catalogue, isVitalName, type VitalName, vitalNames } from '../signal/catalogue.js'
import type { DeviceEvent, NumericSample } from '../signal/numeric.js'
import type { MeasurementObservation, Observation } from '../signal/observation.js'
import type { PatientAttributes } from '../signal/patient.js'
import { hertz } from '../signal/rate.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { StreamSpec } from '../signal/stream.js'
import { ChangeCheck } from '../vitals/change-check.js'
import { checkValue, flagImplausible } from '../vitals/reading-check.js'
import { type SettledSpot, SpotCheck } from '../vitals/spot-check.js'
import type { VitalReading } from '../vitals/vital-reading.js'
import type { Aside } from './aside.js'
import type { AcknowledgeOutcome } from './condition-set.js'
import { EpisodeReader, episodeRules, tellsEpisodes } from './episode-reader.js'
import type { EmitEvent } from './event.js'
import { MergeReader, type MergeState } from './merge-reader.js'
import { type ChannelGap, eventFlags, MonitoredStream } from './monitored-stream.js'
import { MotionRateReader, type MotionRateSink, type MotionRateTold } from './motion-rate-reader.js'
import { NumericDesaturations } from './numeric-desaturation.js'
import { measurementEvent, observationEvent, readingOf } from './observation-event.js'
import { isJoined, joinsStreams, numericVitals, planOrder, planStream } from './plan.js'
import type { ReaderItem } from './reader-item.js'
import { type RuledHandler, RuleSchedule } from './rule-schedule.js'
import { ScoreReader, scoreRules } from './score-reader.js'
import { SignalReader, signalRules } from './signal-reader.js'
import { microsecondRate, Timeline } from './timeline.js'
import { TrendReader, trendRules } from './trend-reader.js'
import { VitalReader, vitalRules } from './vital-reader.js'

/** One boot of one device. */
export interface BootRef {
  readonly device: string
  readonly boot: number
}

/** A number that was accepted by itself and cannot be beside others of its moment; neither said nor read. */
export interface RefusedNumeric {
  readonly name: VitalName
  readonly reason: 'pressure-order'
}

export interface MonitorOptions {
  readonly attributes: PatientAttributes
  readonly limits: RuleOverrides
  /** Of this patient; they hold over `limits` at their own patient times. Left out: none. */
  readonly prescriptions?: readonly LimitPrescription[]
}

interface Handler extends RuledHandler {
  save(): unknown
  load(state: never): void
}

/** A reader as created: what it answers and for which stream, so that it can be made again from a saved state. */
type ReaderKey = `signal/${string}` | `episode/${string}` | `motion-rate/${string}` | `vital/${VitalName}` | 'score' | 'trend'

interface Reader {
  readonly key: ReaderKey
  readonly handler: Handler
  readonly schedule: RuleSchedule
  readonly merge: MergeReader<ReaderItem>
}

interface StreamEntry {
  readonly key: string
  readonly device: string
  readonly stream: MonitoredStream
  /** As the stream was opened with; empty for what is no oximeter. */
  readonly oximetry: OximetryOptions
  readonly readers: Reader[]
  /** Read by what joins streams, too. */
  readonly joined: boolean
  silent: boolean
  qualityReasons: (string | null)[]
  /** By vital name: why it was last not measurable; said once, not every second. */
  unmeasurable: Record<string, string>
}

/** The pulse rate that light and acceleration give together: an input of its own to the readers of the pulse rate. */
interface JoinedRate {
  /** Key of the input. */
  readonly key: string
  readonly device: string
  readonly spec: StreamSpec
  readonly readers: Reader[]
  unmeasurable: Record<string, string>
}

interface NumericsEntry {
  readonly key: string
  readonly device: string
  readonly timeline: Timeline
  readonly readers: Reader[]
  silent: boolean
  /** Newest patient time that was closed. */
  end: number
  readonly glucose: GlucoseCourse
  readonly desaturations: NumericDesaturations
  readonly spots: SpotCheck
  readonly changes: ChangeCheck
}

export interface MonitorState {
  attributes: PatientAttributes
  limits: RuleOverrides
  prescriptions: readonly LimitPrescription[]
  origin: number | null
  streams: {
    key: string
    device: string
    spec: StreamSpec
    oximetry: OximetryOptions
    stream: unknown
    joined: boolean
    silent: boolean
    qualityReasons: (string | null)[]
    unmeasurable: Record<string, string>
  }[]
  /** By the input of the light that they come from. */
  joined: { light: string; key: string; device: string; spec: StreamSpec; unmeasurable: Record<string, string> }[]
  numerics: {
    key: string
    device: string
    timeline: unknown
    silent: boolean
    end: number
    glucose: unknown
    desaturations: unknown
    spots: unknown
    changes: unknown
  }[]
  readers: {
    key: ReaderKey
    specs: { id: string; kind: StreamSpec['kind']; fsHertz: number; joined: boolean } | null
    handler: unknown
    /** Patient time whose rules it has; null before its first item. */
    rulesAt: number | null
    /** Up to where changes of its rules have been said; as `rulesAt` when left out. */
    rulesTold?: number | null
    merge: MergeState<ReaderItem>
  }[]
}

/**
 * The core's one door: the streams and numbers of one patient go in, the patient log comes out. Pure and deterministic:
 * what it emits depends on what went in, not on how the streams were cut or which of them was ahead.
 */
export class PatientMonitor {
  #attributes: PatientAttributes
  #limits: RuleOverrides
  #prescriptions: readonly LimitPrescription[]
  /** As they are without a prescription. */
  #rules: readonly AlertRule[]
  readonly #emit: EmitEvent
  readonly #aside: (aside: Aside) => void
  readonly #refuse: (refused: RefusedNumeric) => void
  /** Patient time of the session's beginning: earliest anchor. */
  #origin: number | null = null
  readonly #streams = new Map<string, StreamEntry>()
  readonly #numerics = new Map<string, NumericsEntry>()
  /** By the input of the light that they come from. */
  readonly #joined = new Map<string, JoinedRate>()
  readonly #readers = new Map<ReaderKey, Reader>()
  readonly #readerStreams = new Map<ReaderKey, { id: string; kind: StreamSpec['kind']; fsHertz: number; joined: boolean }>()

  constructor(
    options: MonitorOptions,
    emit: EmitEvent,
    aside: (aside: Aside) => void = () => {},
    refuse: (refused: RefusedNumeric) => void = () => {},
  ) {
    this.#aside = aside
    this.#refuse = refuse
    this.#attributes = options.attributes
    this.#limits = options.limits
    this.#prescriptions = options.prescriptions ?? []
    this.#rules = chooseRules(options.attributes, options.limits)
    this.#emit = emit
  }

  /** Patient time of the earliest anchor in microseconds; null before the first. */
  get origin(): number | null {
    return this.#origin
  }

  /** Whether no stream is open. */
  get idle(): boolean {
    return this.#streams.size === 0 && this.#numerics.size === 0
  }

  /**
   * Opens the streams of a boot, all at once, each with its first anchor (patient time of index 0 in microseconds; for
   * numerics of device clock `deviceTime`). `oximetry` holds for these streams until they are closed.
   */
  open(
    ref: BootRef,
    streams: readonly { spec: StreamSpec; index: number; patientTime: number }[],
    numerics: { deviceTime: number; patientTime: number } | null,
    oximetry: OximetryOptions = {},
  ): void {
    const times = streams.map(stream => stream.patientTime)
    if (numerics !== null) times.push(numerics.patientTime)
    if (this.#origin === null && times.length > 0) this.#origin = Math.min(...times)
    const joins = joinsStreams(streams.map(({ spec }) => spec))
    for (const { spec, index, patientTime } of streams) this.#openStream(ref, spec, index, patientTime, joins, oximetry)
    if (numerics !== null) this.#openNumerics(ref, numerics.deviceTime, numerics.patientTime)
  }

  isOpen(ref: BootRef, stream: string): boolean {
    const key = inputKey(ref, stream)
    return this.#streams.has(key) || this.#numerics.has(key)
  }

  /** Moves a stream on the time axis from `index` on (for stream `n`: from device clock `index` on). */
  anchor(ref: BootRef, stream: string, index: number, patientTime: number): void {
    const key = inputKey(ref, stream)
    const timeline = this.#streams.get(key)?.stream.timeline ?? this.#numerics.get(key)?.timeline
    timeline?.add({ index, patientTime })
  }

  /** The next samples of a stream, in order. */
  samples(ref: BootRef, stream: string, block: StreamBlock): void {
    const entry = this.#streams.get(inputKey(ref, stream))
    if (entry === undefined) return
    const timeline = entry.stream.timeline
    if (entry.silent) {
      entry.silent = false
      this.#put(entry, timeline.timeOf(block.start), { kind: 'back' })
    }
    entry.stream.push(block, this.#sinkOf(entry))
    this.#progress(entry, timeline.timeOf(block.start + block.length))
  }

  /**
   * Numerics of one pack, and the device clock up to which everything has been sent. `refusedPressures`: device clocks of pressures of the
   * pack that were refused because they cannot be of one measurement.
   */
  numerics(ref: BootRef, samples: readonly NumericSample[], upTo: number, refusedPressures: readonly number[] = []): void {
    const entry = this.#numerics.get(inputKey(ref, 'n'))
    if (entry === undefined) return
    this.#speak(entry, entry.timeline.timeOf(samples[0]?.t ?? upTo))
    const refusals = [...new Set(refusedPressures)].sort((a, b) => a - b)
    for (const sample of samples) {
      while (refusals.length > 0 && refusals[0]! < sample.t)
        this.#settled(entry, entry.spots.refuse(entry.timeline.timeOf(refusals.shift()!)))
      this.#settled(entry, entry.spots.take(sample, entry.timeline.timeOf(sample.t)))
    }
    for (const t of refusals) this.#settled(entry, entry.spots.refuse(entry.timeline.timeOf(t)))
    this.#closeUpTo(entry, entry.timeline.timeOf(upTo))
  }

  /**
   * Numerics before device clock `upTo`, and before patient time `atMost`, have been sent: a device sends them before any
   * chunk that ends later (N5). Without this, what a waveform shows would wait for numbers that come every few minutes.
   */
  numericsUpTo(ref: BootRef, upTo: number, atMost: number): void {
    const entry = this.#numerics.get(inputKey(ref, 'n'))
    if (entry === undefined || entry.silent) return
    const t = Math.min(entry.timeline.timeOf(upTo), atMost)
    if (t > entry.end) this.#closeUpTo(entry, t)
  }

  deviceEvent(ref: BootRef, event: DeviceEvent): void {
    const flags = eventFlags[event.event]
    const entry = event.stream === undefined ? undefined : this.#streams.get(inputKey(ref, event.stream))
    if (flags !== undefined && entry !== undefined) entry.stream.override(event.index ?? entry.stream.end, flags, event.on)
    const numerics = this.#numerics.get(inputKey(ref, 'n'))
    if (numerics === undefined) return
    const t = numerics.timeline.timeOf(event.t)
    this.#speak(numerics, t)
    if (event.event === 'low-battery') this.#put(numerics, t, { kind: 'low-battery', on: event.on, value: event.value ?? null })
    this.#closeUpTo(numerics, t)
  }

  /** Live sources: the stream is silent; readers go on without it. */
  silence(ref: BootRef, stream: string): void {
    const key = inputKey(ref, stream)
    const entry = this.#streams.get(key) ?? this.#numerics.get(key)
    if (entry === undefined || entry.silent) return
    entry.silent = true
    if ('spots' in entry) this.#settled(entry, entry.spots.settle())
    const t = 'stream' in entry ? entry.stream.timeline.timeOf(Math.max(0, entry.stream.end)) : entry.end
    this.#put(entry, t, { kind: 'silent' })
    for (const reader of entry.readers) reader.merge.silence(key)
    this.#followJoins(entry)
  }

  /** The stream of this boot says nothing more. */
  close(ref: BootRef, stream: string): void {
    const key = inputKey(ref, stream)
    const waveform = this.#streams.get(key)
    if (waveform !== undefined) {
      const end = waveform.stream.timeline.timeOf(Math.max(0, waveform.stream.end))
      waveform.stream.flush(this.#sinkOf(waveform, end))
      this.#finish(waveform, end)
      this.#streams.delete(key)
    }
    const numerics = this.#numerics.get(key)
    if (numerics !== undefined) {
      this.#settled(numerics, numerics.spots.settle())
      this.#finish(numerics, numerics.end)
      this.#numerics.delete(key)
    }
  }

  setAttributes(attributes: PatientAttributes): void {
    this.#attributes = attributes
    this.#changeRules()
    const score = this.#readers.get('score')
    if (score?.handler instanceof ScoreReader) score.handler.attributes = attributes
    const trend = this.#readers.get('trend')
    if (trend?.handler instanceof TrendReader) trend.handler.attributes = attributes
    else if (followsTrends(attributes)) this.#followTrends()
  }

  /** `prescriptions`: all of this patient, as they stand from now on. */
  setLimits(limits: RuleOverrides, prescriptions: readonly LimitPrescription[] = this.#prescriptions): void {
    this.#limits = limits
    this.#prescriptions = prescriptions
    this.#changeRules()
  }

  /** Compare-and-set on the alert of a condition; `stream` and `device` for conditions of one stream, else empty. */
  acknowledge(condition: string, stream: string, device: string, expectedRevision: number): AcknowledgeOutcome {
    for (const reader of this.#readers.values()) {
      if (!reader.handler.conditions.rules.some(rule => rule.id === condition)) continue
      if (reader.key.startsWith('signal/') && reader.key !== `signal/${device}/${stream}`) continue
      const t = reader.merge.position
      const outcome = reader.handler.conditions.acknowledge(condition, expectedRevision, Number.isFinite(t) ? t : (this.#origin ?? 0))
      return outcome
    }
    return { accepted: false, reason: 'nothing-to-acknowledge', revision: 0 }
  }

  /** Seconds of signal by which one stream of a reader is ahead of another that it waits for; the largest of all readers. */
  spreadSeconds(): number {
    let spread = 0
    for (const reader of this.#readers.values()) spread = Math.max(spread, reader.merge.spreadSeconds())
    return spread
  }

  /** Readers wait no longer for streams that are more than `seconds` of signal behind. */
  goOn(seconds: number): void {
    for (const reader of this.#readers.values()) reader.merge.goOn(seconds)
    for (const device of new Set([...this.#joined.values()].map(joined => joined.device))) this.#followJoinsOf(device)
  }

  /** Patient time of a sample (for numerics: of a device clock); null for a stream that is not open. */
  timeOf(ref: BootRef, stream: string, index: number): number | null {
    const key = inputKey(ref, stream)
    const timeline = this.#streams.get(key)?.stream.timeline ?? this.#numerics.get(key)?.timeline
    return timeline?.timeOf(index) ?? null
  }

  save(): MonitorState {
    return {
      attributes: { ...this.#attributes },
      limits: { ...this.#limits },
      prescriptions: [...this.#prescriptions],
      origin: this.#origin,
      streams: [...this.#streams.values()].map(entry => ({
        key: entry.key,
        device: entry.device,
        spec: entry.stream.spec,
        oximetry: entry.oximetry,
        stream: entry.stream.save(),
        joined: entry.joined,
        silent: entry.silent,
        qualityReasons: [...entry.qualityReasons],
        unmeasurable: { ...entry.unmeasurable },
      })),
      joined: [...this.#joined].map(([light, { key, device, spec, unmeasurable }]) => ({
        light,
        key,
        device,
        spec,
        unmeasurable: { ...unmeasurable },
      })),
      numerics: [...this.#numerics.values()].map(entry => ({
        key: entry.key,
        device: entry.device,
        timeline: entry.timeline.save(),
        silent: entry.silent,
        end: entry.end,
        glucose: entry.glucose.save(),
        desaturations: entry.desaturations.save(),
        spots: entry.spots.save(),
        changes: entry.changes.save(),
      })),
      readers: [...this.#readers.values()].map(reader => ({
        key: reader.key,
        specs: this.#readerStreams.get(reader.key) ?? null,
        handler: reader.handler.save(),
        rulesAt: reader.schedule.at,
        rulesTold: reader.schedule.told,
        merge: reader.merge.save(),
      })),
    }
  }

  load(state: MonitorState): void {
    this.#attributes = { ...state.attributes }
    this.#limits = { ...state.limits }
    this.#prescriptions = [...state.prescriptions]
    this.#rules = chooseRules(this.#attributes, this.#limits)
    this.#origin = state.origin
    this.#streams.clear()
    this.#numerics.clear()
    this.#joined.clear()
    this.#readers.clear()
    this.#readerStreams.clear()
    for (const saved of state.readers) {
      if (saved.specs !== null) this.#readerStreams.set(saved.key, saved.specs)
      const reader = this.#makeReader(saved.key, saved.rulesAt, saved.rulesTold ?? saved.rulesAt)
      reader.handler.load(saved.handler as never)
      reader.merge.load(saved.merge)
    }
    // In the order in which the stream feeds them, which is that of its opening.
    const readersOf = (keys: readonly ReaderKey[]) => this.#withTrend(keys).flatMap(key => this.#readers.get(key) ?? [])
    for (const saved of state.streams) {
      const plan = planStream(saved.spec, saved.joined, saved.oximetry)
      const stream = new MonitoredStream(saved.spec, plan.chain, state.origin ?? 0)
      stream.load(saved.stream)
      this.#streams.set(saved.key, {
        key: saved.key,
        device: saved.device,
        stream,
        oximetry: saved.oximetry,
        readers: readersOf(readersOfStream(saved.device, saved.spec, plan.vitals, saved.joined)),
        joined: saved.joined,
        silent: saved.silent,
        qualityReasons: [...saved.qualityReasons],
        unmeasurable: { ...saved.unmeasurable },
      })
    }
    for (const { light, ...saved } of state.joined) {
      this.#joined.set(light, { ...saved, unmeasurable: { ...saved.unmeasurable }, readers: readersOf(readersOfJoinedRate) })
    }
    for (const saved of state.numerics) {
      const timeline = new Timeline(microsecondRate)
      timeline.load(saved.timeline)
      const glucose = new GlucoseCourse()
      glucose.load(saved.glucose)
      const desaturations = new NumericDesaturations()
      desaturations.load(saved.desaturations)
      const spots = new SpotCheck()
      spots.load(saved.spots)
      const changes = new ChangeCheck()
      changes.load(saved.changes)
      this.#numerics.set(saved.key, {
        ...saved,
        timeline,
        glucose,
        desaturations,
        spots,
        changes,
        readers: readersOf(readersOfNumerics(saved.device)),
      })
    }
  }

  /** `joins`: the device carries light and acceleration, whose pulse rate is one. */
  #openStream(ref: BootRef, spec: StreamSpec, index: number, patientTime: number, joins: boolean, options: OximetryOptions): void {
    const key = inputKey(ref, spec.id)
    if (this.#streams.has(key)) return
    const joined = joins && isJoined(spec)
    const oximetry = oximeterChannels(spec) === null ? {} : options
    const plan = planStream(spec, joined, oximetry)
    const stream = new MonitoredStream(spec, plan.chain, this.#origin ?? patientTime)
    stream.timeline.add({ index, patientTime })
    const keys = readersOfStream(ref.device, spec, plan.vitals, joined)
    if (joined && spec.kind === 'ppg') this.#openJoinedRate(ref, spec, patientTime)
    for (const reader of keys) {
      if (reader.startsWith('signal/') || reader.startsWith('episode/')) {
        this.#readerStreams.set(reader, { id: spec.id, kind: spec.kind, fsHertz: hertz(spec.fs), joined })
      }
    }
    const readers = this.#attach(keys, key, planOrder.indexOf(spec.kind), patientTime)
    if (joined) {
      const { handler } = this.#readers.get(`motion-rate/${ref.device}`)!
      if (handler instanceof MotionRateReader) handler.expect(key, spec.kind === 'ppg' ? 'light' : 'acceleration', spec.channels.length)
    }
    this.#streams.set(key, {
      key,
      device: ref.device,
      stream,
      oximetry,
      readers,
      joined,
      silent: false,
      qualityReasons: spec.channels.map(() => null),
      unmeasurable: {},
    })
  }

  #openJoinedRate(ref: BootRef, spec: StreamSpec, patientTime: number): void {
    const key = `${ref.device}/${ref.boot}+acceleration/${spec.id}`
    const readers = this.#attach(readersOfJoinedRate, key, planOrder.indexOf('acceleration'), patientTime)
    this.#joined.set(inputKey(ref, spec.id), { key, device: ref.device, spec, readers, unmeasurable: {} })
  }

  #openNumerics(ref: BootRef, deviceTime: number, patientTime: number): void {
    const key = inputKey(ref, 'n')
    if (this.#numerics.has(key)) return
    const timeline = new Timeline(microsecondRate)
    timeline.add({ index: deviceTime, patientTime })
    // Numbers can fall silent like any stream; nothing else technical follows from them.
    this.#readerStreams.set(`signal/${ref.device}/n`, { id: 'n', kind: 'other', fsHertz: 1, joined: false })
    const keys = readersOfNumerics(ref.device)
    const readers = this.#attach(keys, key, planOrder.indexOf('n'), patientTime)
    this.#numerics.set(key, {
      key,
      device: ref.device,
      timeline,
      readers,
      silent: false,
      end: patientTime,
      glucose: new GlucoseCourse(),
      desaturations: new NumericDesaturations(),
      spots: new SpotCheck(),
      changes: new ChangeCheck(),
    })
  }

  /** Adds an input to its readers, making those that are not there yet; a vital sign without rules needs no reader. */
  #attach(keys: readonly ReaderKey[], input: string, order: number, from: number): Reader[] {
    const readers: Reader[] = []
    for (const key of this.#withTrend(keys)) {
      const reader = this.#readers.get(key) ?? this.#makeReader(key)
      reader.merge.open(input, order, from)
      readers.push(reader)
    }
    return readers
  }

  /** Trends are followed for who reads the score, from the first time that they are wanted. */
  #withTrend(keys: readonly ReaderKey[]): readonly ReaderKey[] {
    const wanted = this.#readers.has('trend') || followsTrends(this.#attributes)
    return wanted && keys.includes('score') ? [...keys, 'trend'] : keys
  }

  /** Adds what is open to the reader of trends. */
  #followTrends(): void {
    const trend = this.#makeReader('trend')
    const inputs = [...this.#streams.values(), ...this.#numerics.values(), ...this.#joined.values()]
    for (const entry of inputs) {
      if (!entry.readers.some(({ key }) => key === 'score')) continue
      entry.readers.push(trend)
      const place = this.#readers.get('score')?.merge.placeOf(entry.key)
      trend.merge.open(entry.key, place?.order ?? 0, place?.progress ?? 0)
      if ('silent' in entry && entry.silent) trend.merge.silence(entry.key)
    }
  }

  /** `rulesAt`: patient time whose rules it begins with; null: what holds is known with its first item. */
  #makeReader(key: ReaderKey, rulesAt: number | null = null, rulesTold = rulesAt): Reader {
    const handler = this.#makeHandler(key, this.#rulesOf(key, rulesAt))
    const source = {
      rulesAt: (t: number | null) => this.#rulesOf(key, t),
      nextAfter: (t: number) => nextLimitChange(this.#prescriptions, t) ?? Number.POSITIVE_INFINITY,
    }
    const schedule = new RuleSchedule(handler, source, rulesAt, rulesTold)
    const reader = { key, handler, schedule, merge: new MergeReader<ReaderItem>(schedule) }
    this.#readers.set(key, reader)
    return reader
  }

  #makeHandler(key: ReaderKey, rules: readonly AlertRule[]): Handler {
    const emit = this.#emit
    const stream = this.#readerStreams.get(key)
    if (key.startsWith('motion-rate/')) {
      const sink: MotionRateSink = {
        told: (light, told, t) => this.#joinedRate(light, told, t),
        ended: (light, t) => this.#endJoinedRate(light, t),
      }
      return new MotionRateReader(sink, emit)
    }
    if (key === 'trend') return new TrendReader(rules, this.#attributes, emit)
    if (key === 'score') return new ScoreReader(rules, this.#attributes, this.#origin ?? 0, emit)
    if (stream === undefined) return new VitalReader(key.slice('vital/'.length) as VitalName, rules, emit)
    if (key.startsWith('signal/')) {
      // Two devices of a patient may have streams of one name: the note tells their alerts apart, the hash need not.
      const sourceDevice = key.split('/')[1]
      return new SignalReader(stream.id, stream.fsHertz, rules, event => emit({ ...event, note: { ...event.note, sourceDevice } }))
    }
    return new EpisodeReader(stream.id, stream.fsHertz, rules, emit)
  }

  /** Of a reader at patient time `t`; null: without a prescription. */
  #rulesOf(key: ReaderKey, t: number | null): AlertRule[] {
    const all = this.#rulesAt(t)
    const stream = this.#readerStreams.get(key)
    if (key.startsWith('motion-rate/')) return []
    if (key === 'trend') return trendRules(all)
    if (key === 'score') return scoreRules(all)
    if (stream === undefined) return vitalRules(all, key.slice('vital/'.length) as VitalName)
    return key.startsWith('signal/') ? signalRules(all, stream.kind) : episodeRules(all, stream.kind, stream.joined)
  }

  #rulesAt(t: number | null): readonly AlertRule[] {
    if (t === null || this.#prescriptions.length === 0) return this.#rules
    const { rules, prescribed, named } = limitsInForce(this.#limits, this.#prescriptions, t)
    return chooseRules(this.#attributes, rules, prescribed, named)
  }

  #changeRules(): void {
    this.#rules = chooseRules(this.#attributes, this.#limits)
    for (const reader of this.#readers.values()) {
      const t = reader.merge.position
      reader.schedule.change(Number.isFinite(t) ? t : (this.#origin ?? 0))
    }
  }

  #put(entry: { readonly key: string; readonly readers: readonly Reader[] }, t: number, item: ReaderItem): void {
    for (const reader of entry.readers) reader.merge.put(entry.key, t, item)
  }

  #finish(entry: StreamEntry | NumericsEntry, end: number): void {
    this.#put(entry, end, { kind: 'end' })
    for (const reader of entry.readers) {
      reader.merge.progress(entry.key, end)
      reader.merge.close(entry.key)
    }
    this.#followJoins(entry)
  }

  #progress(entry: StreamEntry, t: number): void {
    for (const reader of entry.readers) reader.merge.progress(entry.key, t)
    this.#followJoins(entry)
  }

  #followJoins(entry: { readonly device: string; readonly readers: readonly Reader[] }): void {
    if (entry.readers.some(reader => reader.key.startsWith('motion-rate/'))) this.#followJoinsOf(entry.device)
  }

  /** What joins streams is an input to others: it has come as far as it has read, and is silent when all that it reads is. */
  #followJoinsOf(device: string): void {
    const merge = this.#readers.get(`motion-rate/${device}`)?.merge
    if (merge === undefined) return
    for (const joined of this.#joined.values()) {
      if (joined.device !== device) continue
      for (const reader of joined.readers) {
        if (Number.isFinite(merge.position)) reader.merge.progress(joined.key, merge.position)
        if (!merge.live) reader.merge.silence(joined.key)
      }
    }
  }

  #speak(entry: NumericsEntry, t: number): void {
    if (!entry.silent) return
    entry.silent = false
    this.#put(entry, t, { kind: 'back' })
  }

  #closeUpTo(entry: NumericsEntry, t: number): void {
    if (t > entry.end) entry.end = t
    this.#settled(entry, entry.spots.upTo(entry.end))
    for (const reader of entry.readers) reader.merge.progress(entry.key, entry.end)
  }

  #settled(entry: NumericsEntry, settled: readonly SettledSpot[]): void {
    for (const { sample, t, doubt, refused } of settled) {
      if (refused) this.#refuse({ name: sample.name, reason: 'pressure-order' })
      else this.#numeric(entry, sample, t, doubt)
    }
  }

  #numeric(entry: NumericsEntry, sample: NumericSample, t: number, spotDoubt: string | null): void {
    const manual = sample.author !== undefined
    const who = manual ? 'manual' : 'device'
    const tooFast = typeof sample.value === 'number' && entry.changes.isTooFast(sample.name, who, sample.value, t)
    const doubt = spotDoubt ?? (tooFast ? 'rate-of-change' : sample.corrected === undefined ? null : 'corrected')
    const source = { kind: manual ? 'manual' : 'numeric', algorithm: manual ? 'manual' : 'device' } as const
    this.#number(entry, t, sample, source, doubt)
    if (
      sample.name === 'spo2' &&
      !manual &&
      doubt === null &&
      sample.status === 'valid' &&
      typeof sample.value === 'number' &&
      checkValue('spo2', sample.value) !== 'impossible'
    )
      this.#desaturations(entry, sample.t, sample.value)
    if (sample.name !== 'glucose' || manual || typeof sample.value !== 'number' || checkValue('glucose', sample.value) === 'impossible')
      return
    const outlook = entry.glucose.push(t / 1e6, sample.value)
    if (outlook === null) return
    const derived = { kind: 'numeric', algorithm: 'glucose-course' } as const
    const { t: deviceTime, status } = sample
    this.#number(entry, t, { name: 'glucose-rate', value: outlook.rate, t: deviceTime, status }, derived)
    this.#number(entry, t, { name: 'glucose-predicted', value: outlook.predicted, t: deviceTime, status }, derived)
  }

  /** Says the desaturations in a device's own SpO2, and at the end of each how many there are an hour. */
  #desaturations(entry: NumericsEntry, deviceTime: number, value: number): void {
    const t = entry.timeline.timeOf(deviceTime)
    for (const { on, at, baseline, least, indices } of entry.desaturations.push(deviceTime, value)) {
      const sample = { stream: 'n', index: at }
      const evidence = { from: sample, to: { stream: 'n', index: deviceTime } }
      const body = { episode: 'desaturation', on, sample, confidence: 1, value: baseline - least, unit: '%', evidence }
      this.#emit({ t, type: 'episode', stream: 'n', body, note: {} })
      if (on) continue
      for (const [which, index] of indices.entries()) {
        if (index === null) continue
        const name = which === 0 ? 'odi-3' : 'odi-4'
        const told = { name, value: index, unit: catalogue[name].unit, quality: 1, status: 'valid' }
        this.#emit({ t, type: 'measurement', stream: 'n', body: told, note: { algorithm: 'desaturation' } })
      }
    }
  }

  /** Says a number in the patient log and to the readers of the numbers. */
  #number(
    entry: NumericsEntry,
    t: number,
    sample: NumericSample,
    from: { kind: 'manual' | 'numeric'; algorithm: string },
    doubt: string | null = null,
  ): void {
    const reading = flagImplausible({
      name: sample.name,
      value: sample.value,
      t,
      // Numerics have no samples; the device clock stands for the index.
      source: { device: entry.device, stream: 'n', ...from, from: sample.t, to: sample.t },
      quality: 1,
      status: doubt === null ? sample.status : 'questionable',
      ...(doubt === null ? {} : { reason: doubt }),
    })
    this.#emit({
      t,
      type: 'measurement',
      stream: 'n',
      body: {
        name: reading.name,
        value: reading.value,
        unit: catalogue[reading.name].unit,
        quality: 1,
        status: reading.status,
        ...(reading.reason === undefined ? {} : { reason: reading.reason }),
        ...(sample.author === undefined ? {} : { author: sample.author }),
        ...(sample.cuffSite === undefined ? {} : { cuffSite: sample.cuffSite }),
        ...(sample.cuffMethod === undefined ? {} : { cuffMethod: sample.cuffMethod }),
      },
      note: {
        algorithm: reading.source.algorithm,
        ...(sample.corrected === undefined ? {} : { correction: [sample.corrected.id], old: sample.corrected.old }),
      },
    })
    this.#put(entry, t, { kind: 'reading', reading })
  }

  /** `notBefore`: up to where readers were told that everything has come; what comes of the end comes then. */
  #sinkOf(
    entry: StreamEntry,
    notBefore = Number.NEGATIVE_INFINITY,
  ): { observation(observation: Observation): void; gap(gap: ChannelGap): void } {
    return {
      observation: observation => this.#observe(entry, observation, notBefore),
      gap: gap => {
        const stream = entry.stream.spec.id
        // Told at its end, when it is known: at its beginning it would come minutes or hours late beside other streams.
        this.#emit({
          t: entry.stream.timeline.timeOf(gap.index + gap.count),
          type: 'gap',
          stream,
          body: { channel: gap.channel, sample: { stream, index: gap.index }, count: gap.count },
          note: {},
        })
      },
    }
  }

  /** Says an observation in the patient log and to the readers of its stream. */
  #observe(entry: StreamEntry, observation: Observation, notBefore: number): void {
    const { timeline, spec } = entry.stream
    const decided = Math.max(timeline.timeOf(observation.decided), notBefore)
    switch (observation.kind) {
      case 'fast-beat':
      case 'delineation':
      case 'pulse-points':
        this.#aside({ device: entry.device, stream: spec.id, t: timeline.timeOf(observation.index), observation })
        return
      case 'frame': {
        const { from, to, samples } = observation
        const t1 = timeline.timeOf(to)
        const frame: ReaderItem = { kind: 'frame', t0: timeline.timeOf(from), t1, from, to, samples }
        for (const reader of entry.readers) if (reader.key.startsWith('motion-rate/')) reader.merge.put(entry.key, decided, frame)
        return
      }
      case 'measurement':
        this.#measured(entry, observation, decided)
        return
      case 'quality': {
        const { channel, quality, reason, to } = observation
        this.#aside({ device: entry.device, stream: spec.id, t: timeline.timeOf(to), observation })
        this.#put(entry, decided, { kind: 'quality', channel, quality, reason, index: to })
        // Said on change only.
        if (entry.qualityReasons[channel] === reason) return
        entry.qualityReasons[channel] = reason
        break
      }
      case 'episode':
        this.#put(entry, decided, { kind: 'episode', name: observation.episode, on: observation.on, decided: observation.decided })
        break
      case 'rhythm':
        this.#put(entry, decided, { kind: 'episode', name: observation.rhythm, on: observation.on, decided: observation.decided })
        break
    }
    this.#emit(observationEvent(observation, spec.id, index => timeline.timeOf(index)))
  }

  #measured(entry: StreamEntry, observation: MeasurementObservation, t: number): void {
    const { name } = observation
    const { spec } = entry.stream
    const reading = isVitalName(name) ? readingOf(observation, name, entry.device, spec, t) : null
    if (reading !== null) {
      const joined = (name === 'pulse-rate' || name === 'respiratory-rate') && this.#joined.has(entry.key)
      for (const reader of entry.readers) {
        if (!joined || reader.key.startsWith('motion-rate/')) reader.merge.put(entry.key, t, { kind: 'reading', reading })
      }
    }
    this.#sayMeasured(entry.unmeasurable, spec.id, observation, reading, t)
  }

  /** Why a number cannot be had is said once, not every second. */
  #sayMeasured(
    said: Record<string, string>,
    stream: string,
    observation: MeasurementObservation,
    reading: VitalReading | null,
    t: number,
  ): void {
    const { name, value } = observation
    const source = `${name} ${observation.algorithm} ${observation.channel}`
    const unmeasurable = value === null ? (observation.reason ?? 'not-measurable') : ''
    const repeated = value === null && said[source] === unmeasurable
    said[source] = unmeasurable
    const status = value === null ? 'invalid' : (reading?.status ?? checkValue(name, value))
    if (!repeated) this.#emit(measurementEvent(observation, stream, t, status, reading === null ? observation.reason : reading.reason))
  }

  /**
   * The pulse rate of light and acceleration, or at rest that of the beats. The one that counts comes first; the other gives way, so
   * that it is not kept until it is stale.
   */
  #joinedRate(light: string, { observation, byBeats, beats, breathing, moving }: MotionRateTold, t: number): void {
    const joined = this.#joined.get(light)
    if (joined === undefined) return
    const { device, spec, unmeasurable } = joined
    const rate = readingOf(observation, 'pulse-rate', device, spec, t)
    this.#sayMeasured(unmeasurable, spec.id, observation, rate, t)
    const counts = byBeats && beats !== null ? { ...beats, t } : rate
    this.#put(joined, t, { kind: 'reading', reading: counts })
    for (const reading of breathing) {
      const withheld = moving && reading.value !== null
      this.#put(joined, t, { kind: 'reading', reading: { ...reading, t, ...(withheld ? { value: null, reason: 'motion' } : {}) } })
    }
    if (beats === null) return
    const { reason: _, ...other } = counts === rate ? { ...beats, t } : rate
    this.#put(joined, t, { kind: 'reading', reading: { ...other, value: null, reason: byBeats ? 'at-rest' : 'motion' } })
  }

  #endJoinedRate(light: string, t: number): void {
    const joined = this.#joined.get(light)
    if (joined === undefined) return
    this.#joined.delete(light)
    this.#put(joined, t, { kind: 'end' })
    for (const reader of joined.readers) {
      reader.merge.progress(joined.key, t)
      reader.merge.close(joined.key)
    }
  }
}

function followsTrends({ conditions }: PatientAttributes): boolean {
  return conditions !== undefined && conditions.length > 0
}

/** Who reads a stream, in the order in which they are fed. */
function readersOfStream(device: string, spec: StreamSpec, vitals: readonly VitalName[], joined: boolean): ReaderKey[] {
  const name = `${device}/${spec.id}`
  const keys: ReaderKey[] = [`signal/${name}`]
  if (tellsEpisodes(spec.kind)) keys.push(`episode/${name}`)
  if (joined) keys.push(`motion-rate/${device}`)
  for (const vital of vitals) keys.push(`vital/${vital}`)
  if (vitals.length > 0) keys.push('score')
  return keys
}

const readersOfJoinedRate: readonly ReaderKey[] = ['vital/pulse-rate', 'vital/respiratory-rate', 'score']

function readersOfNumerics(device: string): ReaderKey[] {
  return [`signal/${device}/n`, ...numericVitals.map((name): ReaderKey => `vital/${name}`), 'score']
}

function inputKey(ref: BootRef, stream: string): string {
  return `${ref.device}/${ref.boot}/${stream}`
}

/** All parameters that decide what the monitor says, for the parameters hash. */
export function monitorParameters(options: MonitorOptions): Record<string, unknown> {
  const { attributes, limits, prescriptions = [] } = options
  const rules = chooseRules(attributes, limits)
  return { rules, ...(prescriptions.length === 0 ? {} : { prescriptions }), vitals: vitalNames.map(name => catalogue[name]) }
}
