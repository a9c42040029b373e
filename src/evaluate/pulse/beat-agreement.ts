import type { Observation } from '../../signal/observation.js'
import { usableQuality } from '../../vitals/vital-reading.js'
import type { ObservedStream } from './observe-stream.js'

/** Largest distance of a pulse from its beat after alignment, s. */
export const matchSeconds = 0.15
/** Delays from R peak to systolic peak that are looked for, s: monitors filter the pulse wave for up to a second and more. */
const delays = { from: 0.05, to: 2, step: 0.01, near: 0.05 } as const
/** Each stretch of so many seconds has a delay of its own: it moves with blood pressure and with the clocks of two devices. */
const alignSeconds = 300

/** Seconds of beats or pulses, and which whole seconds were good. */
export interface BeatTrack {
  readonly times: Float64Array
  readonly good: readonly boolean[]
}

/** Quality of a second of ECG that may be the reference: it must be surer than what is held against it. */
export const referenceQuality = 0.9

/** Beats by ECG, or pulses by light; a second is good when one channel had at least the quality `least` in it. */
export function beatTrack({ observations, fsHz, seconds }: ObservedStream, kind: 'beat' | 'pulse', least = usableQuality): BeatTrack {
  const good: boolean[] = new Array<boolean>(Math.floor(seconds)).fill(false)
  const times: number[] = []
  for (const said of observations) {
    if (said.kind === 'quality' && said.quality >= least) {
      const to = Math.min(good.length, Math.round(said.to / fsHz))
      for (let second = Math.round(said.from / fsHz); second < to; second += 1) good[second] = true
    } else if (said.kind === kind) times.push(placeOf(said) / fsHz)
  }
  return { times: Float64Array.from(times).sort(), good }
}

function placeOf(said: Extract<Observation, { kind: 'beat' | 'pulse' }>): number {
  return said.index + (said.kind === 'beat' ? said.fraction : 0)
}

export interface BeatAgreement {
  readonly tp: number
  readonly fp: number
  readonly fn: number
  /** Seconds in which the ECG was good, and those of them in which the light was, too. */
  readonly cleanSeconds: number
  readonly acceptedSeconds: number
  /** Median of the stretches' delays; null without one. */
  readonly delaySeconds: number | null
}

/**
 * Pulses against the beats that made them, in seconds in which both signals were good: each beat takes the nearest free pulse within
 * `matchSeconds` of its expected place. The delay of a stretch is the one at which most beats have a pulse within 50 ms.
 */
export function agreeBeats(beats: BeatTrack, pulses: BeatTrack): BeatAgreement {
  const seconds = Math.min(beats.good.length, pulses.good.length)
  let tp = 0
  let fp = 0
  let fn = 0
  let cleanSeconds = 0
  let acceptedSeconds = 0
  const found: number[] = []
  for (let from = 0; from < seconds; from += alignSeconds) {
    const to = Math.min(seconds, from + alignSeconds)
    const accepted = (time: number) => beats.good[Math.floor(time)] === true && pulses.good[Math.floor(time)] === true
    for (let second = from; second < to; second += 1) {
      if (beats.good[second] !== true) continue
      cleanSeconds += 1
      if (pulses.good[second] === true) acceptedSeconds += 1
    }
    const ownBeats = beats.times.filter(time => time >= from && time < to)
    // Pulses of the beats just before the stretch, and those that follow its end, may be partners.
    const ownPulses = pulses.times.filter(time => time >= from && time < to + delays.to + matchSeconds)
    const delay = delayOf(ownBeats.filter(accepted), ownPulses)
    if (delay === null) {
      // Too few pulses for a delay: its beats are missed.
      fn += ownBeats.filter(accepted).length
      continue
    }
    found.push(delay)
    const taken = new Set<number>()
    for (const beat of ownBeats) {
      const expected = beat + delay
      if (!accepted(beat) || !accepted(expected)) {
        // A beat outside what counts may still own a pulse inside.
        const near = nearest(ownPulses, expected, taken)
        if (near >= 0) taken.add(near)
        continue
      }
      const near = nearest(ownPulses, expected, taken)
      if (near >= 0) {
        taken.add(near)
        tp += 1
      } else fn += 1
    }
    ownPulses.forEach((pulse, k) => {
      const beat = pulse - delay
      if (!taken.has(k) && beat >= from && beat < to && accepted(pulse) && accepted(Math.max(0, beat))) fp += 1
    })
  }
  found.sort((a, b) => a - b)
  return { tp, fp, fn, cleanSeconds, acceptedSeconds, delaySeconds: found[found.length >> 1] ?? null }
}

function nearest(pulses: Float64Array, expected: number, taken: ReadonlySet<number>): number {
  let best = -1
  let distance = matchSeconds
  for (let k = lowerBound(pulses, expected - matchSeconds); k < pulses.length && pulses[k]! <= expected + matchSeconds; k += 1) {
    const apart = Math.abs(pulses[k]! - expected)
    if (!taken.has(k) && apart <= distance) {
      best = k
      distance = apart
    }
  }
  return best
}

/** null with fewer than three beats that have a pulse near. */
function delayOf(beats: Float64Array, pulses: Float64Array): number | null {
  let best: number | null = null
  let most = 2
  for (let delay: number = delays.from; delay <= delays.to; delay += delays.step) {
    let count = 0
    for (const beat of beats) {
      const k = lowerBound(pulses, beat + delay - delays.near)
      if (k < pulses.length && pulses[k]! <= beat + delay + delays.near) count += 1
    }
    if (count > most) {
      most = count
      best = delay
    }
  }
  if (best === null) return null
  // Within the 50 ms the middle is not known: the median distance of the pulses is.
  const around: number[] = []
  for (const beat of beats) {
    const k = lowerBound(pulses, beat + best - delays.near)
    if (k < pulses.length && pulses[k]! <= beat + best + delays.near) around.push(pulses[k]! - beat)
  }
  around.sort((a, b) => a - b)
  return around[around.length >> 1] ?? best
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
