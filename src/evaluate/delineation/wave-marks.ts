import type { WfdbAnnotation } from '../../recording/wfdb-annotation.js'

/** Places of one beat in samples of the record (fractions allowed); null where the annotator or method gave none. */
export interface BeatWaves {
  /** R peak, or where the annotator put the beat's label. */
  readonly beat: number
  readonly pOnset: number | null
  readonly pPeak: number | null
  readonly pEnd: number | null
  readonly qrsOnset: number | null
  readonly qrsEnd: number | null
  readonly tPeak: number | null
  readonly tEnd: number | null
}

export const waveMarks = ['pOnset', 'pPeak', 'pEnd', 'qrsOnset', 'qrsEnd', 'tPeak', 'tEnd'] as const
export type WaveMark = (typeof waveMarks)[number]

/** A wave of the annotation file: `( symbol )`, each part of which may be absent. */
interface Wave {
  readonly kind: 'p' | 'qrs' | 't'
  readonly onset: number | null
  readonly peak: number | null
  readonly end: number | null
}

/** A P wave further before its QRS complex, or a T wave further after it, belongs to no marked beat. */
const longestPrSeconds = 0.5
const longestQtSeconds = 1

/**
 * Beats of an annotation file of QTDB's kind (`.q1c`, `.q2c`, `.pu0`): `(` onset, `p`, a beat symbol, `t` or `u` peak, `)` end. The
 * brackets belong to the symbol between them; their `num` (0 P, 1 QRS, 2 T, 3 U) is used only where the symbol is missing,
 * because ecgpuwave and the hand markings do not agree about it on the peaks. A P wave belongs to the beat that follows, a T
 * wave to the beat before. Other annotations (rhythm, noise, comments) are passed over.
 * @param fsHz rate of the annotations' samples
 */
export function readBeatWaves(annotations: readonly WfdbAnnotation[], fsHz: number): BeatWaves[] {
  const waves = readWaves(annotations)
  const beats: BeatWaves[] = []
  waves.forEach((wave, i) => {
    if (wave.kind !== 'qrs' || wave.peak === null) return
    const { peak } = wave
    const before = waves[i - 1]
    const after = waves[i + 1]
    const p = before?.kind === 'p' && peak - place(before) < longestPrSeconds * fsHz ? before : null
    const t = after?.kind === 't' && place(after) - peak < longestQtSeconds * fsHz ? after : null
    beats.push({
      beat: peak,
      pOnset: p?.onset ?? null,
      pPeak: p?.peak ?? null,
      pEnd: p?.end ?? null,
      qrsOnset: wave.onset,
      qrsEnd: wave.end,
      tPeak: t?.peak ?? null,
      tEnd: t?.end ?? null,
    })
  })
  return beats
}

function readWaves(annotations: readonly WfdbAnnotation[]): Wave[] {
  const waves: Wave[] = []
  let onset: WfdbAnnotation | null = null
  let peak: WfdbAnnotation | null = null
  const close = (end: WfdbAnnotation | null): void => {
    const kind = kindOf(peak, onset ?? end)
    if (kind !== null) waves.push({ kind, onset: onset?.sample ?? null, peak: peak?.sample ?? null, end: end?.sample ?? null })
    onset = null
    peak = null
  }
  for (const annotation of annotations) {
    if (annotation.symbol === '(') {
      if (onset !== null || peak !== null) close(null)
      onset = annotation
    } else if (annotation.symbol === ')') close(annotation)
    else if (isPeak(annotation.symbol)) {
      if (peak !== null) close(null)
      peak = annotation
    }
  }
  if (onset !== null || peak !== null) close(null)
  return waves
}

const beatSymbols = new Set('NLRBAaJSVrFejnE/fQ?'.split(''))

function isPeak(symbol: string): boolean {
  return symbol === 'p' || symbol === 't' || symbol === 'u' || beatSymbols.has(symbol)
}

const kindsByNumber = ['p', 'qrs', 't'] as const

function kindOf(peak: WfdbAnnotation | null, bracket: WfdbAnnotation | null): Wave['kind'] | null {
  if (peak !== null) return peak.symbol === 'p' ? 'p' : peak.symbol === 't' ? 't' : peak.symbol === 'u' ? null : 'qrs'
  return bracket === null ? null : (kindsByNumber[bracket.num] ?? null)
}

function place(wave: Wave): number {
  return (wave.peak ?? wave.end ?? wave.onset) as number
}
