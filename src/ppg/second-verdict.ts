import type { QualityReason } from '../signal/observation.js'
import { agreementParameters } from './pulse-agreement.js'

/** Quality while learning, when nothing else speaks against the signal. */
const learningQuality = 0.7
/**
 * Trust in pulses that follow each other as no heart's do, in a signal that began anew and has not been judged yet, and in a second
 * whose pulse is overdue.
 */
const doubtfulTrust = 0.4

/** What is known of a second of one channel when it ends. */
export interface SecondFacts {
  /** What the sensor did to it, or null. */
  readonly failure: QualityReason | null
  /** No pulse yet, and too early to miss one. */
  readonly learning: boolean
  /** No pulse for seconds, or none ever. */
  readonly pulseless: boolean
  readonly overdue: boolean
  readonly surge: boolean
  readonly anew: boolean
  /** As `trustIn` says. */
  readonly trust: number
  /** Running quality of the latest pulses. */
  readonly recentQuality: number
  /** Height of the wave in this second, and the usual height of a pulse (0: none yet). */
  readonly swing: number
  readonly typicalHeight: number
  /** AC over DC in per cent for a pulse height; null where the level is not light. */
  perfusion(height: number): number | null
}

export interface SecondVerdict {
  readonly quality: number
  readonly reason: QualityReason
}

/**
 * How far the second method (`agreement`, NaN while unknown) and their own rhythm bear the pulses of the last seconds out, 0 to 1.
 */
export function trustIn(agreement: number, steady: boolean, anew: boolean): number {
  const known = !Number.isNaN(agreement)
  const borne = known ? Math.min(1, Math.max(0, (agreement - agreementParameters.untrusted) / (1 - agreementParameters.untrusted))) : 1
  return !steady || (anew && !known) ? Math.min(borne, doubtfulTrust) : borne
}

/** What a second is worth, and why not more. */
export function judgeSecond(facts: SecondFacts): SecondVerdict {
  const { failure, swing, trust } = facts
  if (failure !== null) return { quality: failure === 'motion' ? 0.3 : 0, reason: failure }
  if (facts.learning) {
    const verdict = judgeUnlearned(facts)
    return facts.anew && trust < verdict.quality ? { quality: trust, reason: 'irregular-shape' } : verdict
  }
  if (facts.pulseless) return { quality: 0.2, reason: swing < 0.2 * facts.typicalHeight ? 'low-amplitude' : 'irregular-shape' }
  const verdict = judgePulses(facts)
  if (trust >= verdict.quality) return verdict
  return { quality: trust, reason: trust < 0.5 && verdict.reason === 'good' ? 'irregular-shape' : verdict.reason }
}

/** Before a first pulse: what the swing of the second says. */
function judgeUnlearned(facts: SecondFacts): SecondVerdict {
  if (!(facts.swing > 0)) return { quality: 0.2, reason: 'low-amplitude' }
  return judgePerfusion(facts, learningQuality, facts.swing)
}

function judgePulses(facts: SecondFacts): SecondVerdict {
  // Whether the heart paused or the light was lost cannot be told before the next pulse.
  const quality = facts.overdue ? Math.min(facts.recentQuality, doubtfulTrust) : facts.recentQuality
  if (quality < 0.5) return { quality, reason: facts.surge ? 'motion' : 'irregular-shape' }
  return judgePerfusion(facts, quality, facts.typicalHeight)
}

/** A good second whose pulses are `height` high is worth less when they are too small for their light. */
function judgePerfusion(facts: SecondFacts, quality: number, height: number): SecondVerdict {
  const perfusion = facts.perfusion(height)
  if (perfusion === null || perfusion >= 0.2) return { quality, reason: 'good' }
  const less = quality * (perfusion < 0.05 ? 0.4 : 0.5 + (0.5 * (perfusion - 0.05)) / 0.15)
  return { quality: less, reason: less < 0.5 ? 'low-perfusion' : 'good' }
}
