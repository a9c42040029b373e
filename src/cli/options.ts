import type { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { type AveragingSeconds, averagingChoices } from '../oximetry/oximetry-chain.js'

export const recordArgument =
  'WFDB record path without extension, EDF, BDF or CSV file, Empatica E4 folder, or NAME.recording.json; several are several patients'

/** Which part of a recording, as the command line has it. */
export interface PartFlags {
  channels?: string
  from?: string
  to?: string
}

export interface WindowFlags extends PartFlags {
  chunk: string
}

export interface RecordingWindow {
  readonly channels?: readonly (string | number)[]
  readonly from?: number
  readonly to?: number
}

export function windowOptions(command: Command): Command {
  return partOptions(command).option('--chunk <seconds>', 'chunk length, 0.25 to 2 s; changes nothing in the result', '1')
}

export function partOptions(command: Command): Command {
  return command
    .option('--channels <list>', 'signals to use, NAME or INDEX from 0, separated by commas (default: all)')
    .option('--from <seconds>', 'start, seconds into the recording (default: 0)')
    .option('--to <seconds>', 'end, seconds into the recording (default: its end)')
}

export function parseWindow(flags: PartFlags): RecordingWindow {
  return {
    ...(flags.channels === undefined ? {} : { channels: parseChannels(flags.channels) }),
    ...(flags.from === undefined ? {} : { from: parseNumber(flags.from, '--from (seconds)', 0, Number.MAX_VALUE) }),
    ...(flags.to === undefined ? {} : { to: parseNumber(flags.to, '--to (seconds)', 0, Number.MAX_VALUE) }),
  }
}

export function parseChunk(text: string): number {
  return parseNumber(text, '--chunk (seconds)', 0.25, 2)
}

/** A number from the command line, within bounds; `what` names the option and its unit. */
export function parseNumber(text: string, what: string, least: number, most: number): number {
  const value = readNumber(text)
  if (value >= least && value <= most) return value
  throw new VitalwireError('usage-option', `${what}: ${JSON.stringify(text)} is not accepted; accepted: a number, ${bounds(least, most)}`)
}

export function parseWhole(text: string, what: string, least: number, most: number): number {
  const value = readNumber(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new VitalwireError(
    'usage-option',
    `${what}: ${JSON.stringify(text)} is not accepted; accepted: a whole number, ${bounds(least, most)}`,
  )
}

/** Undefined when it was not given. */
export function parseAveraging(text: string | undefined): AveragingSeconds | undefined {
  if (text === undefined) return undefined
  const seconds = averagingChoices.find(choice => choice === readNumber(text))
  if (seconds !== undefined) return seconds
  const accepted = averagingChoices.join(', ')
  throw new VitalwireError('usage-option', `--averaging (seconds): ${JSON.stringify(text)} is not accepted; accepted: ${accepted}`)
}

/** NaN for what is not a finite decimal number; `0x10` and the empty text are none. */
function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
}

function bounds(least: number, most: number): string {
  return most === Number.MAX_VALUE ? `${least} or more` : `${least} to ${most}`
}

/** `NAME|INDEX,...`: a part that is all digits is an index. */
export function parseChannels(text: string): (string | number)[] {
  const parts = text.split(',').map(part => part.trim())
  if (parts.some(part => part === '')) {
    throw new VitalwireError(
      'usage-option',
      `--channels ${JSON.stringify(text)} is not accepted; accepted: names or indexes, separated by commas`,
    )
  }
  return parts.map(part => (/^\d+$/.test(part) ? Number(part) : part))
}
