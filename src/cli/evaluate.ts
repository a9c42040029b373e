import path from 'node:path'
import { Command } from 'commander'
import { requireWritableFolder } from '../analysis/output-file.js'
import { VitalwireError } from '../errors.js'
import type { EvaluationRequest } from '../evaluate/evaluation-request.js'
import { type Manifest, makeManifest, readManifest } from '../evaluate/output/manifest.js'
import { renderText } from '../evaluate/output/render-report.js'
import { writeOutput } from '../evaluate/output/write-output.js'
import type { Suite, SuiteResult } from '../evaluate/suite.js'
import { loadSuite, suiteNames } from '../evaluate/suites/registry.js'
import { compareData, compareResult, requestAgain } from '../evaluate/verify.js'
import { startKernel } from '../kernel/choose-kernel.js'
import { notice, version } from '../version.js'
import { type EvaluateFlags, readRequest, refuseBesideVerify } from './evaluate-request.js'
import { stopOnSignals } from './interrupt.js'
import { progressBar } from './progress.js'
import { writeJson } from './write-line.js'

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Scores detectors against reference annotations: our own, annotation files, programs or stages.')
    .argument('<suite>', suiteNames.join(', '))
    .option(
      '--database <dir>',
      'folder of recordings with their references (default: none; spo2 and patterns need none; --verify has that of its run)',
    )
    .option(
      '--records <file>',
      'records to take, one a line (default: all in the folder; noise: those of its panels; spo2: its seeds; patterns: all waveforms)',
    )
    .option(
      '--channels <list>',
      'signals to use, NAME or INDEX from 0, separated by commas (default: all ECG signals; heart-rate: all of light)',
    )
    .option('--reference <annotator>', 'extension of the reference annotations (default: atr; delineation: q1c)')
    .option('--test <annotator>', 'score the annotation files with this extension (default: our own output)')
    .option('--annotations <dir>', 'folder of annotation files for --test and --compare (default: the database)')
    .option('--program <command>', 'score a program over standard input and output, see docs/evaluate.md (default: none)')
    .option('--patience <seconds>', 'how long a program may be silent while it is waited for, s (default: 120)')
    .option('--stage <file.js>', 'score a module whose default export makes a chain, (spec) => StreamChain (default: none)')
    .option('--compare <annotator>', 'hold the test against annotation files, record by record (default: none)')
    .option(
      '--from <seconds>',
      'comparison begins here, seconds into each record (default: 300; rhythm, delineation, hrv, heart-rate, respiration: 0)',
    )
    .option('--to <seconds>', 'comparison ends here, seconds into each record (default: its end)')
    .option('--window <seconds>', 'largest distance of matching beats, s (default: 0.15)')
    .option('--packet <seconds>', 'length of the packets that detectors are fed with, 0.001 to 10 s (default: 0.04)')
    .option('--noise <dir>', 'noise: folder of the noise recordings (default: nstdb beside the database or among the data sets)')
    .option('--kinds <list>', 'noise: names of noise recordings, separated by commas (default: the panels of docs/evaluate.md)')
    .option('--snr <list>', 'noise: signal-to-noise ratios in dB, separated by commas (default: the panels of docs/evaluate.md)')
    .option('--format <name>', 'print lines as a reference tool does: bxb (default: a summary)')
    .option(
      '--verify <manifest>',
      'run again what a manifest.json says and compare data and results; exit 1 on a difference (default: none)',
    )
    .option('--out <dir>', 'write result.json, records.csv, report.md, report.html, annotations and manifest.json (default: none)')
    .option('--json', 'print one JSON document')
    .action(run)
}

async function run(suiteName: string, flags: EvaluateFlags): Promise<void> {
  const suite = await loadSuite(suiteName)
  if (flags.format !== undefined && flags.format !== 'bxb') {
    throw new VitalwireError('usage-option', `--format ${JSON.stringify(flags.format)} is not accepted; accepted: bxb`)
  }
  if (flags.verify !== undefined) refuseBesideVerify(flags)
  const manifest = flags.verify === undefined ? null : await readManifest(flags.verify)
  if (manifest !== null && manifest.request.suite !== suite.name) {
    throw new VitalwireError(
      'usage-option',
      `--verify ${flags.verify} is of suite ${manifest.request.suite}; accepted: evaluate ${manifest.request.suite}`,
    )
  }
  const database = flags.database === undefined ? null : path.resolve(flags.database)
  const noise = flags.noise === undefined ? null : path.resolve(flags.noise)
  const request = manifest === null ? await readRequest(suite, flags) : requestAgain(manifest, database, noise)
  const signal = stopOnSignals()
  // Before an evaluation of minutes, not after it.
  if (flags.out !== undefined) await requireWritableFolder(flags.out, { make: true })
  if (manifest !== null) await verify(suite, manifest, request, flags, signal)
  else {
    const result = await runAndWrite(suite, request, flags, signal)
    print(result, flags)
    if ((result.shortfalls ?? 0) > 0) process.exitCode = 1
  }
}

async function runAndWrite(suite: Suite, request: EvaluationRequest, flags: EvaluateFlags, signal: AbortSignal): Promise<SuiteResult> {
  const result = await runSuite(suite, request, signal)
  if (flags.out !== undefined) await writeOutput(flags.out, request, result, await makeManifest(request, result))
  return result
}

async function runSuite(suite: Suite, request: EvaluationRequest, signal: AbortSignal): Promise<SuiteResult> {
  const kernel = startKernel(process.env.VITALWIRE_KERNEL).name
  const bar = progressBar(suite.name, 'records')
  const onProgress = (record: string, done: number, total: number) => bar.update(done, total, record)
  const result = await suite.run(request, { onProgress, signal }).finally(bar.end)
  const engine = { version, kernel, parametersHash: result.parametersHash }
  return { ...result, document: { ...result.document, engine, notice } }
}

function print(result: SuiteResult, flags: EvaluateFlags): void {
  if (flags.json === true) writeJson(result.document)
  else if (flags.format === undefined) process.stdout.write(renderText(result))
  else process.stdout.write(`${result.bxb}\n`)
}

/** Exit 1 when data or figures differ. */
async function verify(
  suite: Suite,
  manifest: Manifest,
  request: EvaluationRequest,
  flags: EvaluateFlags,
  signal: AbortSignal,
): Promise<void> {
  const differences = await compareData(manifest, request.database, request.noise?.folder ?? null)
  // Without its files there is nothing to run.
  if (!differences.some(({ found }) => found === 'no file')) {
    differences.push(...compareResult(manifest, await runAndWrite(suite, request, flags, signal)))
  }
  const verified = differences.length === 0
  if (!verified) process.exitCode = 1
  if (flags.json === true) writeJson({ suite: suite.name, manifest: flags.verify, verified, resultHash: manifest.resultHash, differences })
  else if (verified) process.stdout.write(`${flags.verify}: ${manifest.data.length} files and the result are the same\n`)
  else {
    for (const { of, path: where, expected, found } of differences) {
      process.stdout.write(`${of} ${where}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}\n`)
    }
  }
}
