import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import type { BrokerOptions } from '../replay/broker-options.js'
import { parseNumber } from './options.js'

export interface BrokerFlags {
  broker: string
  user?: string
  passwordEnv?: string
  ca?: string
}

/** Options of every command that connects devices to a broker. */
export function addBrokerFlags(command: Command): Command {
  return command
    .option('--broker <url>', 'mqtt://HOST:PORT or mqtts://HOST:PORT', 'mqtt://127.0.0.1:1883')
    .option('--user <name>', 'MQTT user name (default with a password: the device id)')
    .option('--password-env <name>', 'environment variable that holds the MQTT password')
    .option('--ca <file>', 'PEM certificates that the broker is checked against')
}

export async function readBrokerFlags(flags: BrokerFlags): Promise<BrokerOptions> {
  const password = flags.passwordEnv === undefined ? undefined : process.env[flags.passwordEnv]
  if (flags.passwordEnv !== undefined && password === undefined) {
    throw new VitalwireError(
      'usage-option',
      `--password-env ${flags.passwordEnv}: no such environment variable is set; accepted: the name of one that is`,
    )
  }
  const ca = flags.ca === undefined ? undefined : await readPem(flags.ca)
  return {
    url: flags.broker,
    ...(flags.user === undefined ? {} : { username: flags.user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  }
}

async function readPem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VitalwireError('usage-option', `--ca ${file} cannot be read; accepted: a PEM file`, { cause })
  })
}

export function parseSpeed(text: string): number | 'max' {
  return text === 'max' ? 'max' : parseNumber(text, '--speed (times real time, or max)', 0.01, 1e6)
}

/** Ends on Ctrl-C or a polite request: devices say goodbye; a second one ends at once. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
