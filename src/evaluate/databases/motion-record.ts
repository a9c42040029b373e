import { VitalwireError } from '../../errors.js'
import { hertz, type Rate } from '../../signal/rate.js'

/** A recording of one activity: acceleration in g, three axes. */
export interface MotionRecord {
  readonly set: 'sisfall' | 'umafall'
  readonly person: string
  readonly record: string
  readonly activity: string
  readonly fall: boolean
  readonly older: boolean
  readonly fs: Rate
  readonly samples: readonly Float64Array[]
  readonly file: string
  /** Rows that cannot be read: missing samples. */
  readonly warnings: readonly string[]
}

/** The recordings of both sets last 10 s and more; in less nobody both stands and falls. */
const leastSeconds = 5

/** Throws `recording-format` for the stump of a recording: it would count as one without a fall. */
export function requireLength(file: string, samples: number, fs: Rate): void {
  const seconds = samples / hertz(fs)
  if (seconds >= leastSeconds) return
  throw new VitalwireError('recording-format', `${file} has ${seconds.toFixed(1)} s of acceleration; accepted: ${leastSeconds} s or more`)
}
