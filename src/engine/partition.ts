import type { RuleOverrides } from '../alert/limits-profile.js'
import { prescriptionsOf } from '../alert/prescribed-limits.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type {
  AcknowledgeRecord,
  AdoptRecord,
  AnchorRecord,
  AttributesRecord,
  CorrectRecord,
  IssueRecord,
  JournalRecord,
  LimitsRecord,
  MessageRecord,
  ReleaseRecord,
  TickRecord,
} from '../journal/record.js'
import type { PatientEvent } from '../monitor/event.js'
import { planStream } from '../monitor/plan.js'
import type { OximetryOptions } from '../oximetry/oximetry-chain.js'
import type { CorrectionKind } from '../quality/correction.js'
import { DeviceQuality, type QualityVoice } from '../quality/device-quality.js'
import { canonicalJson } from '../signal/canonical-json.js'
import type { PatientAttributes } from '../signal/patient.js'
import { samplesToMicros } from '../signal/rate.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { Birth, BirthStream } from '../wire/birth.js'
import { ChunkBuffers } from '../wire/chunk.js'
import { DeviceReceiver } from '../wire/device-receiver.js'
import type { WireLedger } from '../wire/ledger.js'
import { impliedRestarts, type ReceiverAction, wireBoot } from '../wire/receiver-actions.js'
import { displayWaves } from './display-wave.js'
import { LateReview } from './late-review.js'
import { addLedgers } from './ledger-sum.js'
import { defaultOptions, type PartitionOptions } from './partition-options.js'
import type { Ledger, PartitionMachine, PartitionSink } from './partition-types.js'
import { dayOfPatientTime } from './patient-day.js'
import { longestSpreadSeconds, Session, type SessionKind, type SessionState } from './session.js'
import type { SystemEventType } from './system-event.js'

/** All devices of a partition together; one alone may have 16 MiB (rule B1). */
const mostWaitingBytes = 32 * 1024 * 1024

interface DeviceState {
  readonly device: string
  readonly receiver: DeviceReceiver
  readonly quality: DeviceQuality
  /** null: kept, not scored. */
  patient: string | null
  /** Live devices: samples before this patient time belong to an earlier assignment. */
  from: number
  session: string | null
  /** Birth of the boot that is current, and the boot's number. */
  birth: Birth | null
  boot: number
  /** What the last recorded session came to, for devices that ask again. */
  readonly lateReview: LateReview
  final: { boot: number; eventHash: string | null; eventCount: number } | null
}

interface SavedDevice {
  device: string
  receiver: unknown
  quality: unknown
  patient: string | null
  from: number
  session: string | null
  birth: Birth | null
  boot: number
  lateReview: ReturnType<LateReview['save']>
  final: DeviceState['final']
}

interface PartitionState {
  options: PartitionOptions
  attributes: [string, PatientAttributes][]
  devices: SavedDevice[]
  sessions: SessionState[]
}

/**
 * Where bytes become events. A partition takes the journal's records in order: messages are decoded, put in order and
 * counted by the device's receiver; what comes in order goes to the monitor of the session's patient; what the monitor
 * says becomes logged events. Deterministic: same records at the same offsets, same events with the same ids.
 */
export class Partition implements PartitionMachine {
  readonly partition: number
  #options: PartitionOptions
  /** Attributes that were set while running, by patient; they stand above the configured ones. */
  readonly #attributes = new Map<string, PatientAttributes>()
  readonly #devices = new Map<string, DeviceState>()
  readonly #sessions = new Map<string, Session>()
  /** Derived from births, so not part of the state. */
  readonly #unreadable = new WeakMap<Birth, string[]>()
  /** What receivers decode into; used up before the next message. */
  readonly #buffers = new ChunkBuffers()
  /** Of the record in hand. */
  #offset = 0
  #ordinal = 0
  #at = 0
  #device = ''
  #sink: PartitionSink | null = null
  /** Patient times of fast beats in the samples in hand, for those who watch. */
  #fastBeats: number[] = []

  constructor(partition: number, options: PartitionOptions = defaultOptions) {
    this.partition = partition
    this.#options = options
  }

  process(record: JournalRecord, offset: number, sink: PartitionSink): void {
    this.#offset = offset
    this.#ordinal = 0
    this.#at = record.at
    this.#sink = sink
    this.#device = 'device' in record ? record.device : ''
    const known = this.#devices.get(this.#device)
    if (known !== undefined) known.quality.roll(known.receiver, this.#voice(known))
    switch (record.type) {
      case 'message':
        this.#message(record)
        break
      case 'anchor':
        this.#anchor(record)
        break
      case 'tick':
        this.#tick(record)
        break
      case 'adopt':
        this.#adopt(record)
        break
      case 'release':
        this.#release(record)
        break
      case 'attributes':
        this.#setAttributes(record)
        break
      case 'acknowledge':
        this.#acknowledge(record)
        break
      case 'limits':
        this.#setLimits(record)
        break
      case 'issue':
        this.#stepIssue(record)
        break
      case 'correct':
        this.#correct(record)
        break
    }
    this.#sink = null
  }

  ledger(): Ledger {
    return addLedgers([...this.#devices.values()].map(({ receiver }) => countsOf(receiver.ledger())))
  }

  /** State of a device for the partition that adopts it. */
  handOver(device: string): unknown {
    const known = this.#devices.get(device)
    return known === undefined ? null : { receiver: known.receiver.save(), corrections: known.quality.corrections.save() }
  }

  save(): PartitionState {
    return {
      options: this.#options,
      attributes: [...this.#attributes],
      devices: [...this.#devices.values()].map(device => ({
        ...device,
        receiver: device.receiver.save(),
        quality: device.quality.save(),
        lateReview: device.lateReview.save(),
      })),
      sessions: [...this.#sessions.values()].map(session => session.save()),
    }
  }

  load(saved: unknown): void {
    const state = saved as PartitionState
    this.#options = state.options
    this.#attributes.clear()
    for (const [patient, attributes] of state.attributes) this.#attributes.set(patient, attributes)
    this.#devices.clear()
    for (const entry of state.devices) {
      const receiver = new DeviceReceiver(entry.device, this.#buffers)
      receiver.load(entry.receiver)
      const lateReview = new LateReview()
      lateReview.load(entry.lateReview)
      const quality = new DeviceQuality()
      quality.load(entry.quality)
      receiver.relabel = quality.corrections.relabel
      this.#devices.set(entry.device, { ...entry, receiver, quality, lateReview })
    }
    this.#sessions.clear()
    for (const entry of state.sessions) {
      const session = this.#makeSession(entry, null)
      session.load(entry)
      this.#sessions.set(entry.id, session)
    }
  }

  #message(record: MessageRecord): void {
    const device = this.#deviceOf(record.device)
    const waitingBefore = device.receiver.waitingBytes
    device.receiver.receive(record.topic, record.stream, record.payload, record.at, action => this.#act(device, action))
    if (device.receiver.waitingBytes > waitingBefore) this.#boundWaiting()
    const session = this.#sessionOf(device)
    if (session !== null && session.kind === 'recorded' && session.monitor.spreadSeconds() > longestSpreadSeconds) {
      // No hash rather than a wrong one; but monitoring goes on, and what waits stays bounded.
      this.#disorder(session)
      session.monitor.goOn(longestSpreadSeconds)
    }
    if (record.topic !== 'state') this.#tellHighWater(device)
  }

  /** Ids without a birth cost memory as long as it is waited for: whoever has most waiting gives up the older half. */
  #boundWaiting(): void {
    for (;;) {
      let sum = 0
      let fullest: DeviceState | null = null
      for (const device of this.#devices.values()) {
        sum += device.receiver.waitingBytes
        if (fullest === null || device.receiver.waitingBytes > fullest.receiver.waitingBytes) fullest = device
      }
      if (fullest === null || sum <= mostWaitingBytes) return
      const owner = fullest
      const inHand = this.#device
      this.#device = owner.device
      owner.receiver.halveWaiting(action => this.#act(owner, action))
      this.#device = inHand
    }
  }

  #act(device: DeviceState, action: ReceiverAction): void {
    device.quality.take(action, device.receiver, this.#voice(device))
    switch (action.type) {
      case 'birth':
        this.#birth(device, action.birth, action.again)
        break
      case 'birth-refused':
        this.#say('birth-refused', '', { reason: action.reason, detail: action.detail, boot: action.boot })
        break
      case 'boot':
        this.#boot(device, action.boot, action.implied, action.birth)
        break
      case 'block':
        this.#block(device, action)
        break
      case 'late':
        this.#late(device, action)
        break
      case 'gap':
        this.#say('lost', action.stream, {
          boot: action.boot,
          stream: action.stream,
          index: action.index,
          count: action.count,
          reason: action.reason,
        })
        break
      case 'numerics':
        this.#numerics(device, action)
        break
      case 'device-event':
        if (!action.late) {
          const session = this.#sessionOf(device)
          session?.monitor.deviceEvent({ device: device.device, boot: action.boot }, action.event)
        }
        break
      case 'close':
        this.#close(device, action.boot, action.stream, action.reason)
        break
      case 'state':
        this.#say('link', '', { state: action.state, boot: action.boot })
        if (action.state === 'disconnected' && action.boot === wireBoot(device.boot)) this.#leave(device)
        break
      case 'refused':
        this.#say('refused', action.stream, {
          topic: action.topic,
          stream: action.stream,
          reason: action.reason,
          ...(action.detail === undefined ? {} : { detail: action.detail }),
        })
        break
      case 'disordered': {
        const session = this.#sessionOf(device)
        if (session !== null) this.#disorder(session)
        break
      }
      case 'command':
        this.#sink?.command({ ...action.command, device: device.device })
        break
    }
  }

  #birth(device: DeviceState, birth: Birth, again: boolean): void {
    if (!again || device.birth === null) device.birth = birth
    this.#say('birth', '', {
      boot: birth.boot,
      again,
      model: birth.model,
      firmware: birth.firmware,
      clock: birth.clock,
      battery: birth.battery ?? null,
      streams: birth.streams,
      unreadable: this.#unreadableOf(device.birth ?? birth),
      numerics: birth.numerics ?? null,
    })
  }

  /** Ids of the streams that no chain can read; found once for a birth, as devices say theirs again and again. */
  #unreadableOf(birth: Birth): string[] {
    let unreadable = this.#unreadable.get(birth)
    if (unreadable === undefined) {
      unreadable = birth.streams.filter(stream => !planStream(stream).readable).map(stream => stream.id)
      this.#unreadable.set(birth, unreadable)
    }
    return unreadable
  }

  #boot(device: DeviceState, boot: number, implied: boolean, birth: Birth): void {
    this.#say('boot', '', { boot: birth.boot, implied, restarts: impliedRestarts(boot) })
    device.birth = birth
    device.boot = boot
    device.quality.corrections.boot()
    if (device.patient === null) return
    const other = this.#otherKind(device, birth)
    if (other !== null) {
      this.#refuseMix(device, birth, other)
      return
    }
    // A device that is adopted while it streams goes on where it is: what came before is another patient's.
    const water = device.receiver.highWater()
    const reached = water !== null && water.boot === birth.boot && !implied ? water.streams : {}
    const resumed = Object.values(reached).some(position => position.seq > 0)
    const session = this.#joinSession(device, birth, resumed)
    // Live streams open at their first anchor, recorded ones at what the birth says.
    if (birth.clock !== 'recorded' || implied) return
    const epoch = (birth.epoch ?? 0) + device.quality.corrections.clockOffset
    const streams = birth.streams.map(spec => {
      const index = reached[spec.id]?.index ?? 0
      return { spec, index, patientTime: epoch + spec.t0 + samplesToMicros(index, spec.fs) }
    })
    // Packs come before chunks that end later (N5): those to come are of no earlier time than the stream that is behind.
    const slowest = streams.reduce((least, stream) => Math.min(least, stream.patientTime - epoch), Number.POSITIVE_INFINITY)
    const n = birth.numerics
    const deviceTime = n === undefined ? 0 : resumed && Number.isFinite(slowest) ? Math.max(n.t0, slowest) : n.t0
    const numerics = n === undefined ? null : { deviceTime, patientTime: epoch + deviceTime }
    const begin = Math.min(...streams.map(({ patientTime }) => patientTime), numerics?.patientTime ?? Number.POSITIVE_INFINITY)
    session.monitor.open({ device: device.device, boot }, streams, numerics, this.#oximetryAt(birth, begin))
  }

  /** A device of the same patient whose time cannot be put on one axis with this birth's: recorded and live do not mix. */
  #otherKind(device: DeviceState, birth: Birth): DeviceState | null {
    for (const other of this.#devices.values()) {
      if (other === device || other.patient !== device.patient || other.birth === null) continue
      if ((other.birth.clock === 'recorded') !== (birth.clock === 'recorded')) return other
    }
    return null
  }

  /** What such a device sends is kept, and not scored as long as the other one is the patient's. */
  #refuseMix(device: DeviceState, birth: Birth, other: DeviceState): void {
    const session = this.#sessionOf(device)
    if (session !== null) {
      this.#closeStreams(session, device)
      session.devices.delete(device.device)
      device.session = null
      if (session.kind === 'recorded' && session.monitor.idle) this.#endSession(session)
    }
    const kind = (clock: string) => (clock === 'recorded' ? 'recorded' : 'live')
    const detail = `it is ${kind(birth.clock)} and the patient's device ${other.device} is ${kind(other.birth!.clock)}; accepted are devices of one kind`
    this.#say('birth-refused', '', { reason: 'mixed-kinds', detail, boot: birth.boot })
  }

  /** The session that a boot belongs to: the device's open one, the patient's live one, or a new one. */
  #joinSession(device: DeviceState, birth: Birth, resumed: boolean): Session {
    const kind: SessionKind = birth.clock === 'recorded' ? 'recorded' : 'live'
    const current = this.#sessionOf(device)
    const source = birth.session ?? null
    if (current !== null && current.kind === kind && current.source === source) return current
    if (current !== null) this.#endSession(current)
    const patient = device.patient!
    // The part of a recording that a patient has from a hand-over on is a session of its own.
    const part = resumed ? `-${this.#nextId()}` : ''
    const id = kind === 'live' ? `live-${patient}` : `${device.device}-${birth.boot}${part}`
    let session = this.#sessions.get(id)
    if (session === undefined) {
      session = this.#makeSession({ id, patient, kind, source }, device.device)
      this.#sessions.set(id, session)
      session.devices.add(device.device)
      device.session = id
      this.#say('session', '', { session: id, state: 'opened', kind })
    }
    session.devices.add(device.device)
    device.session = id
    return session
  }

  #block(device: DeviceState, action: Extract<ReceiverAction, { type: 'block' }>): void {
    const session = this.#sessionOf(device)
    const spec = device.birth?.streams.find(stream => stream.id === action.stream)
    if (session === null || spec === undefined) return
    const ref = { device: device.device, boot: action.boot }
    const { index, n, flags, t0, paceMarks } = action.chunk
    const channels = device.quality.correct(action.stream, spec.channels, action.chunk.channels)
    if (!session.monitor.isOpen(ref, action.stream)) this.#openUnplaced(session, device, action.boot, spec, { index, n, t0 })
    const whole: StreamBlock = { start: index, length: n, flags, channels, ...(paceMarks && { paceMarks }) }
    const block =
      session.kind === 'live' ? ownPart(whole, device.from, sample => session.monitor.timeOf(ref, action.stream, sample)) : whole
    if (block === null) {
      this.#say('late', action.stream, { boot: action.boot, stream: action.stream, index, count: n, reason: 'earlier-assignment' })
      return
    }
    const t = session.monitor.timeOf(ref, action.stream, block.start) ?? 0
    session.notice(session.monitor.timeOf(ref, action.stream, index + n) ?? t, this.#at)
    this.#fastBeats = []
    session.monitor.samples(ref, action.stream, block)
    // Packs of recordings may be on their way again while chunks go on; those of live devices are not waited for.
    if (session.kind === 'live') {
      const end = index + n
      session.monitor.numericsUpTo(ref, t0 + samplesToMicros(n, spec.fs), session.monitor.timeOf(ref, action.stream, end) ?? t)
    }
    if (this.#sink?.wavesWanted?.() !== false) {
      for (const wave of displayWaves(session.patient, device.device, spec, block, t, this.#fastBeats)) this.#sink?.wave(wave)
    }
  }

  #late(device: DeviceState, action: Extract<ReceiverAction, { type: 'late' }>): void {
    const { index, n, flags, channels, paceMarks } = action.chunk
    // Of its own boot: a later one may have been born with other rates or channels.
    const spec = device.receiver.birthOf(action.boot)?.streams.find(stream => stream.id === action.stream)
    const block: StreamBlock = { start: index, length: n, flags, channels, ...(paceMarks && { paceMarks }) }
    const found = spec === undefined ? [] : device.lateReview.add(action.boot, spec, block)
    this.#say('late', action.stream, { boot: action.boot, stream: action.stream, index, count: n, found })
  }

  #numerics(device: DeviceState, action: Extract<ReceiverAction, { type: 'numerics' }>): void {
    const session = this.#sessionOf(device)
    for (const refused of action.refused) this.#say('refused', 'n', { topic: 'n', stream: 'n', reason: refused.reason, name: refused.name })
    if (session === null || action.late) {
      if (action.late) this.#say('late', 'n', { boot: action.boot, stream: 'n', index: action.t, count: action.samples.length })
      return
    }
    const ref = { device: device.device, boot: action.boot }
    if (!session.monitor.isOpen(ref, 'n')) {
      const offset = device.quality.corrections.clockOffset
      const said = (device.birth?.epoch ?? 0) + action.t + offset
      session.monitor.open(ref, [], {
        deviceTime: action.t,
        patientTime: session.kind === 'live' ? this.#at + offset : Math.max(said, session.newest),
      })
    }
    session.notice(session.monitor.timeOf(ref, 'n', action.t) ?? 0, this.#at)
    const pressures = action.refused.flatMap(({ reason, t }) => (reason === 'pressure-order' && t !== undefined ? [t] : []))
    session.monitor.numerics(ref, action.samples, action.t, pressures)
  }

  /**
   * A stream that has no place in time yet: an implied boot of a recording goes where its device clock says, but not
   * before what is there already; the last sample of a live stream without an anchor was taken when it was received.
   */
  #openUnplaced(
    session: Session,
    device: DeviceState,
    boot: number,
    spec: BirthStream,
    chunk: { index: number; n: number; t0: number },
  ): void {
    const offset = device.quality.corrections.clockOffset
    const said = (device.birth?.epoch ?? 0) + chunk.t0 + offset
    const patientTime = session.kind === 'live' ? this.#at + offset - samplesToMicros(chunk.n, spec.fs) : Math.max(said, session.newest)
    const oximetry = this.#oximetryAt(device.birth, patientTime)
    session.monitor.open({ device: device.device, boot }, [{ spec, index: chunk.index, patientTime }], null, oximetry)
  }

  /** The receiver is done with a stream of a boot; when all of a recording's streams had their last chunk, its session ends. */
  #close(device: DeviceState, boot: number, stream: string, reason: 'last' | 'boot'): void {
    const session = this.#sessionOf(device)
    if (session === null) return
    this.#say('stream', stream, { boot, stream, closed: reason })
    session.monitor.close({ device: device.device, boot }, stream)
    if (session.kind === 'recorded' && reason === 'last' && session.monitor.idle) this.#endSession(session)
  }

  /** A recorded device left in order before its last chunk: what there is of the session ends here. */
  #leave(device: DeviceState): void {
    const session = this.#sessionOf(device)
    if (session === null || session.kind !== 'recorded') return
    this.#closeStreams(session, device)
    if (session.monitor.idle) this.#endSession(session)
  }

  #closeStreams(session: Session, device: DeviceState): void {
    const ref = { device: device.device, boot: device.boot }
    for (const stream of device.birth?.streams ?? []) session.monitor.close(ref, stream.id)
    session.monitor.close(ref, 'n')
  }

  #endSession(session: Session): void {
    for (const device of this.#devices.values()) if (device.session === session.id) this.#closeStreams(session, device)
    for (const device of this.#devices.values())
      if (device.session === session.id) device.quality.close(device.receiver, this.#voice(device))
    const { eventHash, eventCount } = session.close()
    this.#sessions.delete(session.id)
    for (const device of this.#devices.values()) {
      if (device.session !== session.id) continue
      device.session = null
      if (session.kind === 'recorded') device.final = { boot: device.boot, eventHash, eventCount }
    }
    const state = session.disordered ? 'disordered' : 'closed'
    const ended = { session: session.id, state, kind: session.kind, end: session.newest, eventHash, eventCount }
    this.#log('system', 'session', session.patient, session.id, this.#at, '', ended, {})
  }

  #disorder(session: Session): void {
    if (session.disordered) return
    session.disordered = true
    this.#log(
      'system',
      'session',
      session.patient,
      session.id,
      this.#at,
      '',
      { session: session.id, state: 'disordered', kind: session.kind },
      {},
    )
  }

  #anchor(record: AnchorRecord): void {
    const device = this.#deviceOf(record.device)
    const session = this.#sessionOf(device)
    if (session === null || session.kind !== 'live') return
    // An implied restart keeps the device's counter; its streams are those of the boot that is current.
    const ref = { device: record.device, boot: wireBoot(device.boot) === record.boot ? device.boot : record.boot }
    const { stream, index } = record
    const patientTime = record.patientTime + device.quality.corrections.clockOffset
    if (session.monitor.isOpen(ref, stream)) session.monitor.anchor(ref, stream, index, patientTime)
    else if (stream === 'n') session.monitor.open(ref, [], { deviceTime: index, patientTime })
    else {
      const spec = device.birth?.streams.find(candidate => candidate.id === stream)
      const oximetry = this.#oximetryAt(device.birth, patientTime)
      if (spec !== undefined) session.monitor.open(ref, [{ spec, index, patientTime }], null, oximetry)
    }
    this.#say('clock', stream, { boot: record.boot, stream, what: 'anchor', index, patientTime, uncertaintyMs: record.uncertaintyMs })
  }

  #tick(record: TickRecord): void {
    const device = this.#deviceOf(record.device)
    device.receiver.declareSilent(record.stream, record.at, action => this.#act(device, action))
    const session = this.#sessionOf(device)
    if (session === null || session.kind !== 'live') return
    session.monitor.silence(
      { device: record.device, boot: wireBoot(device.boot) === record.boot ? device.boot : record.boot },
      record.stream,
    )
  }

  #adopt(record: AdoptRecord): void {
    const device = this.#deviceOf(record.device)
    if (record.state !== null && record.state !== undefined) {
      // A journal of before corrections has the receiver's state alone.
      const { receiver = record.state, corrections } = record.state as { receiver?: unknown; corrections?: unknown }
      device.receiver.load(receiver)
      if (corrections !== undefined) device.quality.corrections.load(corrections)
      device.quality.begin(device.receiver, record.at)
    }
    device.patient = record.patient
    device.from = record.from
    this.#say('assignment', '', { device: record.device, patient: record.patient, author: record.author, reason: record.reason })
    const { birth, boot } = device.receiver
    if (birth !== null) this.#boot(device, boot ?? birth.boot, false, birth)
  }

  #release(record: ReleaseRecord): void {
    const device = this.#deviceOf(record.device)
    const session = this.#sessionOf(device)
    if (session !== null) {
      this.#closeStreams(session, device)
      if (session.kind === 'recorded' && session.monitor.idle) this.#endSession(session)
    }
    device.quality.leave(device.receiver, this.#voice(device))
    this.#say('assignment', '', { device: record.device, patient: null, author: record.author, reason: record.reason })
    this.#devices.delete(record.device)
  }

  #setAttributes(record: AttributesRecord): void {
    this.#attributes.set(record.patient, record.attributes)
    for (const session of this.#sessions.values()) if (session.patient === record.patient) session.monitor.setAttributes(record.attributes)
    const body = { attributes: record.attributes, author: record.author, reason: record.reason }
    this.#log('system', 'attributes', record.patient, '', this.#at, '', body, {})
  }

  /**
   * Configuration as it stands from here on: limits of all patients and those with dates of some, the attributes that were not set
   * one by one, and the oximetry of streams that open later; those that are open go on as they are.
   */
  #setLimits(record: LimitsRecord): void {
    const limits = record.rules as RuleOverrides
    const attributes = record.attributes ?? this.#options.attributes
    const oximetry = record.oximetry ?? this.#options.oximetry ?? {}
    const before = { prescriptions: [], oximetry: {}, ...this.#options }
    const options = { limits, prescriptions: record.prescriptions ?? before.prescriptions, attributes, oximetry }
    if (canonicalJson(options) === canonicalJson(before)) return
    this.#options = options
    for (const session of this.#sessions.values()) {
      session.monitor.setLimits(limits, prescriptionsOf(options.prescriptions, session.patient))
      session.monitor.setAttributes(this.#attributesOf(session.patient, session.devices))
    }
    const { rules, prescriptions, author, reason } = record
    const body = { rules, ...(prescriptions === undefined ? {} : { prescriptions }), author, reason }
    this.#log('system', 'limits', '', '', this.#at, '', body, {})
  }

  #acknowledge(record: AcknowledgeRecord): void {
    const said = { alert: record.alert, author: record.author, note: record.note }
    for (const session of this.#sessions.values()) {
      for (const [key, alert] of session.alerts) {
        if (alert.alert !== record.alert) continue
        const [condition = '', stream = '', source = ''] = key.split('|')
        session.acknowledging = { author: record.author, note: record.note }
        const outcome = session.monitor.acknowledge(condition, stream, source, record.expectedRevision)
        session.acknowledging = null
        const { accepted, reason, revision } = outcome
        this.#log('system', 'acknowledge', session.patient, session.id, this.#at, stream, { ...said, accepted, reason, revision }, {})
        return
      }
    }
    this.#log('system', 'acknowledge', '', '', this.#at, '', { ...said, accepted: false, reason: 'no-such-alert', revision: 0 }, {})
  }

  /** Said by its event; none: there is nothing to step here, or too much. */
  #stepIssue({ device: id, step, author, reason }: IssueRecord): void {
    const device = this.#devices.get(id)
    if (device === undefined) return
    const voice = this.#voice(device)
    if (step.action === 'open') {
      const evidence = { stream: step.stream, at: [this.#at, this.#at] as const, t: [step.from, step.to] as const }
      device.quality.report({ rule: step.rule, evidence, author, reason }, voice)
      return
    }
    const assignee = step.action === 'assign' ? step.assignee : null
    const outcome = step.action === 'resolve' ? step.outcome : null
    device.quality.step({ issue: step.issue, action: step.action, assignee, outcome, author, reason }, voice)
  }

  /** Likewise. */
  #correct({ device: id, change, author, reason }: CorrectRecord): void {
    const device = this.#devices.get(id)
    if (device === undefined) return
    const voice = this.#voice(device)
    if ('undo' in change) device.quality.undo(change.undo, author, reason, voice)
    else device.quality.make(change.make as CorrectionKind, { author, reason, method: 'manual', version: '1' }, voice)
  }

  #deviceOf(id: string): DeviceState {
    let device = this.#devices.get(id)
    if (device === undefined) {
      const receiver = new DeviceReceiver(id, this.#buffers)
      const quality = new DeviceQuality()
      receiver.relabel = quality.corrections.relabel
      device = {
        device: id,
        receiver,
        quality,
        patient: null,
        from: 0,
        session: null,
        birth: null,
        boot: 0,
        lateReview: new LateReview(),
        final: null,
      }
      this.#devices.set(id, device)
    }
    return device
  }

  #sessionOf(device: DeviceState): Session | null {
    return device.session === null ? null : (this.#sessions.get(device.session) ?? null)
  }

  #makeSession(about: { id: string; patient: string; kind: SessionKind; source: string | null }, device: string | null): Session {
    const attributes = this.#attributesOf(about.patient, device === null ? [] : [device])
    return new Session(
      about,
      { attributes, limits: this.#options.limits, prescriptions: prescriptionsOf(this.#options.prescriptions ?? [], about.patient) },
      (session, event) => this.#patientEvent(session, event),
      aside => {
        if (aside.observation.kind === 'fast-beat') this.#fastBeats.push(aside.t)
        if (aside.observation.kind === 'quality') this.#devices.get(aside.device)?.quality.judged(aside.observation.quality)
        this.#sink?.aside?.(aside)
      },
      ({ name, reason }) => {
        this.#say('refused', 'n', { topic: 'n', stream: 'n', reason, name })
        const device = this.#devices.get(this.#device)
        device?.quality.refusedValue(reason, this.#voice(device))
      },
    )
  }

  /** Settings of streams that begin at `patientTime`, with its day. */
  #oximetryAt(birth: Birth | null, patientTime: number): OximetryOptions {
    return { ...this.#options.oximetry, day: birth === null ? null : dayOfPatientTime(birth, patientTime) }
  }

  #attributesOf(patient: string, devices: Iterable<string>): PatientAttributes {
    const set = this.#attributes.get(patient)
    if (set !== undefined) return set
    const { all, patients } = this.#options.attributes
    if (Object.hasOwn(patients, patient)) return patients[patient]!
    for (const device of devices) if (Object.hasOwn(patients, device)) return patients[device]!
    return all
  }

  /** A line of the patient log. An alert is known by the id of its episode's first event. */
  #patientEvent(session: Session, event: PatientEvent): void {
    const note: Record<string, unknown> = { ...event.note }
    const corrected = this.#devices.get(this.#device)?.quality.corrections.ofStream(event.stream) ?? null
    if (corrected !== null) note.correction = [...((note.correction as string[] | undefined) ?? []), ...corrected]
    if (session.isDelayed(event.t, this.#at)) note.delayed = true
    if (event.type === 'condition') {
      const key = `${String(event.body.condition)}|${event.stream}|${String(event.note.sourceDevice ?? '')}`
      const episode = event.note.episode as number
      let alert = session.alerts.get(key)
      if (alert === undefined || alert.episode !== episode) {
        alert = { alert: this.#nextId(), episode }
        session.alerts.set(key, alert)
      }
      note.alert = alert.alert
      if (event.body.to === 'absent') session.alerts.delete(key)
      if (event.body.cause === 'acknowledged' && session.acknowledging !== null) note.acknowledgedBy = session.acknowledging
    }
    this.#log('patient', event.type, session.patient, session.id, event.t, event.stream, event.body, note)
    this.#judge(event)
  }

  /** What the patient log says of the quality of the data of the device in hand. */
  #judge({ type, body, stream, note }: PatientEvent): void {
    const device = this.#devices.get(typeof note.of === 'string' ? note.of : this.#device)
    if (device === undefined) return
    if (type === 'measurement') device.quality.measured(body, stream, this.#voice(device))
    else if (type === 'data-issue' && body.on === true) device.quality.breach('told', String(body.rule), stream, this.#voice(device))
  }

  #voice(device: DeviceState): QualityVoice {
    const session = this.#sessionOf(device)
    return {
      at: this.#at,
      t: session === null || session.newest === 0 ? null : session.newest,
      model: device.birth?.model ?? '',
      firmware: device.birth?.firmware ?? '',
      nextId: () => this.#nextId(),
      say: (type, stream, body) => this.#as(device, () => this.#say(type, stream, body)),
    }
  }

  /** Says something of another device than the one in hand. */
  #as(device: DeviceState, say: () => void): void {
    const inHand = this.#device
    this.#device = device.device
    say()
    this.#device = inHand
  }

  #say(type: SystemEventType, stream: string, body: Record<string, unknown>): void {
    const device = this.#devices.get(this.#device)
    this.#log('system', type, device?.patient ?? '', device?.session ?? '', this.#at, stream, body, {})
  }

  #log(
    log: 'patient' | 'system',
    type: string,
    patient: string,
    session: string,
    t: number,
    stream: string,
    body: Readonly<Record<string, unknown>>,
    note: Readonly<Record<string, unknown>>,
  ): void {
    const id = this.#nextId()
    this.#ordinal += 1
    const event: LoggedEvent = {
      id,
      log,
      partition: this.partition,
      patient,
      device: this.#device,
      session,
      t,
      at: this.#at,
      type,
      stream,
      body,
      note,
    }
    this.#sink?.event(event)
  }

  #nextId(): string {
    return `${this.partition}-${this.#offset}-${this.#ordinal}`
  }

  #tellHighWater(device: DeviceState): void {
    const water = device.receiver.highWater()
    if (water === null) return
    const final = device.final !== null && device.final.boot === device.boot ? device.final : null
    // A device that nobody wears, or that is not scored, has no session; it is done when the last of its streams is kept.
    const unscored = device.session === null && device.receiver.closed
    this.#sink?.highWater({
      device: device.device,
      boot: water.boot,
      streams: water.streams,
      final: final !== null || unscored,
      eventHash: final?.eventHash ?? null,
      eventCount: final?.eventCount ?? null,
    })
  }
}

/** The part of a live block whose samples were taken at or after `from`; null when there is none. */
function ownPart(block: StreamBlock, from: number, timeOf: (index: number) => number | null): StreamBlock | null {
  let skip = 0
  while (skip < block.length && (timeOf(block.start + skip) ?? from) < from) skip += 1
  if (skip === 0) return block
  if (skip === block.length) return null
  return {
    start: block.start + skip,
    length: block.length - skip,
    flags: block.flags,
    channels: block.channels.map(samples => samples.subarray(skip)),
    ...(block.paceMarks && { paceMarks: block.paceMarks }),
  }
}

function countsOf(ledger: WireLedger): Ledger {
  const { offered, stored, late, duplicate, rejected, held, lost, invalid, beforeContact, messages } = ledger
  return { offered, stored, late, duplicate, rejected, held, lost, invalid, beforeContact, messages }
}
