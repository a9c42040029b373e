import path from 'node:path'
import { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { readRecordsFile } from '../evaluate/database.js'
import type { EvaluationRequest, TestChoice } from '../evaluate/evaluation-request.js'
import { chooseNoise, parseKinds, parseSnrs } from '../evaluate/noise/noise-choice.js'
import type { Suite } from '../evaluate/suite.js'
import { loadSuite, suiteNames } from '../evaluate/suites/registry.js'
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
  from: string
  to?: string
  window: string
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
    .option('--from <seconds>', 'comparison begins here, seconds into each record', '300')
    .option('--to <seconds>', 'comparison ends here, seconds into each record (default: its end)')
    .option('--window <seconds>', 'largest distance of matching beats, s', '0.15')
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
  const request = await readRequest(suite, flags)
  const signal = stopOnSignals()
  const bar = progressBar(suite.name, 'records')
  const result = await suite.run(request, { onProgress: (record, done, total) => bar.update(done, total, record), signal }).finally(bar.end)
  if (flags.json === true) writeJson(result.document)
  else if (flags.format === 'bxb') process.stdout.write(`${result.bxb ?? ''}\n`)
  else process.stdout.write(`${JSON.stringify(result.document, null, 1)}\n`)
}

async function readRequest(suite: Suite, flags: EvaluateFlags): Promise<EvaluationRequest> {
  if (flags.database === undefined) {
    throw new VitalwireError('usage-option', `evaluate ${suite.name} needs --database; accepted: ${suite.layout}`)
  }
  if (flags.format !== undefined && flags.format !== 'bxb') {
    throw new VitalwireError('usage-option', `--format ${JSON.stringify(flags.format)} is not accepted; accepted: bxb`)
  }
  const database = path.resolve(flags.database)
  const folder = flags.annotations === undefined ? database : path.resolve(flags.annotations)
  const records = flags.records === undefined ? null : await readRecordsFile(flags.records)
  const noise = {
    folder: flags.noise ?? null,
    kinds: flags.kinds === undefined ? null : parseKinds(flags.kinds),
    snrs: flags.snr === undefined ? null : parseSnrs(flags.snr),
  }
  return {
    suite: suite.name,
    database,
    records,
    channels: flags.channels === undefined ? null : parseChannels(flags.channels),
    reference: flags.reference,
    test: readTest(suite, flags, folder),
    compare: flags.compare === undefined ? null : { annotator: flags.compare, folder },
    from: parseNumber(flags.from, '--from (seconds)', 0, Number.MAX_VALUE),
    to: flags.to === undefined ? null : parseNumber(flags.to, '--to (seconds)', 0, Number.MAX_VALUE),
    windowSeconds: parseNumber(flags.window, '--window (seconds)', 0.001, 10),
    packetSeconds: parseNumber(flags.packet, '--packet (seconds)', 0.001, 10),
    noise: suite.name === 'noise' ? await chooseNoise(noise, database, records) : null,
  }
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
  if (flags.program !== undefined) {
    return { kind: 'program', command: flags.program, timeoutSeconds: parseNumber(flags.patience, '--patience (seconds)', 0.1, 86_400) }
  }
  return flags.stage === undefined ? { kind: 'pipeline' } : { kind: 'stage', file: path.resolve(flags.stage) }
}
