import type { Rate } from '../../signal/rate.js'

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
}
