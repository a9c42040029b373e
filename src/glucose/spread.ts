/** Mean and standard deviation (n - 1) of at least one value; the deviation of a single one is null. */
export function spreadOf(values: readonly number[]): { readonly mean: number; readonly sd: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  return { mean, sd: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)) }
}
