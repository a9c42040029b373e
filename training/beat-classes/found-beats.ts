import type { FoundBeat } from '../../src/ecg/beat-verdict.js'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import type { EcgView } from '../../src/ecg/ecg-view.js'
import { hertz } from '../../src/signal/rate.js'
import type { TakenRecord } from './records.js'

/** The beats that the product's chain finds in a record, as its classifier is given them (without height and likeness, which it does not use). */
export function findBeats(record: TakenRecord): FoundBeat[] {
  const fsHz = hertz(record.fs)
  const chain = createEcgChain(
    { id: 'training', kind: 'ecg', channels: [...record.names], unit: 'mV', fs: record.fs },
    { analysers: () => [] },
  )
  const beats: FoundBeat[] = []
  const length = record.channels[0]?.length ?? 0
  const step = Math.round(10 * fsHz)
  const take = (observation: Parameters<Parameters<typeof chain.push>[1]>[0]): void => {
    if (observation.kind !== 'beat') return
    const { index, fraction, channel, rrSeconds, quality } = observation
    beats.push({ index, fraction, lead: channel, rrSeconds, quality, height: Number.NaN, likeness: Number.NaN, searchedBack: false })
  }
  for (let start = 0; start < length; start += step) {
    const channels = record.channels.map(samples => samples.subarray(start, Math.min(length, start + step)))
    chain.push({ start, length: channels[0]?.length ?? 0, flags: 0, channels }, take)
  }
  chain.flush(take)
  return beats
}

/** A record in memory as the chain would let a classifier look at it: nothing beyond `end`. */
export class RecordView implements EcgView {
  readonly millivolts = true
  readonly reachSeconds = 10
  readonly fsHz: number
  readonly leadCount: number
  end = 0

  constructor(private readonly record: TakenRecord) {
    this.fsHz = hertz(record.fs)
    this.leadCount = record.channels.length
  }

  read(lead: number, from: number, into: Float64Array): number {
    const samples = this.record.channels[lead] as Float64Array
    let present = 0
    for (let i = 0; i < into.length; i++) {
      const at = from + i
      // Single precision, as the chain's history keeps it.
      const value = at >= 0 && at < this.end && at < samples.length ? Math.fround(samples[at] as number) : Number.NaN
      into[i] = value
      if (!Number.isNaN(value)) present++
    }
    return present
  }
}
