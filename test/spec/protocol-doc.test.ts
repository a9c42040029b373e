import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordReasons, refusalReasons } from '../../src/wire/reasons.js'

const doc = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
const rules = ['T1', 'T2', 'T3', 'B1', 'B2', 'B3', 'B4', 'B5', 'W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'N1', 'N2', 'N3', 'N4', 'N5']

describe('docs/protocol.md', () => {
  it('lists every reason with the words of the code, and no other', () => {
    const section = doc.slice(doc.indexOf('## Reasons'), doc.indexOf('## Fuzz'))
    const listed = Object.fromEntries([...section.matchAll(/^\| `([a-z0-9-]+)` \| (.+) \|$/gm)].map(([, reason, says]) => [reason, says]))
    expect(listed).toEqual({ ...refusalReasons, ...recordReasons })
  })

  it.each(rules)('names rule %s, and a test has it in its title', rule => {
    expect(doc).toMatch(new RegExp(`\\*\\*${rule}\\*\\*`))
    const folder = new URL('.', import.meta.url)
    const tests = readdirSync(folder).map(name => readFileSync(new URL(name, folder), 'utf8'))
    expect(tests.some(text => new RegExp(`(it|each)[^\\n]*\\(\\s*['\`][^'\`]*\\b${rule}\\b|\\]\\)\\('${rule}\\b`).test(text))).toBe(true)
  })
})
