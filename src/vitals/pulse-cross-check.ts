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

interface Rate {
  readonly value: number
  /** Patient time, microseconds. */
  readonly t: number
}

interface Pulse extends Rate {
  readonly light: string
  /** Patient time since which it and the heart rate were current and apart; null: they are not. */
  readonly apartSince: number | null
}

export interface PulseCrossCheckState {
  readonly heart: Rate | null
  /** By the light and the method that they were measured by: of two methods one gives way. Those that are not current are forgotten. */
  readonly pulses: readonly (readonly [source: string, pulse: Pulse])[]
}

/**
 * Whether an oximeter follows the heart that the ECG shows: a pulse rate that is another than the heart rate is movement, or a
 * pulse that skips beats, and the SpO2 of such a signal is not to be believed. Each light is held against the heart for itself: what
 * one band at a moving wrist says speaks against no other. Pure: readings in the order of their time.
 */
export class PulseCrossCheck {
  #heart: Rate | null = null
  #pulses = new Map<string, Pulse>()

  /** Takes a reading of `heart-rate` by ECG or of `pulse-rate` by an oximeter's light; all others are left alone. */
  take(reading: VitalReading): void {
    const { name, source, t } = reading
    const heart = name === 'heart-rate' && source.kind === 'ecg'
    const pulse = name === 'pulse-rate' && source.kind === 'ppg'
    if (!heart && !pulse) return
    const usable = typeof reading.value === 'number' && reading.quality >= usableQuality
    const rate = usable ? { value: reading.value as number, t } : null
    const key = `${lightOf(reading)}/${source.algorithm}`
    if (heart) this.#heart = rate
    else if (rate === null) this.#pulses.delete(key)
    else this.#pulses.set(key, { ...rate, light: lightOf(reading), apartSince: this.#pulses.get(key)?.apartSince ?? null })
    for (const [method, known] of this.#pulses) {
      if (!isCurrent(known, t)) this.#pulses.delete(method)
      else this.#pulses.set(method, { ...known, apartSince: areApart(this.#heart, known, t) ? (known.apartSince ?? t) : null })
    }
  }

  /** The first light whose pulse has been apart from the heart for long enough at patient time `t`, and since when; null: none has. */
  disagreement(t: number): { readonly heart: number; readonly pulse: number; readonly since: number } | null {
    if (this.#heart === null) return null
    for (const pulse of this.#pulses.values()) {
      if (this.#isApart(pulse, t)) return { heart: this.#heart.value, pulse: pulse.value, since: pulse.apartSince ?? t }
    }
    return null
  }

  /** An SpO2 of light whose pulse has been another than the heart's for long enough: questionable, reason `pulse-disagrees`. */
  judge(reading: VitalReading): VitalReading {
    if (reading.name !== 'spo2' || reading.source.kind !== 'ppg' || reading.value === null || !this.#disagrees(reading)) return reading
    return { ...reading, status: 'questionable', reason: 'pulse-disagrees' }
  }

  save(): PulseCrossCheckState {
    return { heart: this.#heart, pulses: [...this.#pulses] }
  }

  load({ heart, pulses }: PulseCrossCheckState): void {
    this.#heart = heart
    this.#pulses = new Map(pulses)
  }

  #disagrees(reading: VitalReading): boolean {
    for (const pulse of this.#pulses.values()) if (pulse.light === lightOf(reading) && this.#isApart(pulse, reading.t)) return true
    return false
  }

  #isApart(pulse: Pulse, t: number): boolean {
    if (pulse.apartSince === null || !areApart(this.#heart, pulse, t)) return false
    return t - pulse.apartSince >= crossCheckLimits.seconds * 1e6
  }
}

function lightOf({ source }: VitalReading): string {
  return `${source.device ?? ''}/${source.stream}`
}

function isCurrent(rate: Rate, t: number): boolean {
  return Math.abs(t - rate.t) <= crossCheckLimits.currentSeconds * 1e6
}

function areApart(heart: Rate | null, pulse: Rate, t: number): boolean {
  const { leastDifference, leastShare } = crossCheckLimits
  if (heart === null || !isCurrent(heart, t) || !isCurrent(pulse, t)) return false
  const difference = Math.abs(heart.value - pulse.value)
  return difference > leastDifference && difference > leastShare * heart.value
}
