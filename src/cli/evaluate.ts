import path from 'node:path'
import { Command } from 'commander'
import { requireWritableFolder } from '../analysis/output-file.js'
import { VitalwireError } from '../errors.js'
import { readRecordsFile } from '../evaluate/database.js'
import type { EvaluationRequest, TestChoice } from '../evaluate/evaluation-request.js'
import { chooseNoise, parseKinds, parseSnrs } from '../evaluate/noise/noise-choice.js'
import { type Manifest, makeManifest, readManifest } from '../evaluate/output/manifest.js'
import { renderText } from '../evaluate/output/render-report.js'
import { writeOutput } from '../evaluate/output/write-output.js'
import type { Suite, SuiteResult } from '../evaluate/suite.js'
import { loadSuite, suiteNames } from '../evaluate/suites/registry.js'
import { compareData, compareResult, requestAgain } from '../evaluate/verify.js'
import { startKernel } from '../kernel/choose-kernel.js'
import { notice, version } from '../version.js'
import { stopOnSignals } from './interrupt.js'
import { parseChannels, parseNumber } from './options.js'
import { progressBar } from './progress.js'
import { writeJson } from './write-line.js'

interface EvaluateFlags {
  database?: string
  records?: string
  channels?: string
  reference: string
  test?: string
  annotations?: string
  program?: string
  patience: string
  stage?: string
  compare?: string
  from?: string
  to?: string
  window?: string
  packet: string
  format?: string
  noise?: string
  kinds?: string
  snr?: string
  verify?: string
  json?: boolean
  out?: string
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Scores detectors against reference annotations: our own, annotation files, programs or stages.')
    .argument('<suite>', suiteNames.join(', '))
    .option('--database <dir>', 'folder of recordings with their references (default: none; --verify has that of its run)')
    .option('--records <file>', 'records to take, one a line (default: all in the folder)')
    .option('--channels <list>', 'signals to use, NAME or INDEX from 0, separated by commas (default: all ECG signals)')
    .option('--reference <annotator>', 'extension of the reference annotations', 'atr')
    .option('--test <annotator>', 'score the annotation files with this extension (default: our own output)')
    .option('--annotations <dir>', 'folder of annotation files for --test and --compare (default: the database)')
    .option('--program <command>', 'score a program over standard input and output, see docs/evaluate.md (default: none)')
    .option('--patience <seconds>', 'how long a program may be silent while it is waited for, s', '120')
    .option('--stage <file.js>', 'score a module whose default export makes a chain, (spec) => StreamChain (default: none)')
    .option('--compare <annotator>', 'hold the test against annotation files, record by record (default: none)')
    .option('--from <seconds>', 'comparison begins here, seconds into each record (default: 300; rhythm, delineation, hrv: 0)')
    .option('--to <seconds>', 'comparison ends here, seconds into each record (default: its end)')
    .option('--window <seconds>', 'largest distance of matching beats, s (default: 0.15)')
    .option('--packet <seconds>', 'length of the packets that detectors are fed with, 0.001 to 10 s', '0.04')
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
  else if (result.bxb !== null) process.stdout.write(`${result.bxb}\n`)
  else
    throw new VitalwireError(
      'usage-option',
      `--format ${flags.format} is not accepted for ${result.document.suite}; accepted: beats, classes`,
    )
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

async function readRequest(suite: Suite, flags: EvaluateFlags): Promise<EvaluationRequest> {
  if (flags.database === undefined && suite.ownSignals === undefined) {
    throw new VitalwireError('usage-option', `evaluate ${suite.name} needs --database; accepted: ${suite.layout}`)
  }
  refuseOthers(suite, flags)
  const database = flags.database === undefined ? '' : path.resolve(flags.database)
  const folder = flags.annotations === undefined ? database : path.resolve(flags.annotations)
  const records = flags.records === undefined ? null : await readRecordsFile(flags.records)
  const noise = {
    folder: flags.noise ?? null,
    kinds: flags.kinds === undefined ? null : parseKinds(flags.kinds),
    snrs: flags.snr === undefined ? null : parseSnrs(flags.snr),
  }
  const from = flags.from === undefined ? (suite.fromSeconds ?? 0) : parseNumber(flags.from, '--from (seconds)', 0, Number.MAX_VALUE)
  return {
    suite: suite.name,
    database,
    records,
    channels: flags.channels === undefined ? null : parseChannels(flags.channels),
    reference: flags.reference,
    test: readTest(suite, flags, folder),
    compare: flags.compare === undefined ? null : { annotator: flags.compare, folder },
    from,
    to: flags.to === undefined ? null : parseNumber(flags.to, '--to (seconds)', from, Number.MAX_VALUE),
    windowSeconds: parseNumber(flags.window ?? '0.15', '--window (seconds)', 0.001, 10),
    packetSeconds: parseNumber(flags.packet, '--packet (seconds)', 0.001, 10),
    noise: suite.name === 'noise' ? await chooseNoise(noise, database, records) : null,
  }
}

/** An option that a suite has no use for is a mistake, never passed over. */
function refuseOthers(suite: Suite, flags: EvaluateFlags): void {
  const given = (names: readonly (keyof EvaluateFlags)[]) => names.filter(name => flags[name] !== undefined)
  const wrong = [
    ...(suite.fromSeconds === null ? given(['from', 'to']) : []),
    ...(suite.ownSignals === true ? given(['database']) : []),
    ...(suite.ownSignals === undefined ? [] : given(['channels'])),
    ...(suite.takes.includes('window') ? [] : given(['window'])),
    ...(suite.takes.includes('compare') ? [] : given(['compare'])),
    ...(suite.takes.includes('noise') ? [] : given(['noise', 'kinds', 'snr'])),
  ]
  if (wrong.length === 0) return
  const accepted = [
    ...(suite.ownSignals === true ? [] : ['--database']),
    '--records',
    ...(suite.ownSignals === undefined ? ['--channels'] : []),
    ...(suite.fromSeconds === null ? [] : ['--from', '--to']),
    ...suite.takes.flatMap(option => (option === 'noise' ? ['--noise', '--kinds', '--snr'] : [`--${option}`])),
    '--out',
    '--json',
  ]
  throw new VitalwireError('usage-option', `evaluate ${suite.name} takes no --${wrong[0]}; accepted: ${accepted.join(', ')}`)
}

/** At most one of the options that name a test. */
function readTest(suite: Suite, flags: EvaluateFlags, folder: string): TestChoice {
  const named = [
    ...(flags.test === undefined ? [] : ['--test']),
    ...(flags.program === undefined ? [] : ['--program']),
    ...(flags.stage === undefined ? [] : ['--stage']),
  ]
  if (named.length > 1) throw new VitalwireError('usage-option', `${named.join(' and ')} exclude each other; accepted: one of them`)
  const test = chooseTest(flags, folder)
  if (suite.tests.includes(test.kind)) return test
  throw new VitalwireError('usage-option', `evaluate ${suite.name} takes no ${named[0]}; accepted: ${suite.tests.join(', ')}`)
}

function chooseTest(flags: EvaluateFlags, folder: string): TestChoice {
  if (flags.test !== undefined) return { kind: 'annotations', annotator: flags.test, folder }
  if (flags.program?.trim() === '') throw new VitalwireError('usage-option', '--program is empty; accepted: a command line')
  if (flags.program !== undefined) {
    return { kind: 'program', command: flags.program, timeoutSeconds: parseNumber(flags.patience, '--patience (seconds)', 0.1, 86_400) }
  }
  return flags.stage === undefined ? { kind: 'pipeline' } : { kind: 'stage', file: path.resolve(flags.stage) }
}
