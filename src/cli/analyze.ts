import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { analyzeRecording } from '../analysis/analyze-recording.js'
import { VitalwireError } from '../errors.js'
import { parseChannels, parseNumber } from './options.js'
import { printAnalysis } from './print-analysis.js'
import { progressBar } from './progress.js'
import { readPartitionOptions } from './read-files.js'

interface AnalyzeOptions {
  channels?: string
  from?: string
  to?: string
  chunk?: string
  attributes?: string
  limits?: string
  annotate?: string
  report?: string
  json?: boolean
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('Runs recordings through the monitor as fast as it goes: vital signs, beats, rhythm, scores, alerts.')
    .argument('<record...>', 'WFDB record path without extension, CSV file, or NAME.recording.json')
    .option('--channels <list>', 'signals to use, names or indexes from 0, separated by commas (default: all)')
    .option('--from <seconds>', 'start, seconds into the recording (default: 0)')
    .option('--to <seconds>', 'end, seconds into the recording (default: its end)')
    .option('--chunk <seconds>', 'chunk length, 0.25 to 2 s; changes nothing in the result (default: 1)')
    .option('--attributes <file>', 'patient attributes, JSON: ageYears, ageBand, pregnant, spo2Scale, limitProfile')
    .option('--limits <file>', 'changed limits, JSON: rule id to limit or fields')
    .option('--annotate <dir>', 'write beats as WFDB annotations, RECORD.vw')
    .option('--report <file.html>', 'write a report with plots (one recording)')
    .option('--json', 'print one JSON document (a line for each of several recordings)')
    .action(async (records: string[], options: AnalyzeOptions) => run(records, options))
}

async function run(records: readonly string[], options: AnalyzeOptions): Promise<void> {
  const partitionOptions = await readPartitionOptions({
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
  })
  const channels = parseChannels(options.channels)
  const from = options.from === undefined ? undefined : parseNumber(options.from, '--from (seconds)', 0, Number.MAX_VALUE)
  const to = options.to === undefined ? undefined : parseNumber(options.to, '--to (seconds)', 0, Number.MAX_VALUE)
  const chunkSeconds = options.chunk === undefined ? 1 : parseNumber(options.chunk, '--chunk (seconds)', 0.25, 2)
  if (options.report !== undefined && records.length > 1) {
    throw new VitalwireError('usage-option', `--report takes one recording, ${records.length} were given; run analyze for each`)
  }
  if (options.annotate !== undefined) await makeFolder(options.annotate)
  for (const record of records) {
    const progress = progressBar(path.basename(record))
    const analysis = await analyzeRecording({
      record,
      partitionOptions,
      chunkSeconds,
      ...(channels === undefined ? {} : { channels }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      keepStrips: options.report !== undefined,
      onProgress: progress.update,
    })
    progress.end()
    if (options.annotate !== undefined) {
      const { writeBeatAnnotations } = await import('../analysis/annotate.js')
      await writeBeatAnnotations(options.annotate, analysis)
    }
    if (options.report !== undefined) {
      const { renderReport } = await import('../analysis/report.js')
      await writeOutput(options.report, renderReport(analysis))
    }
    process.stdout.write(options.json === true ? `${JSON.stringify(analysis.document)}\n` : printAnalysis(analysis.document))
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new VitalwireError('disk-write', `folder ${folder} cannot be made: ${(cause as Error).message}`, { cause })
  })
}

async function writeOutput(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new VitalwireError('disk-write', `file ${file} cannot be written: ${(cause as Error).message}`, { cause })
  })
}
