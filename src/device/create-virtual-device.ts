import { VitalwireError } from '../errors.js'
import { roundHalfAway } from '../signal/rate.js'
import { type Birth, type Clock, encodeBirth } from '../wire/birth.js'
import { identifier } from '../wire/topics.js'
import { groupSignals, identifierFrom } from './group-signals.js'
import { MessageMaker } from './message-maker.js'
import { makePackGrid, type PackGrid } from './pack-grid.js'
import { selectSignals } from './select-signals.js'
import type { SignalSource } from './signal-source.js'
import { planStream, type StreamPlan, type Window } from './stream-plan.js'
import type { VirtualDevice } from './virtual-device.js'

export interface VirtualDeviceOptions {
  readonly source: SignalSource
  /** Default: the source's name, made an identifier. */
  readonly device?: string
  readonly boot: number
  /** Recorded clock: boots with the same session are one session. Default: one of its own for each name and boot. */
  readonly session?: string
  /** Length of a chunk, 0.25 to 2 s; default 1 s. */
  readonly chunkSeconds?: number
  /** Names or indexes of signals; default all. */
  readonly channels?: readonly (string | number)[]
  /** Part of the source, seconds from its start; [from, to). */
  readonly from?: number
  readonly to?: number
  /** Second of the source at which the device clock reads 0; default 0. A device that restarts counts from there. */
  readonly clockZero?: number
  /** UTC of device clock 0, microseconds; default what the source says. Null: none. */
  readonly epoch?: number | null
  /** Default `recorded`. */
  readonly clock?: Clock
  /** A device that stops without a word: no `last` flag, no last pack. */
  readonly unfinished?: boolean
  readonly model?: string
}

/** The device id that a recording has unless told otherwise. */
export function defaultDeviceId(record: string): string {
  return identifierFrom(record)
}

export function createVirtualDevice(options: VirtualDeviceOptions): VirtualDevice {
  const { source, boot } = options
  const device = checkDevice(options.device ?? defaultDeviceId(source.name))
  const window = chooseWindow(options)
  const chunkSeconds = checkChunkSeconds(options.chunkSeconds ?? 1)
  const signals = selectSignals(source.name, source.signals, options.channels)
  const plans = groupSignals(signals)
    .map(group => planStream(source, group, window, chunkSeconds))
    .filter(plan => plan !== null)
  const packs = makePackGrid(source, window.from, window.to, options.to === undefined || options.to > source.durationSeconds)
  if (plans.length === 0 && packs === null) {
    throw new VitalwireError(
      'usage-option',
      `nothing to send from ${source.name} between ${window.from / 1e6} and ${window.to / 1e6} s; accepted is a stretch with signals or numerics`,
    )
  }
  const maker = new MessageMaker(source, boot, window, plans, packs, options.unfinished === true)
  const birth = encodeBirth(describeBirth(options, window, plans, packs))
  return {
    device,
    record: source.name,
    boot,
    clock: options.clock ?? 'recorded',
    durationSeconds: (window.to - window.from) / 1e6,
    streams: plans.map(({ birth: spec, signals: indexes, firstSample, samples, chunkSamples }) => ({
      spec,
      signals: indexes,
      firstSample,
      samples,
      t0: spec.t0,
      chunkSamples,
    })),
    numerics: packs !== null,
    birth: () => birth.slice(),
    messages: () => maker.inOrder({}),
    fromPosition: position => maker.inOrder(position),
    resend: (stream, fromSeq, toSeq) => maker.range(stream, fromSeq, toSeq),
    clockAt: time => window.from - window.zero + roundHalfAway(time * 1e6),
    close: () => source.close(),
  }
}

function checkDevice(device: string): string {
  if (identifier.test(device)) return device
  throw new VitalwireError('usage-option', `device id ${JSON.stringify(device)}; accepted are 1 to 64 of a-z, 0-9 and -`)
}

function checkChunkSeconds(seconds: number): number {
  if (seconds >= 0.25 && seconds <= 2) return seconds
  throw new VitalwireError('usage-option', `chunk length ${seconds} s; accepted are 0.25 to 2 s`)
}

function chooseWindow(options: VirtualDeviceOptions): Window {
  const { source, from = 0, to = source.durationSeconds, clockZero = 0 } = options
  const end = Math.min(to, source.durationSeconds)
  if (!(from >= 0 && from < end)) {
    throw new VitalwireError(
      'usage-option',
      `from ${from} s to ${to} s of ${source.name}; accepted are 0 <= from < to <= ${source.durationSeconds} s`,
    )
  }
  const micros = (seconds: number) => (Number.isFinite(seconds) ? roundHalfAway(seconds * 1e6) : seconds)
  return { from: micros(from), to: micros(end), zero: micros(clockZero) }
}

function describeBirth(options: VirtualDeviceOptions, window: Window, plans: readonly StreamPlan[], packs: PackGrid | null): Birth {
  const { source, boot, clock = 'recorded' } = options
  const started = source.startTime === null ? null : source.startTime.getTime() * 1000 + window.zero
  const epoch = options.epoch === undefined ? started : options.epoch
  return {
    boot,
    model: options.model ?? 'vitalwire-recording',
    firmware: '1',
    clock,
    ...(epoch === null || epoch < 0 ? {} : { epoch }),
    ...(clock === 'recorded' ? { session: (options.session ?? `${source.name}-${boot}`).slice(0, 128) } : {}),
    streams: plans.map(plan => plan.birth),
    ...(packs === null ? {} : { numerics: { t0: packs.t0 - window.zero, every: packs.every } }),
  }
}
