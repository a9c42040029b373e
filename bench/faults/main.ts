import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describeMachine } from '../machine.js'
import { canLimit, canMount } from './disk.js'
import { KillMoment } from './kill-moment.js'
import { type FaultOptions, help, readFaultOptions } from './options.js'
import { type Means, planSeed } from './plan.js'
import { failureReport, seedLine, sumUp } from './report.js'
import { runSeed, type SeedResult } from './run-seed.js'
import { influxdPath, mosquittoPath } from './servers.js'

// Run by bench/run.js in the repository's root.
const root = process.cwd()
const print = (text: string) => process.stdout.write(`${text}\n`)

function findMeans(folder: string): Means {
  return { mosquitto: mosquittoPath !== null, influxd: influxdPath !== null, mount: canMount(folder), limits: canLimit() }
}

async function main(options: FaultOptions): Promise<number> {
  const machine = describeMachine()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vitalwire-faults-'))
  const results: SeedResult[] = []
  const moment = new KillMoment()
  try {
    const means = findMeans(folder)
    const lacking = Object.entries(means).filter(([, there]) => !there)
    print(`${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; commit ${machine.commit}${machine.modified ? ' (modified)' : ''}`)
    if (lacking.length > 0) print(`not here, so not drawn: ${lacking.map(([name]) => name).join(', ')}`)
    let next = options.from
    // What is under way ends by itself and is cleared away.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (next = Number.POSITIVE_INFINITY))
    const job = async () => {
      while (next < options.from + options.seeds) {
        const seed = next++
        const own = path.join(folder, `seed-${seed}`)
        const result = await runSeed(
          planSeed(seed, means),
          { means, moment },
          own,
          options.keep === null ? null : path.join(options.keep, `seed-${seed}`),
        )
        results.push(result)
        print(seedLine(result))
        if (result.findings.length > 0) print(failureReport(result))
        // After every seed, so that a run that is ended early has its results.
        if (options.save) save(machine, means, results)
        rmSync(own, { recursive: true, force: true })
      }
    }
    await Promise.all(Array.from({ length: options.jobs }, job))
    const sums = sumUp(results)
    print(JSON.stringify(sums, null, 2))
    if (options.save) formatResults()
    return sums.failed.length === 0 ? 0 : 1
  } finally {
    moment.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const resultsFile = path.join(root, 'bench', 'results', `${new Date().toISOString().slice(0, 10)}-faults.json`)

function save(machine: object, means: Means, results: readonly SeedResult[]): void {
  const command = ['npm run bench:faults --', ...process.argv.slice(2)].join(' ')
  const sorted = [...results].sort((a, b) => a.plan.seed - b.plan.seed)
  const seeds = sorted.map(({ plan, findings, deeds, kills, closeKills, seconds, figures }) => ({
    seed: plan.seed,
    broker: plan.broker,
    store: plan.store,
    workers: plan.workers,
    devices: plan.devices.length,
    findings,
    deeds,
    kills,
    closeKills,
    seconds,
    figures,
  }))
  mkdirSync(path.dirname(resultsFile), { recursive: true })
  const document = { taken: new Date().toISOString(), command, machine, loadAfter: os.loadavg(), means, sums: sumUp(sorted), seeds }
  writeFileSync(resultsFile, `${JSON.stringify(document)}\n`)
}

/** As the linter wants files below bench/ to look. */
function formatResults(): void {
  const formatter = path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  execFileSync(process.execPath, [formatter, 'format', '--write', resultsFile], { stdio: 'ignore' })
  print(`raw results in ${path.relative(root, resultsFile)}`)
}

let options: FaultOptions | 'help'
try {
  options = readFaultOptions(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench:faults: ${(error as Error).message}\n`)
  process.exit(2)
}
if (options === 'help') print(help)
else {
  const code = await main(options)
  // At its natural end Node 20 now and then waits for ever for handles of killed processes to close.
  process.stdout.write('', () => process.exit(code))
}
