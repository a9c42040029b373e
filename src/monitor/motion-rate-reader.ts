import { MotionRateTracker } from '../ppg/motion-rate/motion-rate-tracker.js'
import { frameRate, type MeasurementObservation } from '../signal/observation.js'
import type { StageState } from '../signal/stage.js'
import { usableQuality, type VitalReading } from '../vitals/vital-reading.js'
import { AccelerationTrack, type AccelerationTrackState } from './acceleration-track.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

/** Method id of the pulse rate from light and acceleration; card docs/algorithms/ppg-motion-rate.md. */
export const motionRateAlgorithm = 'ppg-motion-rate'
/** Quality of a rate without acceleration: not used. */
const blindQuality = 0.4
/** Axes of an acceleration that can be used. */
const axes = 3
/** How long a second of light waits for the acceleration of the same time, microseconds. */
const patience = 1_200_000
/** Seconds that a pulse rate rests on. */
const windowSeconds = 8
/** Seconds without a sample that the tracker is told of; after so many it knows nothing any more. */
const mostLostSeconds = 60
/** A pulse rate by beats older than this is not of the second in hand, microseconds. */
const freshness = 1_500_000

/** What the reader says each second of a stream of light (an input): the rate under motion, and which of the two rates now counts. */
export interface MotionRateTold {
  readonly observation: MeasurementObservation
  /** The pulse rate by beats of the same second, when it counts instead (wrist at rest, or no acceleration). */
  readonly byBeats: boolean
  /** The newest pulse rate by beats; null before the first. */
  readonly beats: VitalReading | null
  /** Respiratory rates since the last second. */
  readonly breathing: readonly VitalReading[]
  /** Strong movement: what light says of breathing cannot be told from it. */
  readonly moving: boolean
}

export interface MotionRateSink {
  told(input: string, told: MotionRateTold, t: number): void
  /** Nothing more comes of this stream of light. */
  ended(input: string, t: number): void
}

type Frame = Extract<ReaderItem, { kind: 'frame' }>

interface LightStream {
  readonly channels: number
  readonly tracker: MotionRateTracker
  /** Seconds whose acceleration has not come yet, with the time at which they were told. */
  waiting: { t: number; frame: Frame }[]
  /** Index at which the last second ended; -1 before the first. */
  end: number
  beats: VitalReading | null
  /** Respiratory rates that wait for the movement of their time. */
  breathing: VitalReading[]
}

interface AccelerationStream {
  readonly track: AccelerationTrack
  /** Silent, or late: nobody waits for it until it is back. */
  gone: boolean
}

interface MotionRateReaderState {
  conditions: ConditionSetState
  accelerations: { input: string; track: AccelerationTrackState; gone: boolean }[]
  streams: {
    input: string
    channels: number
    tracker: StageState
    waiting: { t: number; frame: Frame }[]
    end: number
    beats: VitalReading | null
    breathing: VitalReading[]
  }[]
}

/**
 * Pulse rate of a device that carries light and acceleration: joins both by patient time, a second at a time, and says which pulse
 * rate counts. At rest it is that of the beats, which follow every single pulse; under motion that of the tracker, since steps look
 * like pulses. Respiratory rates pass through too: under strong movement they are withheld. The acceleration of a second is awaited for `patience`; without it the tracker goes on with the light alone.
 */
export class MotionRateReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #sink: MotionRateSink
  /** In the order of their opening; the first that is there is used. */
  readonly #accelerations = new Map<string, AccelerationStream>()
  readonly #lights = new Map<string, LightStream>()

  constructor(sink: MotionRateSink, emit: EmitEvent) {
    this.#sink = sink
    this.conditions = new ConditionSet([], '', emit)
  }

  /** An input that will be read, with the channels of its stream. */
  expect(input: string, of: 'light' | 'acceleration', channels: number): void {
    if (of === 'acceleration') this.#accelerations.set(input, { track: new AccelerationTrack(windowSeconds), gone: false })
    else this.#light(input, channels)
  }

  item(item: ReaderItem, t: number, input: string): void {
    if (item.kind === 'reading') {
      const light = this.#lights.get(input)
      if (item.reading.name === 'pulse-rate' && light !== undefined) light.beats = item.reading
      if (item.reading.name === 'respiratory-rate') light?.breathing.push(item.reading)
      return
    }
    if (item.kind === 'frame') {
      const acceleration = this.#accelerations.get(input)
      if (acceleration === undefined) this.#lights.get(input)?.waiting.push({ t, frame: item })
      else {
        acceleration.gone = false
        acceleration.track.add(item)
      }
    } else if (item.kind === 'end' || item.kind === 'silent') {
      this.#stop(input, item.kind, t)
    } else return
    this.#work(t)
  }

  advance(t: number): void {
    const awaited = this.#awaited()
    if (this.nextDeadline() <= t && awaited !== null) awaited.gone = true
    this.#work(t)
  }

  nextDeadline(): number {
    let deadline = Number.POSITIVE_INFINITY
    for (const { waiting } of this.#lights.values()) if (waiting[0] !== undefined) deadline = Math.min(deadline, waiting[0].t + patience)
    return deadline
  }

  save(): MotionRateReaderState {
    return {
      conditions: this.conditions.save(),
      accelerations: [...this.#accelerations].map(([input, { track, gone }]) => ({ input, track: track.save(), gone })),
      streams: [...this.#lights].map(([input, { channels, tracker, waiting, end, beats, breathing }]) => ({
        input,
        channels,
        tracker: tracker.save(),
        waiting: [...waiting],
        end,
        beats,
        breathing: [...breathing],
      })),
    }
  }

  load(state: MotionRateReaderState): void {
    this.conditions.load(state.conditions)
    this.#accelerations.clear()
    for (const { input, track, gone } of state.accelerations) {
      this.expect(input, 'acceleration', axes)
      const acceleration = this.#accelerations.get(input)!
      acceleration.track.load(track)
      acceleration.gone = gone
    }
    this.#lights.clear()
    for (const { input, channels, tracker, waiting, end, beats, breathing } of state.streams) {
      const light = this.#light(input, channels)
      light.tracker.load(tracker)
      light.waiting = [...waiting]
      light.end = end
      light.beats = beats
      light.breathing = [...breathing]
    }
  }

  #light(input: string, channels: number): LightStream {
    let light = this.#lights.get(input)
    if (light === undefined) {
      light = { channels, tracker: new MotionRateTracker({ channels }), waiting: [], end: -1, beats: null, breathing: [] }
      this.#lights.set(input, light)
    }
    return light
  }

  #stop(input: string, kind: 'end' | 'silent', t: number): void {
    const acceleration = this.#accelerations.get(input)
    if (acceleration !== undefined) {
      acceleration.gone = true
      acceleration.track.clear()
      if (kind === 'end') this.#accelerations.delete(input)
      return
    }
    const light = this.#lights.get(input)
    if (light === undefined) return
    this.#take(input, light, t, true)
    if (kind === 'silent') return
    this.#lights.delete(input)
    this.#sink.ended(input, t)
  }

  #work(t: number): void {
    for (const [input, light] of this.#lights) this.#take(input, light, t, false)
  }

  /** The acceleration that is used: it has not ended, is not silent and came in time; null: none is waited for. */
  #awaited(): AccelerationStream | null {
    for (const acceleration of this.#accelerations.values()) if (!acceleration.gone) return acceleration
    return null
  }

  /** The seconds whose acceleration has come, or with `alone` all of them. */
  #take(input: string, light: LightStream, t: number, alone: boolean): void {
    for (;;) {
      const next = light.waiting[0]
      const awaited = this.#awaited()
      if (next === undefined || !(alone || awaited === null || awaited.track.until >= next.frame.t1)) return
      light.waiting.shift()
      this.#step(input, light, next.frame, t)
    }
  }

  #step(input: string, light: LightStream, frame: Frame, t: number): void {
    const { t0, t1, from, to, samples } = frame
    const track = this.#awaited()?.track ?? null
    const acceleration = track?.between(t0, t1) ?? null
    const lost = light.end < 0 ? 0 : Math.min(Math.round((from - light.end) / (to - from)), mostLostSeconds)
    for (let second = 0; second < lost; second += 1) light.tracker.step(samples.map(nothing), null)
    light.end = to
    const { value, low, high, quality, held, reason } = light.tracker.step(samples, acceleration?.length === axes ? acceleration : null)
    const { beats } = light
    const usable = beats !== null && beats.value !== null && beats.quality >= usableQuality && t1 - beats.t <= freshness
    const observation: MeasurementObservation = {
      kind: 'measurement',
      name: 'pulse-rate',
      value,
      from: Math.max(0, to - windowSeconds * (to - from)),
      to,
      decided: to - 1,
      channel: 0,
      // Without acceleration the tracker takes steps for pulses like any other method.
      quality: acceleration === null ? Math.min(quality, blindQuality) : quality,
      algorithm: motionRateAlgorithm,
      ...(value !== null && acceleration === null ? { reason: 'no-acceleration' } : reason === 'good' ? {} : { reason }),
      ...(value === null || low === null || high === null ? {} : { low, high, held }),
    }
    // Without acceleration the tracker knows no more than the beats do.
    const byBeats = usable && (acceleration === null || track?.still(t1) === true)
    const { breathing } = light
    light.breathing = []
    this.#sink.told(input, { observation, byBeats, beats, breathing, moving: track?.moving(t1) === true }, t)
  }
}

function nothing(): Float64Array {
  return new Float64Array(frameRate).fill(Number.NaN)
}
