import type { VitalReading } from './vital-reading.js'
import { usableQuality } from './vital-reading.js'

const crossCheckLimits = {
  /** Rates differ when they are further apart than both, /min and share of the ECG's. */
  leastDifference: 10,
  leastShare: 0.1,
  /** For so long without a break. */
  seconds: 10,
  /** A rate older than this says nothing. */
  currentSeconds: 5,
} as const

export interface PulseCrossCheckState {
  readonly heart: { readonly value: number; readonly t: number } | null
  readonly pulse: { readonly value: number; readonly t: number } | null
  /** Patient time since which both were current and apart; null: they are not. */
  readonly apartSince: number | null
}

/**
 * Whether an oximeter follows the heart that the ECG shows: a pulse rate that is another than the heart rate is movement, or a
 * pulse that skips beats, and the SpO2 of such a signal is not to be believed. Pure: readings in the order of their time.
 */
export class PulseCrossCheck {
  #state: PulseCrossCheckState = { heart: null, pulse: null, apartSince: null }

  /** Takes a reading of `heart-rate` by ECG or of `pulse-rate` by the oximeter's light; all others are left alone. */
  take(reading: VitalReading): void {
    const { name, source, t } = reading
    const heart = name === 'heart-rate' && source.kind === 'ecg'
    const pulse = name === 'pulse-rate' && source.kind === 'ppg'
    if (!heart && !pulse) return
    const usable = typeof reading.value === 'number' && reading.quality >= usableQuality
    const rate = usable ? { value: reading.value as number, t } : null
    const next = { ...this.#state, ...(heart ? { heart: rate } : { pulse: rate }) }
    this.#state = { ...next, apartSince: areApart(next, t) ? (next.apartSince ?? t) : null }
  }

  /** Whether the two have been apart for long enough at patient time `t` (microseconds). */
  disagrees(t: number): boolean {
    const { apartSince } = this.#state
    return apartSince !== null && areApart(this.#state, t) && t - apartSince >= crossCheckLimits.seconds * 1e6
  }

  /** The two rates and since when they have been apart; null as long as they do not disagree at `t`. */
  disagreement(t: number): { readonly heart: number; readonly pulse: number; readonly since: number } | null {
    const { heart, pulse, apartSince } = this.#state
    if (heart === null || pulse === null || apartSince === null || !this.disagrees(t)) return null
    return { heart: heart.value, pulse: pulse.value, since: apartSince }
  }

  /** An SpO2 of light while the pulse is another than the heart's: questionable, reason `pulse-disagrees`. */
  judge(reading: VitalReading): VitalReading {
    if (reading.name !== 'spo2' || reading.source.kind !== 'ppg' || reading.value === null || !this.disagrees(reading.t)) return reading
    return { ...reading, status: 'questionable', reason: 'pulse-disagrees' }
  }

  save(): PulseCrossCheckState {
    return this.#state
  }

  load(state: PulseCrossCheckState): void {
    this.#state = state
  }
}

function areApart({ heart, pulse }: PulseCrossCheckState, t: number): boolean {
  const { leastDifference, leastShare, currentSeconds } = crossCheckLimits
  if (heart === null || pulse === null) return false
  if (t - heart.t > currentSeconds * 1e6 || t - pulse.t > currentSeconds * 1e6) return false
  const difference = Math.abs(heart.value - pulse.value)
  return difference > leastDifference && difference > leastShare * heart.value
}
