import { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { getDataset } from '../recording/dataset-download.js'
import { checkDataset, datasetFolder, datasetsRoot, listDatasets } from '../recording/datasets.js'
import { progressBar } from './progress.js'

export function datasetsCommand(): Command {
  const command = new Command('datasets').description('Public data: origin, licence, checksums, download.')
  command
    .command('list')
    .description('Lists the data sets that have a manifest, and whether they are at hand.')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => list(options.json === true))
  command
    .command('get')
    .argument('<name>', 'name of the data set')
    .description('Downloads a data set; an interrupted download goes on where it stopped.')
    .option('--from <url>', 'address of a mirror that has the files under their paths (default: the publisher)')
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: { from?: string; json?: boolean }) => get(name, options))
  command
    .command('check')
    .argument('<name>', 'name of the data set')
    .description('Compares a data set at hand with the checksums of its manifest; exit 1 when it differs.')
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: { json?: boolean }) => check(name, options.json === true))
  return command
}

async function list(json: boolean): Promise<void> {
  const rows = []
  for (const manifest of await listDatasets()) {
    const atHand = await datasetFolder(manifest.name).then(
      folder => folder,
      () => null,
    )
    const { name, title, origin, licence, publisher, url, fileCount, bytes } = manifest
    rows.push({ name, title, origin, licence, publisher, url, files: fileCount, bytes, folder: atHand })
  }
  if (json) process.stdout.write(`${JSON.stringify({ root: datasetsRoot(), datasets: rows })}\n`)
  else {
    process.stdout.write(`${datasetsRoot()}\n`)
    for (const row of rows) {
      const where = row.folder === null ? 'not at hand' : 'at hand'
      process.stdout.write(`  ${row.name.padEnd(14)} ${where.padEnd(12)} ${row.title} (${row.licence})\n`)
    }
  }
}

async function get(name: string, options: { from?: string; json?: boolean }): Promise<void> {
  if (options.from !== undefined && !URL.canParse(options.from)) {
    throw new VitalwireError('usage-option', `--from ${options.from} is not accepted; accepted: an http:// or https:// address`)
  }
  const root = datasetsRoot()
  const bar = progressBar(name)
  await getDataset(name, root, {
    ...(options.from === undefined ? {} : { baseUrl: options.from }),
    onProgress: progress => bar.update(progress.bytes, progress.totalBytes),
  })
  bar.end()
  const folder = await datasetFolder(name, root)
  process.stdout.write(options.json === true ? `${JSON.stringify({ name, folder })}\n` : `${folder}\n`)
}

async function check(name: string, json: boolean): Promise<void> {
  const result = await checkDataset(name)
  if (json) process.stdout.write(`${JSON.stringify({ ...result, ok: result.faults.length === 0 })}\n`)
  else if (result.faults.length === 0) process.stdout.write(`${name}: ${result.files} files, ${result.bytes} bytes, as the manifest says\n`)
  else {
    for (const fault of result.faults)
      process.stdout.write(`${fault.path}: ${fault.fault}, expected ${fault.expected}, found ${fault.found}\n`)
  }
  if (result.faults.length > 0) process.exitCode = 1
}
