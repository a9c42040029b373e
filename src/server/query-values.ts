import { isVitalName } from '../signal/catalogue.js'
import type { TimeRange } from '../store/store.js'
import { HttpError } from './http-error.js'

/** Microseconds of a time in a query: a whole number, or ISO 8601 with a zone. */
export function readTime(name: string, text: string): number {
  const micros = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text) * 1000
  if (Number.isSafeInteger(micros)) return micros
  throw new HttpError(400, 'bad-request', `${name}: ${JSON.stringify(text)} is no time`, 'microseconds of patient time, or ISO 8601')
}

export function readRange(query: { from?: string; to?: string }): TimeRange {
  const range = {
    ...(query.from === undefined ? {} : { from: readTime('from', query.from) }),
    ...(query.to === undefined ? {} : { to: readTime('to', query.to) }),
  }
  if (range.from !== undefined && range.to !== undefined && range.from > range.to) {
    throw new HttpError(400, 'bad-request', 'from is after to', 'from <= to')
  }
  return range
}

export function readNames(text: string | undefined): { names?: string[] } {
  if (text === undefined || text === '') return {}
  const names = text.split(',')
  const unknown = names.find(name => !isVitalName(name))
  if (unknown !== undefined)
    throw new HttpError(400, 'bad-request', `names: ${JSON.stringify(unknown)} is no vital sign`, 'names of the signal catalogue')
  return { names }
}

export function readStep(text: string | undefined): { stepSeconds?: number } {
  if (text === undefined) return {}
  const stepSeconds = Number(text)
  if (stepSeconds <= 0) throw new HttpError(400, 'bad-request', `step: ${text} is no length of time`, 'seconds above 0')
  return { stepSeconds }
}

export function readLimit(text: string | undefined): { limit?: number } {
  return text === undefined ? {} : { limit: Number(text) }
}
