/** Records of a result as CSV (RFC 4180): nested fields as `outer.inner`, missing and null as nothing. */
export function recordsCsv(records: readonly Readonly<Record<string, unknown>>[]): string {
  const flat = records.map(record => new Map(flatten('', record)))
  const columns = [...new Set(flat.flatMap(record => [...record.keys()]))]
  const lines = [columns, ...flat.map(record => columns.map(column => record.get(column) ?? ''))]
  return `${lines.map(line => line.map(quote).join(',')).join('\r\n')}\r\n`
}

function flatten(prefix: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[prefix, value === null || value === undefined ? '' : String(value)]]
  if (Array.isArray(value)) return [[prefix, value.map(String).join(' ')]]
  return Object.entries(value).flatMap(([key, inner]) => flatten(prefix === '' ? key : `${prefix}.${key}`, inner))
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
