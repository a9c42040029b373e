import { VitalwireError } from '../errors.js'
import type { EvaluationRequest } from './evaluation-request.js'

/** For suites that take all signals of a recording. Throws `usage-option`. */
export function refuseChannels({ suite, channels }: EvaluationRequest): void {
  if (channels === null) return
  throw new VitalwireError('usage-option', `--channels is not accepted with ${suite}; accepted: all signals of a recording are taken`)
}
