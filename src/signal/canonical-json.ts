/** Printable ASCII without quote and backslash: such text is its own JSON. */
const plain = /^[ !#-[\]-~]*$/

/**
 * JSON by RFC 8785 (JCS): keys sorted by UTF-16 code units, numbers as ECMAScript prints them, no white space. Undefined
 * members are left out as JSON does; NaN, infinities and functions are refused, -0 becomes 0.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN and no infinity')
    return value === 0 ? '0' : `${value}`
  }
  if (typeof value === 'string') return quote(value)
  if (value === null || typeof value === 'boolean') return `${value}`
  if (Array.isArray(value)) {
    let text = ''
    for (const item of value) text += text === '' ? canonicalJson(item) : `,${canonicalJson(item)}`
    return `[${text}]`
  }
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>
    let text = ''
    for (const key of Object.keys(record).sort()) {
      const member = record[key]
      if (member === undefined) continue
      text += `${text === '' ? '' : ','}${quote(key)}:${canonicalJson(member)}`
    }
    return `{${text}}`
  }
  throw new TypeError(`canonical JSON has no ${typeof value}`)
}

function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
