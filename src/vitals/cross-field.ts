import type { PulseCrossCheck } from './pulse-cross-check.js'
import type { VitalReading } from './vital-reading.js'

/** A check across fields fails (`on`) or holds again. */
export interface CrossFieldIssue {
  readonly rule: 'rates-disagree' | 'steps-not-worn'
  readonly on: boolean
  /** Patient time since which it is so, microseconds. */
  readonly since: number
  /** The values that do not go together. */
  readonly values: Readonly<Record<string, number>>
  /** Device that it is about; null: several. */
  readonly device: string | null
}

interface Unworn {
  since: number
  said: boolean
}

export interface CrossFieldState {
  disagreeSince: number | null
  /** By device that is not worn. */
  unworn: Record<string, Unworn>
  /** Newest count of steps by device and source. */
  steps: Record<string, number>
}

/**
 * Checks that need several signals of a patient, in the order of patient time; each says once that it fails and once that it holds
 * again. `rates-disagree`: heart rate of the ECG and pulse rate of the light are apart (`PulseCrossCheck`). `steps-not-worn`: a device that
 * is not worn counts steps. Bounded by the patient's devices.
 */
export class CrossFieldCheck {
  #state: CrossFieldState = { disagreeSince: null, unworn: {}, steps: {} }

  /** To be asked after the cross-check took a reading. */
  takeRates(check: PulseCrossCheck, t: number): CrossFieldIssue | null {
    const apart = check.disagreement(t)
    const before = this.#state.disagreeSince
    if ((apart === null) === (before === null)) return null
    this.#state.disagreeSince = apart?.since ?? null
    const values = apart === null ? {} : { 'heart-rate': apart.heart, 'pulse-rate': apart.pulse }
    return { rule: 'rates-disagree', on: apart !== null, since: apart?.since ?? before ?? t, values, device: null }
  }

  /** A device is put on or taken off at patient time `t`. */
  takeWear(device: string, worn: boolean, t: number): CrossFieldIssue | null {
    const before = this.#state.unworn[device]
    if (!worn) {
      this.#state.unworn[device] ??= { since: t, said: false }
      return null
    }
    delete this.#state.unworn[device]
    return before?.said === true ? { rule: 'steps-not-worn', on: false, since: before.since, values: {}, device } : null
  }

  takeReading(reading: VitalReading): CrossFieldIssue | null {
    if (reading.name !== 'steps' || typeof reading.value !== 'number') return null
    const device = reading.source.device ?? ''
    const key = `${device} ${reading.source.stream} ${reading.source.algorithm}`
    const before = this.#state.steps[key]
    this.#state.steps[key] = reading.value
    const unworn = this.#state.unworn[device]
    if (unworn === undefined || unworn.said || before === undefined || reading.value <= before) return null
    unworn.said = true
    return { rule: 'steps-not-worn', on: true, since: unworn.since, values: { before, steps: reading.value }, device }
  }

  save(): CrossFieldState {
    return copyState(this.#state)
  }

  load(state: CrossFieldState): void {
    this.#state = copyState(state)
  }
}

function copyState({ disagreeSince, unworn, steps }: CrossFieldState): CrossFieldState {
  return {
    disagreeSince,
    unworn: Object.fromEntries(Object.entries(unworn).map(([device, value]) => [device, { ...value }])),
    steps: { ...steps },
  }
}
