import type { IntervalName } from '../signal/catalogue.js'
import type { StreamChain } from '../signal/chain.js'
import type { Observation } from '../signal/observation.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { Latency, StageState } from '../signal/stage.js'
import { leastCoverage } from './measure-hrv.js'
import { type HrvBeat, nnFilterDefaults } from './nn-series.js'
import { RunningHrv } from './running-hrv.js'

/** Window of the Task Force's short-term measures, and how often they are told. */
const windowSeconds = 300
const everySeconds = 60
/** Beats are confirmed late; a window is closed this long after its end. */
const closingSeconds = 4

/** A beat, or what stands for one, and where on the stream it lies. */
interface PlacedBeat {
  readonly index: number
  readonly channel: number
  readonly beat: HrvBeat
}

/** What varies, and what of its variability is told. */
export interface VariabilityMethod {
  /** Id of the method; names its card. */
  readonly algorithm: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** The beat among what the inner chain says; null: no beat. */
  readonly beatOf: (observation: Observation, fsHz: number) => PlacedBeat | null
  /** Measures of the window, whose end is minute `minute` of the stream; not asked for what is covered too little: `enough` false. */
  readonly measure: (running: RunningHrv, minute: number, enough: boolean) => readonly (readonly [IntervalName, number | null])[]
}

/**
 * All that a chain of beats says, and their variability over the last five minutes, once a minute. Windows end on minutes of the stream's
 * own samples. Below `leastCoverage` of intervals every measure is null, with the reason `low-coverage`.
 */
export class VariabilityChain implements StreamChain {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  private readonly running = new RunningHrv()
  /** End of the window that is told next, samples; -1 before the first observation. */
  private nextEnd = -1
  /** Beats after the end of that window. */
  private later: PlacedBeat[] = []
  /** Channel of the latest beat. */
  private channel = 0

  constructor(
    private readonly fsHz: number,
    private readonly beats: StreamChain,
    private readonly method: VariabilityMethod,
  ) {
    const { algorithm, parameters } = method
    this.name = beats.name
    this.latency = { min: beats.latency.min, max: beats.latency.max + Math.ceil((closingSeconds + everySeconds) * fsHz) }
    this.parameters = {
      ...beats.parameters,
      [algorithm]: { algorithm, windowSeconds, everySeconds, ...parameters, closingSeconds, leastCoverage, filter: nnFilterDefaults },
    }
  }

  push(block: StreamBlock, emit: (observation: Observation) => void): void {
    this.beats.push(block, observation => this.take(observation, emit))
  }

  flush(emit: (observation: Observation) => void): void {
    this.beats.flush(emit)
    this.running.restart()
    this.later = []
    this.nextEnd = -1
    this.channel = 0
  }

  save(): StageState {
    const { nextEnd, channel } = this
    return { beats: this.beats.save(), running: this.running.save(), nextEnd, channel, later: structuredClone(this.later) }
  }

  load(saved: StageState): void {
    const state = saved as { beats: StageState; running: StageState; nextEnd: number; channel: number; later: PlacedBeat[] }
    this.beats.load(state.beats)
    this.running.load(state.running)
    this.nextEnd = state.nextEnd
    this.channel = state.channel
    this.later = structuredClone(state.later)
  }

  private take(observation: Observation, emit: (observation: Observation) => void): void {
    if (this.nextEnd < 0) this.nextEnd = this.endAfter(observation.decided)
    while (observation.decided >= this.nextEnd + closingSeconds * this.fsHz) this.tell(observation.decided, emit)
    const placed = this.method.beatOf(observation, this.fsHz)
    if (placed !== null) {
      this.channel = placed.channel
      if (placed.index < this.nextEnd) this.running.add(placed.beat)
      else this.later.push(placed)
    }
    emit(observation)
  }

  /** End of the minute (of the stream's own samples) that sample `index` lies in. */
  private endAfter(index: number): number {
    const minute = everySeconds * this.fsHz
    return Math.ceil((Math.floor(index / minute) + 1) * minute)
  }

  private tell(decided: number, emit: (observation: Observation) => void): void {
    const to = this.nextEnd
    const from = Math.max(0, to - Math.round(windowSeconds * this.fsHz))
    const { running, channel } = this
    const { algorithm, measure } = this.method
    running.forgetBefore(from / this.fsHz)
    const coverage = Math.min(1, running.coveredSeconds / windowSeconds)
    const enough = coverage >= leastCoverage
    for (const [name, measured] of measure(running, Math.round(to / this.fsHz / everySeconds), enough)) {
      const value = enough ? measured : null
      const reason = enough ? 'not-measurable' : 'low-coverage'
      emit({
        kind: 'measurement',
        name,
        value,
        channel,
        decided,
        from,
        to,
        quality: coverage,
        algorithm,
        ...(value === null && { reason }),
      })
    }
    const silent = running.series.times.length === 0 && this.later.length === 0
    // After a long silence the empty windows in between are not told one by one.
    this.nextEnd = this.endAfter(silent ? Math.max(to, Math.floor(decided - closingSeconds * this.fsHz)) : to)
    const waiting = this.later
    this.later = []
    for (const placed of waiting) {
      if (placed.index < this.nextEnd) running.add(placed.beat)
      else this.later.push(placed)
    }
  }
}
