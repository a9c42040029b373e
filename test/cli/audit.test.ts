import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuditLog } from '../../src/server/audit.js'
import { runCommand, scratchFolder } from '../support/running-server.js'

describe('audit', () => {
  let scratch = scratchFolder('audit-cli')
  const trail = () => path.join(scratch.path, 'audit', 'audit.jsonl')
  const common = { who: 'anna', verified: true, from: '127.0.0.1', what: 'limits.set', old: null, why: 'test', outcome: 'done' } as const

  beforeEach(async () => {
    scratch = scratchFolder('audit-cli')
    // Where `serve --data DIR` keeps it.
    const log = await AuditLog.open(path.join(scratch.path, 'audit'))
    for (const subject of ['a', 'b', 'c']) log.append({ ...common, subject, new: { limit: 1 } })
    log.close()
  })
  afterEach(() => scratch.remove())

  const verify = async (dir = scratch.path) => {
    const { code, stdout, stderr } = await runCommand(['audit', 'verify', dir, '--json'])
    expect(stderr).toBe('')
    return [code, JSON.parse(stdout)] as const
  }

  it('accepts a good trail, by the data folder or by its own', async () => {
    const good = [0, { ok: true, records: 3, head: expect.stringMatching(/^[0-9a-f]{64}$/) }]
    expect(await verify()).toEqual(good)
    expect(await verify(path.join(scratch.path, 'audit'))).toEqual(good)
  })

  it('finds the line that was changed', async () => {
    writeFileSync(trail(), readFileSync(trail(), 'utf8').replace('"subject":"b"', '"subject":"x"'))
    expect(await verify()).toEqual([1, { ok: false, line: 2, reason: expect.any(String) }])
  })

  it('misses the lines that were cut off', async () => {
    const bytes = readFileSync(trail())
    truncateSync(trail(), bytes.lastIndexOf(0x0a, bytes.length - 2) + 1)
    expect(await verify()).toEqual([1, { ok: false, line: 3, reason: expect.any(String) }])
  })

  it('misses the whole trail', async () => {
    rmSync(trail())
    expect(await verify()).toEqual([1, { ok: false, line: 1, reason: expect.any(String) }])
  })

  it('exports the records, a line each', async () => {
    const { code, stdout } = await runCommand(['audit', 'export', scratch.path])
    const records = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { subject: string })
    expect([code, records.map(({ subject }) => subject)]).toEqual([0, ['a', 'b', 'c']])
  })
})
