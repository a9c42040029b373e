import { createHash } from 'node:crypto'
import { canonicalJson } from '../signal/canonical-json.js'

/** SHA-256 of parameters as RFC 8785 JSON; null of none. */
export function hashParameters(parameters: readonly unknown[] | null): string | null {
  return parameters === null ? null : createHash('sha256').update(canonicalJson(parameters)).digest('hex')
}
