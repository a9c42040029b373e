/** `HH:MM:SS.sss`, `MM:SS` or `SS` as milliseconds after midnight; null when it is none of these. */
export function parseWfdbTime(text: string): number | null {
  const parts = /^(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(\.\d{1,9})?$/.exec(text)
  if (parts === null) return null
  const [, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = parts
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  const millis = Math.round(Number(fraction) * 1000)
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + millis
}

/** `DD/MM/YYYY` as milliseconds since 1970 at 00:00 UTC; null when it is not a date. */
export function parseWfdbDate(text: string): number | null {
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)
  if (parts === null) return null
  const [day, month, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null
}
