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

interface MotionRateReaderState {
  conditions: ConditionSetState
  acceleration: AccelerationTrackState
  streams: {
    input: string
    channels: number
    tracker: StageState
    waiting: { t: number; frame: Frame }[]
    end: number
    beats: VitalReading | null
    breathing: VitalReading[]
  }[]
  gone: boolean
}

/**
 * Pulse rate of a device that carries light and acceleration: joins both by patient time, a second at a time, and says which pulse
 * rate counts. At rest it is that of the beats, which follow every single pulse; under motion that of the tracker, since steps look
 * like pulses. Respiratory rates pass through too: under strong movement they are withheld. The acceleration of a second is awaited for `patience`; without it the tracker goes on with the light alone.
 */
export class MotionRateReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #sink: MotionRateSink
  readonly #acceleration = new AccelerationTrack(windowSeconds)
  readonly #lights = new Map<string, LightStream>()
  /** The acceleration ended, is silent or did not come in time: nobody waits for it until it is back. */
  #gone = false

  constructor(sink: MotionRateSink, emit: EmitEvent) {
    this.#sink = sink
    this.conditions = new ConditionSet([], '', emit)
  }

  item(item: ReaderItem, t: number, input: string): void {
    if (item.kind === 'reading') {
      const light = this.#lights.get(input)
      if (item.reading.name === 'pulse-rate' && light !== undefined) light.beats = item.reading
      if (item.reading.name === 'respiratory-rate') light?.breathing.push(item.reading)
      return
    }
    if (item.kind === 'frame' && item.of === 'acceleration') {
      this.#gone = false
      this.#acceleration.add(item)
    } else if (item.kind === 'frame') {
      this.#light(input, item.samples.length).waiting.push({ t, frame: item })
    } else if (item.kind === 'end' || item.kind === 'silent') {
      this.#stop(input, item.kind, t)
    } else return
    this.#work(t)
  }

  advance(t: number): void {
    if (this.nextDeadline() <= t) this.#gone = true
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
      acceleration: this.#acceleration.save(),
      streams: [...this.#lights].map(([input, { channels, tracker, waiting, end, beats, breathing }]) => ({
        input,
        channels,
        tracker: tracker.save(),
        waiting: [...waiting],
        end,
        beats,
        breathing: [...breathing],
      })),
      gone: this.#gone,
    }
  }

  load(state: MotionRateReaderState): void {
    this.conditions.load(state.conditions)
    this.#acceleration.load(state.acceleration)
    this.#lights.clear()
    for (const { input, channels, tracker, waiting, end, beats, breathing } of state.streams) {
      const light = this.#light(input, channels)
      light.tracker.load(tracker)
      light.waiting = [...waiting]
      light.end = end
      light.beats = beats
      light.breathing = [...breathing]
    }
    this.#gone = state.gone
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
    const light = this.#lights.get(input)
    if (light === undefined) {
      // What never sent light is the acceleration.
      this.#gone = true
      this.#acceleration.clear()
      return
    }
    this.#take(input, light, t, true)
    if (kind === 'silent') return
    this.#lights.delete(input)
    this.#sink.ended(input, t)
  }

  #work(t: number): void {
    for (const [input, light] of this.#lights) this.#take(input, light, t, this.#gone)
  }

  /** The seconds whose acceleration has come, or with `alone` all of them. */
  #take(input: string, light: LightStream, t: number, alone: boolean): void {
    for (;;) {
      const next = light.waiting[0]
      if (next === undefined || !(alone || this.#acceleration.until >= next.frame.t1)) return
      light.waiting.shift()
      this.#step(input, light, next.frame, t)
    }
  }

  #step(input: string, light: LightStream, frame: Frame, t: number): void {
    const { t0, t1, from, to, samples } = frame
    const acceleration = this.#acceleration.between(t0, t1)
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
      quality,
      algorithm: motionRateAlgorithm,
      ...(value === null || low === null || high === null ? { reason } : { low, high, held }),
    }
    // Without acceleration the tracker knows no more than the beats do.
    const byBeats = usable && (acceleration === null || this.#acceleration.still(t1))
    const { breathing } = light
    light.breathing = []
    this.#sink.told(input, { observation, byBeats, beats, breathing, moving: this.#acceleration.moving(t1) }, t)
  }
}

function nothing(): Float64Array {
  return new Float64Array(frameRate).fill(Number.NaN)
}
