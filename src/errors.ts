/**
 * Every person-facing error: what went wrong, where, and what is accepted. `usage` errors are a person's mistake
 * (exit 2), `world` errors are the world's (exit 3). docs/errors.md lists the same codes; a test compares the two.
 */
export const errorCodes = {
  'usage-option': { exit: 2, says: 'an option or argument is unknown or has a value that is not accepted' },
  'usage-config': { exit: 2, says: 'a configuration, limits, attributes or calibrations file is missing or not valid' },
  'usage-insecure': { exit: 2, says: 'an address other than loopback without TLS and a token' },
  'recording-missing': { exit: 3, says: 'a recording or one of its files is not there or not readable' },
  'recording-format': { exit: 3, says: 'a recording is not of the format that its name or header says' },
  'recording-short': { exit: 3, says: 'a signal file is shorter than its header says' },
  'dataset-missing': { exit: 3, says: 'a dataset is not at hand' },
  'dataset-corrupt': { exit: 3, says: 'a dataset file differs from its checksum' },
  'network-broker': { exit: 3, says: 'the broker cannot be reached or refuses the connection' },
  'network-port': { exit: 3, says: 'a configured port is taken or not permitted' },
  'network-http': { exit: 3, says: 'an HTTP request failed' },
  'disk-write': { exit: 3, says: 'a file or directory cannot be written' },
  'disk-format': { exit: 3, says: 'a journal, snapshot, event log or database has a version or content that is not readable' },
  'detector-failed': { exit: 3, says: 'a detector under evaluation failed or said what is not accepted' },
  'session-disordered': { exit: 3, says: 'a recorded session ran out of order and has no hash' },
} as const

export type ErrorCode = keyof typeof errorCodes

export class VitalwireError extends Error {
  readonly code: ErrorCode
  readonly exitCode: number

  /** `message` says what, where, and what is accepted, in one line. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'VitalwireError'
    this.code = code
    this.exitCode = errorCodes[code].exit
  }
}
