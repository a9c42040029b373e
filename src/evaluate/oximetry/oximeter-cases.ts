import type { AveragingSeconds } from '../../oximetry/oximetry-chain.js'
import type { MotionKind } from '../../simulate/oximeter/oximeter-traits.js'
import { courseKinds } from '../../simulate/oximeter/saturation-course.js'
import type { OximeterOptions } from '../../simulate/oximeter/simulate-oximeter.js'

/** Seeds that the figures are of; the method was made on others (`tuningSeeds`), and no constant has been set by these. */
export const reportedSeeds: readonly number[] = Array.from({ length: 40 }, (_, k) => 2001 + k)
/** Seeds that constants were chosen on, first and last. */
export const tuningSeeds = [1001, 1045] as const

export const recordSeconds = 120
/** Rest before movement; what follows is counted from `countedFrom` on. */
export const restSeconds = 20
export const countedFrom = 28

export type PanelName = 'motion' | 'perfusion' | 'averaging' | 'wrong-curve' | 'no-rest'

/** One simulated record and how it is measured. */
export interface OximeterCase {
  readonly panel: PanelName
  readonly seed: number
  readonly motion: MotionKind
  /** dB; null without movement. */
  readonly snr: number | null
  /** %; null: as the seed draws it. */
  readonly perfusion: number | null
  readonly averagingSeconds: AveragingSeconds
  readonly curveOffset: number
}

const moving = ['gait', 'random', 'bursts'] as const
export const snrs = [12, 6, 0, -6, -12] as const
export const perfusions = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 3] as const

export function listCases(seeds: readonly number[]): OximeterCase[] {
  const plain = { motion: 'none', snr: null, perfusion: null, averagingSeconds: 8, curveOffset: 0 } as const
  return seeds.flatMap(seed => [
    { ...plain, panel: 'motion' as const, seed },
    ...snrs.flatMap(snr => moving.map(motion => ({ ...plain, panel: 'motion' as const, seed, motion, snr }))),
    ...perfusions.flatMap(perfusion => [
      { ...plain, panel: 'perfusion' as const, seed, perfusion },
      { ...plain, panel: 'perfusion' as const, seed, perfusion, motion: 'gait' as const, snr: 0 },
    ]),
    ...([4, 8, 16] as const).flatMap(averagingSeconds => [
      { ...plain, panel: 'averaging' as const, seed, averagingSeconds },
      { ...plain, panel: 'averaging' as const, seed, averagingSeconds, motion: 'random' as const, snr: 0 },
    ]),
    { ...plain, panel: 'wrong-curve' as const, seed, curveOffset: 3 },
    ...([0, -12] as const).map(snr => ({ ...plain, panel: 'no-rest' as const, seed, motion: 'gait' as const, snr })),
  ])
}

/** The record of a case: the seed also chooses its course. Movement from the start where there is no rest. */
export function simulationOf(one: OximeterCase): OximeterOptions {
  return {
    seed: one.seed,
    seconds: recordSeconds,
    course: courseKinds[one.seed % courseKinds.length]!,
    motion: one.motion,
    ...(one.snr === null ? {} : { snr: one.snr }),
    restSeconds: one.panel === 'no-rest' ? 0 : restSeconds,
    ...(one.perfusion === null ? {} : { traits: { perfusion: one.perfusion } }),
  }
}

export function nameOf(one: OximeterCase): string {
  const parts = [one.panel, String(one.seed), one.motion]
  if (one.snr !== null) parts.push(`${one.snr} dB`)
  if (one.perfusion !== null) parts.push(`PI ${one.perfusion}`)
  if (one.averagingSeconds !== 8) parts.push(`${one.averagingSeconds} s`)
  return parts.join(' ')
}
