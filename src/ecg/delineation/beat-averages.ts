import type { StageState } from '../../signal/stage.js'
import { type FrameSpan, frameHz, frameLength, frameOrigin } from './beat-frame.js'
import { newSteadyMark, type SteadyMark } from './steady-marks.js'

/** An average of beats of one shape. */
export interface BeatAverage {
  count: number
  /** Number of the beat that used it last. */
  used: number
  readonly mean: Float64Array
  /** Mean absolute distance of the beats from `mean`, sample by sample. */
  readonly spread: Float64Array
  /** Where its T and P waves were found, frame samples; -1: nowhere yet. */
  tPeak: number
  pPeak: number
  /** Beats in a row whose wave was found elsewhere. */
  tElsewhere: number
  pElsewhere: number
  /** Running likeness of the beats' P waves to the average's: near 1 where there is one, near 0 where there is none. */
  pLikeness: number
  /** Where its P wave began and ended of late. */
  readonly pOnset: SteadyMark
  readonly pEnd: SteadyMark
}

export interface Likeness {
  readonly average: BeatAverage
  readonly correlation: number
  /** Frame samples by which the beat lies after the average: whole ones, and with fraction. */
  readonly whole: number
  readonly shift: number
}

/** QRS complex for comparison and alignment, in frame samples. */
const shapeFrom = frameOrigin - Math.round(0.1 * frameHz)
const shapeTo = frameOrigin + Math.round(0.12 * frameHz)
/** Beats are moved by at most this to lie on the average. */
const longestShift = 6
/** Distance over which slopes are differences, frame samples. */
const slopeOver = 2
const shapeLength = shapeTo - shapeFrom
/** Part of a frame that is compared, [comparedFrom, comparedTo). */
export const comparedFrom = shapeFrom - longestShift
export const comparedTo = shapeTo + longestShift + slopeOver
/** Complexes whose slopes have less than this share of the other's power are of another shape, however alike. */
const leastPowerShare = 0.2
const mostAverages = 4
/** Shares of the height, times of the usual distance, and samples (20 ms) over which complexes are compared. */
const differs = { much: 0.4, some: 0.15, times: 5, over: 5 } as const
/** What lies further from the average than this many times the usual distance counts as far as that. */
const farTimes = 4
/** From this many beats on an average knows what is far. */
const settledBeats = 4
/** Part of the frame over which a beat is levelled: from before the P wave to the T end. */
const levelFrom = frameOrigin - Math.round(0.3 * frameHz)
const levelTo = frameOrigin + Math.round(0.45 * frameHz)
/** Half of the stretch round the P peak that is compared. */
const pHalf = 18

/**
 * Running averages of the beat shapes of one lead: up to four, told apart by the slopes of the QRS complex. A beat enters the
 * average of its shape, aligned by correlation, levelled by a straight line and with far samples trimmed. What the single
 * beat has of noise is less by the square root of the number of beats that are remembered; marks on it scatter less.
 */
export class BeatAverages {
  private averages: BeatAverage[] = []
  private beats = 0
  private readonly correlations = new Float64Array(2 * longestShift + 1)
  /** Slopes of the frame, of an average, and by shift the sum of the frame's and their power less that of their mean. */
  /** With room for three shifts that are not asked for. */
  private readonly frameSlopes = new Float64Array(shapeLength + 2 * longestShift + 3)
  private readonly meanSlopes = new Float64Array(shapeLength)
  private readonly frameSums = new Float64Array(2 * longestShift + 1)
  private readonly framePowers = new Float64Array(2 * longestShift + 1)
  private readonly products = new Float64Array(2 * longestShift + 1)

  /** @param remembered beats that an average remembers (exponentially, after a plain mean of as many) */
  constructor(private readonly remembered: number) {}

  /**
   * The average whose QRS complex is most like that of the frame; null where the correlation is below `least` or some part of
   * the complex differs with all of them. Only [comparedFrom, comparedTo) of the frame is read.
   */
  mostAlike(frame: Float64Array, least: number): Likeness | null {
    let best: Likeness | null = null
    if (this.averages.length > 0) this.readSlopes(frame)
    for (const average of this.averages) {
      const likeness = this.compare(average)
      if (likeness.correlation < least || (best !== null && likeness.correlation <= best.correlation)) continue
      if (!complexDiffers(average, frame, likeness.whole)) best = likeness
    }
    return best
  }

  /**
   * A new average of this one beat, in place of the one that was not used for longest. Its P and T waves are first looked
   * for where the most used average has them.
   */
  start(frame: Float64Array): BeatAverage {
    const model = this.mostUsed()
    this.beats += 1
    if (this.averages.length >= mostAverages) {
      let oldest = 0
      this.averages.forEach((average, i) => {
        if (average.used < (this.averages[oldest] as BeatAverage).used) oldest = i
      })
      this.averages.splice(oldest, 1)
    }
    const spread = new Float64Array(frameLength)
    const average = {
      count: 1,
      used: this.beats,
      mean: frame.slice(),
      spread,
      tPeak: model?.tPeak ?? -1,
      pPeak: model?.pPeak ?? -1,
      pLikeness: model?.pLikeness ?? 0,
      tElsewhere: 0,
      pElsewhere: 0,
      pOnset: newSteadyMark(),
      pEnd: newSteadyMark(),
    }
    this.averages.push(average)
    return average
  }

  /** Takes the aligned and levelled frame in. Samples outside `span` are another beat's or not there, and stay out. */
  add(average: BeatAverage, frame: Float64Array, span: FrameSpan): void {
    this.beats += 1
    average.used = this.beats
    average.count += 1
    const share = 1 / Math.min(average.count, this.remembered)
    const { mean, spread } = average
    if (average.pPeak >= 0) {
      const likeness = waveLikeness(mean, frame, Math.round(average.pPeak))
      average.pLikeness += Math.max(share, 0.1) * (Math.min(2, Math.max(-1, likeness)) - average.pLikeness)
    }
    const settled = average.count > settledBeats
    for (let k = span.from; k < span.to; k++) {
      let difference = (frame[k] as number) - (mean[k] as number)
      let size = difference < 0 ? -difference : difference
      const usual = spread[k] as number
      const bound = farTimes * usual
      if (settled && size > bound && bound > 0) {
        difference *= bound / size
        // The bound itself may grow, or it would keep out a shape that changed for good.
        if (size > 2 * bound) size = 2 * bound
      }
      mean[k] = (mean[k] as number) + share * difference
      spread[k] = usual + share * (size - usual)
    }
  }

  private mostUsed(): BeatAverage | null {
    let most: BeatAverage | null = null
    for (const average of this.averages) if (most === null || average.count > most.count) most = average
    return most
  }

  restart(): void {
    this.averages = []
    this.beats = 0
  }

  save(): StageState {
    return structuredClone({ beats: this.beats, averages: this.averages })
  }

  load(saved: StageState): void {
    const state = structuredClone(saved) as { beats: number; averages: BeatAverage[] }
    this.beats = state.beats
    this.averages = state.averages
  }

  private readSlopes(frame: Float64Array): void {
    const { frameSlopes, frameSums, framePowers } = this
    for (let i = 0; i < shapeLength + 2 * longestShift; i++) {
      frameSlopes[i] = (frame[comparedFrom + i + slopeOver] as number) - (frame[comparedFrom + i] as number)
    }
    for (let shift = 0; shift < frameSums.length; shift++) {
      let power = 0
      let sum = 0
      for (let i = shift; i < shift + shapeLength; i++) {
        const y = frameSlopes[i] as number
        power += y * y
        sum += y
      }
      frameSums[shift] = sum
      framePowers[shift] = power - (sum * sum) / shapeLength
    }
  }

  /** Products of the slopes by shift; four shifts at once are sums that do not wait for each other. */
  private readProducts(): void {
    const { frameSlopes, meanSlopes, products } = this
    for (let shift = 0; shift < products.length; shift += 4) {
      let first = 0
      let second = 0
      let third = 0
      let fourth = 0
      for (let i = 0, k = shift; i < shapeLength; i++, k++) {
        const x = meanSlopes[i] as number
        first += x * (frameSlopes[k] as number)
        second += x * (frameSlopes[k + 1] as number)
        third += x * (frameSlopes[k + 2] as number)
        fourth += x * (frameSlopes[k + 3] as number)
      }
      products[shift] = first
      products[shift + 1] = second
      products[shift + 2] = third
      products[shift + 3] = fourth
    }
  }

  /**
   * Correlation of the QRS slopes (differences over 8 ms: offsets and wander do not count) at the shift where it is largest.
   * Without their means: the slope of a wandering baseline is no likeness and no difference.
   */
  private compare(average: BeatAverage): Likeness {
    const { correlations, meanSlopes, frameSums, framePowers, products } = this
    const { mean } = average
    let a = 0
    let sumX = 0
    for (let i = 0; i < shapeLength; i++) {
      const x = (mean[shapeFrom + i + slopeOver] as number) - (mean[shapeFrom + i] as number)
      meanSlopes[i] = x
      a += x * x
      sumX += x
    }
    a -= (sumX * sumX) / shapeLength
    let best = 0
    this.readProducts()
    for (let shift = 0; shift < correlations.length; shift++) {
      const product = (products[shift] as number) - (sumX * (frameSums[shift] as number)) / shapeLength
      const b = framePowers[shift] as number
      const alike = a > 0 && b > 0 && Math.min(a, b) >= leastPowerShare * Math.max(a, b)
      correlations[shift] = alike ? product / Math.sqrt(a * b) : 0
      if ((correlations[shift] as number) > (correlations[best] as number)) best = shift
    }
    const correlation = correlations[best] as number
    let fraction = 0
    if (best > 0 && best < 2 * longestShift) {
      const before = correlations[best - 1] as number
      const after = correlations[best + 1] as number
      const bend = before - 2 * correlation + after
      if (bend < 0) fraction = (0.5 * (before - after)) / bend
    }
    return { average, correlation, whole: best - longestShift, shift: best - longestShift + fraction }
  }
}

/**
 * Whether two complexes of like slopes are of different shapes after all (an R wave with and without an S wave): somewhere their
 * distance over 20 ms is a large part of the height, or a smaller part and many times what it is in beats of the average.
 */
function complexDiffers(average: BeatAverage, frame: Float64Array, shift: number): boolean {
  const { mean, spread } = average
  const n = shapeTo - shapeFrom
  const centre = (shapeFrom + shapeTo - 1) / 2
  let offset = 0
  let slope = 0
  let low = mean[shapeFrom] as number
  let high = low
  for (let k = shapeFrom; k < shapeTo; k++) {
    const value = mean[k] as number
    if (value < low) low = value
    if (value > high) high = value
    const difference = (frame[k + shift] as number) - value
    offset += difference
    slope += difference * (k - centre)
  }
  offset /= n
  slope /= (n * (n * n - 1)) / 12
  const much = differs.much * (high - low) * differs.over
  const some = average.count > settledBeats ? differs.some * (high - low) * differs.over : much
  let sum = 0
  let usual = 0
  const distanceAt = (k: number): number => (frame[k + shift] as number) - (mean[k] as number) - offset - slope * (k - centre)
  for (let k = shapeFrom; k < shapeTo; k++) {
    sum += distanceAt(k)
    usual += spread[k] as number
    const gone = k - differs.over
    if (gone >= shapeFrom) {
      sum -= distanceAt(gone)
      usual -= spread[gone] as number
    }
    const size = sum < 0 ? -sum : sum
    if (size > much || (size > some && size > differs.times * usual)) return true
  }
  return false
}

/** Moves the frame by the straight line that brings it nearest to the average round the beat: baseline wander goes. */
export function levelFrame(mean: Float64Array, frame: Float64Array): void {
  const n = levelTo - levelFrom
  const centre = (levelFrom + levelTo - 1) / 2
  let offset = 0
  let slope = 0
  for (let k = levelFrom; k < levelTo; k++) {
    const difference = (frame[k] as number) - (mean[k] as number)
    offset += difference
    slope += difference * (k - centre)
  }
  offset /= n
  // Sum of squares of the distances from the centre of n samples.
  slope /= (n * (n * n - 1)) / 12
  for (let k = 0; k < frame.length; k++) frame[k] = (frame[k] as number) - offset - slope * (k - centre)
}

/** How much of the average's wave round `centre` is in the frame: 1 when all of it. Both are taken from their own chord. */
function waveLikeness(mean: Float64Array, frame: Float64Array, centre: number): number {
  const from = Math.max(0, centre - pHalf)
  const to = Math.min(frameLength - 1, centre + pHalf)
  const n = to - from
  const a0 = mean[from] as number
  const b0 = frame[from] as number
  const a1 = ((mean[to] as number) - a0) / n
  const b1 = ((frame[to] as number) - b0) / n
  let a = 0
  let b = 0
  let product = 0
  let power = 0
  for (let k = from; k <= to; k++) {
    const x = (mean[k] as number) - a0 - a1 * (k - from)
    const y = (frame[k] as number) - b0 - b1 * (k - from)
    a += x
    b += y
    product += x * y
    power += x * x
  }
  const deviation = power - (a * a) / (n + 1)
  return deviation > 0 ? (product - (a * b) / (n + 1)) / deviation : 0
}
