import { addRecent, meanOfRecent, medianOfRecent } from '../recent-values.js'
import type { QrsParameters } from './qrs-parameters.js'
import type { DetectorState } from './qrs-state.js'

/** A peak adds at most this many times the level to it. */
const largestGrowth = 3

/** The running levels of complexes and noise, the threshold between them, and what a peak must have to pass. Their values are in the detector's state. */
export class QrsLevels {
  /**
   * @param floor smallest feature that counts
   * @param samples times in samples
   */
  constructor(
    private readonly p: QrsParameters,
    private readonly s: DetectorState,
    private readonly floor: number,
    private readonly samples: { readonly blanking: number; readonly tWave: number },
  ) {}

  /** Is the peak high enough, the threshold being lower for one like the beats seen? */
  passes(height: number, likeness: number): boolean {
    const { s, p } = this
    const raise = Math.min(p.thresholdRaised, Math.max(-p.thresholdLowered, p.likenessGain * (p.likenessMiddle - likeness)))
    return height > s.threshold + raise * (s.qrsLevel - s.noiseLevel)
  }

  isAfterBeat(at: number): boolean {
    return this.s.lastQrs >= 0 && at - this.s.lastQrs < this.samples.tWave
  }

  isTWave(at: number, slope: number, likeness: number): boolean {
    const { p } = this
    return this.isAfterBeat(at) && slope < this.neededSlope(at) * (1 + p.steepLikeness * (p.likenessMiddle - likeness))
  }

  /** Slope that a peak so soon after a beat needs not to be a T wave. */
  neededSlope(at: number): number {
    const { s, p, samples } = this
    const part = (at - s.lastQrs - samples.blanking) / (samples.tWave - samples.blanking)
    return Math.min(s.lastSlope, s.meanSlope) * (p.steepNear + (p.steepFar - p.steepNear) * part)
  }

  /** Takes a beat into the levels. */
  learnBeat(height: number, slope: number): void {
    const { s } = this
    // What stands out by far is an artefact more likely than a beat: it must not deafen the detector.
    addRecent(s.heights, s.qrsLevel > 0 ? Math.min(height, largestGrowth * s.qrsLevel) : height)
    s.qrsLevel = meanOfRecent(s.heights)
    addRecent(s.slopes, slope)
    s.meanSlope = meanOfRecent(s.slopes)
    s.lastSlope = slope
  }

  /** Takes a peak that is no beat into the levels. */
  learnNoise(height: number): void {
    addRecent(this.s.noises, height)
    this.s.noiseLevel = medianOfRecent(this.s.noises)
    this.setThreshold()
  }

  setThreshold(): void {
    const { s } = this
    s.threshold = Math.max(this.floor, s.noiseLevel + this.p.thresholdFraction * (s.qrsLevel - s.noiseLevel))
  }
}
