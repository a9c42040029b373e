import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { checkConfig, parseConfig, printConfig } from '../config/check-config.js'
import { describeProblem } from '../config/problem.js'
import type { ServerConfig } from '../config/server-config.js'
import { planLatencies } from '../monitor/plan.js'
import { readAttributes, readCalibrations, readLimits, readNamedFile } from './read-files.js'
import { remark, writeJson } from './write-line.js'

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
  const problems = checked.ok
    ? await checkNamedFiles(file, checked.config)
    : checked.problems.map(problem => describeProblem(file, problem))
  const plan = planLatencies()
  if (json) writeJson({ ok: problems.length === 0, problems, plan })
  else if (problems.length === 0) process.stdout.write(`${file}: accepted\n${printPlan(plan)}`)
  else for (const problem of problems) remark(`${problem} [usage-config]`)
  if (problems.length > 0) process.exitCode = 2
}

/** Files that the configuration names are part of it: their mistakes are told together. */
async function checkNamedFiles(file: string, config: ServerConfig): Promise<string[]> {
  const problems: string[] = []
  const { broker, http } = config
  const tell = (error: Error) => problems.push(...error.message.split('\n'))
  await readLimits(config.limitsFile ?? undefined).catch(tell)
  await readAttributes(config.attributesFile ?? undefined).catch(tell)
  await readCalibrations(config.calibrationsFile ?? undefined).catch(tell)
  const named = {
    'broker.tls.caFile': broker.tls.caFile,
    'broker.tls.certFile': broker.tls.certFile,
    'broker.tls.keyFile': broker.tls.keyFile,
    'http.tls.certFile': http.tls.certFile,
    'http.tls.keyFile': http.tls.keyFile,
  }
  for (const [key, pem] of Object.entries(named)) {
    if (pem === null) continue
    await readFile(pem).catch((error: Error) => {
      problems.push(`${file}: ${key}: ${JSON.stringify(pem)} cannot be read (${error.message}); accepted: a readable PEM file`)
    })
  }
  return problems
}

async function print(file: string, json: boolean): Promise<void> {
  const config = parseConfig(await readNamedFile(file, 'configuration file'), file)
  const plan = planLatencies()
  if (json) writeJson({ config, plan })
  else process.stdout.write(`${printConfig(config)}${printPlan(plan)}`)
}

function printPlan(plan: ReturnType<typeof planLatencies>): string {
  const lines = plan.map(
    stage =>
      `  ${stage.kind.padEnd(12)} ${stage.chain.padEnd(12)} ${stage.latencySeconds.min.toFixed(2)} to ${stage.latencySeconds.max.toFixed(2)} s at ${stage.fs} Hz: ${stage.vitals.join(', ') || 'no vital sign'}`,
  )
  return `Plan (delay from a sample to what is said of it):\n${lines.join('\n')}\n`
}
