import { createWriteStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { requireWritableFolder } from '../analysis/output-file.js'
import { VitalwireError } from '../errors.js'
import { startKernel } from '../kernel/choose-kernel.js'
import { convertRecording, exportFormats } from '../recording/export/convert-recording.js'
import { type AlertDifference, type AlertLine, compareAlerts } from '../rerun/compare-alerts.js'
import { exportCapture } from '../rerun/export-capture.js'
import type { ReadProblem } from '../rerun/journal-folder.js'
import { readJournalRecordings } from '../rerun/journal-recording.js'
import { type JournalListing, listJournal } from '../rerun/list-journal.js'
import { rerunJournal } from '../rerun/rerun-journal.js'
import type { ChangedSettings, RerunResult } from '../rerun/rerun-partitions.js'
import { type FolderVerdict, verifyFolder } from '../rerun/verify-folder.js'
import { notice, version } from '../version.js'
import { parseAveraging, parseWhole } from './options.js'
import { readAttributes, readCalibrations, readLimits } from './read-files.js'
import { remark, writeJson } from './write-line.js'

interface RerunFlags {
  limits?: string
  attributes?: string
  calibrations?: string
  averaging?: string
  patient?: string
  out?: string
  workers?: string
  json?: boolean
}

const journalFormats = ['capture', ...exportFormats] as const
type JournalFormat = (typeof journalFormats)[number]

export function journalCommand(): Command {
  const command = new Command('journal').description('What an engine has kept: lists it, and runs it again with these settings or others.')
  const folder = 'data folder of an engine; it may be running'
  command
    .command('ls')
    .argument('<dir>', folder)
    .description('Lists devices, their boots, streams and patients, records and bytes.')
    .option('--json', 'print one JSON document')
    .action((dir: string, flags: { json?: boolean }) => list(dir, flags.json === true))
  command
    .command('verify')
    .argument('<dir>', folder)
    .description(
      'Reads every record of journal, event log and snapshots: length, checksum, order. Exit 1 when something is damaged or missing.',
    )
    .option('--json', 'print one JSON document')
    .action((dir: string, flags: { json?: boolean }) => verify(dir, flags.json === true))
  command
    .command('rerun')
    .argument('<dir>', folder)
    .description(
      'Runs the journal through the monitor again. As it was: every event must come out the same (exit 1 when not). With other settings: which alerts would have vanished, come or moved.',
    )
    .option('--limits <file>', 'limits in place of those that were in force, JSON as for serve (default: as they were)')
    .option('--attributes <file>', 'attributes of patients in place of the configured ones, JSON (default: as they were)')
    .option('--calibrations <file>', 'calibration curves of oximeters, JSON (default: as they were)')
    .option('--averaging <seconds>', 'seconds that SpO2 is averaged over: 4, 8 or 16 (default: as it was)')
    .option('--patient <id>', 'tell of this patient alone (default: all)')
    .option('--out <dir>', 'write the alerts of both runs as DIR/alerts.ndjson, made when it is not there (default: none)')
    .option('--workers <n>', 'threads that share the work, 1 to 64 (default: one for each processor)')
    .option('--json', 'print one JSON document')
    .action(rerun)
  command
    .command('export')
    .argument('<dir>', folder)
    .description('Writes what devices sent: to the byte as captures for replay, or their signals as recordings, one for each boot.')
    .option('--format <name>', `${journalFormats.join(', ')} (default: none, must be given)`)
    .option('--out <dir>', 'folder of the files, made when it is not there (default: none, must be given)')
    .option('--device <list>', 'devices, separated by commas (default: all)')
    .option('--json', 'print one JSON document')
    .action(exportJournal)
  return command
}

async function exportJournal(dir: string, flags: { format?: string; out?: string; device?: string; json?: boolean }): Promise<void> {
  const format = journalFormats.find(known => known === flags.format)
  if (format === undefined)
    throw new VitalwireError('usage-option', `--format ${flags.format ?? 'is missing'}; accepted: ${journalFormats.join(', ')}`)
  const { out } = flags
  if (out === undefined) throw new VitalwireError('usage-option', '--out is missing; accepted: a folder for the files')
  const there = [...new Set(listJournal(dir).devices.map(({ device }) => device))]
  const devices = flags.device === undefined ? there : flags.device.split(',').map(name => name.trim())
  const unknown = devices.find(device => !there.includes(device))
  if (unknown !== undefined)
    throw new VitalwireError(
      'usage-option',
      `--device ${unknown}: the journal has no such device; accepted: ${there.slice(0, 6).join(', ') || 'none is there'}`,
    )
  await requireWritableFolder(out, { make: true })
  const files: string[] = []
  const problems = new Map<string, ReadProblem>()
  for (const device of devices) {
    const exported = await exportDevice(dir, device, format, out)
    files.push(...exported.files)
    for (const problem of exported.problems) problems.set(problem.file, problem)
    if (exported.files.length === 0) remark(`${device}: nothing to write; its birth is not in the journal, or it sent no signals`)
  }
  if (flags.json === true) writeJson({ dir, format, files, problems: [...problems.values()] })
  else process.stdout.write(files.map(file => `${path.join(out, file)}\n`).join(''))
  for (const { file, position, state } of problems.values()) {
    remark(`${file}: ${state} at byte ${position}; what came after it in this file is missing`)
    // The end of a file that is being written is no fault.
    if (state === 'damaged') process.exitCode = 1
  }
}

interface Exported {
  /** In the folder that was asked for. */
  readonly files: readonly string[]
  readonly problems: readonly ReadProblem[]
}

async function exportDevice(dir: string, device: string, format: JournalFormat, out: string): Promise<Exported> {
  if (format === 'capture') {
    const file = `${device}.mcap`
    const { births, problems } = await exportCapture({ dir, file: path.join(out, file), device })
    if (births === 0) remark(`${file}: without a birth it cannot be played`)
    return { files: [file], problems }
  }
  const files: string[] = []
  const { recordings, problems } = readJournalRecordings(dir, device)
  for (const recording of recordings) {
    if (recording.signals.every(({ length }) => length === 0)) {
      remark(`${recording.name}: no signals`)
      continue
    }
    const written = await convertRecording({ recording, signals: recording.signals, window: {}, format, folder: out })
    for (const line of written.remarks) remark(`${recording.name}: ${line}`)
    files.push(...written.files)
  }
  return { files, problems }
}

function list(dir: string, json: boolean): void {
  const listing = listJournal(dir)
  if (json) writeJson(listing)
  else process.stdout.write(printListing(listing))
}

function verify(dir: string, json: boolean): void {
  const verdict = verifyFolder(dir)
  if (json) writeJson(verdict)
  else process.stdout.write(printVerdict(verdict))
  if (!verdict.ok) process.exitCode = 1
}

function printVerdict({ ok, journal, events, snapshots }: FolderVerdict): string {
  const lines: string[] = []
  for (const [what, { segments, records, bytes, damaged, unfinished }] of [
    ['journal', journal],
    ['events', events],
  ] as const) {
    lines.push(`${what}: ${records} records, ${megabytes(bytes)}, in ${segments} segments`)
    for (const { file, position, bytes: lost } of damaged) lines.push(`  ${file}: ${lost} bytes from byte ${position} on cannot be read`)
    for (const { file, position, bytes: rest } of unfinished)
      lines.push(
        `  ${file}: the last record, ${rest} bytes from byte ${position} on, is not whole; it is being written, or the next start cuts it off`,
      )
  }
  for (const { partition, offset, expected } of journal.holes)
    lines.push(`  partition ${partition}: record ${offset} stands where record ${expected} should`)
  lines.push(`snapshots: ${snapshots.files} files`, ...snapshots.problems.map(problem => `  ${problem}`))
  lines.push(ok ? 'everything that was acknowledged can be read' : 'not everything can be read')
  return `${lines.join('\n')}\n`
}

function printListing({ segments, records, bytes, devices, problems }: JournalListing): string {
  const lines = [`${records} records, ${megabytes(bytes)}, in ${segments.journal} segments; ${segments.events} segments of events`]
  for (const { device, partition, patients, messages, bytes: own, from, to, boots } of devices) {
    const whose = patients.map(patient => patient ?? 'nobody').join(', then ')
    lines.push(
      `${device}  patient ${whose || 'nobody'}, partition ${partition}, ${messages} messages, ${megabytes(own)}, ${day(from)} to ${day(to)}`,
    )
    for (const { boot, model, firmware, clock, streams } of boots)
      lines.push(`  boot ${boot}: ${model}, firmware ${firmware}, clock ${clock}, streams ${streams.join(' ')}`)
  }
  return `${[...lines, ...problems.map(({ file, position, state }) => `${file}: ${state} at byte ${position}`)].join('\n')}\n`
}

async function rerun(dir: string, flags: RerunFlags): Promise<void> {
  startKernel(process.env.VITALWIRE_KERNEL)
  const change = await readChange(flags)
  const workers = flags.workers === undefined ? availableParallelism() : parseWhole(flags.workers, '--workers', 1, 64)
  if (flags.out !== undefined) await requireWritableFolder(flags.out, { make: true })
  const result = await rerunJournal({ dir, change, workers })
  const told = result.patients.filter(({ patient }) => flags.patient === undefined || patient === flags.patient)
  const differences = told.map(compareAlerts)
  const changed = Object.keys(change).length > 0
  const { different, notRun } = result.agreement
  const equal = different === 0 && notRun === 0 && result.broken.length === 0
  const { patients: _, ...counts } = result
  if (flags.out !== undefined) {
    const stream = createWriteStream(path.join(flags.out, 'alerts.ndjson'))
    for (const { before, after } of told) {
      for (const row of before) stream.write(`${JSON.stringify({ run: 'logged', ...row })}\n`)
      for (const row of after) stream.write(`${JSON.stringify({ run: 'again', ...row })}\n`)
    }
    await new Promise<void>((resolve, reject) => stream.end(resolve).once('error', reject))
  }
  if (flags.json === true) writeJson({ dir, changed, equal, ...counts, patients: differences, engine: { version }, notice })
  else process.stdout.write(printRerun(result, differences, changed))
  if (!changed && !equal) process.exitCode = 1
}

async function readChange(flags: RerunFlags): Promise<ChangedSettings> {
  const averagingSeconds = parseAveraging(flags.averaging)
  const oximetry = {
    ...(flags.calibrations === undefined ? {} : await readCalibrations(flags.calibrations)),
    ...(averagingSeconds === undefined ? {} : { averagingSeconds }),
  }
  const limits = flags.limits === undefined ? null : await readLimits(flags.limits)
  return {
    ...(limits === null ? {} : { limits: limits.rules, prescriptions: limits.prescriptions }),
    ...(flags.attributes === undefined ? {} : { attributes: await readAttributes(flags.attributes) }),
    ...(Object.keys(oximetry).length === 0 ? {} : { oximetry }),
  }
}

function printRerun(result: RerunResult, patients: readonly AlertDifference[], changed: boolean): string {
  const { records, events, agreement, begins, broken, problems } = result
  const lines = [`${records} records again, ${events} events  (${notice})`]
  if (!changed) {
    lines.push(
      agreement.different === 0
        ? `every event that was made again is as it is in the event log${agreement.notRun === 0 ? ', and there are no others' : ''}`
        : `${agreement.different} records gave other events than those in the log, the first ${agreement.first}`,
    )
  }
  if (agreement.notRun > 0)
    lines.push(`${agreement.notRun} records of the event log could not be made again: their journal is gone or damaged`)
  if (agreement.ahead > 0) lines.push(`${agreement.ahead} records are newer than the event log`)
  for (const { partition, offset } of begins)
    lines.push(
      `partition ${partition}: its beginning is gone; ${offset === null ? 'not run, no snapshot fits' : `run from record ${offset} on`}`,
    )
  for (const { partition, offset } of broken) lines.push(`partition ${partition}: record ${offset} is missing; what follows was not run`)
  for (const { file, position, state } of problems) lines.push(`${file}: ${state} at byte ${position}`)
  for (const { patient, before, after, unchanged, vanished, added, moved } of patients) {
    lines.push(`${patient}: ${before} alerts then, ${after} now (${unchanged} the same)`)
    for (const line of vanished) lines.push(`  gone   ${printAlert(line)}`)
    for (const line of added) lines.push(`  new    ${printAlert(line)}`)
    for (const { before: was, after: is } of moved) lines.push(`  moved  ${printAlert(was)}; now ${times(is)}`)
  }
  return `${lines.join('\n')}\n`
}

function printAlert(line: AlertLine): string {
  return `${line.priority.padEnd(6)} ${line.condition} ${times(line)}: ${line.message}`
}

function times({ onset, end }: AlertLine): string {
  return `${day(onset)} ${end === null ? 'to the end' : `for ${((end - onset) / 1e6).toFixed(1)} s`}`
}

function day(micros: number): string {
  return new Date(micros / 1000).toISOString()
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
