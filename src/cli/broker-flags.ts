import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import type { ReplayOptions } from '../replay/replay-devices.js'
import { parseNumber } from './options.js'

/** What every command that plays devices has in common. */
export interface BrokerFlags {
  broker: string
  user?: string
  passwordEnv?: string
  ca?: string
  speed: string
  patience: string
  confirm: string
}

export function addBrokerFlags(command: Command): Command {
  return command
    .option('--broker <url>', 'mqtt://HOST:PORT or mqtts://HOST:PORT', 'mqtt://127.0.0.1:1883')
    .option('--user <name>', 'MQTT user name (default: none; with a password the device id)')
    .option('--password-env <name>', 'environment variable that holds the MQTT password (default: no password)')
    .option('--ca <file>', 'PEM certificates that the broker is checked against (default: those of the system)')
    .option('--speed <n>', 'times real time, 0.01 to 1000000, or max', '1')
    .option('--patience <seconds>', 'how long the broker may be out of reach at the start, s', '10')
    .option('--confirm <seconds>', 'how long the engine may say nothing once all is sent, s', '60')
}

/** Throws `usage-option` for what is not accepted. */
export async function readBrokerFlags(
  flags: BrokerFlags,
): Promise<ReplayOptions & { readonly speed: number | 'max'; readonly username?: string }> {
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
    speed: parseSpeed(flags.speed),
    patienceSeconds: parseNumber(flags.patience, '--patience (seconds)', 0, 86_400),
    confirmSeconds: parseNumber(flags.confirm, '--confirm (seconds)', 1, 86_400),
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

function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0.01 && value <= 1e6) return value
  throw new VitalwireError('usage-option', `--speed: ${JSON.stringify(text)} is not accepted; accepted: a number, 0.01 to 1000000, or max`)
}
