import { VitalwireError } from '../errors.js'

/** A number from the command line, within bounds; `what` names the option and its unit. */
export function parseNumber(text: string, what: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && value >= least && value <= most) return value
  const bounds = most === Number.MAX_VALUE ? `${least} or more` : `${least} to ${most}`
  throw new VitalwireError('usage-option', `${what}: ${JSON.stringify(text)} is not accepted; accepted: a number, ${bounds}`)
}

export function parseWhole(text: string, what: string, least: number, most: number): number {
  const value = parseNumber(text, what, least, most)
  if (Number.isInteger(value)) return value
  throw new VitalwireError(
    'usage-option',
    `${what}: ${JSON.stringify(text)} is not accepted; accepted: a whole number, ${least} to ${most}`,
  )
}

/** `NAME|INDEX,...`: a part that is all digits is an index. */
export function parseChannels(text: string | undefined): (string | number)[] | undefined {
  if (text === undefined) return undefined
  const parts = text.split(',').map(part => part.trim())
  if (parts.some(part => part === '')) {
    throw new VitalwireError(
      'usage-option',
      `--channels ${JSON.stringify(text)} is not accepted; accepted: names or indexes, separated by commas`,
    )
  }
  return parts.map(part => (/^\d+$/.test(part) ? Number(part) : part))
}
