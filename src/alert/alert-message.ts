import type { AlertRule } from './alert-rule.js'

/** Fills the rule's template: the measured value with at most one decimal, the limit and the unit as printed on screens. */
export function writeMessage(rule: AlertRule, value: number | string | boolean | null): string {
  return rule.message
    .replaceAll('{value}', value === null ? 'not measurable' : typeof value === 'number' ? printNumber(value) : String(value))
    .replaceAll('{limit}', rule.limit === null ? '' : printNumber(rule.limit))
    .replaceAll('{onset}', printNumber(rule.onsetDelaySeconds))
    .replaceAll('{unit}', printedUnits[rule.unit] ?? rule.unit)
}

const printedUnits: Readonly<Record<string, string>> = { Cel: '°C', 'mm[Hg]': 'mmHg' }

function printNumber(value: number): string {
  const rounded = Math.round(value * 10) / 10
  return String(rounded === 0 ? 0 : rounded)
}
