import { copyState, restoreState } from '../../dsp/state.js'
import { runningKernel } from '../../kernel/choose-kernel.js'
import type { Kernel } from '../../kernel/kernel.js'
import type { SampleBlock } from '../../signal/sample-block.js'
import type { Latency, Stage, StageState } from '../../signal/stage.js'
import { addRecent, fillRecent, medianOfRecent } from '../recent-values.js'
import { QrsFeature } from './qrs-feature.js'
import { QrsLevels } from './qrs-levels.js'
import { QrsNoiseMode } from './qrs-noise-mode.js'
import { type QrsParameters, qrsDefaults } from './qrs-parameters.js'
import { QrsRPeak } from './qrs-r-peak.js'
import { type DetectorState, newState, type Peak, type QrsOutput } from './qrs-state.js'
import { QrsTemplates } from './qrs-templates.js'

export type { QrsOutput } from './qrs-state.js'

export interface QrsDetectorOptions {
  /** 100 to 1000 Hz. */
  readonly fsHz: number
  /** Millivolts in one unit of the samples; null: unknown, then no amplitude is too small. */
  readonly millivolts: number | null
  readonly parameters?: Partial<QrsParameters>
  readonly kernel?: Kernel
}

/** The slope of a peak is looked for this far before the feature's peak. */
const slopeReachSeconds = 0.11
/** RR interval assumed before any is known, and the longest that enters the median. */
const assumedRrSeconds = 1
const longestRrSeconds = 2
/** A peak below this share of the threshold is not likened to the templates. */
const hopelessShare = 0.3
/** While learning, peaks of at least this share of the largest are beats. */
const learnedShare = 0.4

/**
 * Causal single-lead QRS detector, sample by sample at the stream's own rate. After Pan and Tompkins (IEEE Trans Biomed
 * Eng 32, 1985: band-pass, slope, moving average, two running levels, search back, T-wave rule by slope) and Hamilton
 * (Computers in Cardiology 29, 2002: absolute slope instead of its square, threshold 0.3125 of the way between averages of
 * 8, blanking, baseline-step rule). Departures:
 *  - any rate from 100 to 1000 Hz: Butterworth sections designed for it instead of integer filters at 200 Hz; delays are
 *    measured on a test pulse at creation;
 *  - the threshold depends on how much a peak is like the last beats (templates of the slope, `QrsTemplates`);
 *  - the T-wave rule asks for more steepness the nearer the beat before and the less alike the peak, and compares with
 *    the mean slope when that is smaller than the last beat's (a normal beat after a steep ectopic one);
 *  - search back after 1.35 median (not mean) RR intervals, by height and likeness together;
 *  - learning takes 2 s instead of 8, and the beats in it are reported afterwards; learning starts anew after 5 s without
 *    a beat, or after 2.2 s when the levels rest on one peak alone and others came since (that one was an artefact: a
 *    lead put back on); levels survive gaps up to 30 s; a height counts at most 3 times the level;
 *  - nothing smaller than a 0.12 mV triangle of 80 ms counts;
 *  - a beat is told at once when its peak passes for one (`fast`), and again when it is sure;
 *  - in noise a matched filter and the rhythm decide instead of levels (`QrsNoiseMode`);
 *  - the R peak is placed in the samples themselves (`QrsRPeak`).
 */
export class QrsDetector implements Stage<SampleBlock, QrsOutput> {
  readonly name = 'ecg-qrs'
  readonly latency: Latency
  private readonly p: QrsParameters
  private readonly feature: QrsFeature
  private readonly templates: QrsTemplates
  private readonly samples
  private readonly featureDelay: number
  private readonly levels: QrsLevels
  private readonly rPeak: QrsRPeak
  private readonly noise: QrsNoiseMode
  /** Smallest feature that counts. */
  private readonly floor: number
  private readonly mask: number
  private readonly steepest = { up: 0, down: 0 }
  private readonly s: DetectorState

  constructor(options: QrsDetectorOptions) {
    const { fsHz } = options
    const p = { ...qrsDefaults, ...options.parameters }
    const inSamples = (seconds: number): number => Math.max(1, Math.round(seconds * fsHz))
    this.p = p
    this.feature = new QrsFeature(fsHz, p, options.kernel ?? runningKernel())
    this.templates = new QrsTemplates(fsHz, p.templateSeconds)
    this.samples = {
      blanking: inSamples(p.blankingSeconds),
      fastLag: inSamples(p.fastSeconds),
      peak: inSamples(p.peakSeconds),
      tWave: inSamples(p.tWaveSeconds),
      learning: inSamples(p.learningSeconds),
      relearn: inSamples(p.relearnSeconds),
      doubt: inSamples(p.doubtSeconds),
      memory: inSamples(p.memorySeconds),
      keepLevels: inSamples(p.keepLevelsSeconds),
      slopeReach: inSamples(slopeReachSeconds),
      assumedRr: inSamples(assumedRrSeconds),
      longestRr: inSamples(longestRrSeconds),
    }
    const { response, featureDelay, wideDelay } = this.feature.calibrate()
    this.featureDelay = featureDelay
    this.floor = options.millivolts === null ? 0 : (p.smallestMillivolts / options.millivolts) * response
    let size = 1
    while (size < (p.memorySeconds + 0.5) * fsHz) size *= 2
    this.mask = size - 1
    this.latency = { min: 0, max: inSamples(p.memorySeconds + 0.5) }
    this.s = newState(size, this.samples.assumedRr)
    this.levels = new QrsLevels(p, this.s, this.floor, this.samples)
    this.rPeak = new QrsRPeak(fsHz, this.mask)
    this.noise = new QrsNoiseMode(fsHz, p, this.s, this.rPeak, { feature: featureDelay, wide: wideDelay })
  }

  push(block: SampleBlock, emit: (output: QrsOutput) => void): void {
    const length = block.samples.length
    if (length === 0) return
    if (block.gapBefore > 0) this.endStretch(block.start, emit)
    if (this.s.next < 0) this.beginStretch(block.start, emit)
    this.feature.run(block.samples, length)
    const { feature, slope, wide } = this.feature
    const { samples: raw } = block
    const { step } = this.noise
    const { s, mask, samples } = this
    const { raw: rawRing, slope: slopeRing } = s
    const { blanking, peak: longestPeak, fastLag } = samples
    // The running peak lives in local variables; the state gets it whenever a method may look.
    let { previous, peak, peakAt } = s
    let opening = this.opening()
    let wake = this.wake()
    let fastLevel = this.fastLevel()
    let at = block.start
    let nextPoint = Math.ceil(at / step) * step
    for (let i = 0; i < length; i++, at++) {
      const x = feature[i] as number
      rawRing[at & mask] = raw[i] as number
      slopeRing[at & mask] = slope[i] as number
      if (at === nextPoint) {
        nextPoint += step
        s.peak = peak
        s.peakAt = peakAt
        if (this.noise.point(at, wide[i] as number, emit)) {
          this.levels.setThreshold()
          this.setWatch()
          peak = s.peak
          peakAt = s.peakAt
          opening = this.opening()
          wake = this.wake()
          fastLevel = this.fastLevel()
        }
      }
      if (x > previous && x > peak) {
        peak = x
        peakAt = at
      } else if (at - peakAt === fastLag && peak > fastLevel && peakAt >= 0) {
        s.peak = peak
        s.peakAt = peakAt
        this.fast(at, emit)
      } else if (peakAt >= 0 && (x < peak / 2 || at - peakAt > longestPeak)) {
        s.peak = peak
        s.peakAt = peakAt
        this.endPeak()
        peak = 0
        peakAt = -1
        wake = this.wake()
      }
      previous = x
      if (x > opening) {
        s.candidateOpen = true
        opening = Number.POSITIVE_INFINITY
        emit({ kind: 'candidate', decided: at })
      }
      if (at < wake) continue
      s.peak = peak
      s.peakAt = peakAt
      if (s.bestAt >= 0 && at - s.bestAt >= blanking && !this.growsLarger()) this.judgeBest(at, emit)
      if (this.noise.noisy) {
        wake = this.wake()
        continue
      }
      if (s.learning) {
        if (at >= s.learnUntil) this.learn(at, emit)
      } else if (at >= s.watchAt) this.watch(at, emit)
      opening = this.opening()
      wake = this.wake()
      fastLevel = this.fastLevel()
    }
    s.previous = previous
    s.peak = peak
    s.peakAt = peakAt
    s.next = at
  }

  /** The feature above this opens a candidate. */
  private opening(): number {
    const { candidateOpen, learning, threshold } = this.s
    return candidateOpen || learning || this.noise.noisy ? Number.POSITIVE_INFINITY : threshold
  }

  /** A peak of the feature above this may be told at once. */
  private fastLevel(): number {
    const { learning, threshold } = this.s
    return learning || this.noise.noisy ? Number.POSITIVE_INFINITY : threshold
  }

  /** The running peak has begun to fall: if it passes for a beat already, say so. The verdict comes when no larger one follows. */
  private fast(now: number, emit: (output: QrsOutput) => void): void {
    const { s, p, samples } = this
    const { peak, peakAt } = s
    if (s.fastAt >= 0 && peakAt - s.fastAt < samples.blanking) return
    if (s.bestAt >= 0 && s.best > peak) return
    const { up, down } = this.slopeBefore(peakAt)
    const slope = Math.max(up, down)
    if (Math.min(up, down) < p.stepSlopeRatio * slope) return
    const likeness = this.templates.compare(s.slope, this.mask, peakAt).value
    if (!this.levels.passes(peak, likeness) || this.levels.isTWave(peakAt, slope, likeness)) return
    s.fastAt = peakAt
    emit({ kind: 'fast', index: this.rPeak.near(s.raw, peakAt - this.featureDelay).index, decided: now })
  }

  /** The first sample at which a peak is to be judged, learning ends, or a beat has been waited for too long. */
  private wake(): number {
    const { bestAt, learning, learnUntil, watchAt } = this.s
    if (this.noise.noisy) return bestAt >= 0 ? bestAt + this.samples.blanking : Number.POSITIVE_INFINITY
    const next = learning ? learnUntil : watchAt
    const judged = bestAt + this.samples.blanking
    return bestAt >= 0 && judged < next ? judged : next
  }

  /** The stretch ends here: what is pending is settled, the filters start anew; levels and templates stay. */
  endStretch(decided: number, emit: (output: QrsOutput) => void): void {
    const { s } = this
    if (s.next < 0) return
    this.noise.leave(decided, emit)
    if (s.peakAt >= 0) this.endPeak()
    if (s.bestAt >= 0) this.judgeBest(decided, emit)
    if (s.learning) this.learn(decided, emit)
    if (s.candidateOpen) emit({ kind: 'candidate-over', decided })
    s.candidateOpen = false
    this.setUnsure(false, decided, emit)
    s.previous = 0
    s.peaks.length = 0
    s.lastQrs = -1
    s.ended = s.next
    s.next = -1
    s.raw.fill(0)
    s.slope.fill(0)
    this.feature.restart()
    this.noise.restart()
    s.fastAt = -1
  }

  flush(emit: (output: QrsOutput) => void): void {
    this.endStretch(this.s.next, emit)
    this.templates.restart()
    this.noise.forget()
    Object.assign(this.s, newState(this.mask + 1, this.samples.assumedRr))
  }

  save(): StageState {
    return { detector: copyState(this.s), feature: this.feature.save(), templates: this.templates.save(), noise: this.noise.save() }
  }

  load(saved: StageState): void {
    const state = saved as Record<'detector' | 'feature' | 'templates' | 'noise', StageState>
    restoreState(this.s, state.detector)
    this.feature.load(state.feature)
    this.templates.load(state.templates)
    this.noise.load(state.noise)
  }

  private beginStretch(start: number, emit: (output: QrsOutput) => void): void {
    const { s, samples } = this
    s.next = start
    s.quietSince = start
    if (s.ended < 0 || start - s.ended > samples.keepLevels) {
      s.learning = true
      fillRecent(s.intervals, samples.assumedRr)
      s.rr = samples.assumedRr
    }
    if (s.learning) s.learnUntil = start + samples.learning
    if (s.learning || s.sinceLearned < 2) this.setUnsure(true, start, emit)
    this.setWatch()
  }

  private setUnsure(unsure: boolean, decided: number, emit: (output: QrsOutput) => void): void {
    if (this.s.unsure === unsure) return
    this.s.unsure = unsure
    emit({ kind: unsure ? 'unsure' : 'sure', decided })
  }

  /** The running peak is over; of the peaks within the blanking time the largest stays. */
  private endPeak(): void {
    const { s } = this
    if (s.bestAt < 0 || s.peak > s.best) {
      s.best = s.peak
      s.bestAt = s.peakAt
    }
    s.peak = 0
    s.peakAt = -1
  }

  /** A peak that began within the blanking time is already larger than the best one. */
  private growsLarger(): boolean {
    const { s } = this
    return s.peakAt >= 0 && s.peakAt - s.bestAt < this.samples.blanking && s.peak > s.best
  }

  private judgeBest(now: number, emit: (output: QrsOutput) => void): void {
    const { s } = this
    const { best, bestAt } = s
    s.best = 0
    s.bestAt = -1
    this.judge(best, bestAt, now, emit)
    if (!s.candidateOpen) return
    s.candidateOpen = false
    emit({ kind: 'candidate-over', decided: now })
  }

  /** Is it a QRS complex, a T wave, a step of the baseline or noise? */
  private judge(height: number, at: number, now: number, emit: (output: QrsOutput) => void): void {
    const { s, p } = this
    const { up, down } = this.slopeBefore(at)
    const slope = Math.max(up, down)
    if (Math.min(up, down) < p.stepSlopeRatio * slope) return
    if (this.noise.noisy) {
      this.noise.stand(height, at)
      return
    }
    // Likening costs the most here; a peak so small has no prospect, not even in a search back.
    const hopeless = s.learning || height < hopelessShare * s.threshold
    const likeness = hopeless ? 0 : this.templates.compare(s.slope, this.mask, at).value
    const peak: Peak = { height, at, slope, likeness }
    if (s.learning) this.remember(peak)
    else this.classify(peak, now, emit)
  }

  /** Steepest rise and fall up to the feature's peak. The result is lent until the next call. */
  private slopeBefore(at: number): { up: number; down: number } {
    const { s, steepest } = this
    let up = 0
    let down = 0
    for (let k = at - this.samples.slopeReach; k <= at; k++) {
      const slope = s.slope[k & this.mask] as number
      if (slope > up) up = slope
      if (-slope > down) down = -slope
    }
    steepest.up = up
    steepest.down = down
    return steepest
  }

  private classify(peak: Peak, now: number, emit: (output: QrsOutput) => void): void {
    const { height, at, slope, likeness } = peak
    if (!this.levels.passes(height, likeness)) {
      this.levels.learnNoise(height)
      if (!this.levels.isAfterBeat(at)) this.remember(peak)
    } else if (this.levels.isTWave(at, slope, likeness)) this.levels.learnNoise(height)
    else this.accept(peak, now, false, emit)
  }

  private accept(peak: Peak, now: number, searchedBack: boolean, emit: (output: QrsOutput) => void): void {
    const { s, samples } = this
    const { height, at, slope } = peak
    this.levels.learnBeat(height, slope)
    if (s.lastQrs >= 0) {
      addRecent(s.intervals, Math.min(at - s.lastQrs, samples.longestRr))
      s.rr = medianOfRecent(s.intervals)
    }
    s.lastQrs = at
    s.peaks = s.peaks.filter(other => other.at > at + samples.tWave)
    this.levels.setThreshold()
    this.setWatch()
    const { likeness, anchor } = this.templates.learn(s.slope, this.mask, at)
    const { index, fraction, height: reach } = this.rPeak.near(s.raw, at - this.featureDelay)
    this.noise.learn(anchor, index + fraction)
    emit({ kind: 'qrs', index, fraction, height: reach, decided: now, likeness, searchedBack })
    s.sinceLearned += 1
    if (s.sinceLearned >= 2 && !s.learning) this.setUnsure(false, now, emit)
  }

  private remember(peak: Peak): void {
    const { peaks } = this.s
    const oldest = peak.at - this.samples.memory
    while (peaks.length > 0 && (peaks[0] as Peak).at < oldest) peaks.shift()
    peaks.push(peak)
  }

  /** When there has been no beat for too long: search back, and in the end learn anew. */
  private watch(now: number, emit: (output: QrsOutput) => void): void {
    const { s, samples } = this
    const quiet = now - Math.max(s.lastQrs, s.quietSince)
    if (quiet > samples.relearn) {
      s.quietSince = now
      this.learn(now, emit)
      return
    }
    if (s.unsure && quiet > samples.doubt) {
      const others = this.sizeable()
      // Little or nothing since the one: it is as quiet as it looks.
      if (others === 0 || (others === 1 && quiet > samples.memory)) this.setUnsure(false, now, emit)
      else if (others >= 2) {
        this.learn(now, emit)
        return
      }
    }
    this.searchBack(now, emit)
  }

  /** Peaks since the last beat that could be beats, were it not for the threshold. */
  private sizeable(): number {
    const { s } = this
    let largest = 0
    for (const { at, height } of s.peaks) if (at > s.lastQrs && height > largest) largest = height
    if (largest < this.floor) return 0
    let count = 0
    for (const { at, height } of s.peaks) if (at > s.lastQrs && height > learnedShare * largest) count += 1
    return count
  }

  private setWatch(): void {
    const { s } = this
    const from = s.lastQrs >= 0 ? s.lastQrs : s.quietSince
    s.watchAt = from + Math.floor(this.p.searchBackIntervals * s.rr) + this.samples.blanking
  }

  private searchBack(now: number, emit: (output: QrsOutput) => void): void {
    const { s, p, samples } = this
    let best: Peak | null = null
    let bestScore = 0
    for (const peak of s.peaks) {
      if (now - peak.at > samples.memory) continue
      const score = peak.height * (1 + p.searchBackLikeness * (peak.likeness - p.likenessMiddle))
      if (score > bestScore) {
        best = peak
        bestScore = score
      }
    }
    if (best !== null && bestScore > Math.max(this.floor, p.searchBackFraction * s.threshold)) this.accept(best, now, true, emit)
  }

  /** Sets the levels by the peaks at hand and judges these anew; goes on learning while nothing is large enough. */
  private learn(now: number, emit: (output: QrsOutput) => void): void {
    const { s, samples } = this
    const peaks = s.peaks.filter(peak => now - peak.at <= samples.memory)
    let largest = 0
    for (const { height } of peaks) if (height > largest) largest = height
    if (peaks.length === 0 || largest < this.floor) {
      s.learning = true
      s.learnUntil = now + Math.ceil(samples.learning / 2)
      this.setUnsure(false, now, emit)
      return
    }
    const beats = peaks.filter(peak => peak.height > learnedShare * largest).map(peak => peak.height)
    beats.sort((a, b) => a - b)
    s.qrsLevel = beats[(beats.length - 1) >> 1] as number
    fillRecent(s.heights, s.qrsLevel, 1)
    s.noises.added = 0
    s.noiseLevel = 0
    s.learning = false
    s.sinceLearned = 0
    s.quietSince = now
    s.peaks = []
    this.levels.setThreshold()
    this.setWatch()
    for (const { height } of peaks) if (height <= learnedShare * largest) this.levels.learnNoise(height)
    for (const { height, at, slope } of peaks) {
      if (s.lastQrs >= 0 && at <= s.lastQrs) continue
      const likeness = this.templates.compare(s.slope, this.mask, at).value
      const afterBeat = s.lastQrs >= 0 && at - s.lastQrs < samples.tWave
      if (height > s.threshold) {
        if (!afterBeat || slope >= this.levels.neededSlope(at)) this.accept({ height, at, slope, likeness }, now, false, emit)
      } else if (!afterBeat) this.remember({ height, at, slope, likeness })
    }
    if (s.sinceLearned < 2) this.setUnsure(true, now, emit)
  }
}
