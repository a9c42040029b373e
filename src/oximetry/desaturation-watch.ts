import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const desaturationParameters = {
  /** The baseline is the mean of the highest fifth of the numbers of so many seconds, of which so many must be there. */
  baselineSeconds: 120,
  leastBaselineSeconds: 60,
  topShare: 0.2,
  /** A fall is one when it is this deep (points of saturation) for so many seconds that follow each other. The first tells episodes. */
  drops: [3, 4],
  leastSeconds: 10,
  /** Seconds that follow each other may have so many without a number between them, which do not count. */
  mostGapSeconds: 3,
  /** A fall that has lasted as long as its baseline was taken from is a new level: it ends, is not counted, and the baseline is that of since. */
  mostSeconds: 120,
  /** It ends when this share of its depth has been won back: 1 point of the least deep ones. */
  recoveredShare: 1 / 3,
  /** Without a number for longer, a fall that was told is lost sight of: it ends and is not counted. */
  mostSilentSeconds: 30,
  /** Numbers that an index wants at least, seconds. */
  leastIndexSeconds: 1800,
} as const

/** A desaturation begins (told when it has lasted long enough) or ends: by recovery, lost from sight, or as a new level. */
export interface DesaturationChange {
  readonly on: boolean
  /** Seconds back from the present one to where it began or ended. */
  readonly secondsBack: number
  /** Mean of the highest numbers before it, and the least of it so far, %. */
  readonly baseline: number
  readonly least: number
}

/** The fall of one depth that is under way, and the count of those before it. */
interface Descent {
  phase: 'none' | 'falling' | 'fallen'
  baseline: number
  least: number
  /** Numbers so deep, seconds; since its first second, seconds; since its last number, seconds. */
  deep: number
  age: number
  silent: number
  /** How many there were that came back. */
  count: number
}

const noDescent: Descent = { phase: 'none', baseline: 0, least: 0, deep: 0, age: 0, silent: 0, count: 0 }

/**
 * Desaturations and their index in SpO2, whatever it comes from: one number (or null: none) each second. A fall of 3 points
 * below the baseline for 10 s is one (AASM scoring manual: desaturation of 3 or 4 %); the baseline stands while it lasts. An
 * index counts what comes back, as published ones do (Jung 2018: 10 to 90 s from fall to recovery; Levy 2021: 10 to 60 s; here
 * up to 120 s).
 */
export class DesaturationWatch {
  readonly #state = {
    /** Ring of the last numbers, NaN where there was none. */
    numbers: new Float64Array(desaturationParameters.baselineSeconds).fill(Number.NaN),
    at: 0,
    /** Seconds with a number. */
    seconds: 0,
    falls: desaturationParameters.drops.map(() => ({ ...noDescent })),
  }
  readonly #sorted = new Float64Array(desaturationParameters.baselineSeconds)

  /** The next second. What it changes of falls of 3 points; null: nothing. */
  step(value: number | null): DesaturationChange | null {
    const s = this.#state
    const baseline = s.falls.every(({ phase }) => phase !== 'none') ? null : this.#baseline()
    let change: DesaturationChange | null = null
    for (const [which, drop] of desaturationParameters.drops.entries()) {
      const changed = follow(s.falls[which]!, value, baseline, drop)
      if (which === 0) change = changed
    }
    s.numbers[s.at] = value ?? Number.NaN
    s.at = (s.at + 1) % s.numbers.length
    if (value !== null) s.seconds += 1
    return change
  }

  /** Falls of `drops[which]` points an hour with numbers; null until there are numbers of half an hour. */
  index(which: number): number | null {
    const { seconds, falls } = this.#state
    return seconds < desaturationParameters.leastIndexSeconds ? null : (3600 * falls[which]!.count) / seconds
  }

  /** Seconds that had a number. */
  get seconds(): number {
    return this.#state.seconds
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }

  #baseline(): number | null {
    const { baselineSeconds, leastBaselineSeconds, topShare } = desaturationParameters
    const sorted = this.#sorted
    let count = 0
    for (let i = 0; i < baselineSeconds; i += 1) {
      const number = this.#state.numbers[i]!
      if (!Number.isNaN(number)) {
        sorted[count] = number
        count += 1
      }
    }
    if (count < leastBaselineSeconds) return null
    const numbers = sorted.subarray(0, count).sort()
    const top = Math.max(1, Math.round(topShare * count))
    let sum = 0
    for (let i = count - top; i < count; i += 1) sum += numbers[i]!
    return sum / top
  }
}

function follow(fall: Descent, value: number | null, baseline: number | null, drop: number): DesaturationChange | null {
  const { leastSeconds, mostGapSeconds, mostSeconds, recoveredShare, mostSilentSeconds } = desaturationParameters
  if (fall.phase === 'none') {
    if (value === null || baseline === null || value > baseline - drop) return null
    Object.assign(fall, { phase: 'falling', baseline, least: value, deep: 1, age: 0, silent: 0 })
    return null
  }
  fall.age += 1
  if (fall.age >= mostSeconds) return end(fall, 0, false)
  if (value === null) {
    fall.silent += 1
    return fall.silent > (fall.phase === 'falling' ? mostGapSeconds : mostSilentSeconds) ? end(fall, fall.silent, false) : null
  }
  fall.silent = 0
  if (value < fall.least) fall.least = value
  if (fall.phase === 'falling') {
    if (value > fall.baseline - drop) return end(fall, 0)
    fall.deep += 1
    if (fall.deep < leastSeconds) return null
    fall.phase = 'fallen'
    return { on: true, secondsBack: fall.age, baseline: fall.baseline, least: fall.least }
  }
  return value - fall.least >= recoveredShare * (fall.baseline - fall.least) ? end(fall, 0) : null
}

/** What had been told to begin ends, and counts unless it lasts or nobody saw it come back; what had not is forgotten. */
function end(fall: Descent, secondsBack: number, counts = true): DesaturationChange | null {
  const told = fall.phase === 'fallen'
  fall.phase = 'none'
  if (told && counts) fall.count += 1
  return told ? { on: false, secondsBack, baseline: fall.baseline, least: fall.least } : null
}
