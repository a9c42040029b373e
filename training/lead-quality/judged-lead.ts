import { EcgLead, type LeadEvent } from '../../src/ecg/ecg-lead.js'
import { usableQuality } from '../../src/ecg/lead-choice.js'
import { compareBeats } from '../../src/evaluate/compare/compare-beats.js'
import { referenceKernel } from '../../src/kernel/reference-kernel.js'
import type { QualityReason } from '../../src/signal/observation.js'
import { isNoisySecond, type Lead } from './records.js'

const pieceSeconds = 10
/** Learning period of the comparison of beats. */
const fromSeconds = 300

/** What an `EcgLead` says of a lead: its beats, and quality and reason of each second. */
export interface JudgedLead {
  readonly beats: readonly number[]
  readonly quality: readonly number[]
  readonly reasons: readonly QualityReason[]
}

export function judgeLead({ fsHz, samples }: Pick<Lead, 'fsHz' | 'samples'>): JudgedLead {
  const lead = new EcgLead(0, { num: fsHz, den: 1 }, 1, referenceKernel)
  const events: LeadEvent[] = []
  const step = pieceSeconds * fsHz
  for (let start = 0; start < samples.length; start += step) lead.push(start, 0, samples.subarray(start, start + step), events)
  lead.flush(events)
  const beats: number[] = []
  const quality: number[] = []
  const reasons: QualityReason[] = []
  for (const event of events) {
    if (event.kind === 'beat') beats.push(event.index)
    else if (event.kind === 'second') {
      quality.push(event.quality)
      reasons.push(event.reason)
    }
  }
  return { beats: beats.sort((a, b) => a - b), quality, reasons }
}

/** Beats outside the seconds that are refused, and the seconds. */
export interface Tally {
  found: number
  missed: number
  extra: number
  noisy: number
  noisyRefused: number
  clean: number
  cleanRefused: number
}

export function emptyTally(): Tally {
  return { found: 0, missed: 0, extra: 0, noisy: 0, noisyRefused: 0, clean: 0, cleanRefused: 0 }
}

/** Counts of one lead, with noise or without. */
export function tallyLead(lead: Lead, judged: JudgedLead): Tally {
  const { fsHz, samples, annotations } = lead
  const tally = emptyTally()
  const refused = (second: number): boolean => (judged.quality[second] ?? 1) < usableQuality
  const accepted = (beats: readonly number[]): number => beats.filter(beat => !refused(Math.floor(beat / fsHz))).length
  const test = judged.beats.map(sample => ({ sample, symbol: 'N' }))
  const compared = compareBeats(annotations, test, { fs: fsHz, fromSeconds, endSample: samples.length })
  tally.found = accepted(compared.pairs.map(({ reference }) => reference))
  tally.missed = accepted(compared.missed)
  tally.extra = accepted(compared.extra)
  for (let second = 0; second < judged.quality.length; second++) {
    const part = isNoisySecond(lead, second) ? 'noisy' : 'clean'
    tally[part]++
    if (refused(second)) tally[`${part}Refused`]++
  }
  return tally
}

export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = emptyTally()
  for (const tally of tallies) for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key]
  return sum
}
