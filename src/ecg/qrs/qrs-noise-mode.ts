import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { addRecent, fillRecent, medianOfRecent, newRecentValues, sortFew } from '../recent-values.js'
import { QrsMatchedFilter } from './qrs-matched-filter.js'
import { QrsNoiseGauge } from './qrs-noise-gauge.js'
import type { QrsParameters } from './qrs-parameters.js'
import type { QrsRPeak } from './qrs-r-peak.js'
import { QrsRhythmPath } from './qrs-rhythm-path.js'
import type { DetectorState, QrsOutput } from './qrs-state.js'

/** Shapes of QRS complexes that are kept. */
const shapeCount = 6
/** The signal is gauged this often, as far as its beats are decided. */
const gaugeSeconds = 0.5
const gaugeLagSeconds = 0.15
/** Quiet for so many gaugings ends the noise. */
const quietGaugings = 3
/** A peak of the feature and a candidate of the filter this close are one. */
const nearSeconds = 0.08
/** Less evidence than this makes no candidate; a shape that less than a quarter of the beats had needs more. */
const leastEvidence = -6
const rareShare = 0.25
const rareCost = 1
/** Intervals of more than this many expected ones are gaps. */
const gapIntervals = 1.5
/** The expected interval is set anew from beats that come alike but slower by this factor (a block sets in): all but the */
const slowerBy = 1.5
/** longest and the shortest of eight within this factor. */
const alikeWithin = 1.15
const renewedSpread = 0.1

/**
 * Takes over from the running levels while it is noisy. Evidence for a beat is the output of the matched filter; which
 * candidates are beats is decided after `pathSeconds` by evidence and rhythm together. A peak of the feature that stands
 * out of the other peaks is a candidate as well, whatever its shape: an ectopic beat may be like none before.
 *
 * It is noisy when between the beats there is more power than `noisyRatio` of that of the complexes and than `contrast`
 * times what is usual in this lead, and the filter does not set the complexes apart by far; not while the complexes are of
 * many kinds, for then their shapes say little. When beats fail to come the levels take over again.
 */
export class QrsNoiseMode {
  private readonly matched: QrsMatchedFilter
  private readonly gauge: QrsNoiseGauge
  private readonly path: QrsRhythmPath
  private readonly samples
  private readonly state = {
    noisy: false,
    since: 0,
    barredUntil: 0,
    gaugeAt: 0,
    quietFor: 0,
    /** Intervals since it is noisy. */
    intervals: newRecentValues(),
    /** Share of the intervals that are too long. */
    gaps: 0,
    /** Noise level before the noise. */
    noiseLevel: 0,
    /** Evidence at the last two points, and the shape of the last. */
    before: 0,
    last: 0,
    lastShape: -1,
    /** Place of the last fast beat, in samples. */
    fastAt: -1,
    open: false,
  }

  /**
   * @param s the detector's state, which this shares
   * @param delay samples by which the feature's peak comes after the same complex's centre in the wide band, and that after the complex
   */
  constructor(
    fsHz: number,
    private readonly p: QrsParameters,
    private readonly s: DetectorState,
    private readonly rPeak: QrsRPeak,
    private readonly delay: { readonly feature: number; readonly wide: number },
  ) {
    const inSamples = (seconds: number): number => Math.max(1, Math.round(seconds * fsHz))
    this.matched = new QrsMatchedFilter(fsHz, shapeCount)
    this.gauge = new QrsNoiseGauge(p, this.matched)
    this.path = new QrsRhythmPath(p, inSamples(p.refractorySeconds))
    this.samples = {
      gauge: inSamples(gaugeSeconds),
      gaugeLag: inSamples(gaugeLagSeconds),
      blanking: inSamples(p.blankingSeconds),
      path: inSamples(p.pathSeconds),
      lost: inSamples(p.lostSeconds),
      barred: inSamples(p.barredSeconds),
      near: inSamples(nearSeconds),
    }
  }

  get noisy(): boolean {
    return this.state.noisy
  }

  /** Samples of the stream from one point of the wide band to the next. */
  get step(): number {
    return this.matched.step
  }

  /** A point of the wide band at sample `at`. True when the mode changed. */
  point(at: number, value: number, emit: (output: QrsOutput) => void): boolean {
    const { state, matched } = this
    matched.add(at / matched.step, value)
    if (state.noisy) this.scan(at, emit)
    if (at < state.gaugeAt) return false
    state.gaugeAt = at + this.samples.gauge
    const before = state.noisy
    if (!this.s.learning) this.listen(at, emit)
    return state.noisy !== before
  }

  /** The levels accepted a beat whose feature peaks at `at`, aligned with beats like it. */
  learn(at: number, rIndex: number): void {
    const { matched } = this
    const centre = Math.round((at - this.delay.feature + this.delay.wide) / matched.step)
    matched.excise(matched.learn(centre, rIndex))
  }

  /** A peak of the feature while it is noisy: does it stand out of the other peaks? */
  stand(height: number, at: number): void {
    const { s, p, path } = this
    const place = at - this.delay.feature + this.delay.wide
    const known = path.evidenceNear(place, this.samples.near)
    const usual = secondLargest(s.noises.values, Math.min(s.noises.values.length, s.noises.added))
    const enough = s.noises.added >= s.noises.values.length / 2
    if (known < 0) {
      addRecent(s.noises, Math.min(height, s.qrsLevel))
      s.noiseLevel = medianOfRecent(s.noises)
    }
    const evidence = Math.min(p.standMost, p.standGain * (height / Math.max(usual, 0.01 * s.qrsLevel) - p.standRatio))
    if (enough && evidence > 0 && evidence > known && height > p.standLevel * s.qrsLevel) path.raise(place, this.samples.near, evidence)
  }

  /** Decides what is pending and hands over to the levels. */
  leave(now: number, emit: (output: QrsOutput) => void): void {
    const { s, state, path } = this
    if (!state.noisy) return
    while (path.count > 0) this.decide(now, emit)
    this.show(now, emit)
    state.noisy = false
    fillRecent(s.intervals, path.expected)
    s.rr = path.expected
    s.noises.added = 0
    s.noiseLevel = state.noiseLevel
    s.best = 0
    s.bestAt = -1
    s.peaks.length = 0
    s.quietSince = now
  }

  /** A stretch ended: shapes stay. */
  restart(): void {
    this.matched.restart()
    this.path.restart()
    this.state.gaugeAt = 0
    this.state.barredUntil = 0
    this.state.fastAt = -1
  }

  /** As new. */
  forget(): void {
    this.restart()
    this.matched.forget()
    this.gauge.forget()
    this.path.forget()
    this.state.intervals.added = 0
    this.state.intervals.values.fill(0)
    Object.assign(this.state, {
      noisy: false,
      since: 0,
      quietFor: 0,
      gaps: 0,
      noiseLevel: 0,
      before: 0,
      last: 0,
      lastShape: -1,
      open: false,
    })
  }

  save(): StageState {
    return { state: copyState(this.state), matched: this.matched.save(), gauge: this.gauge.save(), path: this.path.save() }
  }

  load(saved: StageState): void {
    const { state, matched, gauge, path } = saved as Record<'state' | 'matched' | 'gauge' | 'path', StageState>
    restoreState(this.state, state)
    this.matched.load(matched)
    this.gauge.load(gauge)
    this.path.load(path)
  }

  /** Hears how noisy it is, and changes the mode when it must. */
  private listen(now: number, emit: (output: QrsOutput) => void): void {
    const { s, p, state, samples, matched, gauge } = this
    const decided = now - samples.gaugeLag - (state.noisy ? samples.path : samples.blanking)
    const to = Math.floor(decided / matched.step)
    if (!gauge.listen(to, state.noisy)) return
    if (!state.noisy && !gauge.known) return
    const { ratio, limit } = gauge
    if (!state.noisy && ratio <= limit) {
      matched.forgetNoise()
      return
    }
    matched.hear(to - Math.floor(samples.gauge / matched.step), to)
    matched.adapt(p.loading)
    const separation = matched.meanSeparation()
    if (!state.noisy) {
      // The more the noise is out of the usual, the sooner.
      if (now > state.barredUntil && separation < gauge.unusual * p.noisySeparation) this.enter(now, emit)
      return
    }
    if (state.gaps > p.mostGaps || now - Math.max(s.lastQrs, state.since) > samples.lost) {
      state.barredUntil = now + samples.barred
      this.leave(now, emit)
      return
    }
    state.quietFor = ratio < p.quietRatio * limit || separation > p.quietSeparation ? state.quietFor + 1 : 0
    if (state.quietFor >= quietGaugings) this.leave(now, emit)
  }

  private enter(now: number, emit: (output: QrsOutput) => void): void {
    const { s, state, samples, matched, gauge, path } = this
    state.noisy = true
    state.since = now
    state.gaps = 0
    state.quietFor = 0
    state.noiseLevel = s.noiseLevel
    state.intervals.added = 0
    matched.shapes.explained = gauge.explained
    s.peak = 0
    s.peakAt = -1
    s.best = 0
    s.bestAt = -1
    if (s.candidateOpen) emit({ kind: 'candidate-over', decided: now })
    s.candidateOpen = false
    const last = s.lastQrs >= 0 ? s.lastQrs - this.delay.feature + this.delay.wide : -1
    path.begin(last)
    const count = Math.min(s.intervals.values.length, s.intervals.added)
    let deviation = 0
    for (let i = 0; i < count; i++) deviation += Math.abs((s.intervals.values[i] as number) - s.rr)
    path.expect(s.rr, count > 0 ? deviation / count : s.rr)
    state.before = Number.NEGATIVE_INFINITY
    state.last = Number.NEGATIVE_INFINITY
    const first = Math.ceil(Math.max(last + samples.blanking, now - samples.path) / matched.step)
    const end = Math.floor(now / matched.step) - matched.reach
    for (let point = first; point <= end; point++) this.weigh(point)
    this.show(now, emit)
  }

  private scan(now: number, emit: (output: QrsOutput) => void): void {
    const { state, matched, path, samples, p } = this
    if (this.weigh(Math.floor(now / matched.step) - matched.reach)) {
      const { at, evidence, shape, offset } = path.newest
      if (evidence > p.fastEvidence && path.rhythm(at) > p.fastRhythm && at - Math.max(state.fastAt, path.last) > samples.blanking) {
        state.fastAt = at
        const { index } = this.rPeak.exactly(this.s.raw, at + offset * matched.step + matched.shapes.rOffset(shape))
        emit({ kind: 'fast', index, decided: now })
      }
    }
    while (path.oldest + samples.path <= now) this.decide(now, emit)
    this.show(now, emit)
  }

  /** Says whether candidates are pending that may be beats. */
  private show(now: number, emit: (output: QrsOutput) => void): void {
    const { state, path } = this
    const open = path.count > 0 && path.promising
    if (open === state.open) return
    state.open = open
    emit({ kind: open ? 'candidate' : 'candidate-over', decided: now })
  }

  /** Evidence at a point; true when the point before it became a candidate. */
  private weigh(point: number): boolean {
    const { state, p, matched } = this
    let best = Number.NEGATIVE_INFINITY
    let shape = -1
    for (let i = 0; i < shapeCount; i++) {
      const separation = matched.separation(i)
      if (separation === 0) continue
      const amplitude = matched.amplitude(i, point)
      // What is larger by far than the beats is an artefact more likely than a beat.
      const likely = amplitude <= p.amplitudeMost ? amplitude : 2 * p.amplitudeMost - amplitude
      const gain = p.evidenceGain * Math.min(separation, p.evidenceMost)
      const value = gain * (likely - p.evidenceHalf) - (matched.shapes.use(i) < rareShare ? rareCost : 0)
      if (value > best) {
        best = value
        shape = i
      }
    }
    const { before, last, lastShape } = state
    const candidate = last > before && last >= best && last > leastEvidence
    if (candidate) {
      const bend = before - 2 * last + best
      const offset = bend < 0 && Number.isFinite(bend) ? (0.5 * (before - best)) / bend : 0
      this.path.add((point - 1) * matched.step, Math.min(p.evidenceBound, last), lastShape, offset)
    }
    state.before = last
    state.last = best
    state.lastShape = shape
    return candidate
  }

  private decide(now: number, emit: (output: QrsOutput) => void): void {
    const { s, p, state, matched, path, delay } = this
    const found = path.decide(now)
    if (found === null) return
    const { at, shape, offset, evidence } = found
    const known = shape >= 0
    const peak = known
      ? this.rPeak.exactly(s.raw, at + offset * matched.step + matched.shapes.rOffset(shape))
      : this.rPeak.near(s.raw, at - delay.wide)
    const place = at - delay.wide + delay.feature
    if (s.lastQrs >= 0) {
      const interval = place - s.lastQrs
      state.gaps += p.gapShare * ((interval > gapIntervals * path.expected ? 1 : 0) - state.gaps)
      path.follow(interval)
      this.renewRhythm(interval)
    }
    s.lastQrs = place
    const centre = Math.round(at / matched.step)
    matched.excise(known ? centre : matched.learn(centre, peak.index + peak.fraction))
    const likeness = Math.min(1, Math.max(0, 0.5 + evidence / (2 * p.evidenceBound)))
    const { index, fraction, height } = peak
    emit({ kind: 'qrs', index, fraction, height, decided: now, likeness, searchedBack: false })
  }

  /** Expects what comes, once slower beats come regularly: in rhythm with an old expectation they would be gaps, and noise fill them. */
  private renewRhythm(interval: number): void {
    const { state, path } = this
    const { intervals } = state
    addRecent(intervals, interval)
    if (intervals.added < intervals.values.length || medianOfRecent(intervals) <= slowerBy * path.expected) return
    const sorted = sortFew(intervals.values.slice())
    if ((sorted[sorted.length - 2] as number) >= alikeWithin * (sorted[1] as number)) return
    path.expect(medianOfRecent(intervals), renewedSpread * medianOfRecent(intervals))
    state.gaps = 0
  }
}

function secondLargest(values: Float64Array, count: number): number {
  let first = 0
  let second = 0
  for (let i = 0; i < count; i++) {
    const x = values[i] as number
    if (x > first) {
      second = first
      first = x
    } else if (x > second) second = x
  }
  return second
}
