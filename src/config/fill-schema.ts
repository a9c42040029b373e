import type { TSchema } from 'typebox'
import { isObject, joinPath, makeProblem, type Problem } from './problem.js'

/** The part of JSON Schema that our schemas use. */
interface SchemaNode {
  readonly type?: 'object' | 'array' | 'integer' | 'number' | 'string' | 'boolean' | 'null'
  readonly const?: unknown
  readonly anyOf?: readonly SchemaNode[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly uniqueItems?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly default?: unknown
  readonly description?: string
}

/**
 * Walks `value` along the schema: fills in defaults, refuses unknown keys, and reports every mistake instead of the first.
 * Returns the filled copy; where there was a mistake the default stands, so that the walk can go on.
 */
export function fillSchema(schema: TSchema, value: unknown, problems: Problem[]): unknown {
  return fill(schema as SchemaNode, value, '', problems)
}

function fill(node: SchemaNode, value: unknown, path: string, problems: Problem[]): unknown {
  if (node.type === 'object') return fillObject(node, value, path, problems)
  if (value === undefined) return node.default
  if (accepts(node, value)) return value
  problems.push(makeProblem(path, value, describeNode(node)))
  return node.default
}

function fillObject(node: SchemaNode, value: unknown, path: string, problems: Problem[]): unknown {
  const properties = node.properties ?? {}
  if (value !== undefined && !isObject(value)) problems.push(makeProblem(path, value, describeNode(node)))
  const given = isObject(value) ? value : {}
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(properties, key)) {
      const nearest = nearestWord(key, Object.keys(properties))
      const hint = nearest === null ? '' : ` (did you mean ${nearest}?)`
      problems.push({ path: joinPath(path, key), value: 'this key', accepted: `the keys ${Object.keys(properties).join(', ')}${hint}` })
    }
  }
  const filled: Record<string, unknown> = {}
  for (const [key, child] of Object.entries(properties)) {
    filled[key] = fill(child, Object.hasOwn(given, key) ? given[key] : undefined, joinPath(path, key), problems)
  }
  return filled
}

function accepts(node: SchemaNode, value: unknown): boolean {
  if (node.anyOf !== undefined) return node.anyOf.some(choice => accepts(choice, value))
  if ('const' in node) return value === node.const
  switch (node.type) {
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return false
      if (node.type === 'integer' && !Number.isInteger(value)) return false
      return (
        value >= (node.minimum ?? value) && value <= (node.maximum ?? value) && value > (node.exclusiveMinimum ?? Number.NEGATIVE_INFINITY)
      )
    case 'string':
      if (typeof value !== 'string' || value.length < (node.minLength ?? 0)) return false
      return node.pattern === undefined || new RegExp(node.pattern, 'u').test(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'array': {
      const { items, uniqueItems } = node
      if (!Array.isArray(value) || (uniqueItems === true && new Set(value).size !== value.length)) return false
      return items === undefined || value.every(item => accepts(items, item))
    }
    default:
      return false
  }
}

/** What a node accepts, in words: its kind with bounds, and what it is for. */
export function describeNode(node: SchemaNode): string {
  const kind = describeKind(node)
  return node.description === undefined ? kind : `${kind} (${node.description})`
}

function describeKind(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(describeKind).join(' or ')
  if ('const' in node) return JSON.stringify(node.const)
  switch (node.type) {
    case 'integer':
    case 'number': {
      const noun = node.type === 'integer' ? 'a whole number' : 'a number'
      if (node.minimum !== undefined && node.maximum !== undefined) return `${noun} from ${node.minimum} to ${node.maximum}`
      if (node.minimum !== undefined) return `${noun} from ${node.minimum} up`
      return node.exclusiveMinimum === undefined ? noun : `${noun} above ${node.exclusiveMinimum}`
    }
    case 'string':
      return 'a text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return `a list of ${node.items === undefined ? 'values' : describeKind(node.items)}${node.uniqueItems === true ? ', each once' : ''}`
    case 'object':
      return `an object with the keys ${Object.keys(node.properties ?? {}).join(', ')}`
    default:
      return 'null'
  }
}

/** The accepted word that a mistyped one is at most two letters away from; null when there is none. */
export function nearestWord(word: string, accepted: readonly string[]): string | null {
  let nearest: string | null = null
  let least = 3
  for (const candidate of accepted) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      nearest = candidate
    }
  }
  return nearest
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
