import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/errors.js'
import { repository } from '../support/running-server.js'

const text = readFileSync(path.join(repository, 'docs', 'errors.md'), 'utf8')

describe('docs/errors.md', () => {
  it('lists every code with its exit code and meaning, and no other', () => {
    const rows = text.split('\n').filter(line => line.startsWith('| `'))
    expect(rows.map(row => row.split(' | ').slice(0, 3).join(' | '))).toEqual(
      Object.entries(errorCodes).map(([code, { exit, says }]) => `| \`${code}\` | ${exit} | ${says}`),
    )
  })

  it('says for each code what to do', () => {
    const rows = text.split('\n').filter(line => line.startsWith('| `'))
    for (const row of rows) expect(row.split(' | ')[3]?.length, row).toBeGreaterThan(15)
  })
})
