import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AuditLog, verifyAudit } from '../../src/server/audit.js'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitalwire-audit-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const entry = {
  who: 'anna',
  verified: true,
  from: '127.0.0.1',
  what: 'limits.set',
  subject: 'all',
  old: null,
  new: { limit: 120.5 },
  why: 'ünïcode "quotes"',
  outcome: 'done',
} as const
const file = (): string => join(dir, 'audit.jsonl')

async function write(count: number): Promise<string[]> {
  const log = await AuditLog.open(dir)
  for (let i = 0; i < count; i++) log.append({ ...entry, subject: `subject-${i}` })
  log.close()
  return readFileSync(file(), 'utf8').trimEnd().split('\n')
}

const put = (lines: readonly string[]): void => writeFileSync(file(), lines.map(line => `${line}\n`).join(''))

it('goes on with its chain after it was closed', async () => {
  await write(3)
  const lines = await write(2)
  expect(lines).toHaveLength(5)
  expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 5 })
  expect(JSON.parse(lines[0]!)).toMatchObject({ seq: 1, previous: '0'.repeat(64), ...entry, subject: 'subject-0' })
  expect(JSON.parse(lines[4]!).previous).toBe(JSON.parse(lines[3]!).hash)
})

it('finds the first line that was changed, removed, put in, swapped or cut off', async () => {
  const lines = await write(6)
  const changed = lines.with(2, lines[2]!.replace('subject-2', 'subject-9'))
  const [a, b] = [lines[3]!, lines[4]!]
  const cases: [string, string[], number][] = [
    ['changed', changed, 3],
    ['removed', lines.toSpliced(1, 1), 2],
    ['put in', lines.toSpliced(1, 0, lines[0]!), 2],
    ['swapped', lines.with(3, b).with(4, a), 4],
    ['cut off at the end', lines.slice(0, 4), 5],
    ['all gone', [], 1],
    ['no record: null', lines.with(3, 'null'), 4],
    ['no record: a number', lines.with(3, '7'), 4],
    ['no record: a list', lines.with(0, '[]'), 1],
    ['a record without fields', lines.with(5, '{}'), 6],
    ['half a line', lines.with(5, lines[5]!.slice(0, 40)), 6],
  ]
  for (const [what, damaged, line] of cases) {
    put(damaged)
    expect([what, await verifyAudit(dir)]).toEqual([what, { ok: false, line, reason: expect.any(String) }])
    await expect(AuditLog.open(dir)).rejects.toMatchObject({ code: 'disk-format' })
  }
  put(lines)
  expect(await verifyAudit(dir)).toMatchObject({ ok: true })
})

it('takes a crash between a line and the file of the newest hash', async () => {
  await write(2)
  const head = readFileSync(join(dir, 'audit.head'))
  await write(1)
  writeFileSync(join(dir, 'audit.head'), head)
  expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 3 })
})

it('misses the file of the newest hash', async () => {
  await write(3)
  rmSync(join(dir, 'audit.head'))
  expect(await verifyAudit(dir)).toMatchObject({ ok: false, line: 4 })
})

it('drops a last line that a crash cut short, but not one that had been answered', async () => {
  const lines = await write(2)
  writeFileSync(file(), `${lines.join('\n')}\n{"who":"an`)
  expect(await write(1)).toHaveLength(3)
  expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 3 })
  const text = readFileSync(file(), 'utf8')
  writeFileSync(file(), text.slice(0, -20))
  await expect(AuditLog.open(dir)).rejects.toMatchObject({ code: 'disk-format' })
})
