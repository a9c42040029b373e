/**
 * Records of a result as CSV (RFC 4180): nested fields as `outer.inner`, missing and null as nothing. An interval, `[lower, upper]`, has
 * two columns; other lists are one cell, by spaces.
 */
export function recordsCsv(records: readonly Readonly<Record<string, unknown>>[]): string {
  const flat = records.map(record => new Map(flatten('', record)))
  const found = [...new Set(flat.flatMap(record => [...record.keys()]))]
  // What is null here and has fields elsewhere is no column of its own.
  const columns = found.filter(column => !found.some(other => other.startsWith(`${column}.`)))
  const lines = [columns, ...flat.map(record => columns.map(column => record.get(column) ?? ''))]
  return `${lines.map(line => line.map(quote).join(',')).join('\r\n')}\r\n`
}

const bounds = ['lower', 'upper'] as const
/** Limits of agreement and 95 % intervals. */
const intervalNames = /(^|\.)limits$|ci95(\.|$)/i

function flatten(prefix: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[prefix, value === null || value === undefined ? '' : String(value)]]
  if (Array.isArray(value)) {
    const interval = value.length === 2 && intervalNames.test(prefix)
    return interval ? bounds.flatMap((name, i) => flatten(`${prefix}.${name}`, value[i])) : [[prefix, value.map(String).join(' ')]]
  }
  return Object.entries(value).flatMap(([key, inner]) => flatten(prefix === '' ? key : `${prefix}.${key}`, inner))
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
