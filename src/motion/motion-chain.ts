import { secondOf, secondStart } from '../dsp/second-grid.js'
import type { Emit } from '../dsp/secondwise-chain.js'
import { copyState, restoreState } from '../dsp/state.js'
import { VitalwireError } from '../errors.js'
import type { StreamChain } from '../signal/chain.js'
import type { QualityReason } from '../signal/observation.js'
import { hertz } from '../signal/rate.js'
import { checkBlock, isMissing, type StreamBlock, sampleFlags } from '../signal/sample-block.js'
import type { Latency, StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { gravitiesPerUnit } from './acceleration-unit.js'
import { Actigraphy, actigraphyParameters } from './actigraphy.js'
import { AxesFilter } from './axes-filter.js'
import type { Vector } from './axes-history.js'
import { type FallModel, fallParameters } from './fall-candidates.js'
import { FallDetector, type FallTold, recoveryParameters } from './fall-detector.js'
import { fallModel } from './fall-model.js'

const fsRange = [10, 1000] as const
/** Missing samples are bridged up to this long; everything begins anew after more. */
const bridgeSeconds = 0.1
/** Share of a second that may be missing in one that is usable. */
const mostMissing = 0.5
/** Above, in g, a number is the code of a converter and no acceleration. */
const possible = 250

/**
 * Acceleration of three axes, 10 to 1000 Hz, worn anywhere: falls, activity and steps each minute, wear, sustained inactivity, and the
 * quality of each second. Throws `usage-config` for
 * another number of axes, rate or unit.
 */
export function createMotionChain(spec: StreamSpec, model: FallModel = fallModel): StreamChain {
  const fs = hertz(spec.fs)
  if (spec.channels.length !== 3) {
    const accepted = 'accepted: three axes'
    throw new VitalwireError('usage-config', `stream ${spec.id}: ${spec.channels.length} channels are no acceleration; ${accepted}`)
  }
  if (!(fs >= fsRange[0] && fs <= fsRange[1])) {
    const accepted = `accepted: ${fsRange[0]} to ${fsRange[1]} Hz`
    throw new VitalwireError('usage-config', `stream ${spec.id}: ${fs} Hz is no rate for the motion chain; ${accepted}`)
  }
  return new MotionChain(spec, gravitiesPerUnit(spec), model)
}

function newState() {
  return {
    next: -1,
    /** Index of place 0 of the stretch under way; -1: none yet. */
    origin: -1,
    missing: 0,
    last: [0, 0, 0] as Vector,
    second: 0,
    secondFrom: 0,
    secondEnd: 0,
    present: 0,
    /** Whether an axis changed in the second. */
    changed: false,
    off: false,
  }
}

class MotionChain implements StreamChain {
  readonly name = 'motion'
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  readonly #spec: StreamSpec
  readonly #scale: number
  readonly #bridge: number
  #filter: AxesFilter
  #falls: FallDetector
  readonly #actigraphy: Actigraphy
  readonly #model: FallModel
  readonly #state = newState()

  constructor(spec: StreamSpec, scale: number, model: FallModel) {
    const fs = hertz(spec.fs)
    this.#spec = spec
    this.#scale = scale
    this.#model = model
    this.#bridge = Math.floor(bridgeSeconds * fs)
    this.#filter = new AxesFilter(fs)
    this.#falls = new FallDetector(fs, model)
    this.#actigraphy = new Actigraphy(spec.fs)
    this.latency = { min: 0, max: Math.ceil(fallParameters.judgeSeconds * fs) + 1 }
    const falls = { ...fallParameters, ...recoveryParameters, model }
    this.parameters = { falls, actigraphy: actigraphyParameters, bridgeSeconds, mostMissing, possible, version: 3 }
  }

  push(block: StreamBlock, emit: Emit): void {
    checkBlock(block, this.#spec.channels.length, this.#state.next)
    if (block.length === 0) return
    const s = this.#state
    if (s.next < 0) this.#turn(secondOf(block.start, this.#spec.fs), block.start)
    else if (block.start > s.next) this.#lose(block.start, emit)
    const off = (block.flags & sampleFlags.sensorOff) !== 0
    const [x, y, z] = block.channels as [Float64Array, Float64Array, Float64Array]
    for (let i = 0, index = block.start; i < block.length; i += 1, index += 1) {
      if (off || this.#isNone(x[i]!) || this.#isNone(y[i]!) || this.#isNone(z[i]!)) {
        s.missing += 1
        s.off ||= off
      } else this.#take([x[i]! * this.#scale, y[i]! * this.#scale, z[i]! * this.#scale], index, emit)
      if (index + 1 === s.secondEnd) {
        this.#closeSecond(index, emit)
        this.#actigraphy.advance(s.second, s.second + 1, index, emit)
        this.#turn(s.second + 1, s.secondEnd)
      }
    }
    s.next = block.start + block.length
  }

  flush(emit: Emit): void {
    const s = this.#state
    const end = Math.max(0, s.next - 1)
    if (s.origin >= 0) this.#tell(this.#falls.end(), end, emit)
    this.#falls = new FallDetector(hertz(this.#spec.fs), this.#model)
    this.#filter = new AxesFilter(hertz(this.#spec.fs))
    this.#actigraphy.end(end, emit)
    Object.assign(s, newState())
  }

  save(): StageState {
    return { state: copyState(this.#state), filter: this.#filter.save(), falls: this.#falls.save(), actigraphy: this.#actigraphy.save() }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; filter: StageState; falls: StageState; actigraphy: StageState }
    restoreState(this.#state, from.state)
    this.#filter.load(from.filter)
    this.#falls.load(from.falls)
    this.#actigraphy.load(from.actigraphy)
  }

  #isNone(value: number): boolean {
    return isMissing(value) || !(Math.abs(value * this.#scale) <= possible)
  }

  #take(values: Vector, index: number, emit: Emit): void {
    const s = this.#state
    if (s.origin < 0 || s.missing > this.#bridge) {
      if (s.origin >= 0) this.#tell(this.#falls.end(), index, emit)
      s.origin = index
      this.#filter.restart()
      this.#actigraphy.restart()
    } else {
      for (let step = 1; step <= s.missing; step += 1) {
        const share = step / (s.missing + 1)
        this.#feed([0, 1, 2].map(axis => s.last[axis]! + share * (values[axis]! - s.last[axis]!)) as Vector, index, emit)
      }
    }
    s.missing = 0
    s.present += 1
    if (values[0] !== s.last[0] || values[1] !== s.last[1] || values[2] !== s.last[2]) s.changed = true
    s.last = values
    this.#actigraphy.add(values)
    this.#feed(values, index, emit)
  }

  #feed(values: Vector, index: number, emit: Emit): void {
    const smooth = this.#filter.step(values)
    this.#tell(this.#falls.step(...smooth), index, emit)
    this.#actigraphy.move(smooth)
  }

  #tell(told: FallTold | null, decided: number, emit: Emit): void {
    if (told === null) return
    const { on, at, confidence, peak } = told
    const index = this.#state.origin + at
    const found = on ? { value: peak, unit: '[g]' } : {}
    emit({ kind: 'episode', episode: 'fall', decided, channel: 0, on, index, confidence, to: decided + 1, ...found })
  }

  #turn(second: number, from: number): void {
    const s = this.#state
    s.second = second
    s.secondFrom = from
    s.secondEnd = secondStart(second + 1, this.#spec.fs)
    s.present = 0
    s.changed = false
    s.off = false
  }

  #closeSecond(decided: number, emit: Emit): void {
    const s = this.#state
    const whole = s.secondEnd - s.secondFrom
    const missing = s.present < (1 - mostMissing) * whole
    // Even at rest a sensor's last digit moves: one that stands still for a second is dead or of a coarse kind.
    const reason: QualityReason = missing ? (s.off ? 'sensor-off' : 'missing') : s.changed || whole < 2 ? 'good' : 'flat'
    this.#quality(s.secondFrom, s.secondEnd, missing ? 0 : reason === 'flat' ? 0.5 : 1, reason, decided, emit)
  }

  #quality(from: number, to: number, quality: number, reason: QualityReason, decided: number, emit: Emit): void {
    for (let channel = 0; channel < 3; channel += 1) emit({ kind: 'quality', decided, channel, from, to, quality, reason })
  }

  /** Samples up to `start` never came. */
  #lose(start: number, emit: Emit): void {
    const s = this.#state
    s.missing += start - s.next
    if (start < s.secondEnd) return
    this.#closeSecond(start, emit)
    const second = secondOf(start, this.#spec.fs)
    const to = secondStart(second, this.#spec.fs)
    this.#actigraphy.advance(s.second, second, start, emit)
    if (to > s.secondEnd) this.#quality(s.secondEnd, to, 0, 'missing', start, emit)
    this.#turn(second, to)
  }
}
