import type { Percentiles } from '../statistics.js'

export interface LoadPlan {
  readonly port: number
  readonly devices: number
  readonly seconds: number
  readonly templates: number
  /** One template in so many alerts. */
  readonly alertEvery: number
  /** TCP connections; devices are dealt to them in turn. */
  readonly connections: number
  /** Speed as a multiple of real time; null: as fast as it goes. */
  readonly speed: number | null
  /** Messages without PUBACK that a connection may have; where it is full, a paced sender waits too. */
  readonly window: number
}

export interface LoadResult {
  readonly messages: number
  readonly bytes: number
  /** Monotonic microseconds of the first PUBLISH and the last PUBACK. */
  readonly firstSent: number
  readonly lastAcked: number
  /** Milliseconds from PUBLISH to PUBACK. */
  readonly puback: Percentiles
  /** Paced runs: milliseconds by which a message was sent after its moment. */
  readonly sendDelay: Percentiles | null
  readonly cpuSeconds: number
  /** Send times (monotonic microseconds) by device, of the messages asked for in `go.watched` of its template. */
  readonly watched: readonly (readonly number[])[]
}

export type ToGenerator =
  | { readonly type: 'births' }
  /** By template: places in its messages whose send times are wanted. */
  | { readonly type: 'go'; readonly watched: readonly (readonly number[])[] }
export type FromGenerator = { readonly type: 'ready' } | { readonly type: 'born' } | { readonly type: 'done'; readonly result: LoadResult }
