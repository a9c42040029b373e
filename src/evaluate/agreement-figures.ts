import type { Agreement, MeasuredPair } from './compare/agreement.js'
import { agreementInterval, agreementOf } from './compare/agreement.js'
import { bounds, rangeText, roundOrNull } from './figures.js'

/** Agreement as documents have it: shares as fractions, all else in the unit of the numbers. */
export function agreementFigures(agreement: Agreement): Readonly<Record<string, unknown>> {
  const { limits } = agreement
  return {
    windows: agreement.pairs,
    measured: agreement.estimated,
    coverage: roundOrNull(agreement.coverage, 4),
    mae: roundOrNull(agreement.mae, 4),
    medianAbsolute: roundOrNull(agreement.medianAbsolute, 4),
    rmse: roundOrNull(agreement.rmse, 4),
    bias: roundOrNull(agreement.bias, 4),
    sd: roundOrNull(agreement.sd, 4),
    limits: limits === null ? null : limits.map(limit => roundOrNull(limit, 4)),
    within5: roundOrNull(agreement.within5, 4),
    intervalCoverage: roundOrNull(agreement.intervalCoverage, 4),
    maeBest80: roundOrNull(agreement.maeBest80, 4),
  }
}

/** All pairs together, and the mean of the records, with 95 % intervals by drawing whole records. */
export function overallFigures(records: readonly (readonly MeasuredPair[])[]): {
  gross: Readonly<Record<string, unknown>>
  average: Readonly<Record<string, unknown>>
} {
  const each = records.map(agreementOf)
  const mean = (of: (agreement: Agreement) => number | null): number | null => {
    const values = each.map(of).filter(value => value !== null)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const ci95 = {
    mae: bounds(agreementInterval(records, agreement => agreement.mae)),
    bias: bounds(agreementInterval(records, agreement => agreement.bias)),
    coverage: bounds(agreementInterval(records, agreement => agreement.coverage)),
    intervalCoverage: bounds(agreementInterval(records, agreement => agreement.intervalCoverage)),
    maeBest80: bounds(agreementInterval(records, agreement => agreement.maeBest80)),
  }
  const names = ['coverage', 'mae', 'medianAbsolute', 'rmse', 'bias', 'within5', 'intervalCoverage', 'maeBest80'] as const
  return {
    gross: { ...agreementFigures(agreementOf(records.flat())), ci95 },
    average: {
      records: records.length,
      ...Object.fromEntries(
        names.map(name => [
          name,
          roundOrNull(
            mean(one => one[name]),
            4,
          ),
        ]),
      ),
    },
  }
}

export const agreementColumns = ['windows', 'coverage', 'MAE', 'RMSE', 'bias', 'limits', 'within 5', '90 % interval holds', 'MAE best 80 %']

/** Cells under `agreementColumns`. */
export function agreementCells(agreement: Agreement): (string | number | null)[] {
  const number = (value: number | null) => (value === null ? null : value.toFixed(2))
  const share = (value: number | null) => (value === null ? null : value.toFixed(3))
  return [
    agreement.pairs,
    share(agreement.coverage),
    number(agreement.mae),
    number(agreement.rmse),
    number(agreement.bias),
    agreement.limits === null ? null : rangeText(...agreement.limits, 1),
    share(agreement.within5),
    share(agreement.intervalCoverage),
    number(agreement.maeBest80),
  ]
}
