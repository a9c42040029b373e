import { isObject, makeProblem, type Problem } from './problem.js'

/** A JSON text that must be an object; else the one problem that stops everything after it. */
export function readJsonObject(text: string): { readonly value: Readonly<Record<string, unknown>> } | { readonly problem: Problem } {
  let value: unknown
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { problem: { path: '', value: `text that is not JSON (${why.replaceAll(/\s+/g, ' ')})`, accepted: 'one JSON object' } }
  }
  return isObject(value) ? { value } : { problem: makeProblem('', value, 'one JSON object') }
}
