import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import { adultProfile } from '../../src/alert/rules/adult-profile.js'
import { describeNode } from '../../src/config/fill-schema.js'
import { serverConfigSchema } from '../../src/config/server-config.js'

interface Node extends TSchema {
  readonly type?: 'object'
  readonly properties?: Readonly<Record<string, Node>>
  readonly default?: unknown
  readonly description?: string
}

function optionsOf(node: Node, path = ''): [string, Node][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const here = path === '' ? key : `${path}.${key}`
    return child.type === 'object' ? optionsOf(child, here) : [[here, child] as [string, Node]]
  })
}

const rowsOf = (file: string) =>
  readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `'))

describe('docs/configuration.md', () => {
  it('lists every option of the schema with what it accepts and its default, and no other', () => {
    const rows = optionsOf(serverConfigSchema as unknown as Node).map(([path, { description, ...node }]) => {
      return `| \`${path}\` | ${describeNode(node as Parameters<typeof describeNode>[0])} | \`${JSON.stringify(node.default)}\` | ${description} |`
    })
    expect(rowsOf('configuration.md')).toEqual(rows)
  })
})

describe('docs/alerts.md', () => {
  it('lists every rule of the adult profile with its limits and delays, and no other', () => {
    const signs = { below: '<', 'at-most': '<=', above: '>', 'at-least': '>=' }
    const rows = adultProfile.rules.map(rule => {
      const on = rule.side === null ? 'so or not' : `${signs[rule.side]} ${rule.limit}`
      const cells = [`\`${rule.id}\``, rule.priority, on, rule.clearLimit ?? '', rule.unit, rule.onsetDelaySeconds, rule.clearDelaySeconds]
      return `| ${[...cells, rule.latches ? 'yes' : 'no', rule.scope].join(' | ')} |`
    })
    expect(rowsOf('alerts.md')).toEqual(rows)
  })
})
