import type { FallModel } from '../../motion/fall-candidates.js'
import { createMotionChain } from '../../motion/motion-chain.js'
import { hertz } from '../../signal/rate.js'
import type { StreamSpec } from '../../signal/stream.js'
import type { MotionRecord } from '../databases/motion-record.js'

export interface ObservedFall {
  /** Seconds from the start of the recording: the blow, and when it was told. */
  readonly at: number
  readonly told: number
}

const packetSeconds = 1

/** The falls that the chain of acceleration streams tells of a recording, to its end. */
export function observeFalls({ record, fs, samples }: MotionRecord, model: FallModel): ObservedFall[] {
  const chain = createMotionChain(specOf(record, fs), model)
  const falls: ObservedFall[] = []
  const rate = hertz(fs)
  const take = (observation: Parameters<Parameters<typeof chain.push>[1]>[0]): void => {
    if (observation.kind !== 'episode' || observation.episode !== 'fall' || !observation.on) return
    falls.push({ at: observation.index / rate, told: observation.decided / rate })
  }
  const whole = samples[0]?.length ?? 0
  const packet = Math.round(packetSeconds * rate)
  for (let start = 0; start < whole; start += packet) {
    const channels = samples.map(axis => axis.subarray(start, start + packet))
    chain.push({ start, length: channels[0]!.length, flags: 0, channels }, take)
  }
  chain.flush(take)
  return falls
}

export function fallChainParameters(model: FallModel): unknown {
  return createMotionChain(specOf('acc', { num: 50, den: 1 }), model).parameters
}

function specOf(id: string, fs: StreamSpec['fs']): StreamSpec {
  return { id, kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs }
}
