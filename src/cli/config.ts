import { Command } from 'commander'
import { checkConfig, parseConfig, printConfig } from '../config/check-config.js'
import { describeProblem } from '../config/problem.js'
import { planLatencies } from '../monitor/plan.js'
import { readAttributes, readLimits, readNamedFile } from './read-files.js'

export function configCommand(): Command {
  const command = new Command('config').description('The configuration of `serve`.')
  command
    .command('check')
    .argument('<file>', 'configuration file, JSON')
    .description('Checks a configuration and the files that it names; prints every mistake at once, and the plan with its latencies.')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: { json?: boolean }) => check(file, options.json === true))
  command
    .command('print')
    .argument('<file>', 'configuration file, JSON')
    .description('Prints the whole configuration with every default, and the plan with its latencies.')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: { json?: boolean }) => print(file, options.json === true))
  return command
}

async function check(file: string, json: boolean): Promise<void> {
  const checked = checkConfig(await readNamedFile(file, 'configuration file'))
  const problems = checked.ok ? [] : [...checked.problems.map(problem => describeProblem(file, problem))]
  if (checked.ok) {
    // Files that the configuration names are part of it: their mistakes are told together with the others.
    for (const read of [
      () => readLimits(checked.config.limitsFile ?? undefined),
      () => readAttributes(checked.config.attributesFile ?? undefined),
    ]) {
      await read().catch((error: Error) => problems.push(error.message))
    }
  }
  const plan = planLatencies()
  if (json) process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, problems, plan })}\n`)
  else if (problems.length === 0) process.stdout.write(`${file}: accepted\n${printPlan(plan)}`)
  else process.stderr.write(problems.map(problem => `vitalwire: ${problem}\n`).join(''))
  if (problems.length > 0) process.exitCode = 2
}

async function print(file: string, json: boolean): Promise<void> {
  const config = parseConfig(await readNamedFile(file, 'configuration file'), file)
  const plan = planLatencies()
  process.stdout.write(json ? `${JSON.stringify({ config, plan })}\n` : `${printConfig(config)}${printPlan(plan)}`)
}

function printPlan(plan: ReturnType<typeof planLatencies>): string {
  const lines = plan.map(
    stage =>
      `  ${stage.kind.padEnd(12)} ${stage.chain.padEnd(12)} ${stage.latencySeconds.min.toFixed(2)} to ${stage.latencySeconds.max.toFixed(2)} s at ${stage.fs} Hz: ${stage.vitals.join(', ')}`,
  )
  return `Plan (delay from a sample to what is said of it):\n${lines.join('\n')}\n`
}
