#!/usr/bin/env node
import { Command } from 'commander'
import { notice, version } from '../version.js'
import { leaveOnSignals } from './interrupt.js'
import { reportError } from './report-error.js'

/**
 * The `vitalwire` program. A command's own file is loaded only when the command runs, so that `analyze` does not pay for
 * the server. Exit: 0 done, 1 the thing checked fell short, 2 wrong use, 3 the world failed, 130 stopped before it was done.
 */
const commands = {
  serve: async () => (await import('./serve.js')).serveCommand(),
  replay: async () => (await import('./replay.js')).replayCommand(),
  simulate: async () => (await import('./simulate.js')).simulateCommand(),
  analyze: async () => (await import('./analyze.js')).analyzeCommand(),
  convert: async () => (await import('./convert.js')).convertCommand(),
  evaluate: async () => (await import('./evaluate.js')).evaluateCommand(),
  dataset: async () => (await import('./dataset.js')).datasetCommand(),
  datasets: async () => (await import('./datasets.js')).datasetsCommand(),
  config: async () => (await import('./config.js')).configCommand(),
  journal: async () => (await import('./journal.js')).journalCommand(),
  audit: async () => (await import('./audit.js')).auditCommand(),
} as const

type CommandName = keyof typeof commands

const exits = 'Exit: 0 done; 1 the thing checked fell short; 2 wrong use; 3 the world failed (docs/errors.md); 130 stopped.'

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(commands, name)
}

async function main(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug')
  const name = argv.find(argument => !argument.startsWith('-'))
  const known = isCommand(name) ? name : null
  const fail = (error: unknown) => process.exit(reportError(error, known, debug))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  leaveWithReader()
  leaveOnSignals()
  // An empty variable is one that is not set.
  if (process.env.VITALWIRE_KERNEL === '') delete process.env.VITALWIRE_KERNEL
  const program = new Command('vitalwire')
    .description(`Deterministic engine for wearable and vital-sign signals and remote patient monitoring.\n${notice}`)
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', `\n${exits}`)
  try {
    // Help for the whole program needs every command's description; otherwise only the one that runs is loaded.
    const wanted = known === null ? (Object.keys(commands) as CommandName[]) : [known]
    for (const command of wanted) program.addCommand(await commands[command]())
    for (const command of [program, ...program.commands]) command.option('--debug', 'print stack traces')
    throwInsteadOfExit(program)
    await program.parseAsync(argv as string[], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    return reportError(error, known, debug)
  }
}

/** What the parser finds wrong is told by `reportError`, like every other mistake. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined })
  for (const child of command.commands) throwInsteadOfExit(child)
}

/** Whoever reads our output may stop (`| head`): then there is nothing left to do, and nothing wrong. */
function leaveWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  process.stderr.on('error', () => undefined)
}

const exitCode = await main(process.argv.slice(2))
// Whatever a failed start left open must not keep the program; what was written goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
