import path from 'node:path'
import { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { getDataset } from '../recording/dataset-download.js'
import { checkDataset, datasetFolder, datasetsRoot, listDatasets } from '../recording/datasets.js'
import { stopOnSignals } from './interrupt.js'
import { progressBar } from './progress.js'
import { writeJson } from './write-line.js'

const json = ['--json', 'print one JSON document'] as const

export function datasetsCommand(): Command {
  const command = new Command('datasets')
    .description('Public data: origin, licence, checksums, download.')
    .addHelpText('after', '\nData sets are in VITALWIRE_DATASETS, or else in vitalwire/datasets in XDG_CACHE_HOME or ~/.cache.')
  command
    .command('list')
    .description('Lists the data sets that have a manifest, and whether they are at hand.')
    .option(...json)
    .action(async (options: { json?: boolean }) => list(options.json === true))
  command
    .command('get')
    .argument('<name>', 'name of the data set')
    .description('Downloads a data set; an interrupted download goes on where it stopped.')
    .option('--from <url>', 'http:// or https:// address that has the files under their paths (default: that of the publisher)')
    .option(...json)
    .action(get)
  command
    .command('check')
    .argument('<name>', 'name of the data set')
    .description('Compares a data set at hand with the checksums of its manifest; exit 1 when it differs.')
    .option(...json)
    .action(async (name: string, options: { json?: boolean }) => check(name, options.json === true))
  return command
}

async function list(asJson: boolean): Promise<void> {
  const rows = []
  for (const manifest of await listDatasets()) {
    const folder = await datasetFolder(manifest.name).catch(() => null)
    const { name, title, origin, licence, publisher, url, fileCount, bytes } = manifest
    rows.push({ name, title, origin, licence, publisher, url, files: fileCount, bytes, folder })
  }
  if (asJson) {
    writeJson({ root: datasetsRoot(), datasets: rows })
    return
  }
  process.stdout.write(`${datasetsRoot()}\n`)
  for (const { name, folder, title, licence } of rows) {
    process.stdout.write(`  ${name.padEnd(14)} ${(folder === null ? 'not at hand' : 'at hand').padEnd(12)} ${title} (${licence.name})\n`)
  }
}

async function get(name: string, options: { from?: string; json?: boolean }): Promise<void> {
  await requireKnown(name)
  const { from } = options
  if (from !== undefined && !(URL.canParse(from) && /^https?:$/.test(new URL(from).protocol))) {
    throw new VitalwireError('usage-option', `--from ${from} is not accepted; accepted: an http:// or https:// address`)
  }
  const signal = stopOnSignals()
  const folder = path.join(datasetsRoot(), name)
  const bar = progressBar(name, 'MB')
  try {
    await getDataset(name, folder, {
      ...(from === undefined ? {} : { baseUrl: from }),
      signal,
      onProgress: progress => bar.update(progress.bytes / 1e6, progress.totalBytes / 1e6),
    })
  } catch (error) {
    // What has come so far stays, and the next run goes on from there.
    throw signal.aborted ? signal.reason : error
  } finally {
    bar.end()
  }
  if (options.json === true) writeJson({ name, folder })
  else process.stdout.write(`${folder}\n`)
}

async function check(name: string, asJson: boolean): Promise<void> {
  await requireKnown(name)
  const result = await checkDataset(name)
  if (asJson) writeJson({ ...result, ok: result.faults.length === 0 })
  else if (result.faults.length === 0) process.stdout.write(`${name}: ${result.files} files, ${result.bytes} bytes, as the manifest says\n`)
  else {
    for (const { path: file, fault, expected, found } of result.faults) {
      process.stdout.write(`${file}: ${fault}, expected ${expected}, found ${found}\n`)
    }
  }
  if (result.faults.length > 0) process.exitCode = 1
}

/** A name that no manifest has is a slip of the person; a set that is not at hand is the world's fault. */
async function requireKnown(name: string): Promise<void> {
  const names = (await listDatasets()).map(manifest => manifest.name)
  if (names.includes(name)) return
  throw new VitalwireError('usage-option', `there is no data set "${name}"; accepted: ${names.join(', ')}`)
}
