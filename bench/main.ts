import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLosses, type StoredResults } from './compare.js'
import { type EndToEndResult, runEndToEnd } from './load/end-to-end.js'
import { planRuns } from './load/plans.js'
import { type RestartResult, runRestart } from './load/restart.js'
import { describeMachine, type Machine } from './machine.js'
import { cases } from './micro/cases/index.js'
import type { CaseResult } from './micro/measure-case.js'
import { type GroupName, help, type RunOptions, readOptions } from './options.js'
import type { PipelineResult } from './pipeline/measure-pipeline.js'
import { endToEndTable, microTable, pipelineTable } from './report.js'

// Run by bench/run.js in the repository's root.
const root = process.cwd()
const note = (line: string) => process.stderr.write(`bench: ${line}\n`)

function runJson<T>(file: string, args: readonly string[], nodeOptions: readonly string[] = []): T {
  const script = fileURLToPath(new URL(file, import.meta.url))
  const output = execFileSync(process.execPath, [...nodeOptions, script, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(output) as T
}

function runMicro({ quick, cases: chosen }: RunOptions): CaseResult[] {
  const names = chosen.length === 0 ? Object.keys(cases) : chosen
  return names.map(name => {
    note(name)
    return runJson<CaseResult>('./micro/case-process.js', [name, quick ? '4' : '14', quick ? '15' : '50'])
  })
}

function runPipeline({ quick, profile }: RunOptions): PipelineResult[] {
  const nodeOptions = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  return ['ecg', 'all'].map(name => {
    note(`pipeline ${name}`)
    return runJson<PipelineResult>('./pipeline/pipeline-process.js', [name, quick ? '60' : '600', quick ? '2' : '7'], nodeOptions)
  })
}

async function runLoads(options: RunOptions): Promise<EndToEndResult[]> {
  const results: EndToEndResult[] = []
  for (const plan of planRuns(options, path.join(root, 'dist', 'cli', 'main.js'))) {
    note(`${plan.name}: ${plan.devices} devices, ${plan.seconds} s of signal`)
    results.push(await runEndToEnd(plan))
  }
  return results
}

function save(group: GroupName | 'journal-levels', machine: Machine, results: object): void {
  const file = path.join(root, 'bench', 'results', `${new Date().toISOString().slice(0, 10)}-${group}.json`)
  mkdirSync(path.dirname(file), { recursive: true })
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
  const document = { taken: new Date().toISOString(), command, machine, loadAfter: os.loadavg(), ...results }
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)
  // As the linter wants files below bench/ to look.
  execFileSync(process.execPath, [path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'format', '--write', file], {
    stdio: 'ignore',
  })
  note(`raw results in ${path.relative(root, file)}`)
}

async function main(options: RunOptions): Promise<number> {
  const machine = describeMachine()
  const print = (text: string) => process.stdout.write(`${text}\n\n`)
  print(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Node ${machine.node}; commit ${machine.commit}${machine.modified ? ' (modified)' : ''}; load ${machine.load.join(' ')}`,
  )
  const taken: { micro?: CaseResult[]; pipeline?: PipelineResult[] } = {}
  for (const group of options.groups) {
    const own = describeMachine()
    if (group === 'micro') {
      taken.micro = runMicro(options)
      print(microTable(taken.micro))
      if (options.save) save(group, own, { micro: taken.micro })
    } else if (group === 'pipeline') {
      taken.pipeline = runPipeline(options)
      print(pipelineTable(taken.pipeline))
      if (options.save) save(group, own, { pipeline: taken.pipeline })
    } else if (group === 'restart') {
      const program = path.join(root, 'dist', 'cli', 'main.js')
      const { devices, seconds, workers, rounds } = options
      const restart: RestartResult[] = []
      for (let round = 0; round < rounds; round++) {
        restart.push(await runRestart({ program, devices: devices ?? 1000, seconds: seconds ?? 40, workers }))
        print(JSON.stringify(restart.at(-1)))
      }
      if (options.save) save(group, own, { restart })
    } else {
      const endToEnd = await runLoads(options)
      print(endToEndTable(endToEnd))
      if (options.save) save(options.levels.length > 1 ? 'journal-levels' : group, own, { endToEnd })
    }
  }
  if (options.compare === null) return 0
  const stored = JSON.parse(readFileSync(options.compare, 'utf8')) as StoredResults
  const losses = findLosses({ machine, ...taken }, stored, options.tolerance / 100)
  for (const { what, factor } of losses) print(`slower than in ${options.compare}: ${what}, ${factor.toFixed(2)} of what it was`)
  return losses.length === 0 ? 0 : 1
}

let options: RunOptions | 'help'
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`)
  process.exit(2)
}
if (options === 'help') process.stdout.write(`${help}\n`)
else process.exitCode = await main(options)
