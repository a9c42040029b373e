import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyzeCommand } from '../../src/cli/analyze.js'
import { auditCommand } from '../../src/cli/audit.js'
import { configCommand } from '../../src/cli/config.js'
import { convertCommand } from '../../src/cli/convert.js'
import { datasetCommand } from '../../src/cli/dataset.js'
import { datasetsCommand } from '../../src/cli/datasets.js'
import { evaluateCommand } from '../../src/cli/evaluate.js'
import { journalCommand } from '../../src/cli/journal.js'
import { replayCommand } from '../../src/cli/replay.js'
import { serveCommand } from '../../src/cli/serve.js'
import { simulateCommand } from '../../src/cli/simulate.js'
import { program, repository, scratchFolder } from '../support/running-server.js'
import { commandsIn, markedCommands } from './marked-commands.js'

const execute = promisify(execFile)
const commands = [
  serveCommand,
  replayCommand,
  simulateCommand,
  analyzeCommand,
  convertCommand,
  evaluateCommand,
  datasetCommand,
  datasetsCommand,
  configCommand,
  journalCommand,
  auditCommand,
]

describe('marked commands', () => {
  it('are found below their mark, whole, and no other', () => {
    const text = 'a\n<!-- runs -->\n```sh\n# why\n$ vitalwire x \\\n  --y\nnpm start\nnode examples/z.js\n```\n```sh\nrm -rf .\n```\n'
    expect(commandsIn(text, 'a.md')).toEqual([
      { where: 'a.md:4', command: 'vitalwire x --y' },
      { where: 'a.md:4', command: 'node examples/z.js' },
    ])
  })

  const scratch = scratchFolder('docs')
  beforeAll(() => {
    // `vitalwire` and `npx vitalwire`, as they are after an installation.
    mkdirSync(path.join(scratch.path, 'bin'))
    const bin = path.join(scratch.path, 'bin', 'vitalwire')
    writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
    chmodSync(bin, 0o755)
  })
  afterAll(scratch.remove)

  it.each(markedCommands())('$where: $command', async ({ command }) => {
    const environment = { ...process.env, PATH: `${path.join(scratch.path, 'bin')}:${process.env.PATH}`, TMPDIR: scratch.path }
    const { stderr } = await execute('bash', ['-c', command.replace(/^npx (vitalwire\b)/, '$1')], {
      cwd: repository,
      env: environment,
      maxBuffer: 1 << 26,
    })
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

describe('docs/commands.md', () => {
  const text = readFileSync(path.join(repository, 'docs', 'commands.md'), 'utf8')
  const leaves = commands.flatMap(make => {
    const command = make()
    const children = command.commands.map(child => [`${command.name()} ${child.name()}`, child] as [string, Command])
    return children.length === 0 ? [[command.name(), command] as [string, Command]] : children
  })

  it.each(leaves)('describes every option of %s as --help does, and no other', (name, command) => {
    const section = text.split(/^## /m).find(part => part.startsWith(`${name}\n`)) ?? ''
    const rows = section.split('\n').filter(line => line.startsWith('| `--'))
    const expected = command.options
      .filter(option => option.long !== '--debug')
      .map(option => {
        const standard = option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`
        return `| \`${option.flags}\` | ${option.description}${standard} |`
      })
    expect(rows).toEqual(expected)
  })
})
