import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { exportAudit, verifyAudit } from '../server/audit.js'
import { writeJson } from './write-line.js'

export function auditCommand(): Command {
  const command = new Command('audit').description('The audit trail: who changed what, when, and why.')
  command
    .command('verify')
    .argument('<dir>', 'data folder of the engine')
    .description('Checks the chain of hashes; exit 1 and the first broken line when it does not hold.')
    .option('--json', 'print one JSON document')
    .action(async (dir: string, options: { json?: boolean }) => verify(dir, options.json === true))
  command
    .command('export')
    .argument('<dir>', 'data folder of the engine')
    .description('Prints the records as JSON, a line each, whether the chain holds or not.')
    .option('--json', 'the same: the records are JSON in any case')
    .action(exportRecords)
  return command
}

async function verify(dir: string, json: boolean): Promise<void> {
  const verdict = await verifyAudit(await trailFolder(dir))
  if (json) writeJson(verdict)
  else if (verdict.ok) process.stdout.write(`${verdict.records} records, chain holds, head ${verdict.head}\n`)
  else process.stdout.write(`broken at line ${verdict.line}: ${verdict.reason}\n`)
  if (!verdict.ok) process.exitCode = 1
}

async function exportRecords(dir: string): Promise<void> {
  const folder = await trailFolder(dir)
  try {
    for await (const record of exportAudit(folder)) writeJson(record)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new VitalwireError('disk-format', `the audit trail in ${folder} has a line that is not JSON; \`audit verify\` tells which`, {
      cause,
    })
  }
}

/**
 * Where the trail of a data folder is; the folder of a trail that was moved away is taken as well. Any other folder is
 * refused: it would pass for a trail without records.
 */
async function trailFolder(dir: string): Promise<string> {
  for (const folder of [path.join(dir, 'audit'), dir]) {
    for (const file of ['audit.jsonl', 'audit.head']) {
      if ((await stat(path.join(folder, file)).catch(() => null))?.isFile() === true) return folder
    }
  }
  throw new VitalwireError(
    'disk-format',
    `there is no audit trail in ${dir}; accepted: the folder that \`serve --data\` was given, which has it in audit/audit.jsonl`,
  )
}
