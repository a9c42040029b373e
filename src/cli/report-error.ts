import { CommanderError } from 'commander'
import { type ErrorCode, VitalwireError } from '../errors.js'
import { Interrupted, interruptedExit } from './interrupt.js'

/** What the system says when a file or folder cannot be written. */
const diskFaults = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE'])

/**
 * Tells a failure on standard error, a line for each mistake, and gives the exit code: 2 wrong use, 3 the world failed.
 * A stack only with `debug`. `command` names the help that says what is accepted.
 */
export function reportError(error: unknown, command: string | null, debug: boolean): number {
  if (error instanceof CommanderError) return reportUsage(error, command)
  if (error instanceof Interrupted) {
    process.stderr.write('vitalwire: stopped before it was done\n')
    return interruptedExit
  }
  const { code, message, exit } = describe(error)
  for (const line of message.split('\n')) process.stderr.write(`vitalwire: ${line}${code === null ? '' : ` [${code}]`}\n`)
  if (debug && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
  return exit
}

function describe(error: unknown): { code: ErrorCode | null; message: string; exit: number } {
  if (error instanceof VitalwireError) return { code: error.code, message: error.message, exit: error.exitCode }
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const fault = (error as { code?: unknown } | null)?.code
  return { code: typeof fault === 'string' && diskFaults.has(fault) ? 'disk-write' : null, message: message || 'failed', exit: 3 }
}

/** What the parser of the command line refused; help and version are no failures. */
function reportUsage(error: CommanderError, command: string | null): number {
  if (error.exitCode === 0) return 0
  // Help that is shown because no command was given says everything.
  if (error.code === 'commander.help') return 2
  const what = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '')
  const help = command === null ? 'vitalwire --help' : `vitalwire ${command} --help`
  process.stderr.write(`vitalwire: ${what}; accepted: what \`${help}\` lists [usage-option]\n`)
  return 2
}
