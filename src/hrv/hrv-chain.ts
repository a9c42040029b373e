import type { IntervalName } from '../signal/catalogue.js'
import type { StreamChain } from '../signal/chain.js'
import type { BeatObservation, Observation } from '../signal/observation.js'
import { hertz } from '../signal/rate.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { Latency, StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { measureLomb } from './frequency-domain.js'
import { leastCoverage } from './measure-hrv.js'
import { nnFilterDefaults } from './nn-series.js'
import { measureDfa, measureSampleEntropy } from './nonlinear.js'
import { RunningHrv } from './running-hrv.js'

/** Window of the Task Force's short-term measures, and how often they are told. */
const windowSeconds = 300
const everySeconds = 60
/** What costs more is told once a window. */
const spectrumEverySeconds = 300
/** Beats are confirmed late; a window is closed this long after its end. */
const closingSeconds = 4

const algorithm = 'hrv'

/**
 * An ECG stream: all that its beat chain says, and the variability of the heart rate over the last five minutes, once a
 * minute. The beat chain comes as an argument, because modalities do not import each other.
 */
export function createHrvChain(spec: StreamSpec, beats: StreamChain): StreamChain {
  return new HrvChain(hertz(spec.fs), beats)
}

class HrvChain implements StreamChain {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  private readonly running = new RunningHrv()
  /** End of the window that is told next, samples; -1 before the first observation. */
  private nextEnd = -1
  /** Beats after the end of that window. */
  private later: BeatObservation[] = []

  constructor(
    private readonly fsHz: number,
    private readonly beats: StreamChain,
  ) {
    this.name = beats.name
    this.latency = { min: beats.latency.min, max: beats.latency.max + Math.ceil((closingSeconds + everySeconds) * fsHz) }
    this.parameters = {
      ...beats.parameters,
      hrv: { algorithm, windowSeconds, everySeconds, spectrumEverySeconds, closingSeconds, leastCoverage, filter: nnFilterDefaults },
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
  }

  save(): StageState {
    return { beats: this.beats.save(), running: this.running.save(), nextEnd: this.nextEnd, later: structuredClone(this.later) }
  }

  load(saved: StageState): void {
    const state = saved as { beats: StageState; running: StageState; nextEnd: number; later: BeatObservation[] }
    this.beats.load(state.beats)
    this.running.load(state.running)
    this.nextEnd = state.nextEnd
    this.later = structuredClone(state.later)
  }

  private take(observation: Observation, emit: (observation: Observation) => void): void {
    if (this.nextEnd < 0) this.nextEnd = this.endAfter(observation.decided)
    while (observation.decided >= this.nextEnd + closingSeconds * this.fsHz) this.tell(observation.decided, observation.channel, emit)
    if (observation.kind === 'beat') {
      if (observation.index < this.nextEnd) this.add(observation)
      else this.later.push(observation)
    }
    emit(observation)
  }

  /** End of the minute (of the stream's own samples) that sample `index` lies in. */
  private endAfter(index: number): number {
    const minute = everySeconds * this.fsHz
    return Math.ceil((Math.floor(index / minute) + 1) * minute)
  }

  private add({ index, fraction, beatClass, rrSeconds, quality }: BeatObservation): void {
    this.running.add({ time: (index + fraction) / this.fsHz, normal: beatClass === 'N', rrSeconds, quality })
  }

  private tell(decided: number, channel: number, emit: (observation: Observation) => void): void {
    const to = this.nextEnd
    const from = Math.max(0, to - Math.round(windowSeconds * this.fsHz))
    const { running } = this
    running.forgetBefore(from / this.fsHz)
    const coverage = Math.min(1, running.coveredSeconds / windowSeconds)
    const enough = coverage >= leastCoverage
    const { sdnn, rmssd, pnn50, sd1, sd2 } = running.timeDomain
    const values: [IntervalName, number | null][] = [
      ['hrv-sdnn', sdnn],
      ['hrv-rmssd', rmssd],
      ['hrv-pnn50', pnn50],
      ['hrv-sd1', sd1],
      ['hrv-sd2', sd2],
    ]
    if (Math.round(to / this.fsHz / everySeconds) % (spectrumEverySeconds / everySeconds) === 0) {
      const bands = enough ? measureLomb(running.series) : null
      values.push(['hrv-lf', bands?.lf ?? null], ['hrv-hf', bands?.hf ?? null], ['hrv-lf-hf', bands?.lfHf ?? null])
      values.push(['hrv-sample-entropy', enough ? measureSampleEntropy(running.series) : null])
      values.push(['hrv-dfa-alpha1', enough ? measureDfa(running.series) : null])
    }
    for (const [name, measured] of values) {
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
    for (const beat of waiting) {
      if (beat.index < this.nextEnd) this.add(beat)
      else this.later.push(beat)
    }
  }
}
