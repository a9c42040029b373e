// `node bench/peers/pulse.js`: pulse detectors from PyPI and Vitalwire on the same pleth samples, by the code of `vitalwire evaluate pulse`.
// Plain Node; the environment of the peers is made by bench/peers/setup. Writes bench/results/DATE-pulse-peers.json and a table beside it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuild, root } from '../../scripts/ensure-build.js'
import { writePulseTable } from './pulse-table.js'

const usage = `node bench/peers/pulse.js [options]
  --databases LIST  folders of WFDB records with ECG and pleth, separated by commas (default: cinc2015,mimic4wdb among the data sets)
  --to SECONDS      of each record, from its start (default: 3600)
  --only LIST       names to run, separated by commas; other rows are kept from --into (default: all)
  --into FILE       result file (default: bench/results/DATE-pulse-peers.json)
  --list            names and versions`

const packetSeconds = 0.1
/** Those of src/evaluate/pulse/beat-agreement.ts, each with a delay of its own. */
const stretchSeconds = 300
const environment = process.env.VITALWIRE_PEERS ?? path.join(root, 'node_modules', '.cache', 'vitalwire-peers')
const python = path.join(environment, 'bin', 'python')
const program = path.join(root, 'bench', 'peers', 'pulse_peers.py')

const options = readOptions(process.argv.slice(2))
if (!existsSync(python)) fail(`${python} is not there; run bench/peers/setup first`)
const peers = Object.fromEntries(
  run(python, [program, '--list'])
    .trim()
    .split('\n')
    .map(line => line.split(' ')),
)
const names = ['vitalwire', ...Object.keys(peers)]
if (options.list) {
  process.stdout.write(
    `vitalwire\n${Object.entries(peers)
      .map(entry => `${entry.join(' ')}\n`)
      .join('')}`,
  )
  process.exit(0)
}
const wanted = options.only ?? names
for (const name of wanted) if (!names.includes(name)) fail(`--only ${name} is not accepted; accepted: ${names.join(', ')}`)
ensureBuild()
const built = file => import(pathToFileURL(path.join(root, 'dist', file)).href)
const { agreeBeats, beatTrack, matchSeconds, referenceQuality } = await built('evaluate/pulse/beat-agreement.js')
const { listEcgWithLight } = await built('evaluate/pulse/ecg-with-light.js')
const { observeSamples } = await built('evaluate/pulse/observe-stream.js')
const { bootstrapByRecord } = await built('evaluate/compare/intervals.js')
const { bounds, sumFigures, roundOrNull, round } = await built('evaluate/figures.js')
const { hashParameters } = await built('evaluate/hash-parameters.js')
const { planStream } = await built('monitor/plan.js')
const { openRecording } = await built('recording/open-recording.js')
const { hertz } = await built('signal/rate.js')

const file = path.resolve(options.into ?? path.join(root, 'bench', 'results', `${new Date().toISOString().slice(0, 10)}-pulse-peers.json`))
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { databases: {} }
mkdirSync(path.dirname(file), { recursive: true })
for (const database of options.databases) {
  const records = await readRecords(database)
  const key = path.basename(database)
  const before = report.databases[key]
  const rows = { ...before?.rows }
  for (const name of wanted) {
    process.stderr.write(`${key}: ${name} ...\n`)
    rows[name] = name === 'vitalwire' ? rowOf(records, ownPulses(records)) : peerRow(name, records)
    process.stderr.write(`${key}: ${name}: F1 ${rows[name].failed ?? `${rows[name].cleanEcg.f1}, accepted ${rows[name].accepted.f1}`}\n`)
    report.command = ['node bench/peers/pulse.js', ...process.argv.slice(2)].join(' ')
    report.matchWindowSeconds = matchSeconds
    report.referenceQuality = referenceQuality
    report.toSeconds = options.to
    report.databases[key] = {
      records: records.length,
      signalHours: round(records.reduce((sum, { light }) => sum + light.seconds, 0) / 3600, 4),
      parametersHash: hashParameters(records.slice(0, 1).map(({ light }) => light.chain)),
      rows,
    }
    // Kept after every detector: a run takes long, and may be stopped.
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
    writePulseTable(file, report, names)
  }
}
// As the linter wants files below bench/ to look.
run(process.execPath, [path.join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'format', '--write', file])
process.stdout.write(readFileSync(file.replace(/\.json$/, '.md'), 'utf8'))

/** Records with both signals: what our chains say of them, and the samples of the pleth. */
async function readRecords(database) {
  const records = []
  for (const name of await listEcgWithLight(database)) {
    const whole = path.join(database, name)
    const recordings = []
    try {
      for (const part of existsSync(`${whole}e.hea`) ? [`${whole}e`, `${whole}p`] : [whole]) recordings.push(await openRecording(part))
      const ecg = await readKind(recordings, 'ecg')
      const light = ecg === null ? null : await readKind(recordings, 'ppg')
      if (light === null) continue
      const beats = beatTrack(observe(ecg, 'ecg'), 'beat', referenceQuality)
      const begun = process.cpuUsage()
      const observed = observe(light, 'ppg')
      const used = process.cpuUsage(begun)
      records.push({ name, ...light, channels: [light.channels[0]], beats, light: observed, cpuSeconds: (used.user + used.system) / 1e6 })
    } finally {
      for (const recording of recordings) await recording.close()
    }
  }
  if (records.length === 0) fail(`${database} has no records with ECG and pleth`)
  return records
}

/** Signals of a kind that are alike, as the suite takes them, up to `--to`; null where there are none. */
async function readKind(recordings, kind) {
  for (const recording of recordings) {
    const all = recording.signals.filter(signal => signal.kind === kind)
    const first = all[0]
    if (first === undefined) continue
    const alike = all.filter(({ fs, unit }) => fs.num * first.fs.den === first.fs.num * fs.den && unit === first.unit)
    const length = Math.min(first.length, Math.round(options.to * hertz(first.fs)))
    const indexes = alike.map(({ index }) => index)
    return {
      fs: first.fs,
      unit: first.unit,
      labels: alike.map(({ name }) => name),
      channels: await recording.readPhysical(indexes, 0, length),
    }
  }
  return null
}

function observe({ fs, unit, labels, channels }, kind) {
  const chain = planStream({ id: kind, kind, channels: labels, unit, fs }).chain
  return observeSamples(chain, hertz(fs), channels, packetSeconds)
}

function ownPulses(records) {
  return records.map(({ light, cpuSeconds }) => ({ times: beatTrack(light, 'pulse').times, cpuSeconds }))
}

/** A peer over all records; one that fails has its message for a row. */
function peerRow(name, records) {
  const input = records.map(({ fs, unit, channels: [samples] }) => {
    const values = Array.from(samples, value => (Number.isNaN(value) ? null : value))
    return `${[{ type: 'start', fs: hertz(fs), unit }, { type: 'samples', values: [values] }, { type: 'end' }].map(frame => JSON.stringify(frame)).join('\n')}\n`
  })
  const result = spawnSync(python, [program, name], { input: input.join(''), encoding: 'utf8', maxBuffer: 1 << 30 })
  if (result.status !== 0) return { failed: result.stderr.trim().split('\n').at(-1) ?? 'failed', version: peers[name], machine: machine() }
  const found = [{ samples: [] }]
  for (const line of result.stdout.trim().split('\n')) {
    const frame = JSON.parse(line)
    if (frame.type === 'beat') found.at(-1).samples.push(frame.sample)
    else if (frame.type === 'done') {
      found.at(-1).cpuSeconds = frame.cpuSeconds
      found.push({ samples: [] })
    }
  }
  if (found.length !== records.length + 1) fail(`${name} answered for ${found.length - 1} of ${records.length} records`)
  const pulses = records.map(({ fs }, k) => ({
    times: Float64Array.from(found[k].samples, sample => sample / hertz(fs)),
    cpuSeconds: found[k].cpuSeconds,
  }))
  const gaveUp = result.stderr.split('\n').filter(line => line.startsWith('gave up: '))
  return { ...rowOf(records, pulses), gaveUp, version: peers[name] }
}

/** The same pulses against the same beats: wherever the ECG is clean, and in those of these seconds that our quality accepts. */
function rowOf(records, pulses) {
  const hours = records.reduce((sum, { light }) => sum + light.seconds, 0) / 3600
  const each = records.map(({ beats, light }, k) => {
    const { good } = beatTrack(light, 'pulse')
    const { times } = pulses[k]
    const agreement = pulsesGood => agreeOrMiss(beats, { times, good: pulsesGood })
    return { cleanEcg: agreement(good.map(() => true)), accepted: agreement(good) }
  })
  const over = kind => {
    const counts = each.map(agreement => agreement[kind])
    return {
      ...sumFigures(counts),
      ci95: Object.fromEntries(['se', 'ppv', 'f1'].map(key => [key, bounds(bootstrapByRecord(counts, drawn => sumFigures(drawn)[key]))])),
      seconds: counts.reduce((sum, { acceptedSeconds }) => sum + acceptedSeconds, 0),
    }
  }
  return {
    cleanEcg: over('cleanEcg'),
    accepted: over('accepted'),
    withoutPulses: pulses.filter(({ times }) => times.length === 0).length,
    cpuSecondsPerSignalHour: round(pulses.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / hours, 4),
    records: records.map(({ name }, k) => ({ record: name, cleanEcg: countsOf(each[k].cleanEcg), accepted: countsOf(each[k].accepted) })),
    machine: machine(),
  }
}

/**
 * As the suite counts, but where a detector says so little that a stretch has no delay, which the suite leaves out, its beats are missed and
 * its pulses wrong: a peer that gives up does not gain by it.
 */
function agreeOrMiss(beats, pulses) {
  const found = agreeBeats(beats, pulses)
  const seconds = Math.min(beats.good.length, pulses.good.length)
  let { fp, fn } = found
  for (let from = 0; from < seconds; from += stretchSeconds) {
    const to = Math.min(seconds, from + stretchSeconds)
    const part = ({ times, good }) => ({ times: times.filter(time => time >= from).map(time => time - from), good: good.slice(from, to) })
    if (agreeBeats(part(beats), part(pulses)).delaySeconds !== null) continue
    const accepted = time => time >= from && time < to && beats.good[Math.floor(time)] === true && pulses.good[Math.floor(time)] === true
    fn += beats.times.filter(accepted).length
    fp += pulses.times.filter(accepted).length
  }
  return { ...found, fp, fn }
}

function countsOf({ tp, fp, fn, acceptedSeconds, delaySeconds }) {
  return { tp, fp, fn, seconds: acceptedSeconds, delaySeconds: roundOrNull(delaySeconds, 3) }
}

function machine() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? ''
  return {
    date: new Date().toISOString(),
    load: os.loadavg().map(load => round(load, 2)),
    node: process.version,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    code: { commit: git('rev-parse', '--short=12', 'HEAD'), modified: git('status', '--porcelain', '--', 'src', 'native') !== '' },
  }
}

function readOptions(args) {
  const read = { databases: null, to: 3600, only: null, into: null, list: false }
  for (let k = 0; k < args.length; k++) {
    const value = () => args[++k] ?? fail(`${args[k - 1]} needs a value\n${usage}`)
    if (args[k] === '--databases') read.databases = value().split(',')
    else if (args[k] === '--to') read.to = Number(value())
    else if (args[k] === '--only') read.only = value().split(',')
    else if (args[k] === '--into') read.into = value()
    else if (args[k] === '--list') read.list = true
    else fail(`${args[k]} is not accepted; accepted:\n${usage}`)
  }
  if (!(read.to > 0)) fail(`--to is not accepted; accepted: seconds above 0\n${usage}`)
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const sets = process.env.VITALWIRE_DATASETS || path.join(cache, 'vitalwire', 'datasets')
  return { ...read, databases: read.databases ?? ['cinc2015', 'mimic4wdb'].map(name => path.join(sets, name)) }
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? result.stdout : fail(`${command} ${args.join(' ')} failed: ${result.stderr}`)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
