import type { StageState } from '../../signal/stage.js'
import type { EcgView } from '../ecg-view.js'
import { type BeatAverage, BeatAverages, comparedFrom, comparedTo, levelFrame } from './beat-averages.js'
import { BeatFrameReader, type FrameSpan, frameHz, frameLength, frameOrigin } from './beat-frame.js'
import { type DelineationParameters, samplesPerMs } from './delineation-parameters.js'
import { findPWave, onsetBefore, type PWave } from './p-wave.js'
import { findQrsBounds, type QrsBounds } from './qrs-bounds.js'
import { SplineWavelet } from './spline-wavelet.js'
import { measureSt, type StSegment } from './st-segment.js'
import { steady } from './steady-marks.js'
import { findTWave, type TWave } from './t-wave.js'

/** What is known of a beat before it is delineated. */
export interface BeatToDelineate {
  /** R peak in samples of the stream, with fraction. */
  readonly peak: number
  /** Interval before it in seconds; null: not known. */
  readonly rrSeconds: number | null
  /** Usual interval of late: T waves follow it, not the last interval. */
  readonly usualRrSeconds: number
  /** R peak of the next beat as far as it is known. */
  readonly nextPeak: number | null
  readonly ventricular: boolean
  /** Whether it may enter the averages. */
  readonly learn: boolean
}

/** Waves of one beat in one lead; places are samples of the stream. */
export interface LeadWaves {
  readonly p: { readonly onset: number; readonly peak: number; readonly end: number } | null
  readonly qrs: { readonly onset: number; readonly end: number }
  readonly t: { readonly peak: number; readonly end: number } | null
  readonly st: StSegment | null
  /** How well the waves stand out in this lead, 0 to 1; compared between leads. */
  readonly clarity: number
  /** Beats that the average behind it has seen. */
  readonly beats: number
}

/** A span that reaches so far round the R peak may enter an average: P and QRS and the larger part of the T wave. */
const leastBefore = Math.round(0.3 * frameHz)
const leastAfter = Math.round(0.3 * frameHz)
/** The signal before the next R peak is the next beat's from here on: its P wave is left in, its QRS complex not. */
const beforeNext = Math.round(0.06 * frameHz)
/** A slope of this share of the QRS complex's, so long after it, is the next complex. */
const nextQrsShare = 0.4
const nextQrsAfter = Math.round(0.25 * frameHz)
/** Marks closer than this to where the signal breaks off are the break's. */
const edge = 4
/** The T wave's place goes with the square root of the RR interval, within these intervals. */
const rrRange = { shortest: 0.3, longest: 1.8 } as const
/** The P wave lies in this share of the interval before the beat. */
const pShareOfRr = 0.55
/** Steepness over spread at which a wave's part of the clarity is one half. */
const fewBeats = 4
const clarityBeats = 10
const clarityHalf = { t: 5, qrs: 5, p: 2 } as const

/** Delineates the beats of one lead; owns its frames and averages. */
export class LeadDelineator {
  private readonly reader: BeatFrameReader
  private readonly averages: BeatAverages
  private readonly wavelet = new SplineWavelet(frameLength)
  private readonly frame = new Float64Array(frameLength)
  /** What is delineated. */
  private readonly shape = new Float64Array(frameLength)
  private readonly held = new Float64Array(frameLength)

  constructor(
    private readonly lead: number,
    private readonly fsHz: number,
    private readonly p: DelineationParameters,
  ) {
    this.reader = new BeatFrameReader(fsHz)
    this.averages = new BeatAverages(p.averageBeats)
  }

  /** Null when the signal of the complex is not there. */
  delineate(beat: BeatToDelineate, view: EcgView): LeadWaves | null {
    const { frame, shape, wavelet, p } = this
    this.reader.take(view, this.lead, beat.peak)
    if (this.reader.fill(beat.peak, frame, comparedFrom, comparedTo) === null) return null
    const known = this.averages.mostAlike(frame, p.sameShape)
    const origin = beat.peak + (known === null ? 0 : (known.shift / frameHz) * this.fsHz)
    const present = this.reader.fill(origin, frame)
    if (present === null) return null
    const own = { from: present.from, to: Math.min(present.to, this.nextComplex(beat, origin)) }
    const average = this.mix(known?.average ?? null, own, beat.learn)

    const before = Math.round(Math.max(p.qrsCoreMs, p.qrsLongestBeforeMs) * samplesPerMs) + 2
    const after = Math.round(Math.max(p.qrsCoreMs, p.qrsLongestAfterMs) * samplesPerMs) + 2
    const slope = wavelet.slope(shape, 2, frameOrigin - before, frameOrigin + after)
    const qrs = findQrsBounds(slope, present.from + 1, present.to, p)
    if (qrs === null || qrs.onset < present.from + edge || qrs.end > present.to - edge) return null
    const t = this.findT(qrs, own, present, average, beat.usualRrSeconds)
    const foundP = this.findP(qrs, own, average, beat)
    const candidate = average === null || foundP === null ? foundP : steadyP(average, foundP, p)
    if (average !== null) {
      if (t !== null) {
        average.tElsewhere = isElsewhere(average.tPeak, t.peak) ? average.tElsewhere + 1 : 0
        average.tPeak = follow(average.tPeak, t.peak, average.tElsewhere)
      }
      if (candidate !== null) {
        average.pElsewhere = isElsewhere(average.pPeak, candidate.peak) ? average.pElsewhere + 1 : 0
        average.pPeak = follow(average.pPeak, candidate.peak, average.pElsewhere)
      }
    }
    // A shape that is new has no likeness yet.
    const isThere = average === null || average.count < fewBeats || average.pLikeness >= p.pLikeness
    const pWave = !beat.ventricular && isThere ? candidate : null
    // ST is the beat's own: the average would hide its changes. Levelling does not matter, ST is told against its PQ.
    const st = measureSt(frame, own, qrs, beat.rrSeconds)
    const place = (at: number): number => origin + ((at - frameOrigin) / frameHz) * this.fsHz
    return {
      p: pWave && { onset: place(pWave.onset), peak: place(pWave.peak), end: place(pWave.end) },
      qrs: { onset: place(qrs.onset), end: place(qrs.end) },
      t: t && { peak: place(t.peak), end: place(t.end) },
      st,
      clarity: average === null || average.count < 2 ? 0 : clarityOf(average, qrs, t, pWave),
      beats: average?.count ?? 1,
    }
  }

  restart(): void {
    this.averages.restart()
  }

  save(): StageState {
    return this.averages.save()
  }

  load(saved: StageState): void {
    this.averages.load(saved)
  }

  /** Lays what is to be delineated into `shape`: the beat's average with a share of the beat itself, or the beat alone. */
  private mix(known: BeatAverage | null, own: FrameSpan, learn: boolean): BeatAverage | null {
    const { frame, shape, p } = this
    const whole = own.from <= frameOrigin - leastBefore && own.to >= frameOrigin + leastAfter
    if (known === null) {
      shape.set(frame)
      return learn && whole ? this.averages.start(frame) : null
    }
    levelFrame(known.mean, frame)
    if (learn && whole) this.averages.add(known, frame, own)
    const share = p.currentShare
    shape.set(known.mean)
    for (let k = own.from; k < own.to; k++) {
      const mean = shape[k] as number
      shape[k] = mean + share * ((frame[k] as number) - mean)
    }
    return known
  }

  /** Frame sample at which the next QRS complex begins to show. */
  private nextComplex(beat: BeatToDelineate, origin: number): number {
    const { frame, wavelet } = this
    const limit = beat.nextPeak === null ? frameLength : Math.round(frameOrigin + ((beat.nextPeak - origin) / this.fsHz) * frameHz)
    const slope = wavelet.slope(frame, 2, frameOrigin - 20, Math.min(frameLength, Math.max(limit, frameOrigin + 26)))
    let steepest = 0
    for (let k = frameOrigin - 20; k <= frameOrigin + 25; k++) steepest = Math.max(steepest, Math.abs(slope[k] as number))
    for (let k = frameOrigin + nextQrsAfter; k < Math.min(limit, frameLength); k++) {
      if (Math.abs(slope[k] as number) > nextQrsShare * steepest) return k - beforeNext
    }
    return beat.nextPeak === null ? frameLength : limit - beforeNext
  }

  /** Outside the QRS complex the shape goes on with the value at its end, so that its slopes do not reach into the T wave's. */
  private findT(qrs: QrsBounds, own: FrameSpan, present: FrameSpan, average: BeatAverage | null, usualRr: number): TWave | null {
    const { shape, wavelet, held, p } = this
    const start = Math.ceil(qrs.end)
    held.set(shape)
    held.fill(shape[start] as number, 0, start)
    const root = Math.sqrt(Math.min(rrRange.longest, Math.max(rrRange.shortest, usualRr)))
    const seconds = (value: number): number => frameOrigin + Math.round(value * root * frameHz)
    const last = Math.min(frameLength - 8, own.to)
    const from = Math.ceil(qrs.end + p.tFromMs * samplesPerMs)
    const to = Math.min(last, seconds(p.tFlankLimit))
    if (to <= from + 10) return null
    const window = {
      from,
      to,
      endLimit: Math.min(last, seconds(p.tEndLimit)),
      usual: frameOrigin + p.tPlace * root * frameHz,
      before: average?.tPeak ?? -1,
    }
    const slope = wavelet.slope(held, 4, from - 1, Math.max(to, window.endLimit) + 1)
    const t = findTWave(slope, window, p)
    return t !== null && present.to < frameLength && t.end > present.to - edge ? null : t
  }

  /** As for the T wave, from the other side: the QRS complex is replaced by the level at its onset. */
  private findP(qrs: QrsBounds, own: FrameSpan, average: BeatAverage | null, beat: BeatToDelineate): PWave | null {
    const { shape, wavelet, held, p } = this
    const onset = Math.floor(qrs.onset)
    held.set(shape)
    held.fill(shape[onset] as number, onset)
    const longest = Math.min(p.pLongestMs * samplesPerMs, pShareOfRr * (beat.rrSeconds ?? beat.usualRrSeconds) * frameHz)
    const from = Math.max(own.from + 6, frameOrigin - Math.round(longest))
    if (onset <= from + 10) return null
    const usual = frameOrigin - p.pPlaceMs * samplesPerMs
    const slope = wavelet.slope(held, 3, from - onsetBefore - 1, onset + 1)
    return findPWave(slope, { from, to: onset, usual, before: average?.pPeak ?? -1 }, p)
  }
}

function steadyP(average: BeatAverage, found: PWave, p: DelineationParameters): PWave {
  const furthest = p.pSlipMs * samplesPerMs
  return { ...found, onset: steady(average.pOnset, found.onset, furthest), end: steady(average.pEnd, found.end, furthest) }
}

/** A wave so far from its place, in frame samples, is another one. */
const elsewhere = 10
/** After so many beats in a row it has moved. */
const movedAfter = 12

function isElsewhere(known: number, place: number): boolean {
  return known >= 0 && Math.abs(place - known) > elsewhere
}

/** The place of a wave goes along with it, but not with a single beat that has it elsewhere. */
function follow(known: number, place: number, beatsElsewhere: number): number {
  if (known < 0 || beatsElsewhere >= movedAfter) return place
  return beatsElsewhere > 0 ? known : known + 0.2 * (place - known)
}

/** T and QRS must stand out; a P wave that does makes it better (there may be none). */
function clarityOf(average: BeatAverage, qrs: QrsBounds, t: TWave | null, p: PWave | null): number {
  const tNoise = meanOf(average.spread, frameOrigin + 30, frameOrigin + 110)
  const pNoise = meanOf(average.spread, frameOrigin - 60, frameOrigin - 20)
  const tPart = part((t?.steepness ?? 0) / tNoise, clarityHalf.t)
  const pPart = part((p?.steepness ?? 0) / pNoise, clarityHalf.p)
  // An average of few beats does not know its spread yet, and a lead whose beats are all of new shapes is not clear.
  const known = average.count / (average.count + clarityBeats)
  return known * tPart * part(qrs.steepest / tNoise, clarityHalf.qrs) * (0.3 + 0.7 * pPart)
}

/** 0 to 1. */
function part(ratio: number, half: number): number {
  return ratio < 1e6 ? ratio / (ratio + half) : 0
}

function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let k = from; k < to; k++) sum += values[k] as number
  return sum / (to - from)
}
