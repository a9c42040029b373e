import { atan2 } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import { ToneMeter } from '../../dsp/tone.js'
import type { StageState } from '../../signal/stage.js'

export interface MainsParameters {
  /** Line frequencies that are looked for. */
  readonly linesHz: readonly number[]
  /** The line must exceed what is found this far on either side of it, */
  readonly besideHz: number
  /** by this factor to be there, and by this one to stay. */
  readonly appears: number
  readonly stays: number
  /** Seconds in a row that it takes to appear and to vanish. */
  readonly appearsSeconds: number
  readonly vanishesSeconds: number
  /** Less than this amplitude is let be. */
  readonly smallestMillivolts: number
}

export const mainsDefaults: MainsParameters = {
  linesHz: [50, 60],
  besideHz: 5,
  appears: 4,
  stays: 2,
  appearsSeconds: 2,
  vanishesSeconds: 5,
  smallestMillivolts: 0.005,
}

/** Hum that is there: its frequency, and its amplitude in units of the stream. */
export interface Mains {
  readonly hz: number
  readonly amplitude: number
}

interface LineState {
  seconds: number
  amplitude: number
  /** Phase of the second before, or null. */
  phase: number | null
  /** Smoothed frequency. */
  hz: number
}

/** At the line, beside it on either side, and at the next whole hertz on either side. */
const tonesPerLine = 5
/** A frequency changes by no more than this share of what one second says. */
const frequencyShare = 0.3
/** Farther from its nominal value than this is not the line. */
const farthestHz = 0.4

/**
 * Finds hum of the mains by itself. Each second, the amplitude at 50 and at 60 Hz is compared with that beside it, and the
 * phase, by how much it moved against the second before, gives the line's frequency to a hundredth of a hertz. Lines above
 * 0.45 of the sampling rate cannot be seen.
 */
export class MainsWatch {
  /** Samples in a window: a second. */
  readonly length: number
  private readonly lines: readonly number[]
  private readonly meter: ToneMeter
  private readonly state: { found: number; lines: LineState[] }

  constructor(
    private readonly fsHz: number,
    private readonly millivolts: number | null,
    private readonly parameters: MainsParameters = mainsDefaults,
  ) {
    const { linesHz, besideHz } = parameters
    this.length = Math.round(fsHz)
    this.lines = linesHz.filter(hz => hz < 0.45 * fsHz)
    const beside = (hz: number): number => Math.min(hz + besideHz, 0.49 * fsHz)
    this.meter = new ToneMeter(
      this.length,
      fsHz,
      this.lines.flatMap(hz => [hz, hz - besideHz, beside(hz), hz - 1, hz + 1]),
    )
    this.state = newState(this.lines)
  }

  /** What is there after the seconds looked at so far, or null. */
  get mains(): Mains | null {
    const line = this.state.lines[this.state.found]
    return line ? { hz: line.hz, amplitude: line.amplitude } : null
  }

  /** Looks at a second that follows the one before without a gap. */
  second(samples: Float64Array): void {
    const { state } = this
    state.lines.forEach((line, i) => {
      this.look(line, i, samples, state.found === i)
    })
    const before = state.found
    if (before >= 0 && (state.lines[before] as LineState).seconds <= -this.parameters.vanishesSeconds) state.found = -1
    if (state.found >= 0) return
    state.lines.forEach((line, i) => {
      const best = state.lines[state.found]
      if (line.seconds >= this.parameters.appearsSeconds && (!best || line.amplitude > best.amplitude)) state.found = i
    })
  }

  /** The stretch ended: phases do not go on, what was found stays. */
  gap(): void {
    for (const line of this.state.lines) line.phase = null
  }

  restart(): void {
    restoreState(this.state, newState(this.lines))
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  /** `seconds` of a line counts up while it stands out and down while it does not. */
  private look(line: LineState, i: number, samples: Float64Array, found: boolean): void {
    const { appears, stays, smallestMillivolts } = this.parameters
    const amplitude = (which: number): number => this.meter.measure(samples, tonesPerLine * i + which).amplitude
    const tone = this.meter.measure(samples, tonesPerLine * i)
    const enough = tone.amplitude > 0 && (this.millivolts === null || tone.amplitude * this.millivolts >= smallestMillivolts)
    const standsOut = enough && tone.amplitude >= (found ? stays : appears) * Math.max(amplitude(1), amplitude(2))
    // A tone nearer to the next whole hertz is another one.
    const there = standsOut && tone.amplitude >= Math.max(amplitude(3), amplitude(4))
    line.seconds = there ? Math.max(1, line.seconds + 1) : Math.min(-1, line.seconds - 1)
    line.amplitude = tone.amplitude
    const phase = atan2(tone.im, tone.re)
    if (there && line.phase !== null) this.track(line, i, phase - line.phase)
    line.phase = there ? phase : null
  }

  /** `moved`: phase against the second before, in radians; the nominal frequency's own advance is taken off. */
  private track(line: LineState, i: number, moved: number): void {
    const nominal = this.lines[i] as number
    const turns = moved / (2 * Math.PI) - (nominal * this.length) / this.fsHz
    const hz = nominal + ((turns - Math.floor(turns + 0.5)) * this.fsHz) / this.length
    if (Math.abs(hz - nominal) <= farthestHz) line.hz += frequencyShare * (hz - line.hz)
  }
}

function newState(lines: readonly number[]): { found: number; lines: LineState[] } {
  return { found: -1, lines: lines.map(hz => ({ seconds: 0, amplitude: 0, phase: null, hz })) }
}
