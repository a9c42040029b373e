import { pow } from '../../dsp/math.js'

export const qtCorrections = ['fridericia', 'bazett', 'framingham', 'hodges'] as const
export type QtCorrection = (typeof qtCorrections)[number]

/**
 * QT corrected to a rate of 60/min.
 * Fridericia 1920: QT / RR^(1/3). Bazett 1920: QT / RR^(1/2). Framingham (Sagie 1992): QT + 154 (1 - RR).
 * Hodges 1983: QT + 1.75 (rate - 60).
 * @param qtMs milliseconds
 * @param rrSeconds above 0
 */
export function correctQt(qtMs: number, rrSeconds: number, correction: QtCorrection): number {
  switch (correction) {
    case 'fridericia':
      return qtMs / pow(rrSeconds, 1 / 3)
    case 'bazett':
      return qtMs / Math.sqrt(rrSeconds)
    case 'framingham':
      return qtMs + 154 * (1 - rrSeconds)
    case 'hodges':
      return qtMs + 1.75 * (60 / rrSeconds - 60)
  }
}
