import type { PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { type ReplayOptions, replayDevices } from '../replay/replay-devices.js'
import type { ReplayResult } from '../replay/replay-result.js'
import { Interrupted } from './interrupt.js'
import { progressBar } from './progress.js'

export interface PlayOptions extends ReplayOptions {
  readonly signal: AbortSignal
  /** Seconds of one device, for the progress bar; Infinity without an end. */
  readonly seconds: number
  /** Being stopped is how this run ends. */
  readonly endless: boolean
  readonly print: (result: ReplayResult) => Promise<void> | void
}

/**
 * Plays devices to their end with a progress bar and prints each result as it comes. Throws `network-broker` when no
 * engine says that it has what was sent, `session-disordered`, and `Interrupted` when stopped before the end.
 */
export async function playDevices(devices: readonly PlayedDevice[], options: PlayOptions): Promise<void> {
  const bar = progressBar(devices.length === 1 ? devices[0]!.device : `${devices.length} devices`, 's')
  const sent = new Map<string, number>()
  let all = 0
  // In the order in which they come; what goes wrong is thrown once the devices have left.
  let printed: Promise<void> = Promise.resolve()
  const onResult = (result: ReplayResult) => {
    printed = printed.then(() => options.print(result))
    printed.catch(() => undefined)
  }
  let results: ReplayResult[]
  try {
    results = await replayDevices(devices, {
      ...options,
      onProgress: ({ device, sentSeconds }) => {
        all += sentSeconds - (sent.get(device) ?? 0)
        sent.set(device, sentSeconds)
        bar.update(all / devices.length, options.seconds)
      },
      onResult,
    })
  } finally {
    bar.end()
  }
  await printed
  check(results, options)
}

function check(results: readonly ReplayResult[], options: PlayOptions): void {
  const by = (outcome: ReplayResult['outcome']) => results.find(result => result.outcome === outcome)
  if (by('stopped') !== undefined && !options.endless) throw new Interrupted()
  const unconfirmed = by('unconfirmed')
  if (unconfirmed !== undefined) {
    const { protocol, host } = new URL(options.url)
    throw new VitalwireError(
      'network-broker',
      `${unconfirmed.device}: everything was sent to ${protocol}//${host}, but no engine said that it has it; accepted: an engine at that broker`,
    )
  }
  const disordered = by('disordered')
  if (disordered !== undefined) {
    throw new VitalwireError('session-disordered', `${disordered.device}: the session ran out of order and has no hash`)
  }
}

/** A result as text for a terminal. */
export function describeResult({ record, device, outcome, eventHash, eventCount }: ReplayResult): string {
  const name = record === device ? device : `${record} as ${device}`
  return `${name}: ${outcome}${eventHash === null ? '' : `, eventHash ${eventHash}, ${eventCount ?? 0} events`}\n`
}
