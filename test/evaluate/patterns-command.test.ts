import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand, scratchFolder } from '../support/running-server.js'

const scratch = scratchFolder('evaluate-patterns')
afterAll(scratch.remove)

function names(...lines: string[]): string {
  const file = path.join(scratch.path, 'waveforms')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

describe('vitalwire evaluate patterns', () => {
  it('needs no database, prints a document and writes a report', async () => {
    const out = path.join(scratch.path, 'out')
    const records = names('triangle 1 mV 100 ms 80 /min', 'T wave 1.2 mV')
    const { code, stdout } = await runCommand(['evaluate', 'patterns', '--records', records, '--json', '--out', out])
    const document = JSON.parse(stdout) as { gross: unknown; records: Record<string, unknown>[] }
    expect(document.gross).toEqual({ required: 20, passed: 20, fellShort: 0, disclosed: 0 })
    expect(code).toBe(0)
    expect(document.records[0]).toMatchObject({
      record: 'triangle 1 mV 100 ms 80 /min',
      fsHz: 128,
      leads: 1,
      level: 'required',
      source: 'quoted',
    })
    expect(readFileSync(path.join(out, 'report.md'), 'utf8')).toContain('| T wave 1.2 mV |')
    expect(readFileSync(path.join(out, 'report.html'), 'utf8')).toContain('Heart rate averaging, disclosed')
  })

  it('names what is accepted when there is no such waveform', async () => {
    const { code, stderr } = await runCommand(['evaluate', 'patterns', '--records', names('sine')])
    expect(code).toBe(2)
    expect(stderr).toMatch(/no waveform "sine"; accepted:/)
  })
})
