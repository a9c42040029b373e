import { Command } from 'commander'
import { defaultDeviceId } from '../device/create-virtual-device.js'
import type { PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { openRecording } from '../recording/open-recording.js'
import type { Recording } from '../recording/recording.js'
import { bootFromTime, playRecording } from '../replay/play-recording.js'
import { replayDevices } from '../replay/replay-devices.js'
import type { ReplayResult } from '../replay/replay-result.js'
import { addBrokerFlags, type BrokerFlags, parseSpeed, readBrokerFlags, stopOnSignals } from './broker-flags.js'
import { assignDevice, findPatient } from './engine-client.js'
import { parseChannels, parseNumber } from './options.js'
import { progressBar } from './progress.js'

interface ReplayFlags extends BrokerFlags {
  device?: string
  speed: string
  chunk: string
  from?: string
  to?: string
  loop?: boolean
  channels?: string
  patient?: string
  engine?: string
  token?: string
  json?: boolean
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Plays recordings as devices over MQTT, and waits until the engine has all of them.')
    .argument('<record...>', 'WFDB record path without extension, CSV file, or NAME.recording.json')
  return addBrokerFlags(command)
    .option('--device <id>', 'device id, a-z 0-9 - (one recording; default: the name of the record)')
    .option('--speed <n>', 'times real time, or max', '1')
    .option('--chunk <seconds>', 'chunk length, 0.25 to 2 s', '1')
    .option('--from <seconds>', 'start, seconds into the recording (default: 0)')
    .option('--to <seconds>', 'end, seconds into the recording (default: its end)')
    .option('--loop', 'begin again, under a new boot, until stopped')
    .option('--channels <list>', 'signals to send, names or indexes from 0, separated by commas (default: all)')
    .option('--patient <id>', 'assign the device to this patient first (needs --engine)')
    .option('--engine <url>', 'http://HOST:PORT of the engine')
    .option('--token <token>', 'bearer token of the engine')
    .option('--json', 'print a line for each recording once its session has closed')
    .action(run)
}

async function run(records: string[], flags: ReplayFlags): Promise<void> {
  const broker = await readBrokerFlags(flags)
  const speed = parseSpeed(flags.speed)
  const chunkSeconds = parseNumber(flags.chunk, '--chunk (seconds)', 0.25, 2)
  const channels = parseChannels(flags.channels)
  if (flags.device !== undefined && records.length > 1) {
    throw new VitalwireError('usage-option', `--device names one device, ${records.length} recordings were given; accepted: one recording`)
  }
  if (flags.patient !== undefined && flags.engine === undefined) {
    throw new VitalwireError('usage-option', '--patient needs --engine; accepted: --patient ID --engine http://HOST:PORT')
  }
  const engine = flags.engine === undefined ? null : { url: flags.engine, ...(flags.token === undefined ? {} : { token: flags.token }) }
  const now = Date.now()
  const sources: Recording[] = []
  try {
    const devices: PlayedDevice[] = []
    for (const record of records) {
      const source = await openRecording(record)
      sources.push(source)
      devices.push(
        playRecording({
          source,
          device: flags.device ?? defaultDeviceId(source.name),
          boot: bootFromTime(now),
          chunkSeconds,
          // Shown and stored as of now: a recording's own date says nothing to who watches it.
          epoch: now * 1000,
          ...(channels === undefined ? {} : { channels }),
          ...(flags.from === undefined ? {} : { from: parseNumber(flags.from, '--from (seconds)', 0, Number.MAX_VALUE) }),
          ...(flags.to === undefined ? {} : { to: parseNumber(flags.to, '--to (seconds)', 0, Number.MAX_VALUE) }),
        }),
      )
    }
    if (flags.patient !== undefined && engine !== null) for (const { device } of devices) await assignDevice(engine, device, flags.patient)
    const total = Math.max(...sources.map(source => source.durationSeconds))
    const bar = progressBar(devices.map(({ device }) => device).join(', '))
    const print = async (result: ReplayResult): Promise<void> => {
      const patient = engine === null ? result.patient : await findPatient(engine, result.device)
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ ...result, patient })}\n`)
      else
        process.stdout.write(
          `${result.record} as ${result.device}: ${result.outcome}, eventHash ${result.eventHash ?? 'none'}, ${result.eventCount ?? 'no'} events\n`,
        )
    }
    const printed: Promise<void>[] = []
    const results = await replayDevices(devices, {
      ...broker,
      speed,
      loop: flags.loop === true,
      signal: stopOnSignals(),
      onProgress: progress => bar.update(progress.sentSeconds, total),
      onResult: result => printed.push(print(result)),
    })
    await Promise.all(printed)
    bar.end()
    const unconfirmed = results.find(result => result.outcome === 'unconfirmed')
    if (unconfirmed !== undefined) {
      throw new VitalwireError(
        'network-broker',
        `${unconfirmed.device}: everything was sent to ${flags.broker}, but no engine said that it has it`,
      )
    }
    if (results.some(result => result.outcome === 'disordered')) process.exitCode = 1
  } finally {
    for (const source of sources) await source.close()
  }
}
