import { checkLimitsFile } from '../config/limits-file.js'
import type { LimitChanges } from './engine-port.js'
import { HttpError } from './http-error.js'

/** Limits of a request by the rules of a limits file: every mistake at once. */
export function checkLimits(rules: unknown): LimitChanges {
  const checked = checkLimitsFile(JSON.stringify({ rules }))
  if (checked.ok) return checked.limits.rules as LimitChanges
  const message = checked.problems.map(problem => `${problem.path}: ${problem.value} is not accepted`).join('; ')
  throw new HttpError(400, 'bad-request', message, checked.problems.map(problem => `${problem.path}: ${problem.accepted}`).join('; '))
}
