/** One JSON document as one line of standard output. */
export function writeJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`)
}

/** A remark for people, on standard error. */
export function remark(line: string): void {
  process.stderr.write(`vitalwire: ${line}\n`)
}
