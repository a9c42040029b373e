import { Course } from './course.js'
import { purposes, uniformAt } from './random.js'
import type { DisturbanceKind, Episode, RhythmKind, Script } from './scenario.js'
import { sineOfCycles } from './waves.js'

/** One heart beat as it truly was. */
export interface TrueBeat {
  readonly number: number
  /** R peak, seconds from the start of the simulation. */
  readonly time: number
  readonly beatClass: 'N' | 'V'
  readonly rhythm: 'sinus' | 'af' | 'vt'
  /** Seconds since the beat before, at most `longestInterval`: how far the heart had filled. */
  readonly before: number
  /** Square root of the mean interval in seconds (Bazett): repolarisation and pulse follow the mean rate, not each beat. */
  readonly stretch: number
  /** Depth of the breath at the beat, -1 to 1. */
  readonly breath: number
}

/** The first beat after an asystole has filled no more than one after so many seconds. */
const longestInterval = 1.5
/** Respiratory sinus arrhythmia and Mayer waves: largest relative change of the rate. */
const breathingDepth = 0.06
const mayerDepth = 0.035
const mayerHertz = 0.095
/** Largest shift of a beat in atrial fibrillation, in intervals: RR intervals vary by about 18 %. */
const irregularShift = 0.22

/**
 * Heart and breathing of one patient in closed form: a beat falls where the integral of the heart rate over warped time
 * passes a whole number (integral pulse frequency modulation). The warp carries respiratory sinus arrhythmia and Mayer
 * waves. Any stretch of time can be asked for at any moment, and nothing is kept between.
 */
export class Physiology {
  readonly script: Script
  readonly #seed: number
  readonly #heartRate: Course
  readonly #respiratoryRate: Course
  readonly #saturation: Course
  readonly #mayerPhase: number

  constructor(script: Script, seed: number) {
    this.script = script
    this.#seed = seed
    this.#heartRate = new Course(script.heartRate, script.periodSeconds)
    this.#respiratoryRate = new Course(script.respiratoryRate, script.periodSeconds)
    this.#saturation = new Course(script.saturation, script.periodSeconds)
    this.#mayerPhase = uniformAt(seed, purposes.trait, 100)
  }

  /** Mean heart rate, /min. */
  heartRate(seconds: number): number {
    return this.#heartRate.at(seconds)
  }

  /** Breaths /min. */
  respiratoryRate(seconds: number): number {
    return this.#respiratoryRate.at(seconds)
  }

  /** Arterial saturation, %. */
  saturation(seconds: number): number {
    return this.#saturation.at(seconds)
  }

  /** Breaths up to a time, as a real number: the phase of breathing in cycles. */
  breathCycles(seconds: number): number {
    return this.#respiratoryRate.integral(seconds) / 60
  }

  rhythm(seconds: number): 'sinus' | RhythmKind {
    return episodeAt(this.script.rhythms, seconds, this.script.periodSeconds)?.kind ?? 'sinus'
  }

  disturbed(kind: DisturbanceKind, seconds: number): boolean {
    const { disturbances, periodSeconds } = this.script
    return disturbances.some(episode => episode.kind === kind && inEpisode(episode, seconds, periodSeconds))
  }

  /** Beats with R peaks in [from, to), in order. */
  beats(from: number, to: number): TrueBeat[] {
    const first = Math.max(1, Math.ceil(this.#beatPhase(from) - 0.5))
    const last = Math.floor(this.#beatPhase(to) + 0.5)
    const beats: TrueBeat[] = []
    if (last < first) return beats
    let before = this.#beatTime(first - 1)
    let time = this.#beatTime(first)
    for (let number = first; number <= last; number++) {
      if (time >= from && time < to) beats.push(this.#beat(number, before, time))
      before = time
      time = this.#beatTime(number + 1)
    }
    return beats
  }

  #beat(number: number, before: number, time: number): TrueBeat {
    const rhythm = this.rhythm(time)
    return {
      number,
      time,
      beatClass: rhythm === 'vt' ? 'V' : 'N',
      rhythm: rhythm === 'vt' || rhythm === 'af' ? rhythm : 'sinus',
      before: Math.min(longestInterval, time - before),
      stretch: Math.sqrt(Math.min(longestInterval, 60 / Math.max(1, this.heartRate(time)))),
      breath: sineOfCycles(this.breathCycles(time)),
    }
  }

  /** Beats up to a time, as a real number. */
  #beatPhase(seconds: number): number {
    const breathing = (breathingDepth / (2 * Math.PI * 0.25)) * sineOfCycles(this.breathCycles(seconds))
    const mayer = (mayerDepth / (2 * Math.PI * mayerHertz)) * sineOfCycles(mayerHertz * seconds + this.#mayerPhase)
    return this.#heartRate.integral(seconds + breathing + mayer) / 60
  }

  #beatTime(number: number): number {
    const time = this.#phaseTime(number)
    if (this.rhythm(time) !== 'af') return time
    return this.#phaseTime(number + irregularShift * (2 * uniformAt(this.#seed, purposes.irregularity, number) - 1))
  }

  /** Earliest time at which the phase reaches `phase`, by halving; the phase never falls. */
  #phaseTime(phase: number): number {
    let low = Math.min(-2, phase)
    let high = 2
    while (this.#beatPhase(high) < phase) {
      low = high
      high = high * 2
    }
    while (this.#beatPhase(low) >= phase) low -= 4
    for (let step = 0; step < 60 && high - low > 1e-7; step++) {
      const middle = (low + high) / 2
      if (this.#beatPhase(middle) < phase) low = middle
      else high = middle
    }
    return high
  }
}

function episodeAt<Kind extends string>(
  episodes: readonly Episode<Kind>[],
  seconds: number,
  periodSeconds: number,
): Episode<Kind> | undefined {
  return episodes.find(episode => inEpisode(episode, seconds, periodSeconds))
}

function inEpisode(episode: Episode<string>, seconds: number, periodSeconds: number): boolean {
  const time = Number.isFinite(periodSeconds) && seconds > 0 ? seconds % periodSeconds : seconds
  return time >= episode.from && time < episode.to
}
