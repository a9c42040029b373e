/** Warnings of a document; no field where there is nothing to warn of. Equal ones are told once. */
export function warningsField(warnings: readonly string[]): { warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings: [...new Set(warnings)] }
}
