import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { makeFolder } from '../analysis/make-folder.js'
import { defaultConfig, parseConfig } from '../config/check-config.js'
import type { ServerConfig } from '../config/server-config.js'
import { type RunningServer, runServer } from '../engine/run-server.js'
import { VitalwireError } from '../errors.js'
import { startKernel } from '../kernel/choose-kernel.js'
import { notice, version } from '../version.js'
import { playDemo } from './demo.js'
import { aborted, stopOnSignals } from './interrupt.js'
import { parseAveraging, parseWhole } from './options.js'
import { readNamedFile, readPartitionOptions } from './read-files.js'
import { watchTroubles } from './watch-troubles.js'
import { remark, writeJson } from './write-line.js'

interface ServeFlags {
  config?: string
  data?: string
  demo?: boolean
  assign?: string
  workers?: string
  limits?: string
  attributes?: string
  calibrations?: string
  averaging?: string
  json?: boolean
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Runs the engine: broker (embedded, or an outside one), workers, journal, store, HTTP API, live feed, page.')
    .option('--config <file>', 'configuration file, JSON, see docs/configuration.md (default: none; options below go above it)')
    .option('--data <dir>', 'data folder (default: vitalwire in XDG_DATA_HOME or ~/.local/share; with --demo a temporary one)')
    .option('--demo', 'play patients as devices: recordings where they are at hand, else simulated ones (default: off)')
    .option('--assign <mode>', 'auto: every device gets a pseudonymous patient; manual (default: manual, with --demo auto)')
    .option('--workers <n>', 'worker threads, 1 to 64 (default: as many as processors, at most 4)')
    .option('--limits <file>', 'changed limits, JSON: rule id to a limit in the unit of its sign, or to fields (default: none)')
    .option('--attributes <file>', 'patient attributes, JSON: for all patients, and by patient or device id (default: unknown)')
    .option('--calibrations <file>', 'calibration curves of oximeters, JSON: curves by name, and a default (default: 110 - 25 R)')
    .option('--averaging <seconds>', 'seconds that SpO2 from red and infrared light is averaged over: 4, 8 or 16 (default: 8)')
    .option('--json', 'print the addresses as one JSON document {mqtt, http} once ready')
    .addHelpText(
      'after',
      '\nAddresses: loopback; MQTT 1883 and HTTP 8080 or the next free ports, unless the configuration says others.\nCtrl-C ends it; what was acknowledged is kept.',
    )
    .action(run)
}

async function run(flags: ServeFlags): Promise<void> {
  const signal = stopOnSignals()
  const kernel = startKernel(process.env.VITALWIRE_KERNEL)
  const config = await readConfig(flags)
  const files = {
    ...(config.limitsFile === null ? {} : { limits: config.limitsFile }),
    ...(config.attributesFile === null ? {} : { attributes: config.attributesFile }),
    ...(config.calibrationsFile === null ? {} : { calibrations: config.calibrationsFile }),
  }
  const partitionOptions = await readPartitionOptions(files, config.averagingSeconds)
  const temporary = flags.demo === true && config.dataDir === null
  const dataDir = temporary ? await makeTemporaryFolder() : await makeDataFolder(config.dataDir ?? defaultDataDir())
  try {
    const server = await runServer({ config, dataDir, partitionOptions, warn: remark })
    const unwatch = watchTroubles(server, remark)
    try {
      announce(server, flags)
      remark(`version ${version}, kernel ${kernel.name} (${kernel.instructions})`)
      remark(`${server.description}; data in ${dataDir}${temporary ? ', removed at the end' : ''}`)
      remark(notice)
      const demo = flags.demo === true ? playDemo(server.mqttUrl, signal, remark) : Promise.resolve()
      await aborted(signal)
      remark('stopping')
      await demo
    } finally {
      unwatch()
      await server.stop()
    }
  } finally {
    if (temporary) await rm(dataDir, { recursive: true, force: true })
  }
}

function announce({ mqttUrl, httpUrl }: RunningServer, flags: ServeFlags): void {
  if (flags.json === true) writeJson({ mqtt: mqttUrl, http: httpUrl })
  else process.stdout.write(`${mqttUrl}\n${httpUrl}\n`)
}

/** The configuration file with what the command line says above it. */
async function readConfig(flags: ServeFlags): Promise<ServerConfig> {
  const config =
    flags.config === undefined ? defaultConfig() : parseConfig(await readNamedFile(flags.config, 'configuration file'), flags.config)
  if (flags.assign !== undefined && flags.assign !== 'auto' && flags.assign !== 'manual') {
    throw new VitalwireError('usage-option', `--assign ${flags.assign} is not accepted; accepted: auto, manual`)
  }
  const averagingSeconds = parseAveraging(flags.averaging)
  return {
    ...config,
    assign: flags.assign ?? (flags.demo === true ? 'auto' : config.assign),
    ...(flags.data === undefined ? {} : { dataDir: flags.data }),
    ...(flags.workers === undefined ? {} : { workers: parseWhole(flags.workers, '--workers', 1, 64) }),
    ...(flags.limits === undefined ? {} : { limitsFile: flags.limits }),
    ...(flags.attributes === undefined ? {} : { attributesFile: flags.attributes }),
    ...(flags.calibrations === undefined ? {} : { calibrationsFile: flags.calibrations }),
    ...(averagingSeconds === undefined ? {} : { averagingSeconds }),
  }
}

function defaultDataDir(): string {
  return path.join(process.env.XDG_DATA_HOME || path.join(os.homedir(), '.local', 'share'), 'vitalwire')
}

async function makeDataFolder(folder: string): Promise<string> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw new VitalwireError(
      'disk-write',
      `data folder ${folder} cannot be made: ${(cause as Error).message}; accepted: a writable folder`,
      { cause },
    )
  })
  return folder
}

function makeTemporaryFolder(): Promise<string> {
  const prefix = path.join(os.tmpdir(), 'vitalwire-demo-')
  return mkdtemp(prefix).catch((cause: unknown) => {
    throw new VitalwireError(
      'disk-write',
      `temporary folder ${prefix}* cannot be made: ${(cause as Error).message}; accepted: --data DIR`,
      {
        cause,
      },
    )
  })
}
