import { VitalwireError } from '../errors.js'

/** One mistake in a file that a person wrote. */
export interface Problem {
  /** Where, e.g. `http.port`; empty for the file as a whole. */
  readonly path: string
  /** What stands there, as JSON, shortened. */
  readonly value: string
  /** What is accepted there. */
  readonly accepted: string
}

/** A file that was read: all is well, or every mistake at once. */
export type Checked<Name extends string, Value> = ({ readonly ok: true } & { readonly [K in Name]: Value }) | Refused

export interface Refused {
  readonly ok: false
  readonly problems: readonly Problem[]
}

export function makeProblem(path: string, value: unknown, accepted: string): Problem {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value))
  return { path, value: text.length > 60 ? `${text.slice(0, 57)}...` : text, accepted }
}

/** `FILE: http.port: 70000 is not accepted; accepted: ...` */
export function describeProblem(file: string, problem: Problem): string {
  const where = problem.path === '' ? file : `${file}: ${problem.path}`
  return `${where}: ${problem.value} is not accepted; accepted: ${problem.accepted}`
}

/** The mistakes as one error for the command line, a line each. */
export function configError(file: string, problems: readonly Problem[]): VitalwireError {
  return new VitalwireError('usage-config', problems.map(problem => describeProblem(file, problem)).join('\n'))
}

/** A path with one more key, in brackets where it is not a plain word. */
export function joinPath(path: string, key: string): string {
  const part = /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key)
  return path === '' ? part : `${path}.${part}`
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
