import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { defaultConfig, parseConfig } from '../config/check-config.js'
import type { ServerConfig } from '../config/server-config.js'
import { runServer } from '../engine/run-server.js'
import { VitalwireError } from '../errors.js'
import { notice } from '../version.js'
import { stopOnSignals } from './broker-flags.js'
import { playDemo } from './demo.js'
import { parseWhole } from './options.js'
import { readNamedFile, readPartitionOptions } from './read-files.js'

interface ServeFlags {
  config?: string
  data?: string
  demo?: boolean
  assign?: string
  workers?: string
  limits?: string
  attributes?: string
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Runs the engine: broker (embedded, or an outside one), workers, journal, store, HTTP API, live feed, page.')
    .option('--config <file>', 'configuration file, JSON (see docs/configuration.md)')
    .option('--data <dir>', 'data folder (default: vitalwire in XDG_DATA_HOME or ~/.local/share; with --demo a temporary one)')
    .option('--demo', 'play patients as devices: recordings where they are at hand, else simulated ones')
    .option('--assign <mode>', 'auto: every device gets a pseudonymous patient; manual (default: manual, with --demo auto)')
    .option('--workers <n>', 'worker threads, 1 to 64 (default: as many as cores, at most 4)')
    .option('--limits <file>', 'changed limits, JSON: rule id to limit or fields')
    .option('--attributes <file>', 'patient attributes, JSON: for all patients, and by patient or device id')
    .action(run)
}

async function run(flags: ServeFlags): Promise<void> {
  const config = await readConfig(flags)
  const partitionOptions = await readPartitionOptions({
    ...(config.limitsFile === null ? {} : { limits: config.limitsFile }),
    ...(config.attributesFile === null ? {} : { attributes: config.attributesFile }),
  })
  const temporary = flags.demo === true && config.dataDir === null
  const dataDir = config.dataDir ?? (temporary ? await mkdtemp(path.join(os.tmpdir(), 'vitalwire-demo-')) : defaultDataDir())
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    throw new VitalwireError(
      'disk-write',
      `data folder ${dataDir} cannot be made: ${(cause as Error).message}; accepted: a writable folder`,
      { cause },
    )
  })
  const signal = stopOnSignals()
  const warn = (line: string) => process.stderr.write(`vitalwire: ${line}\n`)
  const server = await runServer({ config, dataDir, partitionOptions, warn })
  process.stderr.write(`vitalwire: ${notice}\nvitalwire: ${server.description}; data in ${dataDir}\n`)
  process.stdout.write(`${server.mqttUrl}\n${server.httpUrl}\n`)
  try {
    const demo = flags.demo === true ? playDemo(server.mqttUrl, signal, warn) : Promise.resolve()
    await aborted(signal)
    await demo
  } finally {
    await server.stop()
    if (temporary) await rm(dataDir, { recursive: true, force: true })
  }
}

/** The configuration file with what the command line says above it. */
async function readConfig(flags: ServeFlags): Promise<ServerConfig> {
  const config =
    flags.config === undefined ? defaultConfig() : parseConfig(await readNamedFile(flags.config, 'configuration file'), flags.config)
  if (flags.assign !== undefined && flags.assign !== 'auto' && flags.assign !== 'manual') {
    throw new VitalwireError('usage-option', `--assign ${flags.assign} is not accepted; accepted: auto, manual`)
  }
  const assign = flags.assign ?? (flags.demo === true ? 'auto' : config.assign)
  return {
    ...config,
    assign,
    ...(flags.data === undefined ? {} : { dataDir: flags.data }),
    ...(flags.workers === undefined ? {} : { workers: parseWhole(flags.workers, '--workers', 1, 64) }),
    ...(flags.limits === undefined ? {} : { limitsFile: flags.limits }),
    ...(flags.attributes === undefined ? {} : { attributesFile: flags.attributes }),
  }
}

function defaultDataDir(): string {
  return path.join(process.env.XDG_DATA_HOME ?? path.join(os.homedir(), '.local', 'share'), 'vitalwire')
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
