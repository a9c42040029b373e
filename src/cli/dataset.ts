import path from 'node:path'
import { Command } from 'commander'
import { analyzeRecording } from '../analysis/analyze-recording.js'
import { defaultOptions } from '../engine/partition-options.js'
import { defaultMinimum, describeReason, type Readiness, type ReadinessMinimum } from '../quality/readiness.js'
import { stopOnSignals } from './interrupt.js'
import { type PartFlags, parseNumber, parseWindow, partOptions, recordArgument } from './options.js'
import { progressBar } from './progress.js'
import { writeJson } from './write-line.js'

interface CheckFlags extends PartFlags {
  minimumCoverage: string
  minimumUsable: string
  maximumRefused: string
  maximumFlagged: string
  json?: boolean
}

const inPercent = (share: number): string => String(Number((share * 100).toFixed(1)))

export function datasetCommand(): Command {
  const command = new Command('dataset').description('Recordings as data: whether they are good enough to be analysed and scored.')
  const check = command
    .command('check')
    .argument('<record...>', recordArgument)
    .description('Runs recordings through the quality stage and says pass or fail with coverage, quality and flags; exit 1 when one fails.')
  partOptions(check)
    .option(
      '--minimum-coverage <percent>',
      'least share of the samples of all channels that have a value',
      inPercent(defaultMinimum.coverage),
    )
    .option(
      '--minimum-usable <percent>',
      'least share of the judged seconds with a quality of 0.5 or better',
      inPercent(defaultMinimum.usable),
    )
    .option('--maximum-refused <percent>', 'largest share of the numbers that may be refused', inPercent(defaultMinimum.refused))
    .option('--maximum-flagged <percent>', 'largest share of the numbers that may be flagged', inPercent(defaultMinimum.flagged))
    .option('--json', 'print one JSON document, a line for each of several recordings')
    .action(run)
  return command
}

async function run(records: string[], flags: CheckFlags): Promise<void> {
  const minimum: ReadinessMinimum = {
    coverage: share(flags.minimumCoverage, '--minimum-coverage'),
    usable: share(flags.minimumUsable, '--minimum-usable'),
    refused: share(flags.maximumRefused, '--maximum-refused'),
    flagged: share(flags.maximumFlagged, '--maximum-flagged'),
  }
  const window = parseWindow(flags)
  const signal = stopOnSignals()
  for (const record of records) {
    const bar = progressBar(path.basename(record), 's')
    const request = { record, partitionOptions: defaultOptions, chunkSeconds: 1, ...window, minimum, onProgress: bar.update, signal }
    const { document } = await analyzeRecording(request).finally(bar.end)
    const { readiness, durationSeconds } = document
    if (flags.json === true) writeJson({ record: document.record, durationSeconds, ...readiness })
    else process.stdout.write(printReadiness(document.record, readiness))
    if (!readiness.ready) process.exitCode = 1
  }
}

function share(text: string, option: string): number {
  return parseNumber(text, `${option} (percent)`, 0, 100) / 100
}

function printReadiness(record: string, readiness: Readiness): string {
  const { ready, reasons, coverage, usable, quality, lost, gaps, duplicates, values, rules } = readiness
  const percent = (found: number | null): string => (found === null ? 'none' : `${(found * 100).toFixed(1)} %`)
  const lines = [
    `${ready ? 'pass' : 'FAIL'}  ${record}`,
    ...reasons.map(reason => `  ${describeReason(reason)}`),
    `  coverage ${percent(coverage)}, ${lost} samples missing, ${gaps} gaps, ${duplicates} duplicates`,
    `  usable signal ${percent(usable)}, mean quality ${quality === null ? 'none' : quality.toFixed(2)}`,
    `  numbers: ${values.accepted} accepted, ${values.refused} refused, ${values.flagged} flagged`,
    ...Object.entries(rules)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([rule, count]) => `  ${rule}: ${count}`),
  ]
  return `${lines.join('\n')}\n`
}
