import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSmallDatabase } from '../evaluate/small-database.js'
import { runCommand, scratchFolder } from '../support/running-server.js'

const scratch = scratchFolder('evaluate-cli')
const database = path.join(scratch.path, 'database')
beforeAll(async () => {
  mkdirSync(database)
  await writeSmallDatabase(database)
})
afterAll(scratch.remove)

const evaluate = (...args: string[]) => runCommand(['evaluate', ...args])

describe('vitalwire evaluate', () => {
  it('beats --json prints the shape that scripts read, and nothing else', async () => {
    const { code, stdout, stderr } = await evaluate('beats', '--database', database, '--from', '30', '--json')
    expect([code, stderr]).toEqual([0, ''])
    const document = JSON.parse(stdout) as Record<string, Record<string, unknown>> & { records: Record<string, unknown>[] }
    expect(document).toMatchObject({ suite: 'beats', database, matchWindowSeconds: 0.15 })
    for (const record of document.records)
      expect(Object.keys(record)).toEqual(expect.arrayContaining(['record', 'tp', 'fp', 'fn', 'se', 'ppv']))
    expect(Object.keys(document.gross!)).toEqual(expect.arrayContaining(['tp', 'fp', 'fn', 'se', 'ppv', 'f1', 'ci95']))
    expect(Object.keys(document.average!)).toEqual(expect.arrayContaining(['se', 'ppv']))
    expect(Object.keys(document.latencyMs!)).toEqual(['p50', 'p95', 'p99'])
    expect(document.cpuSecondsPerSignalHour).toBeGreaterThan(0)
    expect(document.gross!.f1).toBe(100)
  })

  it('takes the records of a file, and prints lines as bxb does', async () => {
    const records = path.join(scratch.path, 'RECORDS')
    writeFileSync(records, '# the second\n\nr2\n')
    const { code, stdout } = await evaluate('beats', '--database', database, '--records', records, '--from', '30', '--format', 'bxb')
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^Record Nn'/)
    expect(lines.filter(line => /^ *r\d /.test(line)).map(line => line.trim().slice(0, 2))).toEqual(['r2'])
    expect(stdout).toContain('Summary of results from 1 records')
  })

  it('writes a run with its manifest, verifies it, and exits 1 when a byte has changed', async () => {
    const out = path.join(scratch.path, 'out')
    expect((await evaluate('beats', '--database', database, '--from', '30', '--out', out)).code).toBe(0)
    const manifest = path.join(out, 'manifest.json')
    const same = await evaluate('beats', '--verify', manifest, '--json')
    expect([same.code, (JSON.parse(same.stdout) as { verified: boolean }).verified]).toEqual([0, true])
    const file = path.join(database, 'r1.dat')
    const before = readFileSync(file)
    const bytes = Buffer.from(before)
    bytes[1000] = bytes[1000]! ^ 1
    writeFileSync(file, bytes)
    const changed = await evaluate('beats', '--verify', manifest, '--json')
    writeFileSync(file, before)
    const { verified, differences } = JSON.parse(changed.stdout) as { verified: boolean; differences: { of: string; path: string }[] }
    expect([changed.code, verified, differences[0]!.of, differences[0]!.path]).toEqual([1, false, 'data', 'r1.dat'])
  })

  it.each([
    ['a suite that there is none of', ['handwriting', '--database', '.'], 2, /accepted: beats, classes/],
    ['no database', ['beats'], 2, /needs --database/],
    ['two tests at once', ['beats', '--database', '.', '--test', 'a', '--program', 'b'], 2, /--test and --program exclude each other/],
    ['a format that there is none of', ['beats', '--database', '.', '--format', 'xml'], 2, /accepted: bxb/],
    ['an option that there is none of', ['beats', '--databse', '.'], 2, /evaluate --help/],
    ['a start that is no number', ['beats', '--database', '.', '--from', '5:00'], 2, /--from/],
    ['a level that is no number', ['noise', '--database', '.', '--snr', '6,x'], 2, /--snr/],
    ['a records file that is not there', ['beats', '--database', '.', '--records', '/nowhere/x'], 2, /--records/],
    ['a window where nothing is matched', ['rhythm', '--database', '.', '--window', '0.1'], 2, /takes no --window; accepted: --database/],
    ['noise where none is added', ['beats', '--database', '.', '--snr', '6'], 2, /takes no --snr; accepted: .*--compare, .*--window/],
    ['a part of simulated patterns', ['patterns', '--from', '10'], 2, /takes no --from; accepted: --records, --verify, --out, --json/],
    [
      'leads of acceleration',
      ['falls', '--database', '.', '--channels', '0'],
      2,
      /falls takes no --channels; accepted: --database, --records, --verify/,
    ],
    ['annotations of glucose', ['glucose', '--database', '.', '--reference', 'x'], 2, /takes no --reference/],
    ['packets where none are cut', ['falls', '--database', '.', '--packet', '1'], 2, /takes no --packet/],
    ['bxb of what bxb does not compare', ['hrv', '--database', '.', '--format', 'bxb'], 2, /hrv takes no --format/],
    ['annotations of no test', ['beats', '--database', '.', '--annotations', '.'], 2, /accepted: beside --test or --compare/],
    ['patience without a program', ['beats', '--database', '.', '--patience', '3'], 2, /accepted: beside --program/],
    ['a part of a run that is verified', ['beats', '--verify', 'x', '--from', '3'], 2, /--from is not accepted beside --verify/],
    ['an end before the start', ['beats', '--database', '.', '--from', '30', '--to', '20'], 2, /--to/],
    ['a database that is not there', ['beats', '--database', '/nowhere/x'], 3, /\/nowhere\/x is not there/],
    ['a file for a database', ['beats', '--database', 'package.json'], 3, /package.json is a file; accepted for --database/],
    ['a folder without records', ['beats', '--database', scratch.path], 3, /has no record/],
  ])('refuses %s, saying what is accepted', async (_, args, expected, message) => {
    const { code, stdout, stderr } = await evaluate(...args)
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
