import type { QualityReason } from '../signal/observation.js'
import type { StageState } from '../signal/stage.js'
import type { StreamKind } from '../signal/stream.js'

const minuteMicros = 60e6
const hourMicros = 3600e6

const wearParameters = {
  /**
   * Non-wear of an accelerometer is told at most 75 min after it began (an hour of stillness, moved by a quarter of an hour), the worn
   * quarter after it sooner: so long after its end, with a quarter to spare, an hour is settled.
   */
  accelerationDelaySeconds: 5400,
  otherDelaySeconds: 0,
} as const

type Wear = 'worn' | 'off' | 'unknown'

/** Quality reasons that tell contact with the body, by kind; `sensor-off` and `lead-off` tell that there is none, all others nothing. */
const contact: Readonly<Partial<Record<StreamKind, readonly QualityReason[]>>> = {
  ecg: ['good', 'noise', 'motion', 'baseline', 'muscle', 'mains', 'saturated', 'low-amplitude'],
  ppg: ['good', 'motion', 'baseline'],
  acceleration: ['good', 'flat'],
  temperature: ['good'],
}

/** Whether wear is told of a stream of this kind. */
export function tellsWear(kind: StreamKind): boolean {
  return contact[kind] !== undefined
}

/** An hour that is over. */
export interface WornHour {
  /** Its beginning, microseconds since the session's. */
  readonly start: number
  readonly wornMinutes: number
  /** Minutes of which it is known whether the sensor was worn; the others were lost, or of a signal that says neither. */
  readonly knownMinutes: number
  /** Samples [from, to) of the stream that it rests on. */
  readonly from: number
  readonly to: number
}

/** A second as the channels of the stream saw it. */
interface Second {
  from: number
  to: number
  start: number
  end: number
  wear: Wear
  /** In contact with a table, by all that was known when it ended. */
  still: boolean
}

/** By minute of the hour, microseconds: in contact; in contact but as still as a table; off. */
interface Hour {
  start: number
  worn: Float64Array
  still: Float64Array
  off: Float64Array
  from: number
  to: number
}

interface WearState {
  hours: Hour[]
  second: Second | null
  /** Non-wear by acceleration is on. */
  still: boolean
}

const newState = (): WearState => ({ hours: [], second: null, still: false })

/**
 * How long a stream's sensor was worn in each hour since the session began, from what its chain says of each second. A second counts as worn when
 * a channel has contact; what was lost is not known and counts as neither. Times in microseconds since the session began. A clock that
 * is set back beyond the hours that are not yet settled settles them, and the hours then begin anew.
 */
export class WearTime {
  readonly #kind: StreamKind
  readonly #delay: number
  #state = newState()

  constructor(kind: StreamKind) {
    this.#kind = kind
    const { accelerationDelaySeconds, otherDelaySeconds } = wearParameters
    this.#delay = 1e6 * (kind === 'acceleration' ? accelerationDelaySeconds : otherDelaySeconds)
  }

  /** Quality of a channel over samples [from, to), which lie at [start, end); hours that are settled by it. */
  quality(
    span: { readonly from: number; readonly to: number; readonly start: number; readonly end: number },
    reason: QualityReason,
  ): WornHour[] {
    const s = this.#state
    const wear = this.#wearOf(reason)
    if (s.second !== null && s.second.from === span.from) {
      if (wear === 'worn' || s.second.wear === 'unknown') s.second.wear = wear
      return []
    }
    const settled = this.#commit()
    s.second = { ...span, wear, still: s.still }
    return [...settled, ...this.#settle(span.start)]
  }

  /** Non-wear by acceleration begins or ends at `at`, which may lie far back. */
  nonWear(on: boolean, at: number): void {
    const s = this.#state
    s.still = on
    if (s.second !== null && s.second.start >= at) s.second.still = on
    for (const hour of s.hours) {
      const [from, to] = on ? [hour.worn, hour.still] : [hour.still, hour.worn]
      for (let minute = 0; minute < 60; minute += 1) {
        const start = hour.start + minute * minuteMicros
        const share = Math.min(1, Math.max(0, (start + minuteMicros - at) / minuteMicros))
        const moved = share * from[minute]!
        from[minute]! -= moved
        to[minute]! += moved
      }
    }
  }

  /** The stream ends: all hours, whole or not. */
  end(): WornHour[] {
    const settled = [...this.#commit(), ...this.#settle(Number.POSITIVE_INFINITY)]
    this.#state = newState()
    return settled
  }

  save(): StageState {
    const { hours, second, still } = this.#state
    return { still, second: second === null ? null : { ...second }, hours: hours.map(copyHour) }
  }

  load(state: StageState): void {
    const { hours, second, still } = state as WearState
    this.#state = { still, second: second === null ? null : { ...second }, hours: hours.map(copyHour) }
  }

  #wearOf(reason: QualityReason): Wear {
    if (reason === 'sensor-off' || reason === 'lead-off') return 'off'
    return contact[this.#kind]?.includes(reason) === true ? 'worn' : 'unknown'
  }

  /** Counts the second that is over in its minutes. */
  #commit(): WornHour[] {
    const s = this.#state
    const { second } = s
    s.second = null
    // A span of seconds that were lost tells nothing; nothing else is longer than a minute.
    if (second === null || second.wear === 'unknown' || !(second.end > second.start) || second.end - second.start > minuteMicros) return []
    const oldest = s.hours[0]?.start ?? Number.NEGATIVE_INFINITY
    const settled = second.start < oldest ? this.#settle(Number.POSITIVE_INFINITY) : []
    for (let t = second.start; t < second.end; ) {
      const start = Math.floor(t / minuteMicros) * minuteMicros
      const next = Math.min(second.end, start + minuteMicros)
      const hour = this.#hourOf(start, second)
      const bins = second.wear === 'off' ? hour.off : second.still ? hour.still : hour.worn
      bins[Math.round((start - hour.start) / minuteMicros)]! += next - t
      hour.to = Math.max(hour.to, second.to)
      t = next
    }
    return settled
  }

  #hourOf(t: number, { from, to }: Second): Hour {
    const { hours } = this.#state
    const start = Math.floor(t / hourMicros) * hourMicros
    const known = hours.find(hour => hour.start === start)
    if (known !== undefined) return known
    const hour = { start, worn: new Float64Array(60), still: new Float64Array(60), off: new Float64Array(60), from, to }
    hours.push(hour)
    hours.sort((a, b) => a.start - b.start)
    return hour
  }

  /** Hours that nothing can change any more when the stream has come to `t`. */
  #settle(t: number): WornHour[] {
    const s = this.#state
    const over = s.hours.filter(({ start }) => start + hourMicros + this.#delay <= t)
    if (over.length > 0) s.hours = s.hours.filter(hour => !over.includes(hour))
    return over.map(({ start, worn, still, off, from, to }) => {
      // A clock that was set back within the hour has counted some of it twice.
      const knownMinutes = Math.min(60, (sum(worn) + sum(still) + sum(off)) / minuteMicros)
      return { start, wornMinutes: Math.min(knownMinutes, sum(worn) / minuteMicros), knownMinutes, from, to }
    })
  }
}

function copyHour({ worn, still, off, ...hour }: Hour): Hour {
  return { ...hour, worn: worn.slice(), still: still.slice(), off: off.slice() }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
