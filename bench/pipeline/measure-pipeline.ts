import { runRecording } from '../../src/analysis/run-recording.js'
import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import { type Spread, spreadOf } from '../statistics.js'
import type { PipelineSource } from './sources.js'

export interface PipelineResult {
  readonly name: string
  readonly source: string
  readonly signalSeconds: number
  readonly eventHash: string
  readonly eventCount: number
  /** Seconds of one patient's signal by second of CPU: read, encode, decode, monitor. */
  readonly analyze: Spread
  /** The same without reading and encoding: from the device's bytes to events and hash, as a worker does it. */
  readonly monitor: Spread
  readonly rounds: number
}

/**
 * Runs a session again and again and takes the CPU time of each run. Every run must come to the same `eventHash`; the
 * warm-up, which is not timed, runs with chunks of half a second and must come to it too.
 */
export async function measurePipeline(name: string, source: PipelineSource, rounds: number): Promise<PipelineResult> {
  const warm = await source.open(0.5)
  const first = await runRecording(warm, defaultOptions, () => {})
  await warm.close()
  if (first.eventHash === null) throw new Error(`${source.description} ran out of order`)
  const signalSeconds = warm.durationSeconds
  const analyze: number[] = []
  const monitor: number[] = []
  const rate = async (run: () => Promise<string | null>) => {
    const begun = process.cpuUsage()
    const hash = await run()
    const { user, system } = process.cpuUsage(begun)
    if (hash !== first.eventHash) throw new Error(`${source.description} came to ${hash}, before to ${first.eventHash}`)
    return signalSeconds / ((user + system) / 1e6)
  }
  for (let round = 0; round < rounds; round++) {
    const steps = [
      async () => {
        analyze.push(
          await rate(async () => {
            const device = await source.open()
            const { eventHash } = await runRecording(device, defaultOptions, () => {})
            await device.close()
            return eventHash
          }),
        )
      },
      async () => {
        const device = await recorded(await source.open())
        monitor.push(await rate(async () => (await runRecording(device, defaultOptions, () => {})).eventHash))
        await device.close()
      },
    ]
    for (const step of round % 2 === 0 ? steps : steps.reverse()) await step()
  }
  return {
    name,
    source: source.description,
    signalSeconds,
    eventHash: first.eventHash,
    eventCount: first.eventCount,
    analyze: spreadOf(analyze),
    monitor: spreadOf(monitor),
    rounds,
  }
}

/** The device with all of its messages made beforehand. */
async function recorded(device: VirtualDevice): Promise<VirtualDevice> {
  const kept: DeviceMessage[] = []
  for await (const message of device.messages()) kept.push(message)
  async function* messages(): AsyncGenerator<DeviceMessage> {
    yield* kept
  }
  return { ...device, messages }
}
