import { createEcgChain, type EcgChainOptions } from '../ecg/ecg-chain.js'
import { openRecording } from '../recording/open-recording.js'
import type { Observation } from '../signal/observation.js'
import { hertz } from '../signal/rate.js'
import type { DatabaseRecord } from './database.js'
import { openEcgFeed } from './sources/ecg-feed.js'

export interface ObservedEcg {
  readonly fsHz: number
  /** Sample of the recording that is index 0 of the observations. */
  readonly firstSample: number
  /** Samples a channel. */
  readonly samples: number
  readonly observations: readonly Observation[]
  readonly parameters: unknown
}

/** A record through the ECG chain by the door of all recordings, with analysers of the caller's choice (default: the chain's own). */
export async function observeEcg(
  record: DatabaseRecord,
  channels: readonly (string | number)[] | null,
  packetSeconds: number,
  analysers?: EcgChainOptions['analysers'],
): Promise<ObservedEcg> {
  const recording = await openRecording(record.path)
  try {
    const feed = openEcgFeed(recording, channels, packetSeconds)
    const chain = createEcgChain(feed.spec, analysers === undefined ? {} : { analysers })
    const observations: Observation[] = []
    const keep = (observation: Observation): void => void observations.push(observation)
    await feed.run(
      packet => chain.push(packet, keep),
      handOver => handOver(),
    )
    chain.flush(keep)
    const { firstSample, samples } = feed
    return { fsHz: hertz(feed.spec.fs), firstSample, samples, observations, parameters: chain.parameters }
  } finally {
    await recording.close()
  }
}
