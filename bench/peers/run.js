// `node bench/peers/run.js`: QRS detectors from PyPI and Vitalwire on the same records by the same scorer. Plain Node; the environment of
// the peers is made by bench/peers/setup. Writes bench/results/DATE-peers.json with every result document, and a table beside it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureBuild, root } from '../../scripts/ensure-build.js'

const usage = `node bench/peers/run.js [options]
  --database DIR   WFDB records with .atr (default: mitdb among the data sets)
  --records FILE   records to take, one a line (default: all)
  --channels LIST  default: 0
  --only LIST      names to run, separated by commas; other rows are kept from --into (default: all)
  --into FILE      result file to write, and to take rows from that are not run (default: bench/results/DATE-peers.json)
  --list           names`

const environment = process.env.VITALWIRE_PEERS ?? path.join(root, 'node_modules', '.cache', 'vitalwire-peers')
const python = path.join(environment, 'bin', 'python')
const detect = path.join(root, 'bench', 'peers', 'detect.py')
const program = path.join(root, 'dist', 'cli', 'main.js')

const options = readOptions(process.argv.slice(2))
if (!existsSync(python)) fail(`${python} is not there; run bench/peers/setup first`)
const peers = run(python, [detect, '--list']).trim().split('\n')
const names = ['vitalwire', ...peers]
if (options.list) {
  process.stdout.write(`${names.join('\n')}\n`)
  process.exit(0)
}
const wanted = options.only ?? names
for (const name of wanted) if (!names.includes(name)) fail(`--only ${name} is not accepted; accepted: ${names.join(', ')}`)
ensureBuild()

const file = path.resolve(options.into ?? path.join(root, 'bench', 'results', `${new Date().toISOString().slice(0, 10)}-peers.json`))
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { rows: {} }
const scratch = mkdtempSync(path.join(os.tmpdir(), 'vitalwire-peers-'))
try {
  for (const name of wanted) {
    process.stderr.write(`${name} ...\n`)
    const row = evaluate(name)
    report.rows[name] = row
    process.stderr.write(`${name}: ${row.failed ?? `F1 ${row.gross.f1.toFixed(3)}`}\n`)
    // Kept after every detector: a run takes long, and may be stopped.
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(file.replace(/\.json$/, '.md'), table(report.rows))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.stdout.write(readFileSync(file.replace(/\.json$/, '.md'), 'utf8'))

/** One detector over all records; a peer that fails has its message for a row. */
function evaluate(name) {
  const test = name === 'vitalwire' ? [] : ['--program', `exec '${python}' '${detect}' ${name}`, '--packet', '10', '--patience', '900']
  const out = path.join(scratch, name)
  const result = spawnSync(
    process.execPath,
    [
      program,
      'evaluate',
      'beats',
      '--database',
      options.database,
      '--channels',
      options.channels,
      ...options.records,
      ...test,
      '--out',
      out,
      '--json',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const machine = { date: new Date().toISOString(), load: os.loadavg() }
  if (result.status !== 0) return { failed: result.stderr.trim().split('\n').at(-1) ?? 'failed', machine }
  const document = JSON.parse(result.stdout)
  const { code, environment: where } = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8'))
  return { ...document, database: path.basename(document.database), test: name, machine: { ...machine, ...where, code } }
}

/** Where the rows were measured. */
function machineOf(done) {
  const [, row] = done[0] ?? []
  return row === undefined ? 'nothing was run' : `Node ${row.machine.node}, ${row.machine.cpu}, ${row.machine.cores} cores`
}

function notRun(rows) {
  const missing = names.filter(name => rows[name] === undefined)
  return missing.length === 0 ? [] : [`\nNot run: ${missing.join(', ')}.`]
}

function table(rows) {
  const done = Object.entries(rows).filter(([, row]) => row.failed === undefined)
  done.sort(([, a], [, b]) => b.whole.f1 - a.whole.f1)
  const interval = (figures, key) => {
    const bounds = figures.ci95[key]
    return bounds === null ? figures[key].toFixed(2) : `${figures[key].toFixed(2)} (${bounds[0].toFixed(2)}-${bounds[1].toFixed(2)})`
  }
  const three = figures => ['se', 'ppv', 'f1'].map(key => interval(figures, key))
  const number = (value, digits) => (value === null ? '-' : value.toFixed(digits))
  const worst = row => {
    const errors = row.records.map(({ record, whole }) => ({ record, errors: whole.fp + whole.fn }))
    return errors.reduce((a, b) => (b.errors > a.errors ? b : a))
  }
  const head = [
    'detector',
    'records',
    'Se % whole',
    '+P % whole',
    'F1 % whole',
    'Se % from 5 min',
    '+P %',
    'F1 %',
    'errors whole',
    'worst record',
    'offset ms',
    'jitter ms',
    'RR error ms',
    'CPU s/h',
    'taken (UTC)',
    'load',
    'commit',
  ]
  const lines = done.map(([name, row]) => [
    name,
    row.records.length,
    ...three(row.whole),
    ...three(row.gross),
    row.whole.fp + row.whole.fn,
    `${worst(row).record}: ${worst(row).errors}`,
    number(row.timing.offsetMedianMs, 1),
    number(row.timing.jitterMadMs, 2),
    number(row.timing.rrErrorMeanMs, 2),
    number(row.cpuSecondsPerSignalHour, 2),
    row.machine.date.slice(0, 16),
    row.machine.load[0].toFixed(1),
    row.machine.code?.commit ?? '-',
  ])
  const failed = Object.entries(rows).filter(([, row]) => row.failed !== undefined)
  const text = cells => `| ${cells.join(' | ')} |`
  return [
    text(head),
    text(head.map((_, k) => (k === 0 ? '---' : '---:'))),
    ...lines.map(text),
    '',
    'Gross figures with 95 % intervals by record (bootstrap); offset: median over records, jitter: mean of the median absolute deviations.',
    `CPU seconds an hour of one lead at the rate of the records: the detector of a peer; of vitalwire its whole ECG chain (classes, rhythms, waves).`,
    `\`node bench/peers/run.js\`; ${machineOf(done)}.`,
    ...notRun(rows),
    ...failed.map(([name, row]) => `\nFailed: ${name}: ${row.failed}`),
    '',
  ].join('\n')
}

function readOptions(args) {
  const read = { database: null, records: [], channels: '0', only: null, into: null, list: false }
  for (let k = 0; k < args.length; k++) {
    const value = () => args[++k] ?? fail(`${args[k - 1]} needs a value\n${usage}`)
    if (args[k] === '--database') read.database = value()
    else if (args[k] === '--records') read.records = ['--records', value()]
    else if (args[k] === '--channels') read.channels = value()
    else if (args[k] === '--only') read.only = value().split(',')
    else if (args[k] === '--into') read.into = value()
    else if (args[k] === '--list') read.list = true
    else fail(`${args[k]} is not accepted; accepted:\n${usage}`)
  }
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const sets = process.env.VITALWIRE_DATASETS || path.join(cache, 'vitalwire', 'datasets')
  return { ...read, database: read.database ?? path.join(sets, 'mitdb') }
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? result.stdout : fail(`${command} ${args.join(' ')} failed: ${result.stderr}`)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
