import type { PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { type BrokerOptions, showAddress } from './broker-options.js'
import { DevicePlayer } from './device-player.js'
import type { ReplayResult } from './replay-result.js'

export interface ReplayOptions extends BrokerOptions {
  /** Times real time (default 1), or `max`: as fast as the broker takes it. */
  readonly speed?: number | 'max'
  /** Begin again, under a new boot and session, until stopped. */
  readonly loop?: boolean
  /** Ends the run: devices say `disconnected` and leave cleanly. */
  readonly signal?: AbortSignal
  /** How long the broker may be out of reach at the start; default 10 s. Once reached, devices come back for ever. */
  readonly patienceSeconds?: number
  /** How long an engine may say nothing new once all is sent; default 60 s, then the result is `unconfirmed`. */
  readonly confirmSeconds?: number
  /** At most 10 times a second and device, and at the end of each round. */
  readonly onProgress?: (progress: ReplayProgress) => void
  /** Each round's result as it comes, also without `loop`. */
  readonly onResult?: (result: ReplayResult) => void
}

interface ReplayProgress {
  readonly device: string
  /** Seconds of the session that were sent; goes back after a reconnect, as far as things are sent again. */
  readonly sentSeconds: number
  readonly messages: number
  readonly bytes: number
}

const protocols = ['mqtt:', 'mqtts:', 'tcp:', 'tls:', 'ssl:', 'ws:', 'wss:']
const progressMs = 100

/** Plays all devices at once over MQTT; resolves with the last result of each, in the order given. */
export async function replayDevices(devices: readonly PlayedDevice[], options: ReplayOptions): Promise<ReplayResult[]> {
  checkOptions(devices, options)
  const stop = new AbortController()
  const abort = () => stop.abort()
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted === true) abort()
  try {
    const runs = devices.map(played => playRounds(played, options, stop.signal))
    // One device's failure ends the others cleanly before it is told.
    for (const run of runs) run.catch(abort)
    const settled = await Promise.allSettled(runs)
    const failed = settled.find(outcome => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return settled.map(outcome => (outcome as PromiseFulfilledResult<ReplayResult>).value)
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

async function playRounds(played: PlayedDevice, options: ReplayOptions, signal: AbortSignal): Promise<ReplayResult> {
  const { device } = played
  let messages = 0
  let bytes = 0
  let sentSeconds = 0
  let told = 0
  const tell = () => options.onProgress?.({ device, sentSeconds, messages, bytes })
  const player = new DevicePlayer(played, {
    broker: options,
    patienceSeconds: options.patienceSeconds ?? 10,
    confirmSeconds: options.confirmSeconds ?? 60,
    speed: options.speed ?? 1,
    signal,
    onSent: (time, size) => {
      messages++
      bytes += size
      sentSeconds = time
      if (options.onProgress === undefined || performance.now() - told < progressMs) return
      told = performance.now()
      tell()
    },
  })
  for (let round = 0; ; round++) {
    const result = await player.play(round)
    tell()
    options.onResult?.(result)
    if (options.loop !== true || signal.aborted) return result
  }
}

function checkOptions(devices: readonly PlayedDevice[], { url, speed = 1 }: ReplayOptions): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (!protocols.includes(protocol)) {
    throw new VitalwireError('usage-option', `broker address ${showAddress(url)}; accepted is mqtt://HOST:PORT or mqtts://HOST:PORT`)
  }
  if (speed !== 'max' && !(Number.isFinite(speed) && speed > 0)) {
    throw new VitalwireError('usage-option', `speed ${speed}; accepted is a number above 0, or max`)
  }
  const ids = devices.map(played => played.device)
  const twice = ids.find((id, k) => ids.indexOf(id) !== k)
  if (twice !== undefined) {
    throw new VitalwireError(
      'usage-option',
      `device id ${twice} is there twice; accepted are different ids, as each is an MQTT client of its own`,
    )
  }
}
