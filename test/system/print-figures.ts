/** `VITALWIRE_FIGURES=1` prints what a test measured, in the rows that stand in docs/results.md. */
export function printFigures(title: string, rows: readonly string[]): void {
  if (process.env.VITALWIRE_FIGURES === undefined) return
  process.stdout.write(`\n## ${title}\n${rows.join('\n')}\n`)
}
