import type { Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { analyzeCommand } from '../../src/cli/analyze.js'
import { auditCommand } from '../../src/cli/audit.js'
import { configCommand } from '../../src/cli/config.js'
import { convertCommand } from '../../src/cli/convert.js'
import { datasetCommand } from '../../src/cli/dataset.js'
import { datasetsCommand } from '../../src/cli/datasets.js'
import { evaluateCommand } from '../../src/cli/evaluate.js'
import { replayCommand } from '../../src/cli/replay.js'
import { serveCommand } from '../../src/cli/serve.js'
import { simulateCommand } from '../../src/cli/simulate.js'
import { runCommand } from '../support/running-server.js'

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
  auditCommand,
]

function everyCommand(): [string, Command][] {
  return commands.flatMap(make => {
    const command = make()
    const children = command.commands.map(child => [`${command.name()} ${child.name()}`, child] as [string, Command])
    return [[command.name(), command] as [string, Command], ...children]
  })
}

const options = everyCommand().flatMap(([name, command]) => command.options.map(option => [name, option] as [string, Option]))

describe('help', () => {
  it.each(everyCommand())('%s says what it does', (_, command) => {
    expect(command.description().length).toBeGreaterThan(20)
  })

  it.each(options)('%s %s has a default where it takes a value', (_, option) => {
    expect(option.description.length).toBeGreaterThan(5)
    if (option.required) expect(option.defaultValue !== undefined || /default: /.test(option.description)).toBe(true)
  })

  it.each(options.filter(([, option]) => /seconds/.test(option.flags)))('%s %s says its unit', (_, option) => {
    expect(option.description).toMatch(/\bs\b|second/)
  })

  it('every command has --json', () => {
    const leaves = everyCommand().filter(([, command]) => command.commands.length === 0)
    for (const [name, command] of leaves) expect([name, command.options.some(option => option.long === '--json')]).toEqual([name, true])
  })

  it('is on standard output with exit 0 when it is asked for, with the notice and the exit codes', async () => {
    const { code, stdout, stderr } = await runCommand(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Not a medical device; research and engineering use.')
    expect(stdout).toContain('3 the world failed')
    for (const make of commands) expect(stdout).toContain(`  ${make().name()} `)
  })
})
