import { Command } from 'commander'
import { readCapturedDevices } from '../capture/captured-device.js'
import { defaultDeviceId } from '../device/create-virtual-device.js'
import type { PlayedDevice } from '../device/played-device.js'
import { VitalwireError } from '../errors.js'
import { openRecording } from '../recording/open-recording.js'
import type { Recording } from '../recording/recording.js'
import { bootFromTime, playRecording } from '../replay/play-recording.js'
import type { ReplayResult } from '../replay/replay-result.js'
import { addBrokerFlags, type BrokerFlags, readBrokerFlags } from './broker-flags.js'
import { assignDevice, type EngineAddress, findPatient, readEngineAddress } from './engine-client.js'
import { stopOnSignals } from './interrupt.js'
import { parseChunk, parseWindow, recordArgument, type WindowFlags, windowOptions } from './options.js'
import { describeResult, playDevices } from './play-devices.js'
import { writeJson } from './write-line.js'

interface ReplayFlags extends BrokerFlags, WindowFlags {
  device?: string
  loop?: boolean
  patient?: string
  engine?: string
  token?: string
  json?: boolean
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Plays recordings as devices over MQTT, and waits until the engine has all of them.')
    .argument('<record...>', recordArgument)
  return windowOptions(addBrokerFlags(command))
    .option('--device <id>', 'device id, 1 to 64 of a-z 0-9 - (one recording; default: the name of the record)')
    .option('--loop', 'begin again, under a new boot, until stopped (default: once)')
    .option('--patient <id>', 'assign the device to this patient first; needs --engine (default: leave it as it is)')
    .option('--engine <url>', 'http://HOST:PORT of the engine, to assign devices and to name their patients (default: none)')
    .option('--token <token>', 'bearer token of the engine (default: none)')
    .option('--json', 'print a line {record, device, patient, eventHash, eventCount} for each recording once its session has closed')
    .action(run)
}

async function run(records: string[], flags: ReplayFlags): Promise<void> {
  const signal = stopOnSignals()
  const broker = await readBrokerFlags(flags)
  const engine = readEngineAddress(flags)
  if (flags.device !== undefined && records.length > 1) {
    throw new VitalwireError('usage-option', `--device names one device, ${records.length} recordings were given; accepted: one recording`)
  }
  if (flags.patient !== undefined && engine === null) {
    throw new VitalwireError('usage-option', '--patient needs --engine; accepted: --patient ID --engine http://HOST:PORT')
  }
  const sources: Recording[] = []
  try {
    const captures = records.filter(isCapture)
    for (const record of records) if (!isCapture(record)) sources.push(await openRecording(record))
    const devices = [...openDevices(sources, flags), ...(await openCaptures(captures, flags))]
    if (flags.patient !== undefined && engine !== null) for (const { device } of devices) await assignDevice(engine, device, flags.patient)
    await playDevices(devices, {
      ...broker,
      loop: flags.loop === true,
      endless: flags.loop === true,
      signal,
      seconds: Math.max(...devices.flatMap(device => device.lives(0)).map(life => life.virtual.durationSeconds)),
      print: result => print(result, engine, flags),
    })
  } finally {
    for (const source of sources) await source.close()
  }
}

function openDevices(sources: readonly Recording[], flags: ReplayFlags): PlayedDevice[] {
  const now = Date.now()
  const window = parseWindow(flags)
  const chunkSeconds = parseChunk(flags.chunk)
  return sources.map(source =>
    playRecording({
      source,
      device: flags.device ?? defaultDeviceId(source.name),
      boot: bootFromTime(now),
      chunkSeconds,
      // Shown and stored as of now: a recording's own date says nothing to who watches it.
      epoch: now * 1000,
      ...window,
    }),
  )
}

function isCapture(record: string): boolean {
  return record.endsWith('.mcap')
}

/** Captures are played as they were: what would change their bytes is refused. */
async function openCaptures(files: readonly string[], flags: ReplayFlags): Promise<PlayedDevice[]> {
  const given = (['channels', 'from', 'to', 'loop'] as const).find(name => flags[name] !== undefined)
  if (files.length > 0 && given !== undefined)
    throw new VitalwireError('usage-option', `--${given}: a capture is played byte for byte, whole and once; accepted: to leave it out`)
  const devices: PlayedDevice[] = []
  for (const file of files) devices.push(...(await readCapturedDevices(file, id => flags.device ?? id)))
  return devices
}

/** The line of a result; an engine that cannot name the patient is told after it. */
async function print(result: ReplayResult, engine: EngineAddress | null, flags: ReplayFlags): Promise<void> {
  let patient = flags.patient ?? result.patient
  let failure: unknown = null
  if (flags.json === true && engine !== null && flags.patient === undefined) {
    patient = await findPatient(engine, result.device).catch((error: unknown) => {
      failure = error
      return null
    })
  }
  if (flags.json === true) writeJson({ ...result, patient })
  else process.stdout.write(describeResult(result))
  if (failure !== null) throw failure
}
