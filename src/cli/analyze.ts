import path from 'node:path'
import { Command } from 'commander'
import { analyzeRecording } from '../analysis/analyze-recording.js'
import { requireWritableFolder } from '../analysis/output-file.js'
import { VitalwireError } from '../errors.js'
import { defaultAveragingSeconds } from '../oximetry/oximetry-chain.js'
import { defaultMinimum } from '../quality/readiness.js'
import { stopOnSignals } from './interrupt.js'
import { parseAveraging, parseChunk, parseWindow, recordArgument, type WindowFlags, windowOptions } from './options.js'
import { printAnalysis } from './print-analysis.js'
import { progressBar } from './progress.js'
import { readPartitionOptions } from './read-files.js'
import { writeJson } from './write-line.js'

interface AnalyzeFlags extends WindowFlags {
  attributes?: string
  limits?: string
  calibrations?: string
  averaging?: string
  requireReady?: boolean
  annotate?: string
  report?: string
  json?: boolean
}

export function analyzeCommand(): Command {
  const command = new Command('analyze')
    .description('Runs recordings through the monitor as fast as it goes: vital signs, beats, rhythm, scores, alerts.')
    .argument('<record...>', recordArgument)
  return windowOptions(command)
    .option(
      '--attributes <file>',
      'patient attributes, JSON: ageYears, ageBand, pregnant, spo2Scale, limitProfile, conditions (default: unknown)',
    )
    .option('--limits <file>', 'changed limits, JSON: rule id to a limit in the unit of its sign, or to fields (default: none)')
    .option('--calibrations <file>', 'calibration curves of oximeters, JSON: curves by name, and a default (default: 110 - 25 R)')
    .option('--averaging <seconds>', 'seconds that SpO2 from red and infrared light is averaged over: 4, 8 or 16 (default: 8)')
    .option('--annotate <dir>', 'write WFDB annotations: confirmed beats DIR/RECORD.vw, rhythms .vwr, waves .vwd (default: none)')
    .option('--report <file.html>', 'write a report with plots, of one recording (default: none)')
    .option('--require-ready', 'do not score a recording that `dataset check` would refuse, and exit 1')
    .option('--json', 'print one JSON document, a line for each of several recordings')
    .action(run)
}

async function run(records: string[], flags: AnalyzeFlags): Promise<void> {
  const signal = stopOnSignals()
  const partitionOptions = await readPartitionOptions(flags, parseAveraging(flags.averaging) ?? defaultAveragingSeconds)
  const window = parseWindow(flags)
  const chunkSeconds = parseChunk(flags.chunk)
  if (flags.report !== undefined && records.length > 1) {
    throw new VitalwireError('usage-option', `--report takes one recording, ${records.length} were given; accepted: analyze for each`)
  }
  // Before an analysis of hours, not after it.
  if (flags.annotate !== undefined) await requireWritableFolder(flags.annotate, { make: true })
  if (flags.report !== undefined) await requireWritableFolder(path.dirname(flags.report), { make: false })
  for (const record of records) {
    const bar = progressBar(path.basename(record), 's')
    const analysis = await analyzeRecording({
      record,
      partitionOptions,
      chunkSeconds,
      ...window,
      keepWaves: flags.annotate !== undefined,
      keepStrips: flags.report !== undefined,
      onProgress: bar.update,
      ...(flags.requireReady === true ? { minimum: defaultMinimum } : {}),
      signal,
    }).finally(bar.end)
    if (flags.annotate !== undefined) {
      const { writeAnalysisAnnotations } = await import('../analysis/annotate.js')
      await writeAnalysisAnnotations(flags.annotate, analysis)
    }
    if (flags.report !== undefined) {
      const { writeReport } = await import('../analysis/report.js')
      await writeReport(flags.report, analysis)
    }
    if (flags.requireReady === true && !analysis.document.readiness.ready) process.exitCode = 1
    if (flags.json === true) writeJson(analysis.document)
    else process.stdout.write(printAnalysis(analysis.document))
  }
}
