import type { AlertRule } from './alert-rule.js'

/**
 * Fills the rule's template: the measured value with at most one decimal, the limit and the unit as printed on screens; then
 * who prescribed the limit, and why, where it is not the one for all.
 */
export function writeMessage(rule: AlertRule, value: number | string | boolean | null): string {
  const message = fillMessage(rule, value)
  return rule.prescribed === undefined ? message : `${message} (limits by ${rule.prescribed.author}: ${rule.prescribed.reason})`
}

function fillMessage(rule: AlertRule, value: number | string | boolean | null): string {
  const unit = printedUnits[rule.unit] ?? rule.unit
  return rule.message
    .replaceAll('{value} {unit}', value === null ? 'not measurable' : `${printValue(value)} ${unit}`)
    .replaceAll('{value}', value === null ? 'not measurable' : printValue(value))
    .replaceAll('{limit}', rule.limit === null ? '' : printValue(rule.limit))
    .replaceAll('{onset}', printValue(rule.onsetDelaySeconds))
    .replaceAll('{unit}', unit)
}

const printedUnits: Readonly<Record<string, string>> = { Cel: '°C', 'mm[Hg]': 'mmHg' }

function printValue(value: number | string | boolean): string {
  if (typeof value !== 'number') return String(value)
  const rounded = Math.round(value * 10) / 10
  return String(rounded === 0 ? 0 : rounded)
}
