#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { VitalwireError } from '../errors.js'
import { version } from '../version.js'

/**
 * The `vitalwire` program. A command's own file is loaded only when the command runs, so that `analyze` does not pay for
 * the server. Exit: 0 done, 1 the thing checked fell short, 2 wrong use, 3 the world failed.
 */
const commands = {
  serve: async () => (await import('./serve.js')).serveCommand(),
  replay: async () => (await import('./replay.js')).replayCommand(),
  simulate: async () => (await import('./simulate.js')).simulateCommand(),
  analyze: async () => (await import('./analyze.js')).analyzeCommand(),
  datasets: async () => (await import('./datasets.js')).datasetsCommand(),
  config: async () => (await import('./config.js')).configCommand(),
  audit: async () => (await import('./audit.js')).auditCommand(),
} as const

type CommandName = keyof typeof commands

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(commands, name)
}

async function main(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug')
  const program = new Command('vitalwire')
    .description(
      'Deterministic engine for wearable and vital-sign signals and remote patient monitoring.\nNot a medical device; research and engineering use.',
    )
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('(add --help for what is accepted)')
    .exitOverride()
  const name = argv.find(argument => !argument.startsWith('-'))
  try {
    // Help for the whole program needs every command's description; otherwise only the one that runs is loaded.
    const wanted: CommandName[] = isCommand(name) ? [name] : (Object.keys(commands) as CommandName[])
    for (const command of wanted) {
      const built = await commands[command]()
      built.option('--debug', 'print stack traces')
      inheritExit(built)
      program.addCommand(built)
    }
    await program.parseAsync(argv as string[], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    return report(error, debug)
  }
}

function inheritExit(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what is accepted)')
  for (const child of command.commands) inheritExit(child)
}

/** One clear line on standard error and the exit code; a stack only with --debug. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    // commander has printed its own line; help and version are no failures.
    return error.exitCode === 0 ? 0 : 2
  }
  if (error instanceof VitalwireError) {
    process.stderr.write(`vitalwire: ${error.message} [${error.code}]\n`)
    if (debug && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
    return error.exitCode
  }
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`vitalwire: ${message}\n`)
  if (debug && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
  return 3
}

process.exitCode = await main(process.argv.slice(2))
