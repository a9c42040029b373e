import path from 'node:path'
import { Command } from 'commander'
import { requireWritableFolder } from '../analysis/output-file.js'
import { selectSignals } from '../device/select-signals.js'
import { VitalwireError } from '../errors.js'
import { type ConvertedRecord, convertRecording, exportFormats } from '../recording/export/convert-recording.js'
import { openRecording } from '../recording/open-recording.js'
import { stopOnSignals } from './interrupt.js'
import { type PartFlags, parseWindow, partOptions, recordArgument } from './options.js'
import { progressBar } from './progress.js'
import { remark, writeJson } from './write-line.js'

interface ConvertFlags extends PartFlags {
  format?: string
  out?: string
  json?: boolean
}

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('Writes recordings in another format: values and times as they are, gaps kept.')
    .argument('<record...>', recordArgument)
  return partOptions(command)
    .option(
      '--format <name>',
      `${exportFormats.join(', ')} (EDF+ of 16 bits, BDF+ of 24, both +D with gaps) (default: none, must be given)`,
    )
    .option('--out <dir>', 'folder of the files, made when it is not there (default: none, must be given)')
    .option('--json', 'print one JSON document, a line for each of several recordings')
    .action(run)
}

async function run(records: string[], flags: ConvertFlags): Promise<void> {
  const signal = stopOnSignals()
  const format = exportFormats.find(known => known === flags.format)
  if (format === undefined)
    throw new VitalwireError('usage-option', `--format ${flags.format ?? 'is missing'}; accepted: ${exportFormats.join(', ')}`)
  const { out } = flags
  if (out === undefined) throw new VitalwireError('usage-option', '--out is missing; accepted: a folder for the files')
  const { channels, ...window } = parseWindow(flags)
  if (window.to !== undefined && window.to <= (window.from ?? 0))
    throw new VitalwireError(
      'usage-option',
      `--to ${window.to} is not after --from ${window.from ?? 0}; accepted: a later time, in seconds`,
    )
  await requireWritableFolder(out, { make: true })
  const written = new Set<string>()
  for (const record of records) {
    const recording = await openRecording(record)
    const bar = progressBar(path.basename(record), 's')
    try {
      const result = await convertRecording({
        recording,
        signals: selectSignals(record, recording.signals, channels),
        window,
        format,
        folder: out,
        taken: written,
        signal,
        onProgress: seconds => bar.update(seconds, recording.durationSeconds),
      })
      bar.end()
      for (const line of result.remarks) remark(`${record}: ${line}`)
      if (flags.json === true) writeJson({ record, ...result })
      else process.stdout.write(printConverted(record, result, out))
    } finally {
      bar.end()
      await recording.close()
    }
  }
}

function printConverted(record: string, { files, signals, durationSeconds }: ConvertedRecord, out: string): string {
  const rows = signals.map(({ name, unit, samples, gaps, rounding }) => {
    const gapText = gaps === 0 ? '' : `, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}`
    return `  ${name}: ${samples} samples${gapText}${rounding === 0 ? ', exact' : `, within ${Number(rounding.toPrecision(3))} ${unit}`}`
  })
  return [`${record}: ${durationSeconds} s to ${files.map(file => path.join(out, file)).join(', ')}`, ...rows, ''].join('\n')
}
