import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import { VitalwireError } from '../errors.js'
import { exportAudit, verifyAudit } from '../server/audit.js'

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
    .description('Prints the records as JSON, a line each.')
    .option('--json', 'the same')
    .action(async (dir: string) => {
      await requireFolder(dir)
      for await (const record of exportAudit(dir)) process.stdout.write(`${JSON.stringify(record)}\n`)
    })
  return command
}

async function verify(dir: string, json: boolean): Promise<void> {
  await requireFolder(dir)
  const verdict = await verifyAudit(dir)
  if (json) process.stdout.write(`${JSON.stringify(verdict)}\n`)
  else if (verdict.ok) process.stdout.write(`${verdict.records} records, chain holds, head ${verdict.head}\n`)
  else process.stdout.write(`broken at line ${verdict.line}: ${verdict.reason}\n`)
  if (!verdict.ok) process.exitCode = 1
}

async function requireFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => null)
  if (found?.isDirectory() !== true) {
    throw new VitalwireError('disk-format', `${dir} is not a folder; accepted: the data folder of an engine (--data)`)
  }
}
